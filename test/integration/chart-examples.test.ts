import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { type DocumentedValue, parseDocumentedValues } from "../../tools/chart-docs/documented-values.ts";
import { gateChart } from "../support/helm-charts.ts";
import { valueAt } from "../support/helm-values.ts";

/** What contradicts another value of the example, or would take objects away from it. */
const leftOut = [
  "enabled",
  "nameOverride",
  "files.inline",
  "files.existingConfigMap",
  "files.checksum",
  "database.key",
  "database.userKey",
  "database.ca.existingSecret",
  "migrate.tool",
  "migrate.command",
  "migrate.args",
  "serviceAccount.create",
  "rbac.create",
  "test.enabled",
];

it("ci/full-values.yaml sets every value to something else than its default, so that the API of each Kubernetes is asked about it", async () => {
  const documented = leaves(parseDocumentedValues(await readFile(join(gateChart, "values.yaml"), "utf8")));
  const example: object = parse(await readFile(join(gateChart, "ci", "full-values.yaml"), "utf8"));
  const unset = documented.filter((value) => {
    const set = valueAt(example, value.path);
    return set === undefined || isDeepStrictEqual(set, value.default);
  });
  expect(unset.map(({ path }) => path).toSorted()).toEqual(leftOut.toSorted());
});

function leaves(values: readonly DocumentedValue[]): DocumentedValue[] {
  return values.flatMap((value) => (value.children ? leaves(value.children) : [value]));
}
