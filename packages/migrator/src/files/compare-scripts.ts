import type { CopyData } from "../sql/copy-data.ts";
import type { Statement } from "../sql/statements.ts";
import { sameDirectives } from "./directives.ts";
import type { MigrationFile } from "./migration-files.ts";
import { parseScript, type Script, storedText } from "./script.ts";

/** The first difference between two versions of a script, as two lines of a diff. */
export interface ScriptDifference {
  readonly line: number;
  readonly before: string;
  readonly after: string;
}

/**
 * Compares the script that was applied with the file as it is now, token by token: comments outside of bodies, white
 * space and the case of words do not count; directives, everything quoted and the data of COPY do.
 *
 * Returns `undefined` where both do the same. Secrets are masked in both, so that a changed one is no difference.
 */
export function compareScripts(stored: string, file: MigrationFile): ScriptDifference | undefined {
  const before = masked({ ...file, text: stored });
  const after = masked({ ...file, text: masked(file).text });
  if (!sameDirectives(before.directives, after.directives)) {
    return { line: 1, before: JSON.stringify(before.directives), after: JSON.stringify(after.directives) };
  }
  const [left, right] = [comparableTokens(before), comparableTokens(after)];
  const index = left.findIndex((token, at) => token.text !== right[at]?.text);
  const at = index < 0 ? left.length : index;
  if (at === left.length && at === right.length) return undefined;
  return {
    line: lineNumber(after.text, right[at]?.offset ?? after.text.length),
    before: lineAt(before.text, left[at]?.offset),
    after: lineAt(after.text, right[at]?.offset),
  };
}

/** As two lines of a diff. */
export function formatDifference({ before, after }: ScriptDifference): string {
  return `- ${before}\n+ ${after}`;
}

function masked(file: MigrationFile): Script {
  const text = storedText(parseScript(file, []));
  return parseScript({ ...file, text }, []);
}

interface ComparableToken {
  readonly text: string;
  readonly offset: number;
}

function comparableTokens({ text, statements }: Script): ComparableToken[] {
  const ofStatement = ({ tokens, end, data }: Statement): ComparableToken[] => [
    ...tokens.map(({ kind, start, end: tokenEnd }) => {
      const source = text.slice(start, tokenEnd);
      return { text: kind === "word" ? source.toLowerCase() : source, offset: start };
    }),
    { text: ";", offset: end },
    ...(data ? dataLines(text, data) : []),
  ];
  return statements.flatMap(ofStatement);
}

/** Line by line, so that the difference has its place. To the server CRLF ends a line of data as LF does. */
function dataLines(text: string, { start, end }: CopyData): ComparableToken[] {
  const lines: ComparableToken[] = [];
  for (let offset = start; offset < end; ) {
    const newline = text.indexOf("\n", offset);
    lines.push({ text: text.slice(offset, newline).replace(/\r$/, ""), offset });
    offset = newline + 1;
  }
  return [...lines, { text: "\\.", offset: end }];
}

function lineAt(text: string, offset: number | undefined): string {
  if (offset === undefined) return "";
  const start = text.lastIndexOf("\n", offset - 1) + 1;
  const end = text.indexOf("\n", offset);
  return text.slice(start, end < 0 ? text.length : end).trim();
}

function lineNumber(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}
