import { refusalOfNode } from "../sql/parsed-refusal.ts";
import { loadPostgresParser } from "../sql/postgres-parser.ts";

/** A statement whose words leave open whether it is refused in a transaction. */
export interface SuspiciousStatement {
  /** Among the statements of its script. */
  readonly index: number;
  readonly start: number;
  readonly sql: string;
}

/**
 * By their index, whether PostgreSQL refuses suspicious statements in a transaction; `undefined` where its parser knows
 * no such syntax, or is not there.
 */
export type Verdicts = ReadonlyMap<number, boolean | undefined>;

/** Asks PostgreSQL's parser about the statements whose words leave doubt; without one of them it is never loaded. */
export async function judgeSuspicious(suspicious: readonly SuspiciousStatement[]): Promise<Verdicts> {
  if (suspicious.length === 0) return new Map();
  const parse = await loadPostgresParser();
  return new Map(
    suspicious.map(({ index, sql }) => {
      const node = parse?.(sql);
      return [index, node && refusalOfNode(node)];
    }),
  );
}
