import type { Logger } from "@migration-gate/cli-runtime/logger";

interface Notice {
  readonly code?: string | undefined;
  readonly severity?: string | undefined;
  readonly message?: string | undefined;
}

const noActiveTransaction = "25P01";

/** Logs what the server says beside its answers: its warnings as such, the rest for debugging. */
export function logNotice(log: Logger, { code, severity, message }: Notice): void {
  // Our own ROLLBACK after a statement that ran outside a transaction.
  if (code === noActiveTransaction) return;
  const fields = { severity, notice: message };
  if (severity === "WARNING") log.warn(fields, "server notice");
  else if (severity === "NOTICE" || severity === "INFO") log.debug(fields, "server notice");
}
