import type { Session } from "../database/session.ts";
import type { Statement } from "../sql/statements.ts";
import { TokenReader } from "../sql/token-reader.ts";
import type { SettleContext } from "./invalid-index.ts";

/** An `ALTER TABLE … DETACH PARTITION … CONCURRENTLY`, its names as they are written. */
export interface ConcurrentDetach {
  readonly table: string;
  readonly partition: string;
}

/** … while it runs. */
export interface DetachedPartition extends ConcurrentDetach {
  readonly kind: "detach-partition";
  readonly wasAttached: boolean;
}

/** Recognises `ALTER TABLE [IF EXISTS] [ONLY] table [*] DETACH PARTITION partition CONCURRENTLY`. */
export function parseDetach(text: string, statement: Statement): ConcurrentDetach | undefined {
  const reader = new TokenReader(text, statement);
  if (!reader.skip("alter", "table")) return undefined;
  reader.skip("if", "exists");
  reader.skip("only");
  const table = reader.qualifiedName();
  reader.skip("*");
  if (!reader.skip("detach", "partition")) return undefined;
  const partition = reader.qualifiedName();
  return reader.skip("concurrently") ? { table, partition } : undefined;
}

export async function noteDetach(
  session: Session,
  text: string,
  statement: Statement,
): Promise<DetachedPartition | undefined> {
  const detach = parseDetach(text, statement);
  if (!detach) return undefined;
  return { kind: "detach-partition", ...detach, wasAttached: (await attachment(session, detach)) === "attached" };
}

/** Finishes what was begun: from its first step on, nothing else can be done with the partition. */
export async function settleDetach({ session, log }: SettleContext, detach: DetachedPartition): Promise<boolean> {
  const { table, partition, wasAttached } = detach;
  const state = await attachment(session, detach);
  if (state !== "pending") return wasAttached && state === "detached";
  await session.query(`alter table ${table} detach partition ${partition} finalize`);
  log.warn({ table, partition }, "finished the interrupted detaching of a partition");
  return true;
}

type Attachment = "attached" | "pending" | "detached" | "unknown";

async function attachment(session: Session, { table, partition }: ConcurrentDetach): Promise<Attachment> {
  const [row] = await session.query<{ state: Attachment }>(
    `select case when to_regclass($1) is null or to_regclass($2) is null then 'unknown'
                 when i.inhrelid is null then 'detached'
                 when i.inhdetachpending then 'pending' else 'attached' end as state
       from (values (to_regclass($1), to_regclass($2))) as names (parent, partition)
       left join pg_catalog.pg_inherits i on i.inhparent = names.parent and i.inhrelid = names.partition`,
    [table, partition],
  );
  return row?.state ?? "unknown";
}
