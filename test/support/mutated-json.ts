import fc from "fast-check";

/** A JSON value in which some part was replaced by another value. */
export function mutatedJson(original: unknown, replacements: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc
    .tuple(fc.array(fc.nat({ max: 11 }), { maxLength: 7 }), replacements)
    .map(([path, value]) => replace(original, path, value));
}

/** Replaces the part that `path` leads to, each number choosing one of the parts at its depth. */
function replace(value: unknown, [step, ...rest]: readonly number[], replacement: unknown): unknown {
  if (step === undefined) return replacement;
  const keys = typeof value === "object" && value !== null ? Object.keys(value) : [];
  const key = keys[step % keys.length];
  if (key === undefined) return replacement;
  const changed = replace((value as Record<string, unknown>)[key], rest, replacement);
  if (Array.isArray(value)) return value.with(Number(key), changed);
  return { ...(value as object), [key]: changed };
}
