import { refusalOfNode } from "../sql/parsed-refusal.ts";
import { loadPostgresParser } from "../sql/postgres-parser.ts";
import { isSuspicious } from "../sql/statement-kind.ts";
import type { Statement } from "../sql/statements.ts";

/**
 * Whether PostgreSQL refuses a suspicious statement in a transaction; `undefined` where its parser knows no such syntax,
 * or is not there.
 */
export type Verdicts = ReadonlyMap<Statement, boolean | undefined>;

/** Asks PostgreSQL's parser about the statements whose words leave doubt; without one of them it is never loaded. */
export async function judgeSuspicious(
  scripts: readonly { readonly text: string; readonly statements: readonly Statement[] }[],
): Promise<Verdicts> {
  const suspicious = scripts.flatMap(({ text, statements }) =>
    statements
      .filter((statement) => isSuspicious(text, statement))
      .map((statement) => [statement, text.slice(statement.start, statement.end)] as const),
  );
  if (suspicious.length === 0) return new Map();
  const parse = await loadPostgresParser();
  return new Map(
    suspicious.map(([statement, sql]) => {
      const node = parse?.(sql);
      return [statement, node && refusalOfNode(node)];
    }),
  );
}
