import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { HelmMajor } from "../environment/cluster.ts";
import type { ObjectCount } from "./object-bounds.ts";
import type { Versions } from "./results.ts";

/** What a release under load was about. */
export type StepKind = "good" | "slow" | "failing" | "corrected" | "rollback";

/** One command of Helm, and what it led to. */
export interface Step {
  /** Of the run, from 1. */
  readonly minute: number;
  readonly kind: StepKind;
  readonly helm: HelmMajor;
  /** From the command's start until only pods of the release were left and served; of a failing one, until a new pod said why it does not start. */
  readonly seconds: number;
}

export interface RequestFigures {
  readonly sent: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly longestMs: number;
  /** A line for each request that failed: when, why, and what the pods were doing. */
  readonly failed: readonly string[];
}

export interface LoadRun {
  readonly minutes: number;
  readonly replicas: number;
  readonly requests: RequestFigures;
  readonly steps: readonly Step[];
  /** The first from before the first step, then one from the end of each minute's steps. */
  readonly counts: readonly ObjectCount[];
}

export interface LoadResults extends LoadRun {
  readonly versions: Versions;
  /** As YYYY-MM-DD. */
  readonly date: string;
}

const file = fileURLToPath(new URL("../../test/faults/load-results.json", import.meta.url));

export async function readLoadResults(): Promise<LoadResults> {
  return JSON.parse(await readFile(file, "utf8"));
}

export async function writeLoadResults(results: LoadResults): Promise<void> {
  await writeFile(file, `${JSON.stringify(results, undefined, 2)}\n`);
}
