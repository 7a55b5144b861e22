import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { writeJsonFile } from "./report-files.ts";

function shared(): string {
  const directory = mkdtempSync(join(tmpdir(), "migration-gate-report-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  return directory;
}

test("a document replaces the one before it, whatever an interrupted write has left", async () => {
  const directory = shared();
  writeFileSync(join(directory, ".report.json.tmp"), "x".repeat(1000));
  for (const phase of ["applying", "succeeded"]) await writeJsonFile(directory, "report.json", { phase });
  expect(readFileSync(join(directory, "report.json"), "utf8")).toBe('{"phase":"succeeded"}\n');
});

test.each<[string, string, (path: string) => void]>([
  ["a link to another file", "ELOOP", (path) => symlinkSync(join(path, "..", "other"), path)],
  ["a pipe that nobody reads", "ENXIO", (path) => execFileSync("mkfifo", [path])],
])("%s in the place of the temporary file is refused", async (_, code, plant) => {
  const directory = shared();
  const other = join(directory, "other");
  writeFileSync(other, "untouched");
  plant(join(directory, ".report.json.tmp"));
  await expect(writeJsonFile(directory, "report.json", {})).rejects.toMatchObject({ code });
  expect(readFileSync(other, "utf8")).toBe("untouched");
});
