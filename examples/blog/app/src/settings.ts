export interface Settings {
  readonly databaseUrl: string;
  readonly port: number;
  /** Shows each post's category, which the schema has from release 2 on. */
  readonly categories: boolean;
  readonly podName: string;
  /** How long requests under way may take to end after SIGTERM. */
  readonly drainTimeoutMs: number;
}

/** @throws with all problems at once. */
export function readSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  const problems: string[] = [];
  const databaseUrl = env["DATABASE_URL"] ?? "";
  if (!databaseUrl) problems.push("DATABASE_URL is missing: set it to postgres://USER:PASSWORD@HOST/DATABASE");
  const port = Number(env["PORT"] ?? 8080);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) problems.push(`PORT is not a port number: ${env["PORT"]}`);
  const categories = env["BLOG_CATEGORIES"] ?? "false";
  if (!["true", "false"].includes(categories))
    problems.push(`BLOG_CATEGORIES is neither true nor false: ${categories}`);
  if (problems.length > 0) throw new Error(problems.join("; "));
  return {
    databaseUrl,
    port,
    categories: categories === "true",
    podName: env["POD_NAME"] ?? "local",
    drainTimeoutMs: 10_000,
  };
}
