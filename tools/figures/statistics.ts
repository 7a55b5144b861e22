/** What a handful of measurements of one thing says. */
export interface Summary {
  readonly median: number;
  readonly minimum: number;
  readonly maximum: number;
  readonly runs: number;
}

/** @throws RangeError without any measurement */
export function summarize(samples: readonly number[]): Summary {
  const sorted = samples.toSorted((left, right) => left - right);
  const [minimum, maximum] = [sorted.at(0), sorted.at(-1)];
  if (minimum === undefined || maximum === undefined) throw new RangeError("there is nothing to summarize");
  return { median: medianOfSorted(sorted), minimum, maximum, runs: sorted.length };
}

/** A summary of so many measurements that their upper end means something. */
export interface Spread extends Summary {
  readonly p95: number;
}

/** @throws RangeError without any measurement */
export function spreadOf(samples: readonly number[]): Spread {
  return { ...summarize(samples), p95: percentile(samples, 95) };
}

/**
 * The smallest measurement that so many percent of all do not exceed.
 *
 * @throws RangeError without any measurement
 */
export function percentile(samples: readonly number[], percent: number): number {
  const sorted = samples.toSorted((left, right) => left - right);
  const value = sorted[Math.max(Math.ceil((sorted.length * percent) / 100), 1) - 1];
  if (value === undefined) throw new RangeError("there is nothing to summarize");
  return value;
}

function medianOfSorted(sorted: readonly number[]): number {
  const middle = sorted.length / 2;
  const [below, above] = [sorted[Math.ceil(middle) - 1] ?? Number.NaN, sorted[Math.floor(middle)] ?? Number.NaN];
  return (below + above) / 2;
}

/**
 * The order of the nth round: each round begins with another one, so that what drifts on the machine while a round
 * lasts meets all alike.
 */
export function roundRobin<T>(things: readonly T[], round: number): T[] {
  const first = things.length === 0 ? 0 : round % things.length;
  return [...things.slice(first), ...things.slice(0, first)];
}
