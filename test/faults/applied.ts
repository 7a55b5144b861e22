import { until } from "../../tools/environment/until.ts";
import type { Database } from "../e2e/scenario/database-server.ts";

/** The migrations that the history calls applied, in the order of their names. */
export async function appliedMigrations({ query }: Database): Promise<unknown[]> {
  const rows = await query("select key from migration_gate.history where state = 'done' order by key");
  return rows.map(({ key }) => key);
}

/** Waits until so many migrations are applied. */
export async function areApplied(database: Database, count: number): Promise<void> {
  const isSo = async () => (await appliedMigrations(database)).length === count;
  await until(`${count} migrations are applied`, isSo, { timeoutMs: 180_000, intervalMs: 200 });
}
