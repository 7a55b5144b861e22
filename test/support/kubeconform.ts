import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { temporaryDirectory } from "./helm-charts.ts";
import { type Definition, type KubernetesRelease, openapiOf } from "./kubernetes-openapi.ts";

/** What kubeconform says of one object. */
export interface Verdict {
  readonly filename: string;
  readonly kind: string;
  readonly name: string;
  readonly status: "statusValid" | "statusInvalid" | "statusError" | "statusSkipped" | "statusEmpty";
  readonly msg: string;
}

/** Checks all objects of the YAML files in a directory, strictly: unknown fields and duplicate keys are invalid. */
export async function kubeconform(manifests: string, release: KubernetesRelease): Promise<Verdict[]> {
  const schemas = join(await temporaryDirectory(), release);
  await writeSchemas(schemas, release);
  const location = join(schemas, "{{.ResourceKind}}{{.KindSuffix}}.json");
  const flags = ["-strict", "-verbose", "-output", "json", "-schema-location", location];
  const { stdout, stderr } = await execa("go", ["tool", "kubeconform", ...flags, manifests], {
    cwd: fileURLToPath(new URL("../cluster/kubeconform", import.meta.url)),
    env: { CGO_ENABLED: "0", GOWORK: "off" },
    reject: false,
    timeout: 600_000,
  });
  if (stdout === "") throw new Error(`kubeconform did not run: ${stderr}`);
  const { resources }: { readonly resources: Verdict[] } = JSON.parse(stdout);
  return resources;
}

/** Writes one file of definitions, and for each kind a file by kubeconform's name for it. */
async function writeSchemas(directory: string, release: KubernetesRelease): Promise<void> {
  const { definitions } = await openapiOf(release);
  await mkdir(directory, { recursive: true });
  const strict = Object.entries(definitions).map(([name, definition]) => [name, strictSchema(name, definition)]);
  await writeFile(join(directory, "definitions.json"), JSON.stringify({ definitions: Object.fromEntries(strict) }));
  for (const [name, { "x-kubernetes-group-version-kind": kinds = [] }] of Object.entries(definitions)) {
    for (const { group, version, kind } of kinds) {
      const suffix = [group.split(".")[0], version].filter((part) => part !== "");
      const file = `${[kind, ...suffix].join("-").toLowerCase()}.json`;
      await writeFile(join(directory, file), JSON.stringify({ $ref: `definitions.json#/definitions/${name}` }));
    }
  }
}

/** JSON Schema of an OpenAPI definition. What the API server takes as text or number is so here, too. */
function strictSchema(name: string, definition: Definition): object {
  if (definition.format === "int-or-string" || name.endsWith(".api.resource.Quantity")) {
    return { type: ["string", "number"] };
  }
  const { $ref, type, required, properties, items, additionalProperties } = definition;
  return {
    ...($ref !== undefined && { $ref }),
    ...(type !== undefined && { type }),
    ...(required && { required }),
    ...(items && { items: strictSchema("", items) }),
    ...(additionalProperties && { additionalProperties: strictSchema("", additionalProperties) }),
    ...(properties && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([field, nested]) => [field, strictSchema("", nested)]),
      ),
      additionalProperties: false,
    }),
  };
}
