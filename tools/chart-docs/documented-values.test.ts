import { expect, test } from "vitest";
import { parseDocumentedValues } from "./documented-values.ts";
import { valuesSchema } from "./values-schema.ts";
import { valuesTable, withValuesTable } from "./values-table.ts";

const valuesYaml = `# About the file.

# Whether it
# runs.
enabled: true

# The image.
image:
  # Its tag, \`a|b\`.
  # @schema imageTag
  tag: ""
  # How long it takes.
  # @schema {type: [integer, "null"], minimum: 0}
  seconds: null

# Labels.
# @schema stringMap
labels:
  team: shop

# What a parent passes.
# @schema {type: [object, "null"], additionalProperties: true}
global:
  # A registry.
  registry: ""
`;

const values = parseDocumentedValues(valuesYaml);

test("a comment describes the value below it, and not the file", () => {
  expect(values.map(({ path, description }) => [path, description])).toEqual([
    ["enabled", "Whether it runs."],
    ["image", "The image."],
    ["labels", "Labels."],
    ["global", "What a parent passes."],
  ]);
});

test("a map whose keys have comments is a section, any other is one value", () => {
  const sections = values.filter(({ children }) => children).map(({ path }) => path);
  expect(sections).toEqual(["image", "global"]);
  expect(values[1]?.children?.map(({ path }) => path)).toEqual(["image.tag", "image.seconds"]);
});

test("the schema closes sections, and requires what has no empty default", () => {
  const description = "What a parent passes.";
  expect(valuesSchema("Values", values)).toEqual({
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "Values",
    type: "object",
    additionalProperties: false,
    required: ["enabled", "image"],
    properties: {
      enabled: { description: "Whether it runs.", default: true, type: "boolean" },
      image: {
        description: "The image.",
        type: "object",
        additionalProperties: false,
        properties: {
          tag: { description: "Its tag, `a|b`.", default: "", allOf: [{ $ref: "#/definitions/imageTag" }] },
          seconds: { description: "How long it takes.", default: null, type: ["integer", "null"], minimum: 0 },
        },
      },
      labels: { description: "Labels.", default: { team: "shop" }, allOf: [{ $ref: "#/definitions/stringMap" }] },
      global: {
        description,
        type: ["object", "null"],
        additionalProperties: true,
        properties: { registry: { description: "A registry.", default: "", type: "string" } },
      },
    },
    definitions: {
      imageTag: { type: "string", pattern: "^([A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?$" },
      stringMap: { type: "object", additionalProperties: { type: "string" } },
    },
  });
});

test("the table shows every default, and takes the old one's place in the README", () => {
  const table = valuesTable(values);
  expect(table.split("\n").slice(2, 6)).toEqual([
    "| `enabled` | `true` | Whether it runs. |",
    "| `image` |  | The image. |",
    '| `image.tag` | `""` | Its tag, `a\\|b`. |',
    "| `image.seconds` | `null` | How long it takes. |",
  ]);
  const readme = "# Chart\n<!-- values -->\nold\n<!-- /values -->\nend\n";
  expect(withValuesTable(readme, "new")).toBe("# Chart\n<!-- values -->\n\nnew\n\n<!-- /values -->\nend\n");
  expect(() => withValuesTable("# Chart\n", "new")).toThrow("lacks <!-- values -->");
});

test.each([
  ["no comment", "a: 1\n", "the value a has no comment"],
  ["a comment in the section alone", "# A.\na:\n  # B.\n  b: 1\n  c: 2\n", "the value a.c has no comment"],
  ["a comment that is no sentence", "# the count\na: 1\n", "the comment of a is no sentence: the count"],
  ["an annotation amid the comment", "# A.\n# @schema env\n# B.\na: []\n", "is not the last line of the comment of a"],
  ["an unknown shape", "# A.\n# @schema envs\na: []\n", "@schema of a names no shape: envs"],
  ["a list that does not tell its type", "# A.\na: []\n", "the default of a does not tell its type"],
])("refuses %s", (_, text, message) => {
  expect(() => valuesSchema("Values", parseDocumentedValues(text))).toThrow(message);
});
