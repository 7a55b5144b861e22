import { ApiError } from "../api/api-error.ts";
import type { ApiObject } from "../api/named-object.ts";
import type { Gate } from "../gate/gate.ts";
import { readJob } from "../gate/job-state.ts";
import { readLedger } from "../ledger/ledger.ts";
import { plainText } from "../ledger/plain-text.ts";
import type { CheckRow } from "./check-row.ts";

/** An object as it was read, `undefined` where there is none, or why it could not be read. */
export type ReadObject = ApiObject | undefined | ApiError;

/** What the ledger holds. None of its states keeps `wait` from working, which waits for it to come right. */
export function ledgerRow({ ledger, identity }: Gate, read: ReadObject): CheckRow {
  const name = "ledger";
  if (read instanceof ApiError) return unreadRow(name, read);
  if (!read) {
    const detail = `${ledger} does not exist: the release's helm upgrade creates it (in this namespace?)`;
    return { name, result: "warn", detail };
  }
  const { entries, status } = readLedger(read);
  if (entries.has(identity)) return { name, result: "ok", detail: `${identity} was applied: its gate is open` };
  const phase = status?.identity === identity ? `its run is at "${status.phase}"` : "no run of it has reported";
  return { name, result: "ok", detail: `${identity} was not applied yet, ${phase}` };
}

/** What the Job is at; `isOpen`: the ledger has answered for it. */
export function jobRow({ job }: Gate, read: ReadObject, isOpen: boolean): CheckRow {
  const name = "Job";
  if (read instanceof ApiError) return unreadRow(name, read);
  if (!read) {
    return isOpen
      ? { name, result: "ok", detail: `${job} does not exist, and is not needed: the ledger answers for it` }
      : { name, result: "warn", detail: `${job} does not exist: wait would go on until the release creates it` };
  }
  const { kind, reason, message } = readJob(read);
  if (kind !== "failed") return { name, result: "ok", detail: kind };
  const why = [reason, message].filter((part) => part !== undefined).join(": ");
  const effect = isOpen ? "which keeps no pod waiting: the ledger has answered" : "so wait would end with exit code 10";
  return { name, result: "warn", detail: `failed${why && ` (${why})`}, ${effect}` };
}

function unreadRow(name: string, { message }: ApiError): CheckRow {
  return { name, result: "warn", detail: `not known: ${plainText(message, 512)}` };
}
