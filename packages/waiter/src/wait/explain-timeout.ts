import { formatDuration } from "@migration-gate/cli-runtime/duration";
import type { TokenOwner } from "../api/service-account.ts";
import { decide } from "../gate/decide.ts";
import { type GateView, knownJobUid, type Trouble } from "../gate/gate-view.ts";
import { WaitTimeoutError } from "./errors.ts";
import { dueHints } from "./hints.ts";
import { stateLine, troubleOf } from "./state-line.ts";

export interface TimeoutFacts {
  readonly nowMs: number;
  readonly timeoutMs: number;
  /** How long a trouble must have lasted to be the reason, rather than a hiccup at the last moment. */
  readonly hintAfterMs: number;
  readonly owner: TokenOwner;
}

/** Tells what every gate that is still closed was last seen at. */
export function waitTimeoutError(views: readonly GateView[], facts: TimeoutFacts): WaitTimeoutError {
  const closed = views.filter((view) => decide(view).kind !== "open");
  const codes = closed.map((view) => timeoutExitCode(view, facts));
  const exitCode = ([13, 12, 14] as const).find((code) => codes.includes(code)) ?? 11;
  const after = formatDuration(facts.timeoutMs);
  const summary = `timed out after ${after}: ${closed.map(lastSeen).join("; ")}`;
  const hints = closed.flatMap((view) => dueHints(view, facts.owner, facts.nowMs, 0));
  const lines = [summary, ...new Set(hints.map((hint) => `Hint: ${hint.text}`))];
  return new WaitTimeoutError(exitCode, summary, lines.join("\n"), {
    gates: closed.map((view) => ({ job: view.gate.job, ledger: view.gate.ledger, lastSeen: stateLine(view).message })),
  });
}

/** 13 and 14 want a lasting trouble, or that there never was an answer; 12 that nobody ever saw the Job. */
export function timeoutExitCode(view: GateView, { nowMs, hintAfterMs }: TimeoutFacts): WaitTimeoutError["exitCode"] {
  const { reading, trouble } = view.job;
  const noAnswer = reading.kind === "unread" || (trouble && nowMs - trouble.sinceMs >= hintAfterMs);
  if (noAnswer) return isRefusal(troubleOf(view)) ? 13 : 14;
  return knownJobUid(view) === undefined ? 12 : 11;
}

function isRefusal(trouble: Trouble | undefined): boolean {
  return trouble?.kind === "forbidden" || trouble?.kind === "unauthorized";
}

function lastSeen(view: GateView): string {
  const { message, fields } = stateLine(view);
  const detail = fields["error"] ?? fields["progress"];
  return `Job ${view.gate.job}: ${message}${detail ? ` (${detail})` : ""}`;
}
