import type { Logger } from "@migration-gate/cli-runtime/logger";
import type { ApiClient } from "../api/api-client.ts";
import type { TokenOwner } from "../api/service-account.ts";
import { decide } from "../gate/decide.ts";
import type { Gate } from "../gate/gate.ts";
import { jobFailedError } from "./explain-failure.ts";
import { waitTimeoutError } from "./explain-timeout.ts";
import type { FirstLook } from "./first-look.ts";
import { gateReporter } from "./report-gate.ts";
import { type GateWatch, watchGate } from "./watch-gate.ts";

export interface WaitSettings {
  readonly gates: readonly Gate[];
  readonly namespace: string;
  readonly timeoutMs: number;
  /** How long a suspicious state must last before advice is given. */
  readonly hintAfterMs: number;
}

export interface WaitPorts {
  readonly api: ApiClient;
  readonly log: Logger;
  /** Whom this pod's token was issued to, for messages. */
  readonly owner: TokenOwner;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/**
 * Goes on from a first look at every gate, and returns once every gate is open, in no other case.
 *
 * @throws JobFailedError as soon as a Job has failed and its ledger, read once more, still has no entry.
 * @throws WaitTimeoutError at the deadline.
 */
export async function waitUntilOpen(
  { timeoutMs, hintAfterMs }: Pick<WaitSettings, "timeoutMs" | "hintAfterMs">,
  looks: readonly FirstLook[],
  ports: WaitPorts,
  signal: AbortSignal,
): Promise<void> {
  const { api, log, owner, now } = ports;
  const verdict = Promise.withResolvers<void>();
  const end = new AbortController();
  const scope = AbortSignal.any([signal, end.signal]);

  const watched = looks.map((look) => {
    const reporter = gateReporter(log.child({ job: look.view.gate.job }), owner, hintAfterMs);
    const watch: GateWatch = watchGate(api, look, now, changed, scope);
    let confirming = false;
    return { watch, reporter };

    function changed(): void {
      reporter.changed(watch.view);
      if (decide(watch.view).kind === "failed") confirmFailure().catch(verdict.reject);
      if (views().every((view) => decide(view).kind === "open")) verdict.resolve();
    }

    async function confirmFailure(): Promise<void> {
      if (confirming) return;
      confirming = true;
      await watch.lookAgain();
      confirming = false;
      const decision = decide(watch.view);
      if (decision.kind === "failed") throw jobFailedError(watch.view, decision.job, owner.pod);
    }
  });
  const views = () => watched.map(({ watch }) => watch.view);

  const ended = watched.map(({ watch }) => watch.ended);
  const hints = setInterval(() => {
    for (const { reporter, watch } of watched) reporter.hint(watch.view, now());
  }, hintAfterMs / 4);
  const deadline = setTimeout(() => {
    verdict.reject(waitTimeoutError(views(), { nowMs: now(), timeoutMs, hintAfterMs, owner }));
  }, timeoutMs);
  try {
    await Promise.race([verdict.promise, ...ended]);
  } finally {
    clearInterval(hints);
    clearTimeout(deadline);
    end.abort();
    await Promise.allSettled(ended);
  }
}
