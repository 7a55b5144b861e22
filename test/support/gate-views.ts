import { type GateView, ledgerObserved, unseen } from "../../packages/waiter/src/gate/gate-view.ts";
import { identity, jobName, ledgerName } from "./kube-api-blog.ts";

/** A gate of the blog, and what may be seen of it, for the tests of what is told. */
export const gate = { job: jobName, ledger: ledgerName, identity };
export const start = unseen(gate, "blog", 0);

/** Its Job, running or with a condition that is true. */
export const job = (condition?: object, uid = "uid-1") => ({
  metadata: { name: gate.job, uid },
  status: { conditions: condition ? [{ status: "True", ...condition }] : [] },
});

export const failure = {
  exitCode: 4,
  message: 'column "author" contains null values',
  file: "0003_author.sql",
  line: 4,
  column: 1,
  sqlState: "23502",
};

/** The view once the ledger tells of a run of this Job, a failed one by default. */
export const withStatus = (view: GateView, fields: object) => {
  const status = {
    formatVersion: 1,
    identity: gate.identity,
    job: gate.job,
    jobUid: "uid-1",
    phase: "failed",
    ...fields,
  };
  return ledgerObserved(
    view,
    { metadata: { name: gate.ledger }, data: { status: JSON.stringify(status) } } as never,
    1,
  );
};
