import type { RunBlocker, RunLockWait, RunOperation, RunProgress } from "@migration-gate/run-report/report";
import { isRecord } from "../api/named-object.ts";
import { plainText } from "./plain-text.ts";

/**
 * Reads `progress` of a report or a status that may have been written by anybody, or by another version: what has not
 * its type is left out, text is plain and bounded; `undefined` where not even the migration is told.
 */
export function readProgress(value: unknown): RunProgress | undefined {
  if (!isRecord(value)) return undefined;
  const current = count(value["current"]);
  const total = count(value["total"]);
  const migration = words(value["migration"], 200);
  if (current === undefined || total === undefined || migration === undefined) return undefined;
  return {
    current,
    total,
    migration,
    ...known({
      file: words(value["file"], 200),
      startedAt: instant(value["startedAt"]),
      attempt: count(value["attempt"]),
      statement: count(value["statement"]),
      statements: count(value["statements"]),
      operation: readOperation(value["operation"]),
    }),
  };
}

/** Reads `lockWait` in the same way. */
export function readLockWait(value: unknown): RunLockWait | undefined {
  if (!isRecord(value)) return undefined;
  const lock = words(value["lock"], 64);
  const blockers = Array.isArray(value["blockers"]) ? value["blockers"].slice(0, 3) : [];
  return lock === undefined
    ? undefined
    : {
        lock,
        ...known({ relation: words(value["relation"], 200), waitedMs: count(value["waitedMs"]) }),
        blockers: blockers.map(readBlocker).filter((blocker) => blocker !== undefined),
      };
}

function readOperation(value: unknown): RunOperation | undefined {
  if (!isRecord(value)) return undefined;
  const command = words(value["command"], 64);
  return command === undefined
    ? undefined
    : { command, ...known({ phase: words(value["phase"], 100), percent: count(value["percent"]) }) };
}

function readBlocker(value: unknown): RunBlocker | undefined {
  if (!isRecord(value)) return undefined;
  const pid = count(value["pid"]);
  return pid === undefined
    ? undefined
    : {
        pid,
        ...known({
          user: words(value["user"], 64),
          applicationName: words(value["applicationName"], 64),
          state: words(value["state"], 64),
          transactionMs: count(value["transactionMs"]),
        }),
      };
}

function words(value: unknown, maxBytes: number): string | undefined {
  return typeof value === "string" ? plainText(value, maxBytes) || undefined : undefined;
}

function count(value: unknown): number | undefined {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : undefined;
}

function instant(value: unknown): string | undefined {
  const time = Date.parse(words(value, 64) ?? "");
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
}

type Known<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> };

function known<T extends object>(values: T): Known<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Known<T>;
}
