import type { HelmMajor } from "../../../tools/environment/cluster.ts";
import type { MigrationFiles } from "../scenario.ts";

/** One minute's release, which adds a migration to all before it. */
export interface PlannedRelease {
  /** From 1. */
  readonly minute: number;
  readonly kind: ReleaseKind;
  readonly helm: HelmMajor;
  readonly files: MigrationFiles;
  /** The same files with a mistake, as they are released first. */
  readonly broken?: MigrationFiles;
}

export type ReleaseKind = (typeof kinds)[number];

/** In this order, so that the shortest runs have what is more than an ordinary release. */
const kinds = ["slow", "failing", "rolled back", "good"] as const;

/** Releases of a blog that has the migrations `base`, each kind in turn, and each kind with both Helms in turn. */
export function plannedReleases(base: MigrationFiles, minutes: number): PlannedRelease[] {
  const releases: PlannedRelease[] = [];
  let before = base;
  for (let minute = 1; minute <= minutes; minute += 1) {
    const kind = kinds[(minute - 1) % kinds.length] as ReleaseKind;
    const cycle = Math.floor((minute - 1) / kinds.length);
    const helm = (minute + cycle) % 2 === 1 ? 4 : 3;
    const file = `${String(100 + minute).padStart(4, "0")}_minute_${minute}.sql`;
    const files = { ...before, [file]: migration(kind, minute) };
    releases.push({
      minute,
      kind,
      helm,
      files,
      ...(kind === "failing" && { broken: { ...before, [file]: brokenMigration(minute) } }),
    });
    before = files;
  }
  return releases;
}

/** All of them touch the table that every request reads. */
function migration(kind: ReleaseKind, minute: number): string {
  if (kind === "slow") return "update posts set body = body where id <= 10000;\nselect pg_sleep(15);\n";
  return `alter table posts add column minute_${minute} integer not null default 0;\n`;
}

/** There are posts, which have no value for it. */
function brokenMigration(minute: number): string {
  return `alter table posts add column minute_${minute} integer not null;\n`;
}
