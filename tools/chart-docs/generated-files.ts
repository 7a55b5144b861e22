import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseDocumentedValues } from "./documented-values.ts";
import { valuesSchema } from "./values-schema.ts";
import { valuesTable, withValuesTable } from "./values-table.ts";

const chart = new URL("../../charts/migration-gate/", import.meta.url);

/** What follows from the chart's `values.yaml`: each file by its path, with the text that it should have. */
export async function generatedFiles(): Promise<Map<string, string>> {
  const values = parseDocumentedValues(await read("values.yaml"));
  const schema = valuesSchema("Values of migration-gate", values);
  return new Map([
    [path("values.schema.json"), `${JSON.stringify(schema, undefined, 2)}\n`],
    [path("README.md"), withValuesTable(await read("README.md"), valuesTable(values))],
  ]);
}

function path(file: string): string {
  return fileURLToPath(new URL(file, chart));
}

async function read(file: string): Promise<string> {
  return await readFile(path(file), "utf8");
}
