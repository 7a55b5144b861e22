import { setTimeout as sleep } from "node:timers/promises";
import type { ApiClient } from "../api/api-client.ts";
import { ApiError } from "../api/api-error.ts";
import { getObject, isRecord, type NamedObject } from "../api/named-object.ts";
import { apiGroup } from "../api/role-rule.ts";
import type { Gate } from "../gate/gate.ts";
import { readLedger } from "../ledger/ledger.ts";
import { connectionHint, tokenHint } from "../wait/hints.ts";
import { accessRow, neededVerbs, type Role } from "./access-row.ts";
import type { CheckRow } from "./check-row.ts";
import { jobRow, ledgerRow, type ReadObject } from "./gate-rows.ts";
import { clockRow, type Probe, reachedRow, unreachedRow } from "./server-rows.ts";
import { tokenRow } from "./token-row.ts";

export interface CheckSettings {
  readonly role: Role;
  /** With an empty `job` where a recorder was told of none. */
  readonly gates: readonly Gate[];
  readonly namespace: string;
}

export interface CheckPorts {
  readonly api: ApiClient;
  readonly token: string;
  /** The service account's `namespace/name`, for messages. */
  readonly account: string | undefined;
  /** Milliseconds since the epoch. */
  readonly wallClock: () => number;
}

export interface CheckResult {
  readonly rows: readonly CheckRow[];
  /** 0: `wait` (or `record`) could work; 13: access is refused; 14: the API server cannot be reached. */
  readonly exitCode: 0 | 13 | 14;
}

/** Network rules of a pod may take effect a moment after its start. */
const attempts = 5;
const pauseMs = 1_000;

/** Looks at everything that `wait` or `record` needs, once, changing nothing. */
export async function check(settings: CheckSettings, ports: CheckPorts, signal: AbortSignal): Promise<CheckResult> {
  const { api, token, wallClock } = ports;
  const reached = await reach(api, wallClock, signal);
  if (reached instanceof ApiError) {
    const refused = reached.trouble === "unauthorized" || reached.trouble === "forbidden";
    const hint = refused ? tokenHint : connectionHint(reached);
    return { rows: [unreachedRow(reached, hint), tokenRow(token, wallClock())], exitCode: refused ? 13 : 14 };
  }
  const { probe, attempt } = reached;
  const access: CheckRow[] = [];
  const contents: CheckRow[] = [];
  for (const gate of settings.gates) {
    const rows = await checkGate(gate, settings, ports, signal);
    access.push(...rows.access);
    contents.push(...rows.contents);
  }
  const rows = [reachedRow(probe, attempt), clockRow(probe), tokenRow(token, wallClock()), ...access, ...contents];
  return { rows, exitCode: access.some(({ result }) => result === "fail") ? 13 : 0 };
}

async function reach(api: ApiClient, wallClock: () => number, signal: AbortSignal) {
  for (let attempt = 1; ; attempt += 1) {
    const sentAtMs = wallClock();
    try {
      const answered = await api.requestWithDate({ path: "/version" }, signal);
      const probe: Probe = { ...answered, sentAtMs, tookMs: wallClock() - sentAtMs };
      return { probe, attempt };
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const lasts = error.trouble === "unauthorized" || error.trouble === "forbidden";
      if (lasts || attempt === attempts) return error;
      await sleep(pauseMs, undefined, { signal });
    }
  }
}

async function checkGate(
  gate: Gate,
  { role, namespace }: CheckSettings,
  { api, account }: CheckPorts,
  signal: AbortSignal,
) {
  const look = async (resource: NamedObject["resource"], name: string) => {
    const object: NamedObject = { namespace, resource, name };
    const found = await read(api, object, signal);
    const grants = await reviewAccess(api, object, neededVerbs(role), signal);
    // Where the API server gives no opinion, its refusal to read is one.
    const isRefused = found instanceof ApiError && found.trouble === "forbidden";
    if (isRefused) grants.set("get", grants.get("get") ?? false);
    return { found, row: accessRow(role, object, grants, account) };
  };
  const ledger = await look("configmaps", gate.ledger);
  const ledgerContents = ledgerRow(gate, ledger.found);
  if (role === "record") return { access: [ledger.row], contents: [ledgerContents] };
  const job = await look("jobs", gate.job);
  return {
    access: [job.row, ledger.row],
    contents: [ledgerContents, jobRow(gate, job.found, isApplied(gate, ledger.found))],
  };
}

function isApplied({ identity }: Gate, ledger: ReadObject): boolean {
  return ledger !== undefined && !(ledger instanceof ApiError) && readLedger(ledger).entries.has(identity);
}

async function read(api: ApiClient, object: NamedObject, signal: AbortSignal): Promise<ReadObject> {
  try {
    return (await getObject(api, object, signal)).object;
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
}

/** Asks the API server itself; every authenticated account may, unless a cluster's admin has taken that away. */
async function reviewAccess(
  api: ApiClient,
  { namespace, resource, name }: NamedObject,
  verbs: readonly string[],
  signal: AbortSignal,
): Promise<Map<string, boolean | undefined>> {
  const answers = verbs.map(async (verb) => {
    const resourceAttributes = { namespace, verb, group: apiGroup(resource), resource, name };
    const review = { apiVersion: "authorization.k8s.io/v1", kind: "SelfSubjectAccessReview" };
    const path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
    try {
      const answer = await api.request(
        { method: "POST", path, body: { ...review, spec: { resourceAttributes } } },
        signal,
      );
      const status = isRecord(answer) ? answer["status"] : undefined;
      return [verb, isRecord(status) ? status["allowed"] === true : undefined] as const;
    } catch (error) {
      if (error instanceof ApiError) return [verb, undefined] as const;
      throw error;
    }
  });
  return new Map(await Promise.all(answers));
}
