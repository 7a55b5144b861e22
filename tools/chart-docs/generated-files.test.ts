import { readFile } from "node:fs/promises";
import { Ajv } from "ajv";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { gateChart } from "../../test/support/helm-charts.ts";
import { generatedFiles } from "./generated-files.ts";

test("schema and README follow values.yaml: if not, `npm run chart-docs` writes them", async () => {
  for (const [path, text] of await generatedFiles()) expect(await readFile(path, "utf8")).toBe(text);
});

test("the schema accepts the defaults and parents' globals, and no misspelt value", async () => {
  const values = parse(await readFile(`${gateChart}/values.yaml`, "utf8"));
  const schema = JSON.parse(await readFile(`${gateChart}/values.schema.json`, "utf8"));
  const validate = new Ajv({ strict: false }).compile(schema);
  expect([validate(values), validate.errors]).toEqual([true, null]);
  expect(validate({ ...values, global: { storageClass: "fast" } })).toBe(true);
  expect(validate({ ...values, misspelt: true })).toBe(false);
  expect(validate({ ...values, job: { ...values.job, misspelt: true } })).toBe(false);
});
