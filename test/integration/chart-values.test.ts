import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Ajv } from "ajv";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { gateChart } from "../support/helm-charts.ts";
import { documentedSections, valuesTable } from "../support/helm-values.ts";

interface Schema {
  readonly $ref?: string;
  readonly allOf?: readonly Schema[];
  readonly type?: string | readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly definitions?: Readonly<Record<string, Schema>>;
}

const valuesYaml = await readFile(join(gateChart, "values.yaml"), "utf8");
const values: Readonly<Record<string, unknown>> = parse(valuesYaml);
const schema: Schema = JSON.parse(await readFile(join(gateChart, "values.schema.json"), "utf8"));

it("the README's table of values is that of values.yaml", async () => {
  const file = join(gateChart, "README.md");
  const readme = await readFile(file, "utf8");
  const [before = "", , after = ""] = readme.split(/(?<=<!-- values -->\n)|(?=<!-- \/values -->)/);
  await expect(`${before}\n${valuesTable(valuesYaml)}\n\n${after}`).toMatchFileSnapshot(file);
});

describe("the schema", () => {
  it("knows exactly the values of values.yaml", () => {
    expect(keysOf(schema, "").toSorted()).toEqual(keysOfValues(values, "").toSorted());
  });

  it("closes every section", () => {
    for (const path of ["", ...documentedSections]) {
      expect([path, resolve(at(path)).additionalProperties]).toEqual([path, false]);
    }
  });

  it("accepts the defaults, and parents' globals", () => {
    const validate = new Ajv({ strict: false }).compile(schema);
    expect([validate(values), validate.errors]).toEqual([true, null]);
    expect(validate({ ...values, global: { imageRegistry: "mirror.example" } })).toBe(true);
    expect(validate({ ...values, misspelt: true })).toBe(false);
  });

  it("is draft-07, because Helm 3 ignores the keywords of later drafts", () => {
    expect(schema).toHaveProperty("$schema", "http://json-schema.org/draft-07/schema#");
  });
});

function at(path: string): Schema {
  const keys = path === "" ? [] : path.split(".");
  return keys.reduce<Schema>((section, key) => resolve(section).properties?.[key] ?? {}, schema);
}

function resolve(section: Schema): Schema {
  const reference = section.$ref ?? section.allOf?.find(({ $ref }) => $ref)?.$ref;
  return reference ? (schema.definitions?.[reference.replace("#/definitions/", "")] ?? {}) : section;
}

function keysOf(section: Schema, path: string): string[] {
  return Object.entries(resolve(section).properties ?? {}).flatMap(([key, nested]) => {
    const name = path === "" ? key : `${path}.${key}`;
    return [name, ...keysOf(nested, name)];
  });
}

function keysOfValues(section: object, path: string): string[] {
  return Object.entries(section).flatMap(([key, nested]: [string, unknown]) => {
    const name = path === "" ? key : `${path}.${key}`;
    const isSection = documentedSections.has(name) && typeof nested === "object" && nested !== null;
    return [name, ...(isSection ? keysOfValues(nested, name) : [])];
  });
}
