import { type Column, markdownTable } from "../figures/markdown-table.ts";
import type { Comparison } from "./compare.ts";
import type { MigrationSet } from "./migration-set.ts";

/** Writes the comparisons as a Markdown table, with what is needed to repeat them. */
export function comparisonTable(
  comparisons: readonly Comparison[],
  versions: { readonly psql: string; readonly server: number },
): string {
  const rows = comparisons.map(({ set, result, migratorMs, psqlMs }) => [
    set.name,
    `\`${layoutOf(set)}\``,
    set.files.length.toString(),
    set.files.reduce((total, { statements }) => total + statements, 0).toString(),
    result,
    Math.round(migratorMs).toString(),
    Math.round(psqlMs).toString(),
  ]);
  return `PostgreSQL ${versions.server}, psql ${versions.psql}, ${new Date().toISOString().slice(0, 10)}; one run each.\n\n${markdownTable(columns, rows)}`;
}

const columns: readonly Column[] = [
  { title: "set" },
  { title: "layout" },
  { title: "files", align: "right" },
  { title: "statements", align: "right" },
  { title: "schemas" },
  { title: "migrator ms", align: "right" },
  { title: "psql ms", align: "right" },
];

/** By the name of the first file. */
function layoutOf({ files }: MigrationSet): string {
  const path = files[0]?.path ?? "";
  const [, ending] = /(\/(?:up|migration)\.sql|\.up\.sql)$/.exec(path) ?? [];
  return `${/^V/.test(path) ? "V<version>__<name>" : "<version>_<name>"}${ending ?? ".sql"}`;
}
