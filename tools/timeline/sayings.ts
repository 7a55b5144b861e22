import { progressText } from "@migration-gate/run-report/progress-text";
import { type LedgerStatus, readStatus } from "../../packages/waiter/src/ledger/ledger.ts";
import { failureText } from "../../packages/waiter/src/wait/explain-failure.ts";
import type { ClusterEvent } from "./recorder.ts";

/** What the ledger said of a run, from one moment to the next. Times are milliseconds since the epoch. */
export interface Saying {
  readonly at: number;
  readonly to: number;
  /** Of the migrations that it is about. */
  readonly identity: string;
  readonly text: string;
}

/** What is replaced sooner, nobody has read. */
const readableMs = 1000;

/** What a person who looks at the ledger can have read, in the words of the waiting pods' log, up to the moment `end`. */
export function readableSayings(events: readonly ClusterEvent[], end: number): Saying[] {
  const told = events.flatMap((event) => {
    const status = event.kind === "ConfigMap" && event.type !== "DELETED" && readStatus(event.object.data ?? {});
    return status ? [{ at: event.at, identity: status.identity, text: sayingOf(status) }] : [];
  });
  const changes = told.filter(({ identity, text }, index) => {
    const last = told[index - 1];
    return last?.identity !== identity || last.text !== text;
  });
  return changes
    .map((change, index) => ({ ...change, to: changes[index + 1]?.at ?? end }))
    .filter(({ at, to }) => to - at >= readableMs);
}

function sayingOf({ phase, progress, lockWait, failure }: LedgerStatus): string {
  if (phase === "failed" && failure) return `failed: ${failureText(failure)}`;
  return progressText({ phase, ...(progress && { progress }), ...(lockWait && { lockWait }) });
}
