import { beforeAll, describe, expect, it } from "vitest";
import { helmMajors, template, toolsDirectory } from "../support/helm.ts";
import { application, gateChart, gateValues, writeChart } from "../support/helm-charts.ts";
import { allOf, type KubernetesObject, only, type PodSpec } from "../support/helm-documents.ts";

const digest = `sha256:${"a".repeat(64)}`;

beforeAll(toolsDirectory, 1_800_000);

describe.each(helmMajors)("Helm %i", (helm) => {
  async function images(values: object): Promise<{ migrations: string | undefined; waiter: string | undefined }> {
    const { documents } = await template(gateChart, { ...gateValues, ...values }, { helm });
    const { containers, initContainers = [] } = only(documents, "Job").spec.template.spec;
    return { migrations: containers[0]?.image, waiter: initContainers[0]?.image };
  }

  it.each([
    ["a/b:1", { repository: "a/b", tag: "1" }],
    ["mirror.example/a/b:1", { registry: "mirror.example", repository: "a/b", tag: "1" }],
    [`a/b@${digest}`, { repository: "a/b", digest }],
    [`a/b:1@${digest}`, { repository: "a/b", tag: "1", digest }],
    ["a/b:main", { repository: "a/b", tag: "main", allowMutableTag: true }],
  ])("names the migrations' image %s", async (reference, image) => {
    expect((await images({ image })).migrations).toBe(reference);
  });

  it.each([
    ["ghcr.io/migration-gate/waiter:0.1.0", {}],
    ["mirror.example/migration-gate/waiter:0.1.0", { registry: "mirror.example" }],
    ["registry.example/waiter:2", { repository: "registry.example/waiter", tag: "2" }],
    [`ghcr.io/migration-gate/waiter@${digest}`, { digest }],
  ])("names the waiter's image %s", async (reference, image) => {
    expect((await images({ waiter: { image } })).waiter).toBe(reference);
  });

  it("takes the global registry for images that name none", async () => {
    const global = { imageRegistry: "mirror.example" };
    const image = { repository: "acme/shop-migrations", tag: "1" };
    expect(await images({ global, image })).toEqual({
      migrations: "mirror.example/acme/shop-migrations:1",
      waiter: "mirror.example/migration-gate/waiter:0.1.0",
    });
  });

  it.each([
    ["a registry of their own", { registry: "own.example:5000", repository: "acme/x", tag: "1" }],
    ["a host in the repository", { repository: "own.example:5000/acme/x", tag: "1" }],
  ])("leaves images with %s where they are", async (_, image) => {
    const values = { global: { imageRegistry: "mirror.example" }, image, waiter: { image } };
    const own = "own.example:5000/acme/x:1";
    expect(await images(values)).toEqual({ migrations: own, waiter: own });
  });

  it("takes the global tag for gates that have neither tag nor digest", async () => {
    const global = { "migration-gate": { image: { tag: "2.0.0" } } };
    const { repository } = gateValues.image;
    const of = async (image: object) => (await images({ global, image: { repository, ...image } })).migrations;
    expect(await of({})).toBe(`${repository}:2.0.0`);
    expect(await of({ tag: "1.4.2" })).toBe(`${repository}:1.4.2`);
    expect(await of({ digest })).toBe(`${repository}@${digest}`);
  });

  it.each([
    ["other charts' globals", { storageClass: "fast" }],
    ["empty globals", { imageRegistry: null, imagePullSecrets: null, "migration-gate": null }],
    ["no globals", null],
  ])("renders the same with %s", async (_, global) => {
    expect(await images({ global })).toEqual(await images({}));
  });

  it("pulls with its own and the global Secrets, in the Job and in the application's pods", async () => {
    const values = {
      global: { imagePullSecrets: ["shared", { name: "own" }] },
      migrations: { imagePullSecrets: [{ name: "own" }] },
    };
    const chart = await writeChart(application("shop", ["migrations"]));
    const { documents } = await template(chart, values, { helm });
    for (const { imagePullSecrets } of podSpecs(documents)) {
      expect(imagePullSecrets).toEqual([{ name: "own" }, { name: "shared" }]);
    }
    expect(podSpecs(documents)).toHaveLength(2);
  });
});

function podSpecs(documents: readonly KubernetesObject[]): PodSpec[] {
  return [...allOf(documents, "Job"), ...allOf(documents, "Deployment")].map(({ spec }) => spec.template.spec);
}
