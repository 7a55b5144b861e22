import { describe, expect, test } from "vitest";
import { parseCommandLine, parseQuickly } from "./command-line.ts";
import { parseThoroughly } from "./command-line-yargs.ts";

describe("a right command line is understood without yargs, and as yargs understands it", () => {
  test.each([
    "wait --job blog-0a1b2c3d4e --ledger blog-ledger --identity 0a1b2c3d4e",
    "wait --job=blog-0a1b2c3d4e --timeout=90s --namespace blog",
    "wait --gate a:b:0a1b2c3d4e --gate c:d:0a1b2c3d4e",
    "wait",
    "record --ledger blog-ledger --identity 0a1b2c3d4e --report /report --log-level debug",
  ])("%s", async (line) => {
    const quick = parseQuickly(line.split(" "));
    const thorough = await parseThoroughly(line.split(" "), "1.2.3");
    expect(quick).toBeDefined();
    expect(normalized(quick)).toEqual(normalized(thorough));
  });
});

describe("everything else is left to yargs", () => {
  test.each([
    "",
    "--help",
    "--version",
    "wait --help",
    "wait --jop x",
    "wait --job",
    "wait extra",
    "stop",
    "wait --job=",
  ])("%s", (line) => {
    expect(parseQuickly(line.split(" "))).toBeUndefined();
  });

  test("which finds the words for a mistake", async () => {
    await expect(parseCommandLine(["wait", "--jop", "x"], "1.2.3")).rejects.toThrow("Unknown argument: jop");
    await expect(parseCommandLine([], "1.2.3")).rejects.toThrow("a command is missing");
  });

  test("and prints help for each command with all its flags", async () => {
    const help = await parseCommandLine(["wait", "--help"], "1.2.3");
    expect(help).toMatchObject({ command: "print", text: expect.stringMatching(/--job.*--gate.*--timeout/s) });
    expect(await parseCommandLine(["--version"], "1.2.3")).toEqual({ command: "print", text: "1.2.3" });
  });

  test("in ASCII, for which alone the bundle measures its width right", async () => {
    for (const line of [["--help"], ["wait", "--help"]]) {
      const help = await parseCommandLine(line, "1.2.3");
      expect(help).toMatchObject({ text: expect.stringMatching(/^[\n\x20-\x7e]+$/) });
    }
  });
});

/** yargs gives a flag that was given once as a text. */
function normalized(line: unknown): unknown {
  const { command, flags } = line as { command: string; flags: Record<string, string | string[]> };
  return { command, flags: Object.fromEntries(Object.entries(flags).map(([name, value]) => [name, [value].flat()])) };
}
