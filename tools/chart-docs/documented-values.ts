import { isMap, isScalar, type Pair, parse, parseDocument, type YAMLMap } from "yaml";

/** A value of a chart: its default, and what the comment above it says. */
export interface DocumentedValue {
  /** `job.backoffLimit` */
  readonly path: string;
  readonly key: string;
  /** Full sentences in Markdown, on one line. */
  readonly description: string;
  readonly default: unknown;
  /** What stands after `@schema` on the comment's last line: the name of a shape, or a piece of JSON schema. */
  readonly annotation: unknown;
  /** The values of a section, or `undefined` for a value that is none. */
  readonly children: readonly DocumentedValue[] | undefined;
}

/**
 * Reads a chart's `values.yaml`. A map whose keys have comments is a section of the chart; any other map is one value.
 *
 * @throws for a value without a comment, and for a comment that is no sentence.
 */
export function parseDocumentedValues(valuesYaml: string): DocumentedValue[] {
  const { contents, errors } = parseDocument(valuesYaml);
  if (errors[0]) throw errors[0];
  if (!isMap(contents)) throw new Error("values.yaml holds no map");
  return readSection(contents, "");
}

/** The keys of an empty section, or of a map that is one value, have no comments of their own. */
function isSection(map: YAMLMap): boolean {
  return map.items.some((_, index) => commentAbove(map, index) !== undefined);
}

function readSection(section: YAMLMap, parent: string): DocumentedValue[] {
  return section.items.map((pair, index) => {
    const key = keyOf(pair);
    const path = parent ? `${parent}.${key}` : key;
    const comment = commentAbove(section, index);
    if (comment === undefined) throw new Error(`the value ${path} has no comment`);
    const node = pair.value;
    return {
      path,
      key,
      ...readComment(comment, path),
      default: isMap(node) || isScalar(node) ? node.toJSON() : JSON.parse(JSON.stringify(node)),
      children: isMap(node) && isSection(node) ? readSection(node, path) : undefined,
    };
  });
}

function keyOf({ key }: Pair): string {
  if (!isScalar(key)) throw new Error("values.yaml has a key that is no text");
  return String(key.value);
}

/** A comment before the first key of a map belongs to the map; an empty line parts it from what is said about the file. */
function commentAbove(section: YAMLMap, index: number): string | undefined {
  const key = section.items[index]?.key;
  const own = isScalar(key) ? key.commentBefore : undefined;
  const comment = own ?? (index === 0 ? section.commentBefore : undefined);
  return comment?.split(/\n\s*\n/).at(-1);
}

function readComment(comment: string, path: string): Pick<DocumentedValue, "description" | "annotation"> {
  const lines = comment.split("\n").map((line) => line.trim());
  const last = /^@schema\s+(?<annotation>.+)$/.exec(lines.at(-1) ?? "")?.groups?.["annotation"];
  const description = (last === undefined ? lines : lines.slice(0, -1)).join(" ");
  if (description.includes("@schema")) throw new Error(`@schema is not the last line of the comment of ${path}`);
  if (!/^[A-Z`].*[.:)]$/.test(description)) throw new Error(`the comment of ${path} is no sentence: ${description}`);
  return { description, annotation: last === undefined ? undefined : parse(last) };
}
