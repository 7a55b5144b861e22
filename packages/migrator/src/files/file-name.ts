import { hasControls } from "@migration-gate/cli-runtime/terminal-text";

/** What a path below the migrations folder is, by its name alone. */
export type FileNameMatch =
  | { readonly kind: "migration"; readonly key: string; readonly version: Version }
  /** A down part or not SQL at all: never run. */
  | { readonly kind: "skipped" }
  | { readonly kind: "refused"; readonly reason: string };

/**
 * The place of a migration in the order of its folder: numbers that are compared part by part, or a name that is
 * compared byte by byte, as Prisma orders its folders.
 */
export type Version =
  | { readonly kind: "number"; readonly parts: readonly bigint[] }
  | { readonly kind: "name"; readonly name: string };

/** Recognises the five layouts of the tools whose folders are read as they are; see docs/adr/0005-history-table.md. */
export function matchFileName(path: string): FileNameMatch {
  const name = path.slice(path.lastIndexOf("/") + 1);
  if (!/\.sql$/i.test(name)) return { kind: "skipped" };
  if (name === "down.sql" || name.endsWith(".down.sql")) return { kind: "skipped" };
  // A name becomes a line of logs, terminals and messages.
  if (hasControls(path)) return { kind: "refused", reason: "the name has control characters: rename it" };
  if (/^(R__|[UB]\d[\d._]*__).*\.sql$/.test(name)) {
    return { kind: "refused", reason: "repeatable (R__), undo (U…__) and baseline (B…__) files are not supported" };
  }
  const flyway = /^(V(\d+(?:[._]\d+)*)__.+)\.sql$/.exec(path);
  if (flyway?.[1] && flyway[2]) return migration(flyway[1], flyway[2].split(/[._]/));
  const flat = /^((\d[\d-]*)_[^/]+?)(?:\.up)?\.sql$/.exec(path);
  if (flat?.[1] && flat[2]) return migration(flat[1], [flat[2].replaceAll("-", "")]);
  const diesel = /^((\d[\d-]*)_[^/]+)\/up\.sql$/.exec(path);
  if (diesel?.[1] && diesel[2]) return migration(diesel[1], [diesel[2].replaceAll("-", "")]);
  const prisma = /^(\d+_[^/]+)\/migration\.sql$/.exec(path);
  if (prisma?.[1]) return { kind: "migration", key: prisma[1], version: { kind: "name", name: prisma[1] } };
  return { kind: "refused", reason: `the name fits no known layout (${layouts.join(", ")})` };
}

const layouts = [
  "<version>_<name>.sql",
  "<version>_<name>.up.sql",
  "V<version>__<name>.sql",
  "<version>_<name>/up.sql",
  "<timestamp>_<name>/migration.sql",
];

function migration(key: string, parts: readonly string[]): FileNameMatch {
  return { kind: "migration", key, version: { kind: "number", parts: parts.map(BigInt) } };
}

/** Orders versions of one folder; 0 means that two migrations claim the same place. */
export function compareVersions(left: Version, right: Version): number {
  if (left.kind === "name" && right.kind === "name")
    return Buffer.compare(Buffer.from(left.name), Buffer.from(right.name));
  if (left.kind !== "number" || right.kind !== "number") return left.kind === "number" ? -1 : 1;
  for (let index = 0; index < Math.max(left.parts.length, right.parts.length); index++) {
    const difference = (left.parts[index] ?? 0n) - (right.parts[index] ?? 0n);
    if (difference !== 0n) return difference < 0n ? -1 : 1;
  }
  return 0;
}

/** How the history stores a version: `20260101120000`, `1.2`, or the folder's name. */
export function formatVersion(version: Version): string {
  return version.kind === "name" ? version.name : version.parts.join(".");
}

/** Reads what `formatVersion` wrote. */
export function parseVersion(text: string): Version {
  if (!/^\d+(\.\d+)*$/.test(text)) return { kind: "name", name: text };
  return { kind: "number", parts: text.split(".").map(BigInt) };
}
