import { execa } from "execa";
import type { Log } from "./engine.ts";

/** @throws where apt cannot install it, with the one sentence that says what to do instead. */
export async function installBuildah(log: Log): Promise<void> {
  const isRoot = process.getuid?.() === 0;
  const { failed: aptIsMissing } = await execa("apt-get", ["--version"], { reject: false, stdio: "ignore" });
  if (!isRoot || aptIsMissing) {
    throw new Error(
      "no image builder found: start Docker, or install buildah (Debian, Ubuntu: sudo apt install buildah)",
    );
  }
  log("installing buildah (apt) …");
  await apt("update");
  await apt("install", "--yes", "--no-install-recommends", "buildah");
}

/** Waits for another apt to finish, as at the start of a machine, and never asks a question. */
export async function apt(...args: string[]): Promise<void> {
  await execa("apt-get", ["-qq", "-o", "DPkg::Lock::Timeout=300", ...args], {
    env: { DEBIAN_FRONTEND: "noninteractive" },
    stdio: ["ignore", "ignore", "pipe"],
    timeout: 15 * 60_000,
  });
}
