/** A copy of the values with one of them set, named by its path (`image.tag`). */
export function withValue(values: object, path: string, value: unknown): object {
  const [key = "", ...rest] = path.split(".");
  const nested: unknown = Object.entries(values).find(([name]) => name === key)?.[1];
  if (rest.length === 0) return { ...values, [key]: value };
  return { ...values, [key]: withValue(isObject(nested) ? nested : {}, rest.join("."), value) };
}

/** The value at a path (`image.tag`), or undefined. */
export function valueAt(values: unknown, path: string): unknown {
  return path.split(".").reduce<unknown>((section, key) => {
    return isObject(section) ? Object.entries(section).find(([name]) => name === key)?.[1] : undefined;
  }, values);
}

/** Values as Helm puts them over the defaults: maps are merged, all else is replaced, and null removes a key. */
export function effective(defaults: object, values: object): object {
  const merged = new Map<string, unknown>(Object.entries(defaults));
  for (const [key, value] of Object.entries(values)) {
    const below = merged.get(key);
    if (value === null) merged.delete(key);
    else merged.set(key, isObject(value) ? effective(isObject(below) ? below : {}, value) : value);
  }
  return Object.fromEntries(merged);
}

/** The paths of all values that are not sections themselves; an empty object or a list is a value. */
export function leafPaths(values: unknown): string[] {
  if (!isObject(values) || Object.keys(values).length === 0) return [""];
  return Object.entries(values).flatMap(([key, nested]) => {
    return leafPaths(nested).map((path) => (path === "" ? key : `${key}.${path}`));
  });
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
