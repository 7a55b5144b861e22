import type { StoredObject } from "./kube-api-store.ts";

/** The objects of one release of the blog, as the waiter's tests meet them. */
export const identity = "0a1b2c3d4e";
export const jobName = `blog-${identity}`;
export const ledgerName = "blog-ledger";

export const waitArguments = ["wait", "--job", jobName, "--ledger", ledgerName, "--identity", identity];
export const recordArguments = ["record", "--ledger", ledgerName, "--identity", identity];

export function ledger(data?: Readonly<Record<string, string>>): StoredObject {
  return { metadata: { name: ledgerName }, ...(data && { data }) };
}

export function openLedger(): StoredObject {
  return ledger({ [identity]: "{}" });
}

export function ledgerWithStatus(status: object): StoredObject {
  const fields = { formatVersion: 1, identity, job: jobName, jobUid: "uid-1", ...status };
  return ledger({ status: JSON.stringify(fields) });
}

/** A Job two of whose pods have failed: the counters must never matter. */
export function job(
  uid: string,
  condition?: { readonly type: string; readonly reason?: string; readonly message?: string },
): StoredObject {
  return {
    metadata: { name: jobName, uid },
    spec: {},
    status: { failed: 2, active: 0, ...(condition && { conditions: [{ status: "True", ...condition }] }) },
  };
}
