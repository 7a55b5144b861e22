import type { Summary } from "../../../tools/figures/statistics.ts";

/** What is asked of every tool on one set. */
export interface Cell {
  readonly scenario: "from empty" | "nothing to do";
  /** 0 is a direct connection, anything else goes through the delay proxy. */
  readonly rttMs: number;
}

/** One tool's answer in one cell. */
export type Measurement = Cell & { readonly set: string; readonly tool: string } & (
    | { readonly kind: "measured"; readonly figures: Figures }
    | { readonly kind: "failed"; readonly reason: string }
  );

export interface Figures {
  readonly wallMs: Summary;
  readonly cpuMs: Summary;
  readonly peakRssMib: Summary;
  /** Known where the traffic went through the proxy. */
  readonly roundTrips?: number;
  readonly connections?: number;
}

/** What a benchmark has found out, with all that is needed to judge it. */
export interface Results {
  readonly sets: readonly SetDescription[];
  readonly tools: readonly ToolDescription[];
  readonly missing: readonly { readonly name: string; readonly reason: string }[];
  readonly measurements: readonly Measurement[];
  readonly circumstances: Circumstances;
}

export interface SetDescription {
  readonly name: string;
  readonly description: string;
  readonly measures: "time" | "memory";
  readonly migrations: number;
}

export interface ToolDescription {
  readonly name: string;
  readonly version: string;
  readonly platform: "Node.js" | "JVM" | "native code";
  readonly keepsHistory: boolean;
}

export interface Circumstances {
  readonly command: string;
  readonly date: string;
  readonly machine: string;
  readonly node: string;
  readonly server: string;
  /** Where the server keeps its data. */
  readonly dataLocation: string;
  readonly serverSettings: Readonly<Record<string, string>>;
  /** How long `select 1` takes directly and through the proxy, in milliseconds. */
  readonly probe: { readonly directMs: Summary; readonly proxiedMs: Summary };
}

/** The measured tools of a cell, in the order in which they were given. */
export function measuredIn(
  { measurements }: Pick<Results, "measurements">,
  set: string,
  { scenario, rttMs }: Cell,
): { readonly tool: string; readonly figures: Figures }[] {
  return measurements.flatMap((measurement) =>
    measurement.kind === "measured" &&
    measurement.set === set &&
    measurement.scenario === scenario &&
    measurement.rttMs === rttMs
      ? [measurement]
      : [],
  );
}
