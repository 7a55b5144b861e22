import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "@migration-gate/cli-runtime/logger";
import type { ApiClient } from "../api/api-client.ts";
import { ApiError } from "../api/api-error.ts";
import { backoffMs } from "../api/backoff.ts";
import { documentOfSuccess, type RunOrigin } from "../ledger/ledger-document.ts";
import { type LedgerWriter, ledgerWriter } from "../ledger/ledger-writer.ts";
import { lingering } from "./lingering.ts";
import { recordReports } from "./record-reports.ts";
import { recordTrouble } from "./record-trouble.ts";

export interface RecordSettings {
  readonly ledger: string;
  readonly identity: string;
  readonly namespace: string;
  /** Given: run alongside the migration; absent: it has just succeeded. */
  readonly reportDirectory: string | undefined;
  readonly run: RunOrigin;
  /** How long after SIGTERM writing is still tried; less than the pod's grace period. */
  readonly lingerMs: number;
}

export interface RecordPorts {
  readonly api: ApiClient;
  readonly log: Logger;
  readonly account: string | undefined;
  /** ISO 8601, UTC. */
  readonly wallClock: () => string;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/**
 * Writes what the migration tells about itself into the ledger.
 *
 * With a report directory it returns after SIGTERM, once the last report is written or `lingerMs` have passed: it is a sidecar
 * and its end says nothing about the migration. Without, it returns once the success is written, retrying for as long as
 * the pod lives, and otherwise throws the signal's reason.
 */
export async function record(settings: RecordSettings, ports: RecordPorts, signal: AbortSignal): Promise<void> {
  const { namespace, ledger, reportDirectory } = settings;
  const writer = ledgerWriter(ports.api, { namespace, resource: "configmaps", name: ledger });
  using linger = lingering(signal, settings.lingerMs);
  if (reportDirectory === undefined) await recordSuccess(settings, ports, writer, linger.signal);
  else await recordReports({ ...settings, reportDirectory }, ports, writer, signal, linger.signal);
}

async function recordSuccess(
  { identity, run, ...settings }: RecordSettings,
  { log, wallClock, account }: RecordPorts,
  writer: LedgerWriter,
  signal: AbortSignal,
): Promise<void> {
  const document = documentOfSuccess(identity, run, wallClock());
  const trouble = recordTrouble(log, settings, account);
  for (let failures = 1; ; failures += 1) {
    try {
      await writer.write(document, signal);
      log.info({ identity, ledger: settings.ledger }, "the ledger holds the success");
      return;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      trouble.failed(error);
      await sleep(backoffMs(failures, error.retryAfterMs), undefined, { signal });
    }
  }
}
