import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { type DocumentedValue, parseDocumentedValues } from "../../tools/chart-docs/documented-values.ts";
import { anyValue } from "../support/any-value.ts";
import { type HelmMajor, type Rendered, template, textOfDocuments, toolsDirectory } from "../support/helm.ts";
import { application, gateChart, gateValues, writeChart } from "../support/helm-charts.ts";
import { allOf, awaited, only } from "../support/helm-documents.ts";
import { effective, withValue } from "../support/helm-values.ts";
import { mutableValues } from "../support/mutable-values.ts";

/** What is no part of a Job's identity, and the parents' tag, which does not count beside the image's own. */
const mutable = [...mutableValues.map(([path]) => path), "global.migration-gate.image.tag"];

/** Sections whose values mean something only together. */
const together = ["database", "files", "networkPolicy"];

const valuesYaml = await readFile(join(gateChart, "values.yaml"), "utf8");
const defaults: object = parse(valuesYaml);
const values = { ...gateValues, serviceAccount: { name: "schema" } };
const paths = pathsOf(parseDocumentedValues(valuesYaml)).filter((path) => path !== "enabled");
const aliasOf = (path: string) => path.replaceAll(".", "_");

describe("whatever the values are", () => {
  let chart: string;

  beforeAll(async () => {
    await toolsDirectory();
    chart = await writeChart(application("shop", paths.map(aliasOf)));
  }, 1_800_000);

  /** Renders one application with a gate for each path, in which this one value is changed; its pod waits for all. */
  function render(changes: Readonly<Record<string, unknown>>, helm: HelmMajor): Promise<Rendered> {
    const gates = paths.map((path) => {
      return [aliasOf(path), path in changes ? withValue(values, path, changes[path]) : values] as const;
    });
    return template(chart, Object.fromEntries(gates), { helm });
  }

  it("another value of something immutable is another Job, of anything else the same, and the pod waits for that one", async () => {
    const before = gatesOf(await render({}, 4));
    const property = fc.asyncProperty(
      fc.record(Object.fromEntries(paths.map((path) => [path, anyValue(path)]))),
      async (changes) => {
        const [rendered, withHelm4] = await Promise.all([render(changes, 3), render(changes, 4)]);
        expect(textOfDocuments(withHelm4.text)).toEqual(textOfDocuments(rendered.text));

        const after = gatesOf(rendered);
        const jobs = allOf(rendered.documents, "Job").map(({ metadata }) => metadata.name);
        expect(after.map(({ job }) => job).toSorted()).toEqual(jobs.toSorted());
        const wrong = paths.filter((path, index) => {
          const isSame = after[index]?.identity === before[index]?.identity;
          return isSame !== (mutable.includes(path) || isInEffect(path, changes[path]));
        });
        expect(wrong.map((path) => [path, changes[path]])).toEqual([]);
      },
    );
    await fc.assert(property, { numRuns: 4, endOnFailure: true });
  }, 900_000);
});

function pathsOf(documented: readonly DocumentedValue[]): string[] {
  return documented.flatMap(({ path, children }) =>
    children && !together.includes(path) ? pathsOf(children) : [path],
  );
}

/** What the application's pod waits for, in the order of the paths. */
function gatesOf({ documents }: Rendered): { readonly job: string; readonly identity: string }[] {
  return awaited(only(documents, "Deployment").spec.template.spec.initContainers?.[0]);
}

/** Whether a value means what holds without it. */
function isInEffect(path: string, value: unknown): boolean {
  const before = effective(defaults, values);
  return isDeepStrictEqual(effective(before, withValue({}, path, value)), before);
}
