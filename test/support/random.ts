/** Moments in milliseconds, one at random in each of `count` equal parts of a duration; the same for the same seed. */
export function spreadMoments(seed: number, count: number, durationMs: number): number[] {
  const random = randomNumbers(seed);
  return Array.from({ length: count }, (_, part) => Math.round(((part + random()) / count) * durationMs));
}

/** Numbers from 0 up to 1, the same for the same seed, by Mulberry32: https://gist.github.com/tommyettinger/46a874533244883189143505d203312c */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
