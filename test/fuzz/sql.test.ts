import { cpuUsage } from "node:process";
import fc from "fast-check";
import { loadModule, scanSync } from "libpg-query";
import { expect } from "vitest";
import { CopyDataError } from "../../packages/migrator/src/sql/copy-data.ts";
import { lex, type Token, UnterminatedTokenError } from "../../packages/migrator/src/sql/lexer.ts";
import { type Statement, splitStatements } from "../../packages/migrator/src/sql/statements.ts";
import { repeated, scripts } from "./counterexamples.ts";
import { fuzz } from "./fuzz.ts";
import { fragmentedSql, fragments, mutatedSql } from "./mutated-sql.ts";

await loadModule();
const anySql = fc.oneof(mutatedSql, fragmentedSql);

interface Split {
  readonly statements: readonly Statement[];
  /** Absent where the script is read to its end. */
  readonly error?: UnterminatedTokenError | CopyDataError;
}

/** Splits a script; whatever fails but in one of the two ways that are announced, fails the test. */
function split(text: string): Split {
  const statements: Statement[] = [];
  try {
    for (const statement of splitStatements(text)) {
      statements.push(statement);
      // One that moves nothing would go on for ever.
      expect(statements.length).toBeLessThanOrEqual(text.length);
    }
    return { statements };
  } catch (error) {
    if (error instanceof UnterminatedTokenError || error instanceof CopyDataError) return { statements, error };
    throw error;
  }
}

fuzz(
  "a script is statements with nothing but white space, comments and commands of psql between them",
  anySql,
  (text) => {
    const { statements, error } = split(text);
    let end = 0;
    for (const { start, end: statementEnd, tokens, data } of statements) {
      expect(between(text, end, start)).toEqual([]);
      expect(tokens.at(-1)?.end).toBeLessThanOrEqual(statementEnd);
      expect(tokens.at(0)?.start).toBe(start);
      end = data?.next ?? statementEnd;
    }
    if (error) expect(error.start).toBeGreaterThanOrEqual(0);
    else expect(between(text, end, text.length)).toEqual([]);
  },
  { kept: scripts, runs: 4000 },
);

/** What stands in a part of a script that is no statement's, though nothing may stand there. */
function between(text: string, start: number, end: number): string[] {
  const isAside = ({ kind }: Token) => /comment|command/.test(kind);
  const rest = text.slice(start, end);
  return [...lex(rest)]
    .filter((token) => !isAside(token))
    .map((token) => rest.slice(token.start, token.end))
    .filter((source) => source !== ";");
}

fuzz(
  "what a semicolon has ended stays as it is, whatever is appended",
  fc.tuple(anySql, anySql),
  ([text, suffix]) => {
    const { statements } = split(text);
    // The semicolon that ends a statement is none of its tokens.
    const isCertain = ({ end, tokens, data }: Statement) =>
      (tokens.at(-1)?.end ?? end) < end && (data?.next ?? 0) < text.length;
    const certain = statements.filter(isCertain);
    const grown = split(`${text}${suffix}`).statements;
    expect(grown.slice(0, certain.length).map(stretchOf)).toEqual(certain.map(stretchOf));
  },
  { runs: 4000 },
);

const stretchOf = ({ start, end, tokens, data }: Statement) => ({ start, end, tokens: tokens.length, data });

fuzz(
  "the tokens of a script are those that PostgreSQL's own scanner finds",
  anySql.filter((text) => !text.includes("\u0000")),
  (text) => {
    const expected = postgresTokens(text);
    // What PostgreSQL refuses it refuses when it is sent, too.
    if (!expected) return;
    // libpg-query has its own rule for this alone, because it reports comments: the server reads one string.
    if (expected.some((source, index) => source.startsWith("--") && expected[index + 1]?.startsWith("'"))) return;
    const tokens = lexed(text);
    // The server knows no backslash outside of strings: psql reads such lines.
    if (tokens.some(({ kind }) => kind === "backslash-command")) return;
    expect(tokens.map(({ start, end }) => text.slice(start, end))).toEqual(expected);
  },
  { kept: scripts, runs: 4000 },
);

/** Up to what is never closed. */
function lexed(text: string): Token[] {
  const tokens: Token[] = [];
  try {
    for (const token of lex(text)) tokens.push(token);
  } catch (error) {
    if (!(error instanceof UnterminatedTokenError)) throw error;
  }
  return tokens;
}

/** `undefined` for what it refuses. The `N` of `N'…'` is a token of its own there. */
function postgresTokens(text: string): string[] | undefined {
  const bytes = Buffer.from(text);
  let found: { readonly start: number; readonly end: number }[];
  try {
    found = scanSync(text).tokens;
  } catch {
    return undefined;
  }
  const sources: string[] = [];
  let previousEnd = 0;
  for (const { start, end } of found) {
    const source = bytes.toString("utf8", start, end);
    const isNational = source.startsWith("'") && previousEnd === start && /^n$/i.test(sources.at(-1) ?? "");
    if (isNational) sources.push(`${sources.pop()}${source}`);
    else sources.push(source);
    previousEnd = end;
  }
  return sources;
}

fuzz(
  "a script is read in time in proportion to its length, whatever it repeats",
  fc.array(fc.constantFrom(...fragments), { minLength: 1, maxLength: 4 }),
  (parts) => {
    const piece = parts.join("");
    const before = cpuUsage();
    split(piece.repeat(Math.ceil(200_000 / piece.length)));
    const { user } = cpuUsage(before);
    expect(user / 1e6).toBeLessThan(3);
  },
  { kept: repeated, runs: 100 },
);
