import { type FileProblem, MigrationFilesError } from "../errors.ts";
import { CopyDataError } from "../sql/copy-data.ts";
import { type Token, UnterminatedTokenError } from "../sql/lexer.ts";
import { maskSecrets } from "../sql/mask-secrets.ts";
import { placeOfOffset } from "../sql/place.ts";
import { changedBackslashEscapes, type Statement, splitStatements } from "../sql/statements.ts";
import { type Directives, noDirectives, parseMarker } from "./directives.ts";
import { blank, type Execution, planExecution } from "./execution.ts";
import type { MigrationFile } from "./migration-files.ts";
import { judgeSuspicious, type Verdicts } from "./suspicious-statements.ts";

/** A migration file, parsed: everything that applying it needs to know, known before anything runs. */
export interface Script {
  readonly file: MigrationFile;
  readonly directives: Directives;
  /** The part to run, from the beginning of the file to its down marker. */
  readonly text: string;
  readonly statements: readonly Statement[];
  readonly execution: Execution;
  /** Those that may be refused in a transaction, and that PostgreSQL's parser does not know: their words decided. */
  readonly unconfirmed: readonly Statement[];
}

/** A migration file, split into statements. */
type SplitFile = Pick<Script, "file" | "directives" | "text" | "statements">;

/**
 * Parses migration files and reports the problems of all of them together.
 *
 * @throws MigrationFilesError
 */
export async function parseScripts(directory: string, files: readonly MigrationFile[]): Promise<Script[]> {
  const split = files.map((file) => {
    const problems: FileProblem[] = [];
    return { ...splitFile(file, problems), problems };
  });
  const verdicts = await judgeSuspicious(split);
  const scripts = split.map((file) => planScript(file, file.problems, verdicts));
  const problems = split.flatMap((file) => file.problems);
  if (problems.length > 0) throw new MigrationFilesError(directory, problems);
  return scripts;
}

/** Parses one file by its words alone and adds what is wrong with it to `problems`. */
export function parseScript(file: MigrationFile, problems: FileProblem[]): Script {
  return planScript(splitFile(file, problems), problems, new Map());
}

function planScript({ file, directives, text, statements }: SplitFile, problems: FileProblem[], verdicts: Verdicts) {
  const execution = planExecution(text, statements, verdicts, directives, problemReporter(file, problems));
  const unconfirmed = statements.filter(
    (statement) => verdicts.has(statement) && verdicts.get(statement) === undefined,
  );
  return { file, directives, text, statements, execution, unconfirmed } satisfies Script;
}

function problemReporter({ path, text }: MigrationFile, problems: FileProblem[]): ReportProblem {
  return (offset, message) => problems.push({ file: path, line: placeOfOffset(text, offset).line, message });
}

function splitFile(file: MigrationFile, problems: FileProblem[]): SplitFile {
  const source = file.text;
  const problem = problemReporter(file, problems);
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
  return { file, directives, text: blankTokens(source, blanked, end), statements };
}

/** The text that the history keeps, without secrets. */
export function storedText(script: Script): string {
  return maskSecrets(script.text, script.statements);
}

/** True where a string's meaning depends on what ran before it in the same file. */
export function changesStringSyntax(text: string, statements: readonly Statement[]): boolean {
  return statements.some((statement) => changedBackslashEscapes(text, statement) === true);
}

type ReportProblem = (offset: number, message: string) => unknown;

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
