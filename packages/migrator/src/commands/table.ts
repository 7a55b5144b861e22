import { escapeControls } from "@migration-gate/cli-runtime/terminal-text";
import type { MigrationStatus } from "./status.ts";

/** Lays migrations out for a terminal: state, when, key. */
export function formatTable(migrations: readonly MigrationStatus[]): string {
  const rows = migrations.map(({ state, finishedAt, key, breaking }) => [
    state,
    finishedAt?.replace(/\.\d+Z$/, "Z") ?? "",
    `${escapeControls(key)}${breaking ? " (breaking)" : ""}`,
  ]);
  const widths = [0, 1].map((column) => Math.max(0, ...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
