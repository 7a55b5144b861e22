import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { isRecord } from "../../packages/waiter/src/api/named-object.ts";

const file = new URL("../../docs/ledger-v1.schema.json", import.meta.url);
const published = JSON.parse(readFileSync(file, "utf8"));
// A reader accepts unknown fields; of what this version writes, every field has to be documented.
const ajv = new Ajv2020({ schemas: [closed(published) as object] });

/** What is wrong with a ledger's values, by the published schema of its format: empty for none. */
export function ledgerProblems(data: Readonly<Record<string, string>>): unknown[] {
  return Object.entries(data).flatMap(([key, text]) => {
    const part = key === "status" || key === "breaking" ? key : "entry";
    const validate = ajv.getSchema(`${published.$id}#/$defs/${part}`);
    return validate?.(JSON.parse(text)) ? [] : [{ key, text, errors: validate?.errors }];
  });
}

function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (!isRecord(schema)) return schema;
  const parts = Object.entries(schema).map(([key, value]) => [key, closed(value)]);
  return { ...Object.fromEntries(parts), ...(schema["properties"] !== undefined && { additionalProperties: false }) };
}
