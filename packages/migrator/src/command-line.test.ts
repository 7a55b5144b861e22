import { describe, expect, test } from "vitest";
import { parseCommandLine, parseQuickly } from "./command-line.ts";
import { parseThoroughly } from "./command-line-yargs.ts";

describe("a right command line is understood without yargs, and as yargs understands it", () => {
  test.each([
    "",
    "up",
    "--report=/run/migration-gate",
    "up --dir migrations --target 0007_add_users --wait-budget 90s",
    "--dry-run --json --log-level debug",
    "up --dir=/migrations --ignore *.tmp.sql --ignore seeds/** --out-of-order",
    "up --role owner --set 7 --history ops.history --pooler session --allow-existing-tables",
    "status --exit-code --json",
    "validate --dir migrations",
    "unlock --wait-budget 1m",
  ])("migrator %s", async (line) => {
    const quick = parseQuickly(words(line));
    expect(quick).toBeDefined();
    expect(await parseThoroughly(words(line), "1.2.3")).toEqual(quick);
  });
});

describe("everything else is left to yargs", () => {
  test.each([
    "--help",
    "--version",
    "up --help",
    "help",
    "down",
    "up extra",
    "--dri migrations",
    "--dir",
    "--dir=",
    "--dir a --dir b",
    "--json=false",
    "--no-json",
    "validate --role owner",
    "baseline 0007_add_users",
  ])("migrator %s", (line) => {
    expect(parseQuickly(words(line))).toBeUndefined();
  });

  test("which finds the words for a mistake", async () => {
    await expect(parseCommandLine(["up", "--dri", "x"], "1.2.3")).rejects.toThrow("Unknown argument: dri");
    await expect(parseCommandLine(["baseline"], "1.2.3")).rejects.toThrow("Not enough non-option arguments");
  });

  test("and knows the commands with a key", async () => {
    expect(await parseCommandLine(["resolve", "0007_add_users", "--done"], "1.2.3")).toEqual({
      command: "resolve",
      flags: { key: "0007_add_users", done: true },
    });
  });

  test("and prints help for each command with all its flags", async () => {
    const help = await parseCommandLine(["up", "--help"], "1.2.3");
    expect(help).toMatchObject({ command: "print", text: expect.stringMatching(/--dir.*--set.*--dry-run/s) });
    expect(await parseCommandLine(["--version"], "1.2.3")).toEqual({ command: "print", text: "1.2.3" });
  });

  test("in ASCII, for which alone the bundle measures its width right", async () => {
    for (const line of [["--help"], ["up", "--help"]]) {
      const help = await parseCommandLine(line, "1.2.3");
      expect(help).toMatchObject({ text: expect.stringMatching(/^[\n\x20-\x7e]+$/) });
    }
  });
});

function words(line: string): string[] {
  return line.split(" ").filter((word) => word !== "");
}
