import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "./migrations.ts";

/** A Secret as the kubelet mounts it: its files are links that change all at once. */
export interface MountedSecret {
  path(name: string): string;
  /** Puts other contents into its place. */
  rotate(files: Readonly<Record<string, string>>): void;
}

/** Mounts a Secret for one test. */
export function mountSecret(files: Readonly<Record<string, string>>): MountedSecret {
  const directory = temporaryDirectory("secret");
  let version = 0;
  const rotate = (contents: Readonly<Record<string, string>>) => {
    const target = `..${++version}`;
    mkdirSync(join(directory, target));
    for (const [name, content] of Object.entries(contents)) {
      writeFileSync(join(directory, target, name), content, { mode: 0o600 });
    }
    symlinkSync(target, join(directory, "..next"));
    renameSync(join(directory, "..next"), join(directory, "..data"));
    rmSync(join(directory, `..${version - 1}`), { recursive: true, force: true });
  };
  rotate(files);
  for (const name of Object.keys(files)) symlinkSync(join("..data", name), join(directory, name));
  return { path: (name) => join(directory, name), rotate };
}
