import pg from "pg";
import type { Session } from "../database/session.ts";
import { HistoryAccessError } from "../errors.ts";
import { createStatements, displayName, type HistoryTable, quotedName } from "./table.ts";

/** Somebody else created the same thing at the same moment: another set's run has another lock. */
const createdByAnother = new Set(["42P06", "42P07", "23505"]);

/**
 * Creates the history where it does not exist. The caller holds the lock.
 *
 * @throws HistoryAccessError where the role may not
 */
export async function ensureHistory(session: Session, history: HistoryTable, role: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    const [state] = await session.query<{ schema: boolean; table: boolean }>(
      "select to_regnamespace($1) is not null as schema, to_regclass($2) is not null as table",
      [pg.escapeIdentifier(history.schema), quotedName(history)],
    );
    if (state?.table) return;
    try {
      await session.query(["begin", ...createStatements(history, state?.schema === true), "commit"].join(";\n"));
      return;
    } catch (error) {
      if (!(error instanceof pg.DatabaseError)) throw error;
      await session.rollback();
      if (createdByAnother.has(error.code ?? "") && attempt < 3) continue;
      if (error.code === "42501") throw new HistoryAccessError(displayName(history), role, error);
      throw error;
    }
  }
}
