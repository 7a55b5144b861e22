import { expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { parseCommandLine as parseMigrator } from "../../packages/migrator/src/command-line.ts";
import { fileSettings, runSettings } from "../../packages/migrator/src/settings.ts";
import { parseCommandLine as parseWaiter } from "../../packages/waiter/src/command-line.ts";
import { checkSettings, retrySettings, statusSettings } from "../../packages/waiter/src/operator-settings.ts";
import { recordSettings, waitSettings } from "../../packages/waiter/src/settings.ts";
import { fencedBlocks } from "./markdown.ts";
import { readPages } from "./pages.ts";
import { ownCommands } from "./shell-commands.ts";

const blocks = readPages().flatMap(({ path, text }) =>
  fencedBlocks(text).map((block) => ({ ...block, place: `${path}:${block.line}` })),
);
const shellBlocks = blocks.filter(({ language }) => ["sh", "console", "dockerfile"].includes(language));
const commands = shellBlocks.flatMap(({ text, place, language }) => {
  return ownCommands(text, language === "console").map((command) => ({ ...command, place }));
});

test("there are command lines and YAML to judge", () => {
  expect(new Set(commands.map(({ program }) => program))).toEqual(new Set(["migrator", "waiter"]));
  expect(blocks.filter(({ language }) => language === "yaml")).not.toEqual([]);
});

test.each(commands)("$place: the parser takes `$program $args`", async ({ program, args }) => {
  if (program === "migrator") await judgeMigrator(args);
  else await judgeWaiter(args);
});

test.each(blocks.filter(({ language }) => language === "yaml"))("$place is YAML", ({ text }) => {
  const problems = parseAllDocuments(withoutTemplates(text)).flatMap(({ errors }) => errors);
  expect(problems).toEqual([]);
});

async function judgeMigrator(args: readonly string[]): Promise<void> {
  const line = await parseMigrator(args, "0");
  if (line.command === "print") return;
  const { report: _, ...flags } = line.flags;
  if (line.command === "validate") fileSettings(flags, {});
  else runSettings(flags, { DATABASE_URL: "postgres://owner@db/shop" }, "0");
}

async function judgeWaiter(args: readonly string[]): Promise<void> {
  const line = await parseWaiter(args, "0");
  if (line.command === "print") return;
  const readers = {
    wait: () => waitSettings(line.flags, {}, "shop"),
    record: () => recordSettings(line.flags, {}, "shop"),
    check: () => checkSettings(line.flags, {}, "shop"),
    status: () => statusSettings(line.flags, {}),
    retry: () => retrySettings(line.flags, {}),
  };
  readers[line.command]();
}

/** What Helm would print is some text, or nothing where a template has a line of its own. */
function withoutTemplates(text: string): string {
  return text.replaceAll(/^ *\{\{.*\}\} *$/gm, "").replaceAll(/\{\{.*?\}\}/g, "printed");
}
