import type { Logger } from "@migration-gate/cli-runtime/logger";
import type { TokenOwner } from "../api/service-account.ts";
import type { GateView } from "../gate/gate-view.ts";
import { dueHints, type Hint } from "./hints.ts";
import { isSameState, type StateLine, stateLine } from "./state-line.ts";

export interface GateReporter {
  /** Logs one line if the gate's state is another than at the last call. */
  changed(view: GateView): void;
  /** Logs the hints that are due, each kind once. */
  hint(view: GateView, nowMs: number): void;
}

/** Tells the story of one gate in the log. */
export function gateReporter(log: Logger, owner: TokenOwner, hintAfterMs: number): GateReporter {
  let last: StateLine | undefined;
  const given = new Set<Hint["kind"]>();
  return {
    changed(view) {
      const line = stateLine(view);
      if (isSameState(line, last)) return;
      last = line;
      log[line.level](line.fields, line.message);
    },
    hint(view, nowMs) {
      for (const { kind, text } of dueHints(view, owner, nowMs, hintAfterMs)) {
        if (!given.has(kind)) log.warn({ hint: text }, "this takes suspiciously long, here is a hint");
        given.add(kind);
      }
    },
  };
}
