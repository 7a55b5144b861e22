/** A piece of a draft-07 schema. */
export interface Schema {
  readonly [keyword: string]: unknown;
}

const objects = { type: "array", items: { type: "object" } };

/**
 * What a value may look like, by the name that stands after `@schema`. Kubernetes' own objects are left to the API server,
 * which knows its version.
 */
export const shapes: Readonly<Record<string, Schema>> = {
  object: { type: "object" },
  objects,
  containers: { type: "array", items: { type: "object", required: ["name", "image"] } },
  stringMap: { type: "object", additionalProperties: { type: "string" } },
  strings: { type: "array", items: { type: "string" } },
  env: {
    type: "array",
    items: {
      type: "object",
      additionalProperties: false,
      required: ["name"],
      properties: {
        name: { type: "string", minLength: 1 },
        value: { type: "string" },
        valueFrom: { type: "object" },
      },
    },
  },
  pullSecrets: {
    type: "array",
    items: {
      type: "object",
      additionalProperties: false,
      required: ["name"],
      properties: { name: { type: "string", minLength: 1 } },
    },
  },
  networkPeers: {
    type: "array",
    items: {
      type: "object",
      additionalProperties: false,
      minProperties: 1,
      properties: {
        ipBlock: { type: "object" },
        namespaceSelector: { type: "object" },
        podSelector: { type: "object" },
      },
    },
  },
  ports: {
    type: "array",
    minItems: 1,
    uniqueItems: true,
    items: { type: "integer", minimum: 1, maximum: 65_535 },
  },
  imageTag: { type: "string", pattern: "^([A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?$" },
  imageDigest: { type: "string", pattern: "^(sha256:[a-f0-9]{64})?$" },
  pullPolicy: { enum: ["Always", "IfNotPresent", "Never"] },
};
