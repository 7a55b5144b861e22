import { readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { bundleWaiter } from "../support/kube-api-bundle.ts";

const program = bundleWaiter();
const directory = dirname(program);
afterAll(() => rmSync(directory, { recursive: true }));

const chunks = new Map(readdirSync(directory).map((file) => [file, readFileSync(join(directory, file), "utf8")]));
const textOf = (file: string) => chunks.get(file) ?? "";
const staticImports = (file: string) =>
  [...textOf(file).matchAll(/\bfrom\s*["'`]\.\/([^"'`]+)["'`]/g)].map(([, imported = ""]) => imported);

/** A chunk with all that comes with it. */
function loaded(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const imported of staticImports(file)) loaded(imported, seen);
  return seen;
}

test("what an open gate needs is one small file", () => {
  expect(staticImports("waiter.mjs")).toEqual([]);
  expect(textOf("waiter.mjs").length).toBeLessThan(22_000);
  const foreign = ["SelfSubjectAccessReview", "current-context", "stdTimeFunctions"];
  expect(foreign.filter((word) => textOf("waiter.mjs").includes(word))).toEqual([]);
});

test.each(["waiter-wait.mjs", "waiter-record.mjs", "waiter-check.mjs"])(
  "%s, which runs in pods, comes without client-node",
  (file) => {
    expect(chunks.has(file)).toBe(true);
    expect([...loaded(file)].filter((chunk) => textOf(chunk).includes("current-context"))).toEqual([]);
  },
);

test("client-node comes without its HTTP client and its models", () => {
  const [kubeconfig = "", ...others] = [...chunks.keys()].filter((file) => textOf(file).includes("current-context"));
  expect(others).toEqual([]);
  expect(textOf(kubeconfig).length).toBeLessThan(250_000);
});

test("the program is a command", () => {
  expect(textOf("waiter.mjs")).toMatch(/^#!\/usr\/bin\/env node\n/);
  expect(statSync(program).mode & 0o111).toBe(0o111);
});
