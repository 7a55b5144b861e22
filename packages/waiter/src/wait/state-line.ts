import { progressText } from "@migration-gate/run-report/progress-text";
import type { RunLockWait } from "@migration-gate/run-report/report";
import type { TroubleKind } from "../api/api-error.ts";
import { decide, isFromBeforeBreaking } from "../gate/decide.ts";
import { type GateView, knownJobUid, ownStatus, type Trouble } from "../gate/gate-view.ts";
import type { LedgerStatus } from "../ledger/ledger.ts";

/** One log line about a gate: a constant message and its data. */
export interface StateLine {
  readonly level: "debug" | "info" | "warn";
  readonly message: string;
  readonly fields: Readonly<Record<string, string>>;
  /** Given: what counts of `fields.progress`, whose ages grow with every look. */
  readonly news?: string;
}

const troubleMessages: Record<TroubleKind, string> = {
  unreachable: "the Kubernetes API cannot be reached, retrying",
  unauthorized: "the Kubernetes API does not accept the token, retrying",
  forbidden: "the Kubernetes API refuses access, retrying",
  failing: "the Kubernetes API answers with an error, retrying",
};

const phaseMessages: Record<LedgerStatus["phase"], string> = {
  connecting: "the migration connects to the database",
  "waiting-for-lock": "the migration waits for its lock",
  applying: "the migration is being applied",
  succeeded: "the migration reports success, its entry in the ledger is awaited",
  failed: "an attempt of the migration failed, the Job may retry it",
};

const outdatedMessage =
  "the Job is complete, but a breaking migration was applied since it started: this version must not start";

/** Says what a gate is at. */
export function stateLine(view: GateView): StateLine {
  const decision = decide(view);
  if (decision.kind === "open") return info("the gate is open", { by: decision.by });
  if (decision.kind === "failed") return info("the Job failed, the ledger is read once more");
  const trouble = troubleOf(view);
  if (trouble) return { level: "warn", message: troubleMessages[trouble.kind], fields: troubleFields(view, trouble) };
  return waitingLine(view);
}

/** True where two lines tell the same; the words of an error may differ from try to try, and ages within a minute. */
export function isSameState(line: StateLine, other: StateLine | undefined): boolean {
  const key = ({ message, fields, news }: StateLine) =>
    JSON.stringify({ message, ...fields, error: undefined, ...(news !== undefined && { progress: news }) });
  return other !== undefined && key(line) === key(other);
}

/** The trouble that matters: with the Job rather than with the ledger, because the Job always answers in the end. */
export function troubleOf(view: GateView): Trouble | undefined {
  return view.job.trouble ?? view.ledger.trouble;
}

function waitingLine(view: GateView): StateLine {
  const { reading } = view.job;
  if (reading.kind === "unread") return { level: "debug", message: "asking for the Job", fields: {} };
  if (reading.kind === "absent") {
    const jobUid = knownJobUid(view);
    return jobUid === undefined
      ? info("the Job does not exist yet")
      : info("the Job was deleted, a new one is awaited", { jobUid });
  }
  const { uid: jobUid, kind, deleting, managedBy } = reading.value;
  const fields = { jobUid, ...(managedBy && { managedBy }) };
  if (deleting) return info("the Job is being deleted, a new one is awaited", fields);
  if (kind === "complete" && isFromBeforeBreaking(reading.value, view.ledger)) return info(outdatedMessage, fields);
  if (kind === "suspended") return info("the Job is suspended", fields);
  const status = ownStatus(view);
  if (!status) return info("the Job is running", fields);
  const { attempt } = status;
  return statusLine(status, { ...fields, ...(attempt !== undefined && { attempt: String(attempt) }) });
}

function statusLine(status: LedgerStatus, fields: Readonly<Record<string, string>>): StateLine {
  const { phase, progress, lockWait, failure } = status;
  const message = phaseMessages[phase];
  if (phase === "failed" && failure) {
    const { place, message: error } = failure;
    return info(message, { ...fields, ...(place !== undefined && { place }), error });
  }
  if (!progress && !lockWait) return info(message, fields);
  const told = (lock: RunLockWait | undefined) =>
    progressText({ phase, ...(progress && { progress }), ...(lock && { lockWait: lock }) });
  const shown = { progress: told(lockWait), ...(progress && { migration: progress.migration }) };
  return { ...info(message, { ...fields, ...shown }), news: told(lockWait && inMinutes(lockWait)) };
}

function inMinutes({ blockers, ...lockWait }: RunLockWait): RunLockWait {
  const whole = (ms: number) => ms - (ms % 60_000);
  const rounded = blockers.map(({ transactionMs, ...blocker }) =>
    transactionMs === undefined ? blocker : { ...blocker, transactionMs: whole(transactionMs) },
  );
  return { ...lockWait, blockers: rounded };
}

function troubleFields({ gate, job }: GateView, { error }: Trouble): Record<string, string> {
  return {
    object: job.trouble ? `jobs/${gate.job}` : `configmaps/${gate.ledger}`,
    ...(error.status !== undefined && { status: String(error.status) }),
    error: error.message,
  };
}

function info(message: string, fields: Readonly<Record<string, string>> = {}): StateLine {
  return { level: "info", message, fields };
}
