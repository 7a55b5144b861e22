import { type FileProblem, MigrationFilesError } from "../errors.ts";
import { CopyDataError } from "../sql/copy-data.ts";
import { UnterminatedTokenError } from "../sql/lexer.ts";
import { mostTablesLocked, setsLockTimeout } from "../sql/locking.ts";
import { secretLiterals } from "../sql/mask-secrets.ts";
import { linesOfOffsets } from "../sql/place.ts";
import { ScriptWindow } from "../sql/script-window.ts";
import { isSuspicious } from "../sql/statement-kind.ts";
import { changedBackslashEscapes, type Statement, splitStatements, statementWords } from "../sql/statements.ts";
import type { Stretch } from "../sql/stretch.ts";
import type { Directives } from "./directives.ts";
import { type Execution, type ReportProblem, ScriptControl } from "./execution.ts";
import { MarkerReader } from "./marker-reader.ts";
import type { MigrationFile } from "./migration-files.ts";
import { isLarge, type ScriptSource } from "./script-source.ts";
import { judgeSuspicious, type SuspiciousStatement, type Verdicts } from "./suspicious-statements.ts";

/** What applying a migration file needs to know before anything runs. Its text is read again when its turn comes. */
export interface Script {
  readonly file: MigrationFile;
  readonly directives: Directives;
  readonly execution: Execution;
  /** How many there are, transaction control included. */
  readonly statements: number;
  /** Where those stand that may be refused in a transaction, and that PostgreSQL's parser does not know. */
  readonly unconfirmed: readonly number[];
  /** Where the part to run ends. */
  readonly end: number;
  /** psql's commands that nothing is lost without. */
  readonly psqlCommands: readonly Stretch[];
  /** Literals that neither the log nor the history may show. */
  readonly secrets: readonly Stretch[];
  /** False where its statements have to be sent one after the other: some are COPY with data, or the file is large. */
  readonly fitsOneMessage: boolean;
  readonly setsLockTimeout: boolean;
  /** False where its statements cannot lock more than one existing table against readers or writers. */
  readonly mayLockSeveralTables: boolean;
}

export type ParseScripts = (files: readonly MigrationFile[]) => Promise<Script[]>;

/**
 * Makes a parser of migration files that reads each of them once, and reports the problems of all of them together:
 * it rejects with MigrationFilesError, or FileChangedError.
 */
export function scriptParser(directory: string): ParseScripts {
  const parsed = new Map<MigrationFile, Script>();
  return async (files) => {
    const problems: FileProblem[] = [];
    const scripts: Script[] = [];
    for (const file of files) {
      const script = parsed.get(file) ?? (await parseFile(file, problems));
      parsed.set(file, script);
      scripts.push(script);
    }
    if (problems.length > 0) throw new MigrationFilesError(directory, problems);
    return scripts;
  };
}

/**
 * Parses migration files, and reports the problems of all of them together.
 *
 * @throws MigrationFilesError, FileChangedError
 */
export async function parseScripts(directory: string, files: readonly MigrationFile[]): Promise<Script[]> {
  return await scriptParser(directory)(files);
}

/** Parses one file by its words alone and adds what is wrong with it to `problems`. */
export function parseScript(file: MigrationFile, source: ScriptSource, problems: FileProblem[]): Script {
  const reading = new Reading(file, source);
  return reading.script(new Map(), problems);
}

async function parseFile(file: MigrationFile, problems: FileProblem[]): Promise<Script> {
  using source = file.open();
  const reading = new Reading(file, source);
  return reading.script(await judgeSuspicious(reading.suspicious), problems);
}

/** Goes through a file's statements, and keeps of each what is small. */
class Reading {
  readonly suspicious: SuspiciousStatement[] = [];
  readonly #file: MigrationFile;
  readonly #source: ScriptSource;
  readonly #problems: { readonly offset: number; readonly message: string }[] = [];
  readonly #control = new ScriptControl();
  readonly #markers: MarkerReader;
  readonly #secrets: Stretch[] = [];
  #fitsOneMessage: boolean;
  #setsLockTimeout = false;
  #mostTablesLocked = 0;

  constructor(file: MigrationFile, source: ScriptSource) {
    this.#file = file;
    this.#source = source;
    this.#fitsOneMessage = !isLarge(file);
    const window = new ScriptWindow(source.textFrom(0));
    this.#markers = new MarkerReader(window, this.#problem);
    const { read: onComment, leaveHeader: onToken, readPsqlCommand: onBackslashCommand } = this.#markers;
    try {
      for (const statement of splitStatements(window, { onComment, onToken, onBackslashCommand })) {
        this.#add(window, statement);
      }
    } catch (error) {
      const isUnterminated = error instanceof UnterminatedTokenError;
      if (!isUnterminated && !(error instanceof CopyDataError)) throw error;
      this.#problem(window.start + error.start, isUnterminated ? `${error.message}, it begins here` : error.message);
    }
  }

  /** What all of it comes to, with what PostgreSQL's parser says about the suspicious statements. */
  script(verdicts: Verdicts, problems: FileProblem[]): Script {
    const { directives, end, psqlCommands } = this.#markers;
    const execution = this.#control.execution(directives, verdicts, this.#problem);
    this.#report(problems);
    return {
      file: this.#file,
      directives,
      execution,
      statements: this.#control.statements,
      unconfirmed: this.suspicious.flatMap(({ index, start }) =>
        verdicts.has(index) && verdicts.get(index) === undefined ? [start] : [],
      ),
      end,
      psqlCommands,
      secrets: this.#secrets,
      fitsOneMessage: this.#fitsOneMessage,
      setsLockTimeout: this.#setsLockTimeout,
      mayLockSeveralTables: this.#mostTablesLocked > 1,
    };
  }

  #add({ text, start }: ScriptWindow, statement: Statement): void {
    const [verb = ""] = statementWords(text, statement, 1);
    const words = statementWords(text, statement, decidedByFirstWords.has(verb) ? firstWords : undefined);
    if (isSuspicious(words)) {
      const sql = text.slice(statement.start, statement.end);
      this.suspicious.push({ index: this.#control.statements, start: start + statement.start, sql });
    }
    const isControl = this.#control.add(text, start, statement, words);
    if (!isControl) this.#mostTablesLocked += mostTablesLocked(words);
    for (const secret of secretLiterals(text, statement)) {
      this.#secrets.push({ start: start + secret.start, end: start + secret.end });
    }
    // The server reads a whole message before it runs any of it: a setting for its scanner would come too late.
    if (statement.data || changedBackslashEscapes(text, statement)) this.#fitsOneMessage = false;
    this.#setsLockTimeout ||= setsLockTimeout(words);
  }

  readonly #problem: ReportProblem = (offset, message) => {
    this.#problems.push({ offset, message });
  };

  #report(problems: FileProblem[]): void {
    const offsets = this.#problems.map(({ offset }) => offset);
    const lines = linesOfOffsets(this.#source.textFrom(0), offsets);
    for (const [index, { message }] of this.#problems.entries()) {
      problems.push({ file: this.#file.path, line: lines[index] ?? 1, message });
    }
  }
}

/** What comes later in these tells nothing here, and of a dump's INSERTs it would be most of the garbage. */
const decidedByFirstWords = new Set(["insert", "update", "delete", "merge", "select", "comment", "grant", "revoke"]);
const firstWords = 6;
