import type { Logger } from "@migration-gate/cli-runtime/logger";
import { recordVerbs, roleRule } from "../api/role-rule.ts";

/** An `ApiError`, or what the file system throws when the acknowledgement cannot be written. */
interface Failure extends Error {
  readonly status?: number | undefined;
  readonly code?: string | undefined;
}

export interface RecordTrouble {
  /** Logs one line when it failed for another reason than the last time. */
  failed(error: Failure): void;
  recovered(): void;
}

/** Tells why the ledger cannot be written, and who can mend that. */
export function recordTrouble(
  log: Logger,
  { ledger, namespace }: { readonly ledger: string; readonly namespace: string },
  account = "of this pod",
): RecordTrouble {
  let last: string | undefined;
  const hints: Record<number, string> = {
    403: `the service account ${account} needs a RoleBinding in namespace ${namespace} to a Role with the rule ${roleRule({ resource: "configmaps", name: ledger }, recordVerbs)}`,
    404: "the ledger belongs to the release: the next helm upgrade creates it again",
  };
  return {
    failed({ status, code, message }) {
      const key = String(status ?? code);
      if (key === last) return;
      last = key;
      const hint = hints[status ?? 0];
      log.warn({ status, code, error: message, ...(hint && { hint }) }, "recording failed, retrying");
    },
    recovered() {
      if (last !== undefined) log.info("recording works again");
      last = undefined;
    },
  };
}
