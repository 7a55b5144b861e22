import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";

/** A directory for the tests of the file that calls this, because they make thousands of files of one name. */
export function useScratchDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "migration-gate-fuzz-"));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
