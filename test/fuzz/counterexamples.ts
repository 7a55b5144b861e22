import type { Counterexample } from "./fuzz.ts";

// What the properties of this folder have found, by what it was fed to. Each is tried first in every run.

export const scripts: readonly Counterexample<string>[] = [
  { shows: "the doubled quote of a bit string ends it and begins another", input: "x'0a''' B''''" },
];

/** Repeated, they took time in proportion to the square of their length. */
export const repeated: readonly Counterexample<readonly string[]>[] = [
  { shows: "an operator that gives back all but its first character", input: ["+"] },
];

export const quotedSecrets: readonly Counterexample<string>[] = [
  { shows: "a tag with a letter that is not ASCII", input: 'SQL statement "alter role r PASSWORD $é$§$é$"' },
  { shows: "a quote behind a backslash", input: "alter role r PASSWORD E'a\\'§'" },
  { shows: "a comment before it", input: "alter role r PASSWORD /* ' */ '§'" },
  { shows: "a string that goes on in the next line", input: "alter role r PASSWORD 'a'\n'§'" },
];

interface CommandLineInput {
  readonly args: string[];
  readonly env: Record<string, string>;
}

export const migratorLines: readonly Counterexample<CommandLineInput>[] = [
  { shows: "a flag without its value was a bug, with a stack trace", input: { args: ["--dir"], env: {} } },
  { shows: "--no-dir was the folder `false`", input: { args: ["--no-dir"], env: {} } },
  { shows: "--dir.x was the folder `[object Object]`", input: { args: ["--dir.x=y"], env: {} } },
  { shows: "anything behind -- was a command", input: { args: ["--", "--dir"], env: {} } },
  { shows: "a long duration was none to a timer", input: { args: [], env: { MIGRATOR_WAIT_BUDGET: "9999h" } } },
  { shows: "so was an endless one", input: { args: [`--wait-budget=${"9".repeat(400)}h`], env: {} } },
  { shows: "a path too long for a directory", input: { args: [`--report=${"x".repeat(5000)}`], env: {} } },
];

export const waiterLines: readonly Counterexample<CommandLineInput>[] = [
  { shows: "a flag without its value was a bug, with a stack trace", input: { args: ["wait", "--job"], env: {} } },
  { shows: "anything behind -- was a command", input: { args: ["--", "--dir"], env: {} } },
  {
    shows: "a long time-out was over at once",
    input: { args: ["wait", "--gate=a:b:0a1b2c3d4e", "--timeout=9999h"], env: {} },
  },
];

export const clusterAddresses: readonly Counterexample<Record<string, string>>[] = [
  { shows: "a port that is no number", input: { KUBERNETES_SERVICE_HOST: "a", KUBERNETES_SERVICE_PORT: "b" } },
];

interface ConnectionInput {
  readonly url: string;
  readonly isFile: boolean;
  readonly env: Record<string, string>;
}

const connection = (url: string, env: Record<string, string> = {}, isFile = false): ConnectionInput => ({
  url,
  env,
  isFile,
});

export const connections: readonly Counterexample<ConnectionInput>[] = [
  { shows: "an encoded NUL began a setting of its own", input: connection("postgres://%00o@db/blog") },
  { shows: "so did one in a file", input: connection("host=db user='o\u0000database\u0000x'", {}, true) },
  {
    shows: "a password file's path that is too long",
    input: connection(`host=db user=o passfile=${"x".repeat(5000)}`),
  },
  { shows: "a password file's path with a NUL", input: connection("postgres://o@db/blog?passfile=%00") },
  { shows: "a time-out too long for a timer", input: connection("postgres://o@db/blog?connect_timeout=99999999") },
];

const row = { key: "1_a", version: "1", checksum: "", state: "done", breaking: true, finished_at: null };

export const historyRows: readonly Counterexample<Record<string, unknown>[]>[] = [
  { shows: "a moment that never comes was a bug", input: [{ ...row, finished_at: Number.POSITIVE_INFINITY }] },
  { shows: "an unknown state counted as begun", input: [{ ...row, state: "skipped" }] },
  { shows: "a text for `breaking` counted as no", input: [{ ...row, breaking: "t" }] },
  { shows: "a version of megabytes was computed with", input: [{ ...row, version: "9".repeat(2_000_000) }] },
];

interface Answers {
  readonly jobs: unknown;
  readonly configmaps: unknown;
  readonly pods: unknown;
}

const answers = (given: Partial<Answers>): Answers => ({ jobs: none, configmaps: none, pods: none, ...given });
const none = { items: [] };
const list = (fields: object) => ({ items: [{ metadata: { name: "blog-2222222222", labels: null }, ...fields }] });

export const apiAnswers: readonly Counterexample<Answers>[] = [
  {
    shows: "init containers that are no list",
    input: answers({ pods: list({ spec: { initContainers: { a: null } } }) }),
  },
  { shows: "a container without a body", input: answers({ pods: list({ spec: { initContainers: [null] } }) }) },
  { shows: "conditions that are no list", input: answers({ jobs: list({ status: { conditions: { a: null } } }) }) },
];
