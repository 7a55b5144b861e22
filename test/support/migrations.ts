import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";

/** Writes a folder of migrations for one test: `migrations({ "1_a.sql": "select 1" })`. */
export function migrations(files: Readonly<Record<string, string | Uint8Array>>): string {
  const directory = temporaryDirectory("migrations");
  addMigrations(directory, files);
  return directory;
}

/** Adds to, or replaces files of, such a folder. */
export function addMigrations(directory: string, files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), content);
  }
}

/** An empty directory that is removed with the test. */
export function temporaryDirectory(name: string): string {
  const directory = mkdtempSync(join(tmpdir(), `migration-gate-${name}-`));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
