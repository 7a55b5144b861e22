/** What releases may pile up. */
export type BoundedObject = keyof typeof bounds;

/** How much of it there is at one moment, and what that may depend on. */
export interface ObjectCount {
  readonly objects: Readonly<Record<BoundedObject, number>>;
  /** Revisions that Helm has given up waiting for until then. */
  readonly failedRevisions: number;
  /** Migrations that are to be applied until then. */
  readonly migrations: number;
}

interface Bound {
  readonly title: string;
  /** The bound in words. */
  readonly rule: string;
  readonly limit: (circumstances: Circumstances) => number;
}

interface Circumstances extends Pick<ObjectCount, "failedRevisions" | "migrations"> {
  /** How much of it there was at first. */
  readonly atFirst: number;
}

const asAtFirst = { rule: "as at first", limit: ({ atFirst }: Circumstances) => atFirst };
const oneMoreForEachFailedRevision = {
  rule: "as at first, and one for each failed revision",
  limit: ({ atFirst, failedRevisions }: Circumstances) => atFirst + failedRevisions,
};

/** The bounds that hold however many releases there are; docs/runbook.md says what becomes of failed revisions. */
export const bounds = {
  jobs: { title: "migration Jobs", ...oneMoreForEachFailedRevision },
  pods: { title: "pods", ...oneMoreForEachFailedRevision },
  configMaps: { title: "ConfigMaps (the SQL files are one)", ...oneMoreForEachFailedRevision },
  access: { title: "Roles, RoleBindings and ServiceAccounts", ...asAtFirst },
  secrets: { title: "Secrets but Helm's own", ...asAtFirst },
  helmSecrets: { title: "Helm's own Secrets", rule: "10 (`--history-max`)", limit: () => 10 },
  replicaSets: {
    title: "ReplicaSets of the application",
    rule: "11 (`revisionHistoryLimit`, and the newest)",
    limit: () => 11,
  },
  ledgerEntries: { title: "entries of the ledger", rule: "20", limit: () => 20 },
  ledgerBytes: { title: "bytes of the ledger", rule: "32 KiB", limit: () => 32 * 1024 },
  historyRows: {
    title: "rows of the history table",
    rule: "one for each migration",
    limit: ({ migrations }) => migrations,
  },
  sessions: { title: "database sessions of the migrator", rule: "none", limit: () => 0 },
} satisfies Record<string, Bound>;

/** What is beyond its bound, in words; empty where all is well. */
export function exceededBounds(atFirst: ObjectCount, now: ObjectCount): string[] {
  return (Object.entries(bounds) as [BoundedObject, Bound][]).flatMap(([key, { title, rule, limit }]) => {
    const found = now.objects[key];
    const allowed = limit({ ...now, atFirst: atFirst.objects[key] });
    return found > allowed ? [`${found} ${title}, and ${allowed} are allowed: ${rule}`] : [];
  });
}
