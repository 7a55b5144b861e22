import { type RunLockWait, type RunPhase, type RunProgress, runPhases } from "@migration-gate/run-report/report";
import { type ApiObject, isRecord } from "../api/named-object.ts";
import { identityPattern } from "../gate/gate.ts";
import { plainText } from "./plain-text.ts";
import { readLockWait, readProgress } from "./run-state.ts";

/** What a ledger says, as docs/report-and-ledger.md describes it. */
export interface Ledger {
  /** Identities that were applied once. An entry counts by its key alone, whatever its value is. */
  readonly entries: ReadonlySet<string>;
  /** The newest run, of whatever identity; `undefined` where it is absent or cannot be understood. */
  readonly status: LedgerStatus | undefined;
  /**
   * When the last breaking migration was finished that any run has told of, by the database's clock: milliseconds since
   * the epoch. What cannot be read counts as the end of time: it can keep a gate closed and open none.
   */
  readonly breakingAppliedAtMs: number | undefined;
}

export interface LedgerStatus {
  readonly identity: string;
  readonly job: string | undefined;
  readonly jobUid: string | undefined;
  readonly pod: string | undefined;
  /** Which of the Job's pods this is, of those that have told of themselves; `undefined`: the first. */
  readonly attempt: number | undefined;
  readonly phase: RunPhase;
  readonly progress: RunProgress | undefined;
  readonly lockWait: RunLockWait | undefined;
  readonly failure: LedgerFailure | undefined;
}

export interface LedgerFailure {
  readonly exitCode: number | undefined;
  readonly message: string;
  /** `file:line:column`, as far as it is known. */
  readonly place: string | undefined;
  readonly sqlState: string | undefined;
}

export const statusKey = "status";
export const breakingKey = "breaking";

/** Reads a ledger's ConfigMap. Never throws: whoever may edit ConfigMaps may have put anything there. */
export function readLedger(configMap: ApiObject): Ledger {
  const data = ledgerData(configMap);
  return {
    entries: new Set(Object.keys(data).filter((key) => identityPattern.test(key))),
    status: readStatus(data),
    breakingAppliedAtMs: breakingAppliedAtMs(data),
  };
}

/** As {@link Ledger.status} describes it. */
export function readStatus(data: Readonly<Record<string, unknown>>): LedgerStatus | undefined {
  const value = parseObject(data[statusKey]);
  const identity = field(value?.["identity"], 64);
  const phase = runPhases.find((known) => known === value?.["phase"]);
  // Another version may mean something else by the same names; what is only told, and proves nothing, may be left out.
  const isUnderstood = value?.["formatVersion"] === undefined || value["formatVersion"] === 1;
  const attempt = integer(value?.["attempt"]) ?? 1;
  if (!value || !isUnderstood || !identity || !phase) return undefined;
  return {
    identity,
    phase,
    job: field(value["job"], 256),
    jobUid: field(value["jobUid"], 64),
    pod: field(value["pod"], 256),
    attempt: attempt > 1 ? attempt : undefined,
    progress: readProgress(value["progress"]),
    lockWait: readLockWait(value["lockWait"]),
    failure: parseFailure(value["failure"]),
  };
}

/** As {@link Ledger.breakingAppliedAtMs} describes it. */
export function breakingAppliedAtMs(data: Readonly<Record<string, unknown>>): number | undefined {
  if (data[breakingKey] === undefined) return undefined;
  const time = Date.parse(field(parseObject(data[breakingKey])?.["appliedAt"], 64) ?? "");
  return Number.isNaN(time) ? Number.POSITIVE_INFINITY : time;
}

/** The ConfigMap's `data`, empty where there is none. */
export function ledgerData(configMap: ApiObject): Readonly<Record<string, unknown>> {
  const { data } = configMap as { data?: unknown };
  return isRecord(data) ? data : {};
}

function parseFailure(value: unknown): LedgerFailure | undefined {
  if (!isRecord(value)) return undefined;
  const message = field(value["message"], 2048);
  if (!message) return undefined;
  const file = field(value["file"], 256);
  const place = [file, integer(value["line"]), integer(value["column"])];
  return {
    message,
    exitCode: integer(value["exitCode"]),
    place: file && place.filter((part) => part !== undefined).join(":"),
    sqlState: field(value["sqlState"], 5),
  };
}

function parseObject(text: unknown): Record<string, unknown> | undefined {
  if (typeof text !== "string") return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function field(value: unknown, maxBytes: number): string | undefined {
  return typeof value === "string" ? plainText(value, maxBytes) || undefined : undefined;
}

function integer(value: unknown): number | undefined {
  return Number.isSafeInteger(value) ? (value as number) : undefined;
}
