import { type FileProblem, MigrationFilesError } from "../errors.ts";
import { CopyDataError } from "../sql/copy-data.ts";
import { type Token, UnterminatedTokenError } from "../sql/lexer.ts";
import { maskSecrets } from "../sql/mask-secrets.ts";
import { placeOfOffset } from "../sql/place.ts";
import { changedBackslashEscapes, type Statement, splitStatements } from "../sql/statements.ts";
import { type Directives, noDirectives, parseMarker } from "./directives.ts";
import { blank, type Execution, planExecution } from "./execution.ts";
import type { MigrationFile } from "./migration-files.ts";

/** A migration file, parsed: everything that applying it needs to know, known before anything runs. */
export interface Script {
  readonly file: MigrationFile;
  readonly directives: Directives;
  /** The part to run, from the beginning of the file to its down marker. */
  readonly text: string;
  readonly statements: readonly Statement[];
  readonly execution: Execution;
}

/**
 * Parses migration files and reports the problems of all of them together.
 *
 * @throws MigrationFilesError
 */
export function parseScripts(directory: string, files: readonly MigrationFile[]): Script[] {
  const problems: FileProblem[] = [];
  const scripts = files.map((file) => parseScript(file, problems));
  if (problems.length > 0) throw new MigrationFilesError(directory, problems);
  return scripts;
}

/** Parses one file and adds what is wrong with it to `problems`. */
export function parseScript(file: MigrationFile, problems: FileProblem[]): Script {
  const source = file.text;
  const problem = (offset: number, message: string) =>
    problems.push({ file: file.path, line: placeOfOffset(source, offset).line, message });
  const statements: Statement[] = [];
  const blanked: Token[] = [];
  const markers = markerReader(source, problem);
  try {
    for (const statement of splitStatements(source, {
      onComment: markers.read,
      onToken: markers.leaveHeader,
      onBackslashCommand: (command) => {
        if (isRestrict(source, command)) blanked.push(command);
        else problem(command.start, unsupportedCommand(source, command));
      },
    })) {
      statements.push(statement);
    }
  } catch (error) {
    if (error instanceof UnterminatedTokenError) problem(error.start, `${error.message}, it begins here`);
    else if (error instanceof CopyDataError) problem(error.start, error.message);
    else throw error;
  }
  const { directives, end } = markers.result();
  const text = blankTokens(source, blanked, end);
  return { file, directives, text, statements, execution: planExecution(text, statements, directives, problem) };
}

/** The text that the history keeps, without secrets. */
export function storedText(script: Script): string {
  return maskSecrets(script.text, script.statements);
}

/** True where a string's meaning depends on what ran before it in the same file. */
export function changesStringSyntax(text: string, statements: readonly Statement[]): boolean {
  return statements.some((statement) => changedBackslashEscapes(text, statement) === true);
}

type ReportProblem = (offset: number, message: string) => void;

function markerReader(source: string, problem: ReportProblem) {
  let directives = noDirectives;
  let inHeader = true;
  let up = false;
  let end = source.length;
  return {
    leaveHeader: () => {
      inHeader = false;
    },
    read: (comment: Token): "stop" | undefined => {
      if (comment.kind !== "line-comment") return undefined;
      const marker = parseMarker(source.slice(comment.start, comment.end));
      if (marker.kind === "malformed") problem(comment.start, marker.message);
      if (marker.kind === "up") {
        if (up || !inHeader)
          problem(comment.start, "a marker for the up part must stand once, before the first statement");
        up = true;
      }
      if (marker.kind === "directive" && !inHeader) {
        problem(comment.start, "this directive must stand before the first statement");
      }
      if ("apply" in marker && marker.apply) directives = marker.apply(directives);
      if (marker.kind !== "down") return undefined;
      if (inHeader && !up) problem(comment.start, "there is no up part before this marker");
      end = comment.start;
      return "stop";
    },
    result: () => ({ directives, end }),
  };
}

/** pg_dump guards its output against injected psql commands with this pair; without psql there is nothing to guard. */
function isRestrict(source: string, command: Token): boolean {
  return /^\\(un)?restrict\b/.test(source.slice(command.start, command.end));
}

/** Copies the text at most once: dumps are large. */
function blankTokens(source: string, tokens: readonly Token[], end: number): string {
  if (tokens.length === 0) return source.slice(0, end);
  const pieces = tokens.flatMap((token, index) => [
    source.slice(tokens[index - 1]?.end ?? 0, token.start),
    blank(source.slice(token.start, token.end)),
  ]);
  return [...pieces, source.slice(tokens.at(-1)?.end, end)].join("");
}

function unsupportedCommand(source: string, command: Token): string {
  const name = /^\\\S*/.exec(source.slice(command.start, command.end))?.[0] ?? "\\";
  return `psql's command ${name} cannot run here: only SQL can`;
}
