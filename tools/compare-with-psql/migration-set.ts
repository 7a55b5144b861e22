import { readFileSync } from "node:fs";
import { join } from "node:path";
import { noDirectives, parseMarker } from "../../packages/migrator/src/files/directives.ts";
import { readMigrationFiles } from "../../packages/migrator/src/files/migration-files.ts";
import { type StatementKind, statementKind } from "../../packages/migrator/src/sql/statement-kind.ts";
import { splitStatements } from "../../packages/migrator/src/sql/statements.ts";

/** A folder of migrations, in order, as psql is to run it. */
export interface MigrationSet {
  readonly name: string;
  readonly folder: string;
  readonly ignore: readonly string[];
  readonly files: readonly UpFile[];
}

export interface UpFile {
  /** Below the folder. */
  readonly path: string;
  /** The text before the marker of a down part; all of it where there is none. */
  readonly text: string;
  readonly statements: number;
  /** False where its tool, too, would run it outside a transaction. */
  readonly transactional: boolean;
}

/** @throws MigrationFilesError */
export function readMigrationSet(name: string, folder: string, ignore: readonly string[]): MigrationSet {
  const files = readMigrationFiles(folder, ignore).map(({ path }) => upFile(folder, path));
  return { name, folder, ignore, files };
}

function upFile(folder: string, path: string): UpFile {
  const text = readFileSync(join(folder, path), "utf8");
  let end = text.length;
  let { transactional } = noDirectives;
  let statements = 0;
  const onComment = (comment: { readonly start: number; readonly end: number }) => {
    const marker = parseMarker(text.slice(comment.start, comment.end));
    if ("apply" in marker && marker.apply?.(noDirectives).transactional === false) transactional = false;
    if (marker.kind !== "down") return undefined;
    end = comment.start;
    return "stop" as const;
  };
  for (const statement of splitStatements(text, { onComment })) {
    statements++;
    if (controlsTransactions.has(statementKind(text, statement))) transactional = false;
  }
  return { path, text: text.slice(0, end), statements, transactional };
}

const controlsTransactions: ReadonlySet<StatementKind> = new Set(["begin", "commit", "outside-transaction"]);
