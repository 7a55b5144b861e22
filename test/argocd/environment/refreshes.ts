import { readFile } from "node:fs/promises";

/** One line of the application controller's log, at debug level. */
interface LogLine {
  readonly msg?: string;
  readonly application?: string;
  readonly kind?: string;
  readonly name?: string;
  readonly namespace?: string;
  readonly "dest-namespace"?: string;
}

export interface LedgerEvents {
  /** Changes of the ledger after which Argo CD compared the application once more. */
  readonly comparing: number;
  /** Changes of the ledger that it passed over. */
  readonly ignored: number;
}

/** Counts what Argo CD has made of the changes of one namespace's ledger. */
export async function ledgerEvents(controllerLog: string, namespace: string): Promise<LedgerEvents> {
  const lines = await readLog(controllerLog);
  const ofLedger = lines.filter(
    (line) => line.kind === "ConfigMap" && line.namespace === namespace && line.name?.endsWith("-ledger"),
  );
  return {
    comparing: ofLedger.filter(({ msg }) => msg === "Requesting app refresh caused by object update").length,
    ignored: ofLedger.filter(({ msg }) => msg?.startsWith("Ignoring change of object")).length,
  };
}

/** Counts how often Argo CD has compared an application with what it should be, or looked at its health. */
export async function reconciliations(controllerLog: string, application: string): Promise<number> {
  const lines = await readLog(controllerLog);
  return lines.filter((line) => line.msg === "Reconciliation completed" && line.application === application).length;
}

async function readLog(file: string): Promise<LogLine[]> {
  const lines = (await readFile(file, "utf8")).split("\n");
  // The last line may be unfinished, and libraries write plain text among the others.
  return lines.filter((line) => line.startsWith("{") && line.endsWith("}")).map((line) => JSON.parse(line));
}
