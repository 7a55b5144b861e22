import { isMap, isNode, isScalar, parseDocument, type YAMLMap } from "yaml";

/** A copy of the values with one of them set, named by its path (`image.tag`). */
export function withValue(values: object, path: string, value: unknown): object {
  const [key = "", ...rest] = path.split(".");
  const nested: unknown = Object.entries(values).find(([name]) => name === key)?.[1];
  if (rest.length === 0) return { ...values, [key]: value };
  return { ...values, [key]: withValue(isObject(nested) ? nested : {}, rest.join("."), value) };
}

/** The paths of all values that are not sections themselves; an empty object or a list is a value. */
export function leafPaths(values: unknown): string[] {
  if (!isObject(values) || Object.keys(values).length === 0) return [""];
  return Object.entries(values).flatMap(([key, nested]) => {
    return leafPaths(nested).map((path) => (path === "" ? key : `${key}.${path}`));
  });
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * The table of all values for the chart's README: each with its default and the comment above it. A section's own
 * comment opens it.
 *
 * @throws for a value without a comment.
 */
export function valuesTable(valuesYaml: string): string {
  const { contents } = parseDocument(valuesYaml);
  if (!isMap(contents)) throw new Error("values.yaml holds no map");
  const rows = [["Value", "Default", "Meaning"], [], ...tableRows(contents, [])];
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) => {
    const cells = widths.map((width, column) => row[column]?.padEnd(width) ?? "-".repeat(width));
    return `| ${cells.join(" | ")} |`;
  });
  return lines.join("\n");
}

function tableRows(section: YAMLMap, path: readonly string[]): string[][] {
  return section.items.flatMap((pair, index) => {
    if (!isScalar(pair.key)) throw new Error(`${path.join(".")} has a key that is no text`);
    const name = [...path, String(pair.key.value)];
    // A comment before the first key of a map belongs to the map.
    const comment = pair.key.commentBefore ?? (index === 0 ? section.commentBefore : undefined);
    const paragraph = comment?.split(/\n\s*\n/).at(-1);
    if (!paragraph) throw new Error(`the value ${name.join(".")} has no comment`);
    const meaning = paragraph
      .replaceAll(/\s*\n\s*/g, " ")
      .trim()
      .replaceAll("|", "\\|");
    const isSection = isMap(pair.value) && documentedSections.has(name.join("."));
    const shown = isSection ? "" : `\`${JSON.stringify(isNode(pair.value) ? pair.value.toJSON() : pair.value)}\``;
    const row = [`\`${name.join(".")}\``, shown, meaning];
    return isSection && isMap(pair.value) ? [row, ...tableRows(pair.value, name)] : [row];
  });
}

/** Maps whose keys are values of the chart, and not of Kubernetes. */
export const documentedSections = new Set([
  "image",
  "database",
  "migrate",
  "job",
  "waiter",
  "waiter.image",
  "serviceAccount",
  "rbac",
]);
