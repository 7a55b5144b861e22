import { migratorExitCodes } from "@migration-gate/cli-runtime/exit-codes";
import { ExpectedError, type InterruptedError } from "@migration-gate/cli-runtime/expected-error";
import { escapeControls } from "@migration-gate/cli-runtime/terminal-text";
import type { RunFailure } from "@migration-gate/run-report/report";

export { UsageError } from "@migration-gate/cli-runtime/expected-error";

/** Where and what a failure is, for the report, the ledger and the termination message: no row data. */
export type FailurePlace = Pick<RunFailure, "migration" | "file" | "line" | "column" | "sqlState">;

/** Every failure of the migrator that an operator can act on. What may quote rows stands in `logFields` only. */
export abstract class MigratorError extends ExpectedError {
  /** The message without what `place` says, where it differs. */
  readonly reason: string | undefined;
  readonly place: FailurePlace = {};
  readonly logFields: Readonly<Record<string, unknown>> = {};
}

export interface FileProblem {
  readonly file?: string;
  readonly line?: number;
  readonly message: string;
}

/** The migrations folder cannot be used as it is; all problems are listed. */
export class MigrationFilesError extends MigratorError {
  override readonly name = "MigrationFilesError";
  readonly exitCode = migratorExitCodes.usage.code;
  readonly problems: readonly FileProblem[];

  constructor(directory: string, problems: readonly FileProblem[]) {
    const lines = problems.map(({ file, line, message }) => {
      const where = [file, line].filter((part) => part !== undefined).join(":");
      return where ? `${escapeControls(where)}: ${message}` : message;
    });
    super(
      lines.length === 1 ? `${directory}: ${lines[0]}` : `${directory}: ${lines.length} problems:\n${lines.join("\n")}`,
    );
    this.problems = problems;
  }
}

/** The files are not the ones that `--checksum` announced, which another deployment may have brought. Nothing was run. */
export class FilesChecksumError extends MigratorError {
  override readonly name = "FilesChecksumError";
  readonly exitCode = migratorExitCodes.usage.code;
  override readonly logFields: Readonly<Record<string, unknown>>;

  constructor(
    directory: string,
    checksum: { readonly expected: string; readonly found: string; readonly files: number },
  ) {
    super(
      `${directory}: the checksum of these migrations is ${checksum.found}, and ${checksum.expected} was expected (--checksum): ` +
        "deploy the files that belong to it, or the checksum of these, which `migrator validate` prints",
    );
    this.logFields = { ...checksum };
  }
}

/** A migration file is not what it was when the run began: what was planned and checked is no longer what would run. */
export class FileChangedError extends MigratorError {
  override readonly name = "FileChangedError";
  readonly exitCode = migratorExitCodes.usage.code;
  override readonly place: FailurePlace;

  constructor(file: string, cause?: unknown) {
    super(
      `${file} was changed or removed while the migrator ran, so that what was checked is not what would run: run it again`,
      {
        cause,
      },
    );
    this.place = { file };
  }
}

/** The server is not PostgreSQL, or is older than what is tested. */
export class UnsupportedServerError extends MigratorError {
  override readonly name = "UnsupportedServerError";
  readonly exitCode = migratorExitCodes.usage.code;
}

/** The role may not read or create the history. */
export class HistoryAccessError extends MigratorError {
  override readonly name = "HistoryAccessError";
  readonly exitCode = migratorExitCodes.usage.code;
  override readonly place: FailurePlace;

  constructor(history: string, role: string, cause: { readonly message: string; readonly code?: string | undefined }) {
    super(
      `role ${role} cannot use the history ${history}: ${cause.message}; ` +
        "run the migrator as the owner of the database, or let an owner create the schema and grant it to this role",
      { cause },
    );
    this.place = cause.code === undefined ? {} : { sqlState: cause.code };
  }
}

/** The login role may not become the one of `--role`, or there is no such role. */
export class RoleRefusedError extends MigratorError {
  override readonly name = "RoleRefusedError";
  readonly exitCode = migratorExitCodes.usage.code;
  override readonly place: FailurePlace;

  constructor(login: string, role: string, cause: { readonly message: string; readonly code?: string | undefined }) {
    super(
      `role ${login} cannot become ${role} (--role): ${cause.message}; make it a member (grant ${role} to ${login})`,
      { cause },
    );
    this.place = cause.code === undefined ? {} : { sqlState: cause.code };
  }
}

/** The role may not end the session that holds the lock. */
export class UnlockRefusedError extends MigratorError {
  override readonly name = "UnlockRefusedError";
  readonly exitCode = migratorExitCodes.usage.code;
  override readonly place: FailurePlace = { sqlState: "42501" };

  constructor(holder: { readonly pid: number; readonly user: string | null }, role: string, cause: unknown) {
    const owner = holder.user ?? "another role";
    super(
      `role ${role} may not end process ${holder.pid} of ${owner}, which holds the lock: run this as ${owner}, as a member of it, ` +
        "or as a member of pg_signal_backend; a superuser's process only a superuser may end",
      { cause },
    );
  }
}

/** The history and the files, or the database, disagree in a way that only a person can settle. Nothing was applied. */
export class HistoryConflictError extends MigratorError {
  override readonly name = "HistoryConflictError";
  readonly exitCode = migratorExitCodes.historyConflict.code;
  override readonly place: FailurePlace;

  constructor(message: string, place: FailurePlace = {}) {
    super(message);
    this.place = place;
  }
}

/** A statement of a migration failed, or the migration cannot be completed as it is written. */
export class MigrationFailedError extends MigratorError {
  override readonly name = "MigrationFailedError";
  readonly exitCode = migratorExitCodes.migrationFailed.code;
  override readonly reason: string;
  override readonly place: FailurePlace;
  override readonly logFields: Readonly<Record<string, unknown>>;

  constructor(
    reason: string,
    { place, logFields = {}, cause }: { place: FailurePlace; logFields?: Record<string, unknown>; cause?: unknown },
  ) {
    const at = [place.file, place.line, place.column].filter((part) => part !== undefined).join(":");
    super(`${at ? `${at}: ` : ""}${reason}${place.sqlState ? ` (SQLSTATE ${place.sqlState})` : ""}`, { cause });
    this.reason = reason;
    this.place = place;
    this.logFields = logFields;
  }
}

/** The database is read-only although it is not a standby: waiting would not change it. */
export class ReadOnlyDatabaseError extends MigratorError {
  override readonly name = "ReadOnlyDatabaseError";
  readonly exitCode = migratorExitCodes.migrationFailed.code;
}

/** Something that passes by itself lasted longer than the wait budget: the Job tries again. */
export class TransientError extends MigratorError {
  override readonly name = "TransientError";
  readonly exitCode = migratorExitCodes.transient.code;
  override readonly place: FailurePlace;
  override readonly logFields: Readonly<Record<string, unknown>>;

  constructor(
    message: string,
    options: { cause?: unknown; place?: FailurePlace; logFields?: Record<string, unknown> } = {},
  ) {
    super(message, { cause: options.cause });
    this.place = options.place ?? {};
    this.logFields = options.logFields ?? {};
  }
}

/** The run was interrupted in a migration; says what became of it, and where the next run goes on. */
export class RunInterruptedError extends MigratorError {
  override readonly name = "RunInterruptedError";
  readonly exitCode: number;
  override readonly place: FailurePlace;

  constructor(interrupt: InterruptedError, became: string, place: FailurePlace) {
    super(`${interrupt.message}; ${became}`, { cause: interrupt });
    this.exitCode = interrupt.exitCode;
    this.place = place;
  }
}
