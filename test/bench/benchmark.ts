/** One benchmark: what it says about itself, and its run. */
export interface Benchmark {
  readonly usage: string;
  /** Has ended everything that it started when it returns or throws, after an abort too. */
  readonly run: (args: readonly string[], signal: AbortSignal) => Promise<void>;
}
