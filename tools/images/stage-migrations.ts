import { chmod, cp, mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface StagedContext extends AsyncDisposable {
  readonly path: string;
}

/**
 * Lays out a build context for Dockerfile.migrations: the content of all folders together as `migrations/`, readable for
 * the image's user whatever the modes here are.
 *
 * @throws where two folders hold a file of the same name.
 */
export async function stageMigrations(folders: readonly string[]): Promise<StagedContext> {
  const path = await mkdtemp(join(tmpdir(), "migration-gate-context-"));
  const remove = () => rm(path, { recursive: true, force: true });
  try {
    const target = join(path, "migrations");
    await mkdir(target);
    for (const folder of folders) {
      for (const name of await readdir(folder)) {
        const copy = { recursive: true, dereference: true, force: false, errorOnExist: true };
        await cp(join(folder, name), join(target, name), copy);
      }
    }
    await makeReadable(target);
    return { path, [Symbol.asyncDispose]: remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function makeReadable(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    await chmod(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o755 : 0o644);
  }
}
