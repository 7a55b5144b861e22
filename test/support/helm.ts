import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { parseAllDocuments } from "yaml";
import type { KubernetesObject } from "./helm-documents.ts";

export const helmMajors = [3, 4] as const;
export type HelmMajor = (typeof helmMajors)[number];

export interface RenderOptions {
  readonly helm: HelmMajor;
  readonly release?: string;
  readonly namespace?: string;
  /** Further arguments of `helm template`, for example `["--is-upgrade"]`. */
  readonly args?: readonly string[];
}

export interface Rendered {
  readonly text: string;
  readonly documents: readonly KubernetesObject[];
}

/** `helm template` refused the chart or its values. */
export class RenderError extends Error {
  override readonly name = "RenderError";
}

/**
 * Renders a chart as `helm template` does.
 *
 * @param values stand in one values file, so that types survive (`--set` guesses them).
 * @throws RenderError with what Helm printed.
 */
export async function template(chart: string, values: object, options: RenderOptions): Promise<Rendered> {
  // Without a cluster Helm assumes the Kubernetes version that it was built with, or a very old one.
  const text = await withValues(["template", "--kube-version", "1.35.0"], chart, values, options);
  return { text, documents: parse(text) };
}

/** What Helm 4 tells the person who installs the chart; Helm 3 would tell it to nobody without a cluster. */
export async function notes(chart: string, values: object, args: readonly string[] = []): Promise<string> {
  const text = await withValues(["install", "--dry-run=client"], chart, values, { helm: 4, args });
  return text.split(/^NOTES:\n/m)[1]?.trim() ?? "";
}

async function withValues(
  command: readonly string[],
  chart: string,
  values: object,
  options: RenderOptions,
): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "helm-values-"));
  try {
    const file = join(directory, "values.yaml");
    // JSON is YAML in which no Helm takes a word such as "no" for something else than text.
    await writeFile(file, JSON.stringify(values));
    const { release = "shop", namespace = "apps", args = [] } = options;
    const target = [release, chart, "--namespace", namespace, "--values", file];
    return await helm(options.helm, [...command, ...target, ...args]);
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** Each document as Helm printed it; the majors differ in the order of equal kinds, and in blank lines between documents. */
export function textOfDocuments(text: string): string[] {
  return text
    .split(/^---$/m)
    .map((document) => document.trim())
    .filter((document) => document !== "")
    .toSorted();
}

/** What `helm template` prints when it refuses the values. */
export async function refusal(chart: string, values: object, options: RenderOptions): Promise<string> {
  const outcome = await template(chart, values, options).catch((error: unknown) => error);
  if (outcome instanceof RenderError) return outcome.message;
  if (outcome instanceof Error) throw outcome;
  throw new Error(`${chart} was rendered, although a refusal was expected`);
}

/** Runs Helm and returns its standard output. */
export async function helm(major: HelmMajor, args: readonly string[]): Promise<string> {
  const binary = join(await toolsDirectory(), `helm${major}`);
  const { stdout, stderr, failed } = await execa(binary, args, { reject: false, timeout: 60_000 });
  if (failed) throw new RenderError(stderr);
  return stdout;
}

function parse(text: string): KubernetesObject[] {
  const objects: KubernetesObject[] = [];
  for (const document of parseAllDocuments(text)) {
    const [error] = document.errors;
    if (error) throw error;
    const object: KubernetesObject | null = document.toJS();
    if (object) objects.push(object);
  }
  return objects;
}

let tools: Promise<string> | undefined;

/** Where `helm3` and `helm4` lie: built by test/cluster, unless HELM_TOOLS names a directory with others. */
export function toolsDirectory(): Promise<string> {
  tools ??= Promise.resolve(process.env["HELM_TOOLS"] ?? builtTools());
  return tools;
}

async function builtTools(): Promise<string> {
  const script = fileURLToPath(new URL("../cluster/cluster.sh", import.meta.url));
  const { stdout } = await execa("sh", [script, "tools"], { stdio: ["ignore", "pipe", "inherit"] });
  return stdout.trim().split("\n").at(-1) ?? "";
}
