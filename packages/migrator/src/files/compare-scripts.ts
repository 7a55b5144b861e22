import { mask, maskLine } from "../sql/mask-secrets.ts";
import { locate } from "../sql/place.ts";
import type { Stretch } from "../sql/stretch.ts";
import { sameDirectives } from "./directives.ts";
import type { MigrationFile } from "./migration-files.ts";
import { type OpenScript, readStatements, type ScriptStatement } from "./open-script.ts";
import { parseScript } from "./script.ts";
import { type ScriptSource, textBetween, textSource } from "./script-source.ts";

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
 *
 * @throws FileChangedError
 */
export function compareScripts(stored: string, file: MigrationFile): ScriptDifference | undefined {
  using current = file.open();
  const before = scriptOf(textSource(stored), file);
  const after = scriptOf(current, file);
  if (!sameDirectives(before.directives, after.directives)) {
    return { line: 1, before: JSON.stringify(before.directives), after: JSON.stringify(after.directives) };
  }
  const [left, right] = [comparableTokens(before), comparableTokens(after)];
  while (true) {
    const [one, other] = [left.next().value, right.next().value];
    if (!one && !other) return undefined;
    if (one?.text === other?.text) continue;
    return { line: lineNumber(after, other), before: shownLine(before, one), after: shownLine(after, other) };
  }
}

/** As two lines of a diff. */
export function formatDifference({ before, after }: ScriptDifference): string {
  return `- ${before}\n+ ${after}`;
}

function scriptOf(source: ScriptSource, file: MigrationFile): OpenScript {
  return { ...parseScript(file, source, []), source, [Symbol.dispose]: () => undefined };
}

interface ComparableToken {
  readonly text: string;
  readonly offset: number;
}

function* comparableTokens(script: OpenScript): Generator<ComparableToken, undefined> {
  const secrets = new Set(script.secrets.map(({ start }) => start));
  for (const statement of readStatements(script)) {
    yield* statementTokens(statement, secrets);
    if (statement.data) yield* dataLines(script, statement.data);
  }
}

function* statementTokens(
  { text, statement, start }: ScriptStatement,
  secrets: ReadonlySet<number>,
): Generator<ComparableToken> {
  const base = start - statement.start;
  for (const token of statement.tokens) {
    const offset = base + token.start;
    const source = text.slice(token.start, token.end);
    if (secrets.has(offset)) yield { text: mask, offset };
    else yield { text: token.kind === "word" ? source.toLowerCase() : source, offset };
  }
  yield { text: ";", offset: base + statement.end };
}

/** Line by line, so that the difference has its place. To the server CRLF ends a line of data as LF does. */
function* dataLines({ source }: OpenScript, { start, end }: Stretch): Generator<ComparableToken> {
  let offset = start;
  let rest = "";
  for (const chunk of textBetween(source, start, end)) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      yield { text: line.replace(/\r$/, ""), offset };
      offset += line.length + 1;
    }
  }
  yield { text: "\\.", offset: end };
}

function lineNumber({ source, end }: OpenScript, token: ComparableToken | undefined): number {
  return locate(textBetween(source, 0, end), token?.offset ?? Number.POSITIVE_INFINITY).line;
}

/** Without secrets. */
function shownLine({ source, secrets, end }: OpenScript, token: ComparableToken | undefined): string {
  if (!token) return "";
  return maskLine(locate(textBetween(source, 0, end), token.offset), secrets).lineText.trim();
}
