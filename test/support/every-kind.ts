import pg from "pg";
import type { TestDatabase } from "./postgres.ts";

/** How a set for disturbed runs is made. */
export interface EveryKindOptions {
  /** Lets the statements take this long, for disturbances that come at a moment and not at a message. */
  readonly pauseMs?: number;
  /** Lets the step that `stopAt` names sleep for ever. */
  readonly stoppable?: boolean;
}

/** The steps of `everyKind`, in their order. */
export const steps = [
  "1",
  "2 before",
  "2 after",
  "3",
  "4",
  "5 first block",
  "5 alone",
  "5 second block",
  "6 between",
  "6 last",
  "7",
] as const;

/** Makes the sessions that begin from now on stop at a step, or nowhere. */
export async function stopAt(
  database: Pick<TestDatabase, "name" | "superuser">,
  step: string | undefined,
): Promise<void> {
  const change = step === undefined ? "reset test.stop_at" : `set test.stop_at = '${step}'`;
  await database.superuser(`alter database ${pg.escapeIdentifier(database.name)} ${change}`);
}

/**
 * Migrations of every kind that the engine runs in its own way. Each step enters itself into a table without any
 * constraint, so that what is applied twice, or not at all, is seen in its rows.
 */
export function everyKind(options: EveryKindOptions = {}): Readonly<Record<string, string>> {
  const { step } = stepsWith(options);
  return {
    ...inTransactions(options),
    "5_parts.sql": `set search_path = app;
      begin; create table first (n int); ${step("5 first block")} commit;
      ${step("5 alone")}
      begin; create table second (n int); copy first from stdin;\n1\n2\n\\.\n ${step("5 second block")} commit;`,
    "6_indexes.sql": `create index concurrently posts_body on posts (body);
      ${step("6 between")}
      create unique index concurrently on posts (id, body);
      drop index concurrently posts_body;
      vacuum posts;
      ${step("6 last")}`,
    "7_after.sql": `${step("7")} create index on app.second (n);`,
  };
}

/** Those of them that run behind a pooler in transaction mode too. */
export function inTransactions(options: EveryKindOptions = {}): Readonly<Record<string, string>> {
  const { step } = stepsWith(options);
  return {
    "1_tables.sql": `create table steps (name text not null); create table posts (id int primary key, body text);
      create schema app;
      ${step("1")}`,
    "2_copy.sql": `${step("2 before")}
      copy posts from stdin;\n1\tone\n2\ttwo\n\\.\n${step("2 after")}`,
    "3_state.sql": `begin; set role none; set search_path = pg_catalog; create temporary table scratch ();
      ${step("3")} commit;`,
    "4_column.sql": `alter table posts add author text not null default 'nobody';
      create view authors as select distinct author from posts; ${step("4")}`,
  };
}

function stepsWith({ pauseMs = 0, stoppable = false }: EveryKindOptions) {
  const pause = pauseMs > 0 ? `select pg_catalog.pg_sleep(${pauseMs / 1000}); ` : "";
  const stop = (name: string) =>
    `select pg_catalog.pg_sleep(case pg_catalog.current_setting('test.stop_at', true) when '${name}' then 3600 else 0 end); `;
  return {
    step: (name: (typeof steps)[number]) =>
      `${pause}${stoppable ? stop(name) : ""}insert into public.steps values ('${name}');`,
  };
}
