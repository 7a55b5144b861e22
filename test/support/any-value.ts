import { readFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { gateChart, isolated } from "./helm-charts.ts";

/** As much of draft-07 as the chart's `values.schema.json` uses. */
interface Schema {
  readonly $ref?: string;
  readonly allOf?: readonly Schema[];
  readonly enum?: readonly unknown[];
  readonly type?: string | readonly string[];
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: boolean;
  readonly items?: Schema;
  readonly required?: readonly string[];
  readonly minProperties?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly definitions?: Readonly<Record<string, Schema>>;
}

const root: Schema = JSON.parse(await readFile(join(gateChart, "values.schema.json"), "utf8"));

/** Any value that the chart takes at a path of its values, whatever the other values are by default. */
export function anyValue(path: string): fc.Arbitrary<unknown> {
  return narrowed[path] ?? ofSchema(schemaAt(path));
}

const name = fc.stringMatching(/^[a-z0-9]{1,8}(-[a-z0-9]{1,8}){0,2}$/);
const host = fc.stringMatching(/^[a-z0-9]{1,8}(\.[a-z0-9]{1,8}){0,2}(:[1-9][0-9]{3})?$/);
const repository = fc.stringMatching(/^[a-z0-9]{1,8}(\/[a-z0-9._-]{0,8}[a-z0-9]){0,2}$/);
const tag = fc.stringMatching(/^[0-9]\.[0-9A-Za-z_.-]{1,8}$/);
const inline = fc.dictionary(fc.stringMatching(/^[0-9]{4}_[a-z]{1,8}\.sql$/), text(1), {
  minKeys: 1,
  maxKeys: 3,
  noNullPrototype: true,
});
const existing = fc.record({ existingConfigMap: name, checksum: fc.stringMatching(/^[0-9a-f]{64}$/) });

const part = fc.constantFrom("shop", "no", "08", "1e3");
const optional = <Value>(value: fc.Arbitrary<Value>) => fc.oneof(fc.constant({}), value);
const verified = fc.record({
  sslmode: fc.constantFrom("require", "verify-ca", "verify-full"),
  ca: fc.record({ key: part, existingConfigMap: name }),
});
const byUrl = fc.record({ existingSecret: name, key: part });
const byParts = fc.record(
  {
    host: name,
    port: fc.integer({ min: 1, max: 65_535 }),
    name: part,
    user: part,
    passwordKey: part,
    existingSecret: name,
  },
  { requiredKeys: ["host", "name", "user", "existingSecret"], noNullPrototype: true },
);

/** Objects of a list, each with a name of its own. */
function named(fields: Readonly<Record<string, fc.Arbitrary<unknown>>>): fc.Arbitrary<unknown> {
  return fc.uniqueArray(fc.record({ name, ...fields }), { maxLength: 3, selector: (object) => object.name });
}

/**
 * The values for which the chart has more conditions than its schema can say. What is refused without others belongs to its
 * section as a whole.
 */
const narrowed: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  "global.imageRegistry": fc.oneof(host, fc.constant("")),
  "global.imagePullSecrets": fc.oneof(fc.uniqueArray(name), named({})),
  "image.registry": host,
  "image.repository": repository,
  "image.tag": tag,
  "waiter.image.registry": host,
  "waiter.image.repository": repository,
  database: fc.tuple(fc.oneof(byUrl, byParts), optional(verified)).map(([from, tls]) => ({ ...from, ...tls })),
  "migrate.env": named({ value: text() }),
  "waiter.env": named({ value: text() }),
  "job.initContainers": named({ image: repository, restartPolicy: fc.constant("Always") }),
  extraObjects: fc.array(name.map((own) => ({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: own } }))),
  files: fc.oneof(existing, fc.record({ inline })),
  "files.inline": inline,
  "migrate.extraArgs": fc.array(fc.stringMatching(/^--lock-timeout=[1-9][0-9]?s$/), { maxLength: 2 }),
  // These three mean something only together.
  "migrate.tool": fc.constant("migration-gate"),
  "migrate.command": fc.constant([]),
  "migrate.args": fc.constant([]),
  // Without a value they are what our migrator wants: 300, and three codes.
  "migrate.waitBudgetSeconds": fc.integer({ min: 1, max: 700 }).filter((seconds) => seconds !== 300),
  "migrate.permanentExitCodes": fc.uniqueArray(fc.integer({ min: 5, max: 255 }), { maxLength: 3 }),
  "job.backoffLimit": fc.integer({ min: 0, max: 8 }),
  "job.activeDeadlineSeconds": fc.integer({ min: 1801, max: 2_073_600 }),
  "job.ttlSecondsAfterFinished": fc.option(fc.integer({ min: 600, max: 10 ** 9 })),
  "waiter.timeoutSeconds": fc.option(fc.integer({ min: 3601, max: 2_147_483 })),
  "waiter.serviceAccountNames": fc.array(name, { maxLength: 2 }).map((names) => ["web", ...names]),
  "serviceAccount.name": name.filter((account) => account !== "web"),
  networkPolicy: fc.integer({ min: 0, max: 255 }).map((last) => ({
    ...isolated,
    apiServer: { to: [{ ipBlock: { cidr: `192.0.2.${last}/32` } }] },
  })),
};

function schemaAt(path: string): Schema {
  return path.split(".").reduce<Schema>((section, key) => {
    const nested = resolve(section).properties?.[key];
    if (!nested) throw new Error(`values.schema.json has no value ${path}`);
    return nested;
  }, root);
}

function resolve(schema: Schema): Schema {
  const reference = schema.$ref ?? schema.allOf?.find(({ $ref }) => $ref)?.$ref;
  return reference ? (root.definitions?.[reference.replace("#/definitions/", "")] ?? {}) : schema;
}

function ofSchema(unresolved: Schema): fc.Arbitrary<unknown> {
  const schema = resolve(unresolved);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  const types = typeof schema.type === "string" ? [schema.type] : (schema.type ?? []);
  return fc.oneof(...types.map((type) => ofType(type, schema)));
}

function ofType(type: string, schema: Schema): fc.Arbitrary<unknown> {
  const { minimum = 0, maximum = 2 ** 31 - 1, items = {}, minItems = 0, maxItems = 3 } = schema;
  switch (type) {
    case "null":
      return fc.constant(null);
    case "boolean":
      return fc.boolean();
    case "integer":
      return fc.integer({ min: minimum, max: maximum });
    case "string":
      return ofText(schema);
    case "array": {
      const length = { minLength: minItems, maxLength: Math.min(maxItems, 3) };
      return schema.uniqueItems ? fc.uniqueArray(ofSchema(items), length) : fc.array(ofSchema(items), length);
    }
    case "object":
      return ofObject(schema);
    default:
      throw new Error(`no value is known for the type ${type} of values.schema.json`);
  }
}

function ofText({ pattern, minLength = 0, maxLength = 64 }: Schema): fc.Arbitrary<string> {
  if (pattern === undefined) return text(minLength);
  return fc.stringMatching(new RegExp(pattern)).filter(({ length }) => length >= minLength && length <= maxLength);
}

function ofObject({
  properties,
  required = [],
  minProperties = 0,
  additionalProperties,
}: Schema): fc.Arbitrary<object> {
  if (properties) {
    const fields = Object.entries(properties).map(([key, nested]) => [key, ofSchema(nested)] as const);
    const object = fc.record(Object.fromEntries(fields), { requiredKeys: [...required], noNullPrototype: true });
    return object.filter((value) => Object.keys(value).length >= minProperties);
  }
  const values = typeof additionalProperties === "object" ? ofSchema(additionalProperties) : kubernetesValue;
  return fc.dictionary(key, values, { maxKeys: 3, noNullPrototype: true });
}

const key = fc.stringMatching(/^([a-z]{1,6}\.example\/)?[a-zA-Z]{1,8}$/);

/** Text with all that YAML could take for something else. */
function text(minLength = 0): fc.Arbitrary<string> {
  const unit = fc.constantFrom(..."aZ09 .:#'\"{}[]\n\t%@&*!|>-?,\\~é");
  const words = fc.constantFrom(
    "true",
    "null",
    "~",
    "1e3",
    "0x10",
    "08",
    "no",
    "2026-11-22",
    "1_000",
    "=",
    "<<",
    "{{ 1 }}",
  );
  return fc.oneof(fc.string({ unit, minLength, maxLength: 12 }), words);
}

/** What stands in objects that the chart hands on to Kubernetes: large integers too, which Helm reads as floats. */
const kubernetesValue = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.oneof(text(), fc.boolean(), fc.integer({ min: 0, max: 2 ** 31 - 1 }), fc.maxSafeNat()),
    fc.array(tie("value"), { maxLength: 2 }),
    fc.dictionary(key, tie("value"), { maxKeys: 2, noNullPrototype: true }),
  ),
})).value;
