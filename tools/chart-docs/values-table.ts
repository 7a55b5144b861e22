import type { DocumentedValue } from "./documented-values.ts";

/** The values as a Markdown table. Cells are not padded, so that a new value changes one line. */
export function valuesTable(values: readonly DocumentedValue[]): string {
  return ["| Value | Default | Meaning |", "| --- | --- | --- |", ...values.flatMap(rows)].join("\n");
}

function rows({ path, description, children, ...value }: DocumentedValue): string[] {
  const shown = children ? "" : `\`${JSON.stringify(value.default)}\``;
  const row = `| \`${path}\` | ${shown} | ${description.replaceAll("|", "\\|")} |`;
  return [row, ...(children ?? []).flatMap(rows)];
}

const begin = "<!-- values -->";
const end = "<!-- /values -->";

/**
 * The README with another table between its two marks.
 *
 * @throws if the marks are missing.
 */
export function withValuesTable(readme: string, table: string): string {
  const [before, rest] = readme.split(begin);
  const [, after] = rest?.split(end) ?? [];
  if (before === undefined || after === undefined) throw new Error(`the README lacks ${begin} or ${end}`);
  return `${before}${begin}\n\n${table}\n\n${end}${after}`;
}
