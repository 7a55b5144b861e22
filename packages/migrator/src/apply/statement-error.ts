import pg from "pg";
import type { Blocker } from "../database/activity.ts";
import { CommandFailedError } from "../database/script-query.ts";
import { type FailurePlace, MigrationFailedError } from "../errors.ts";
import type { OpenScript } from "../files/open-script.ts";
import type { Script } from "../files/script.ts";
import { textBetween } from "../files/script-source.ts";
import { maskLine, maskQuoted } from "../sql/mask-secrets.ts";
import { excerpt, type Location, locate, offsetOfLine } from "../sql/place.ts";
import { type Culprit, findCulprit, type Part } from "./message.ts";

/** An error of the server about one message, with what it was about. */
export interface StatementError {
  readonly database: pg.DatabaseError;
  readonly culprit: Culprit;
  /** Where the culprit is in the script's file; absent for one of our own statements. */
  readonly location?: Location;
}

/** Reads an error that `Session.run` threw for these parts; `undefined` for every other error. */
export function statementError(error: unknown, script: OpenScript, parts: readonly Part[]): StatementError | undefined {
  if (!(error instanceof CommandFailedError && error.cause instanceof pg.DatabaseError)) return undefined;
  const { position, where } = error.cause;
  const dataOffset = position === undefined ? dataLineOffset(script, parts, where) : undefined;
  const culprit: Culprit =
    dataOffset === undefined
      ? findCulprit(parts, position === undefined ? undefined : Number(position), error.completedCommands)
      : { kind: "script", offset: dataOffset, exact: true };
  if (culprit.kind === "own") return { database: error.cause, culprit };
  return { database: error.cause, culprit, location: locate(script.source.textFrom(0), culprit.offset) };
}

/** `COPY posts, line 3, column id: "x"`, in the server's language (lc_messages). */
const copyContext = /^COPY .+?, \p{L}+ (\d+)/mu;

function dataLineOffset({ source }: OpenScript, parts: readonly Part[], where: string | undefined): number | undefined {
  const data = parts.find(({ script }) => script?.data)?.script?.data;
  const line = copyContext.exec(where ?? "")?.[1];
  if (!data || !line) return undefined;
  const offset = offsetOfLine(textBetween(source, data.start, data.end), Number(line));
  return offset === undefined ? undefined : data.start + offset;
}

/** The place of a failure in the migration's file. */
export function failurePlace({ file }: Script, { database, location }: StatementError): FailurePlace {
  const sqlState = database.code === undefined ? {} : { sqlState: database.code };
  const place = location && { line: location.line, column: location.column };
  return { migration: file.key, file: file.path, ...place, ...sqlState };
}

/** Turns the server's error into the failure that ends the run. DETAIL and WHERE may quote rows: log only. */
export function migrationFailed(script: Script, error: StatementError, advised?: string): MigrationFailedError {
  const { database, location } = error;
  const { detail, where, hint, constraint, internalQuery } = database;
  const reason = `${database.message}${advised ?? advice[database.code ?? ""] ?? ""}`;
  return new MigrationFailedError(reason, {
    place: failurePlace(script, error),
    logFields: {
      detail,
      hint,
      where: where && maskQuoted(where),
      constraint,
      internalQuery: internalQuery && maskQuoted(internalQuery),
      excerpt: location && excerpt(maskLine(location, script.secrets)),
    },
    cause: database,
  });
}

/** What to do next, where the server's own words do not say it. */
const advice: Readonly<Record<string, string>> = {
  "25001": "; a statement that cannot run in a transaction block needs the directive -- gate: no-transaction",
  "2D000": "; a procedure that commits needs the directive -- gate: no-transaction",
  "55P04": "; a new enum value can be used from the next migration on",
};

/** For the log: who blocked, in words that can be searched. */
export function blockerFields(blockers: readonly Blocker[]): Record<string, unknown> {
  return blockers.length > 0 ? { blockers } : {};
}
