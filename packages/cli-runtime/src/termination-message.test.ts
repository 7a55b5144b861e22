import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { writeTerminationMessage } from "./termination-message.ts";

test.each([
  ["short", 5],
  [`a${"é".repeat(5000)}`, 4096],
])("is cut to what the kubelet reads, at a character's end", (text, maximumBytes) => {
  const directory = mkdtempSync(join(tmpdir(), "migration-gate-termination-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const path = join(directory, "log");
  writeTerminationMessage(path, text);
  const written = readFileSync(path);
  expect(written.length).toBeLessThanOrEqual(maximumBytes);
  expect(written.length).toBeGreaterThan(maximumBytes - 4);
  expect(written.toString()).not.toContain("\uFFFD");
});
