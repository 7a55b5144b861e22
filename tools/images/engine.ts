import { type ExecaError, execa } from "execa";
import { provideCommand } from "../environment/debian-package.ts";

/** What builds and keeps images on this machine. */
export interface Engine {
  readonly name: "docker" | "buildah";
  readonly has: (reference: string) => Promise<boolean>;
  readonly build: (order: BuildOrder) => Promise<void>;
  readonly tag: (reference: string, alias: string) => Promise<void>;
  readonly remove: (reference: string) => Promise<void>;
  /** Pushes a built image to a registry under another name. */
  readonly push: (reference: string, target: string) => Promise<void>;
}

export interface BuildOrder {
  readonly reference: string;
  readonly dockerfile: string;
  readonly context: string;
  readonly buildArguments: Readonly<Record<string, string>>;
}

export type Log = (line: string) => void;

/** Takes docker where its engine answers, else buildah, which is installed where apt can do it. */
export async function findEngine(log: Log): Promise<Engine> {
  if (await succeeds("docker", ["version", "--format", "{{.Server.Version}}"])) return docker;
  await provideCommand({ command: "buildah", package: "buildah", otherwise: "start Docker" }, log);
  return buildah;
}

// Time stamps of 0 make a build of the same files the same image, on every machine and at any time.

const docker: Engine = {
  name: "docker",
  has: (reference) => succeeds("docker", ["image", "inspect", reference]),
  build: (order) => run("docker", ["build", ...buildFlags(order), order.context], { SOURCE_DATE_EPOCH: "0" }),
  tag: (reference, alias) => run("docker", ["tag", reference, alias]),
  remove: (reference) => run("docker", ["image", "rm", reference]),
  push: async (reference, target) => {
    await run("docker", ["tag", reference, target]);
    await run("docker", ["push", target]);
  },
};

const buildah: Engine = {
  name: "buildah",
  has: (reference) => succeeds("buildah", ["inspect", "--type", "image", reference]),
  // chroot isolation needs neither an OCI runtime nor cgroups of its own, so that it also works inside containers and CI.
  build: (order) =>
    run("buildah", ["build", "--isolation=chroot", "--layers", "--timestamp=0", ...buildFlags(order), order.context]),
  tag: (reference, alias) => run("buildah", ["tag", reference, alias]),
  remove: (reference) => run("buildah", ["rmi", reference]),
  push: (reference, target) =>
    run("buildah", [
      "push",
      ...(isOnThisMachine(target) ? ["--tls-verify=false"] : []),
      reference,
      `docker://${target}`,
    ]),
};

function buildFlags({ reference, dockerfile, buildArguments }: BuildOrder): string[] {
  const flags = Object.entries(buildArguments).flatMap(([name, value]) => ["--build-arg", `${name}=${value}`]);
  return ["--file", dockerfile, "--tag", reference, ...flags];
}

/** A registry on this machine usually speaks plain HTTP; docker makes the same exception. */
export function isOnThisMachine(target: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\])(:\d+)?\//.test(target);
}

async function succeeds(command: string, args: readonly string[]): Promise<boolean> {
  const { failed } = await execa(command, args, { reject: false, timeout: 20_000, stdio: "ignore" });
  return !failed;
}

const shownLines = 40;

async function run(command: string, args: readonly string[], env: Record<string, string> = {}): Promise<void> {
  try {
    await execa(command, args, { all: true, env, timeout: 20 * 60_000 });
  } catch (cause) {
    const output = String((cause as ExecaError<{ all: true }>).all ?? "").split("\n");
    throw new Error(`${command} ${args[0]} failed:\n${output.slice(-shownLines).join("\n")}`, { cause });
  }
}
