import type { Session } from "../database/session.ts";
import type { Statement } from "../sql/statements.ts";
import { type BuiltIndex, noteIndexBuild, settleIndexBuild } from "./concurrent-index.ts";
import { type DetachedPartition, noteDetach, settleDetach } from "./detach-partition.ts";
import type { SettleContext } from "./invalid-index.ts";
import { noteReindex, type RebuiltIndexes, settleReindex } from "./reindex.ts";

/**
 * What a statement that commits in several steps may leave behind when it is interrupted, and what was there before it:
 * kept in the history while it runs, so that whoever comes next can tell the two apart.
 */
export type Leftovers = BuiltIndex | RebuiltIndexes | DetachedPartition;

/** Looks at what is there before such a statement runs; `undefined` for all others, which leave nothing. */
export async function noteLeftovers(
  session: Session,
  text: string,
  statement: Statement,
): Promise<Leftovers | undefined> {
  return (
    (await noteIndexBuild(session, text, statement)) ??
    (await noteReindex(session, text, statement)) ??
    (await noteDetach(session, text, statement))
  );
}

/**
 * Takes away what an interrupted statement has left, or brings it to its end; answers true where its work is done, so
 * that it must not run again.
 */
export async function settleLeftovers(context: SettleContext, leftovers: Leftovers): Promise<boolean> {
  switch (leftovers.kind) {
    case "create-index":
      return await settleIndexBuild(context, leftovers);
    case "reindex":
      return await settleReindex(context, leftovers);
    case "detach-partition":
      return await settleDetach(context, leftovers);
  }
}
