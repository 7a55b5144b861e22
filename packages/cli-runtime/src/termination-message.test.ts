import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { writeTerminationMessage } from "./termination-message.ts";

function written(text: string): Buffer {
  const directory = mkdtempSync(join(tmpdir(), "migration-gate-termination-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const path = join(directory, "log");
  writeTerminationMessage(path, text);
  return readFileSync(path);
}

test.each([
  ["short", 5],
  [`a${"é".repeat(5000)}`, 4096],
])("is cut to what the kubelet reads, at a character's end", (text, maximumBytes) => {
  const message = written(text);
  expect(message.length).toBeLessThanOrEqual(maximumBytes);
  expect(message.length).toBeGreaterThan(maximumBytes - 4);
  expect(message.toString()).not.toContain("\uFFFD");
});

test("keeps its lines, and controls no terminal", () => {
  expect(written("1_a\u009b.sql:1:1: \u001b[2Jall is well\nsecond line").toString()).toBe(
    "1_a\\u009b.sql:1:1: \\u001b[2Jall is well\nsecond line",
  );
});
