import { formatDuration } from "@migration-gate/cli-runtime/duration";
import type { ApiError } from "../api/api-error.ts";
import { isRecord } from "../api/named-object.ts";
import { plainText } from "../ledger/plain-text.ts";
import type { CheckRow } from "./check-row.ts";

/** What one small request told about the API server; wall-clock times are of this machine. */
export interface Probe {
  readonly answer: unknown;
  /** The `Date` header of the answer. */
  readonly date: string | undefined;
  readonly sentAtMs: number;
  readonly tookMs: number;
}

/** The `Date` header has whole seconds, and tokens and leases forgive a few of them. */
const harmlessSkewMs = 5_000;

export function reachedRow({ answer, tookMs }: Probe, attempts: number): CheckRow {
  const version = isRecord(answer) && typeof answer["gitVersion"] === "string" ? answer["gitVersion"] : "its version";
  const tries = attempts > 1 ? ` at attempt ${attempts}` : "";
  const detail = `answered in ${formatDuration(tookMs)}${tries}: ${plainText(version, 64)}`;
  return { name: "API server", result: attempts > 1 ? "warn" : "ok", detail };
}

export function unreachedRow({ status, message }: ApiError, hint: string): CheckRow {
  const detail = `${status === undefined ? "" : `status ${status}: `}${plainText(message, 512)}; ${hint}`;
  return { name: "API server", result: "fail", detail };
}

/** Compares the clocks; the server's answer is taken to be from the middle of the request. */
export function clockRow({ date, sentAtMs, tookMs }: Probe): CheckRow {
  const serverMs = Date.parse(date ?? "");
  if (Number.isNaN(serverMs)) return { name: "clock", result: "warn", detail: "the API server's answer has no date" };
  const aheadMs = serverMs + 500 - (sentAtMs + tookMs / 2);
  const distance = Math.abs(aheadMs);
  if (distance <= harmlessSkewMs) {
    return { name: "clock", result: "ok", detail: `as the API server's, within ${Math.ceil(distance / 1000 + 0.5)} s` };
  }
  const direction = aheadMs > 0 ? "behind" : "ahead of";
  const detail = `${formatDuration(distance)} ${direction} the API server's: the ages in status and the ledger's times are off by that, and fresh tokens may be refused; look at the node's time service`;
  return { name: "clock", result: "warn", detail };
}
