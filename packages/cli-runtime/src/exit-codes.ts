/**
 * The exit codes of both command lines: the one table that the chart's `podFailurePolicy`, the waiter's explanations
 * and docs/exit-codes.md are held against by a test.
 *
 * The migrator's `permanent` codes fail the Job at once, `retried` ones use up its `backoffLimit`.
 */
export interface ExitCode {
  readonly code: number;
  readonly class: "success" | "permanent" | "retried" | "answer";
  readonly meaning: string;
}

export const migratorExitCodes = {
  success: { code: 0, class: "success", meaning: "up to date, or applied" },
  bug: { code: 1, class: "retried", meaning: "unexpected error (a bug), see the stack trace in the log" },
  usage: {
    code: 2,
    class: "permanent",
    meaning: "usage, settings, unreadable or malformed migration files, or an unsupported server",
  },
  historyConflict: {
    code: 3,
    class: "permanent",
    meaning:
      "the history contradicts the files (changed, missing, out of order, newer breaking), or is empty over existing tables",
  },
  migrationFailed: { code: 4, class: "permanent", meaning: "a migration failed with an SQL error" },
  transient: {
    code: 5,
    class: "retried",
    meaning: "the database or a lock could not be had within the wait budget, or the success could not be recorded",
  },
  pending: { code: 6, class: "answer", meaning: "migrations are pending (status --exit-code)" },
  interrupted: { code: 130, class: "retried", meaning: "interrupted by SIGINT; what was atomic is rolled back" },
  terminated: { code: 143, class: "retried", meaning: "terminated by SIGTERM; what was atomic is rolled back" },
} as const satisfies Record<string, ExitCode>;

export const waiterExitCodes = {
  open: { code: 0, class: "success", meaning: "the gate is open (or recorded, or done)" },
  bug: { code: 1, class: "retried", meaning: "unexpected error (a bug), see the stack trace in the log" },
  usage: {
    code: 2,
    class: "retried",
    meaning: "usage, not in a cluster, no token mounted, no kubeconfig; or retry found nothing that it may retry",
  },
  jobFailed: { code: 10, class: "retried", meaning: "the migration Job failed" },
  timedOut: {
    code: 11,
    class: "retried",
    meaning: "timed out while the Job was unfinished or deleted (retry: while the failed one was not gone)",
  },
  timedOutJobNeverExisted: { code: 12, class: "retried", meaning: "timed out and the Job never existed" },
  timedOutForbidden: {
    code: 13,
    class: "retried",
    meaning: "timed out and the API refused access (check, status, retry: at once)",
  },
  timedOutUnreachable: {
    code: 14,
    class: "retried",
    meaning: "timed out and the API could not be reached (check, status, retry: at once)",
  },
  interrupted: { code: 130, class: "retried", meaning: "interrupted by SIGINT" },
  terminated: { code: 143, class: "retried", meaning: "terminated by SIGTERM" },
} as const satisfies Record<string, ExitCode>;

/** Says what an exit code of the migrator means, or `undefined` for a code that it never uses. */
export function migratorExitCodeMeaning(code: number): string | undefined {
  return Object.values(migratorExitCodes).find((entry) => entry.code === code)?.meaning;
}
