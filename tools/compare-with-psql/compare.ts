import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa, type Options } from "execa";
import { superuserUrl } from "../../test/support/postgres-process.ts";
import { query } from "../../test/support/query.ts";
import type { MigrationSet } from "./migration-set.ts";

export interface Comparison {
  readonly set: MigrationSet;
  /** `equal`, or what is not. */
  readonly result: string;
  readonly migratorMs: number;
  /** One process a file, as psql is used for this. */
  readonly psqlMs: number;
}

/** Where and with what sets are compared. */
export interface Setting {
  readonly bundle: string;
  readonly port: number;
  /** For files that psql reads. */
  readonly directory: string;
  /** Files that both databases begin with. */
  readonly before: readonly string[];
}

/** Applies the set to two new databases, by the migrator with default settings and by psql, and compares their dumps. */
export async function compareWithPsql(set: MigrationSet, setting: Setting): Promise<Comparison> {
  const [ours, theirs] = [await createDatabase(setting, "migrator"), await createDatabase(setting, "psql")];
  const migrator = await timed(() => applyWithMigrator(set, setting, ours));
  const psql = await timed(() => applyWithPsql(set, setting, theirs));
  const failures = [migrator.result && `migrator: ${migrator.result}`, psql.result && `psql: ${psql.result}`];
  const failure = failures.filter(Boolean).join("; ");
  const result = failure || firstDifference(await dump(ours), await dump(theirs)) || "equal";
  return { set, result, migratorMs: migrator.durationMs, psqlMs: psql.durationMs };
}

const expected: Options = { reject: false, stripFinalNewline: true };
const noSettings = { PGOPTIONS: "", PSQLRC: "" };

async function createDatabase({ port, before }: Setting, name: string): Promise<string> {
  const administration = superuserUrl(port, "postgres");
  await query(administration, `drop database if exists ${name}`);
  await query(administration, `create database ${name}`);
  const url = superuserUrl(port, name);
  for (const file of before) await execa("psql", psqlArguments(url, file), { env: noSettings });
  return url;
}

/** Returns why it failed, or nothing. What `--before` made is a prerequisite, not a schema to be protected. */
async function applyWithMigrator(set: MigrationSet, { bundle, before }: Setting, url: string): Promise<string> {
  const ignored = set.ignore.flatMap((glob) => ["--ignore", glob]);
  const prepared = before.length > 0 ? ["--allow-existing-tables"] : [];
  const args = [bundle, "up", "--dir", set.folder, ...ignored, ...prepared];
  const { exitCode, stdout } = await execa(process.execPath, args, { ...expected, env: { DATABASE_URL: url } });
  return exitCode === 0 ? "" : `exit ${exitCode}, ${String(stdout).split("\n").at(-1)}`;
}

async function applyWithPsql(set: MigrationSet, { directory }: Setting, url: string): Promise<string> {
  for (const { path, text, transactional } of set.files) {
    const file = join(directory, "up.sql");
    writeFileSync(file, text);
    const { exitCode, stderr } = await execa(
      "psql",
      [...psqlArguments(url, file), ...(transactional ? ["--single-transaction"] : [])],
      { ...expected, env: noSettings },
    );
    if (exitCode !== 0)
      return `${path}, ${
        String(stderr)
          .split("\n")
          .find((line) => line.includes("ERROR")) ?? stderr
      }`;
  }
  return "";
}

function psqlArguments(url: string, file: string): string[] {
  return [url, "--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--file", file, "--output", "/dev/null"];
}

async function dump(url: string): Promise<string[]> {
  const { stdout } = await execa("pg_dump", [url, "--schema-only", "--exclude-schema", "migration_gate"]);
  // The key of this pair is drawn by lot.
  return stdout.split("\n").filter((line) => !/^\\(un)?restrict /.test(line));
}

function firstDifference(ours: readonly string[], theirs: readonly string[]): string | undefined {
  const at = ours.findIndex((line, index) => line !== theirs[index]);
  if (at < 0 && ours.length === theirs.length) return undefined;
  const line = at < 0 ? ours.length : at;
  return `line ${line + 1} of the dump: "${ours[line] ?? ""}", with psql "${theirs[line] ?? ""}"`;
}

async function timed(run: () => Promise<string>): Promise<{ readonly result: string; readonly durationMs: number }> {
  const start = performance.now();
  const result = await run();
  return { result, durationMs: performance.now() - start };
}
