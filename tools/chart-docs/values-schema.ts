import type { DocumentedValue } from "./documented-values.ts";
import { type Schema, shapes } from "./shapes.ts";

/**
 * The schema of a chart's values: draft-07, because Helm 3 ignores the keywords of later drafts. Every section is closed
 * unless its annotation says otherwise. Whatever the templates count on, sections and defaults that are neither null nor empty
 * text, list or map, cannot be unset by `null`.
 *
 * @throws for a value whose type neither its default nor its annotation tells.
 */
export function valuesSchema(title: string, values: readonly DocumentedValue[]): Schema {
  const used = values.flatMap(shapesOf).toSorted();
  const definitions = Object.fromEntries(used.map((name) => [name, shapes[name]]));
  return { $schema: "http://json-schema.org/draft-07/schema#", title, ...section(values), definitions };
}

function section(values: readonly DocumentedValue[]): Schema {
  const required = values.filter(isRequired).map(({ key }) => key);
  return {
    type: "object",
    additionalProperties: false,
    ...(required.length > 0 && { required }),
    properties: Object.fromEntries(values.map((value) => [value.key, valueSchema(value)])),
  };
}

function valueSchema(value: DocumentedValue): Schema {
  const { description, annotation, children } = value;
  if (typeof annotation === "string") return { description, default: value.default, allOf: [reference(value)] };
  const keywords = isObject(annotation) ? annotation : {};
  if (children) return { description, ...section(children), ...keywords };
  return { description, default: value.default, ...inferredType(value), ...keywords };
}

/** Beside `$ref`, draft-07 ignores every other keyword: so it stands in an `allOf`. */
function reference({ path, annotation }: DocumentedValue): Schema {
  if (!shapes[String(annotation)]) throw new Error(`@schema of ${path} names no shape: ${annotation}`);
  return { $ref: `#/definitions/${annotation}` };
}

function inferredType({ path, default: value, annotation }: DocumentedValue): Schema {
  if (isObject(annotation) && ["type", "enum", "anyOf"].some((keyword) => keyword in annotation)) return {};
  if (typeof value === "string" || typeof value === "boolean") return { type: typeof value };
  if (Number.isInteger(value)) return { type: "integer" };
  throw new Error(`the default of ${path} does not tell its type: add a last line "@schema …" to its comment`);
}

function isRequired({ default: value, annotation, children }: DocumentedValue): boolean {
  const type = isObject(annotation) ? annotation["type"] : undefined;
  if (Array.isArray(type) && type.includes("null")) return false;
  return children !== undefined || (value !== "" && !isObject(value));
}

function shapesOf({ annotation, children = [] }: DocumentedValue): string[] {
  return [...(typeof annotation === "string" ? [annotation] : []), ...children.flatMap(shapesOf)];
}

function isObject(value: unknown): value is Schema {
  return typeof value === "object" && value !== null;
}
