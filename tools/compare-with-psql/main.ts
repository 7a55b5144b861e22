import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { type PostgresMajor, PostgresProcess, postgresMajors } from "../../test/support/postgres-process.ts";
import { type Comparison, compareWithPsql, type Setting } from "./compare.ts";
import { type MigrationSet, readMigrationSet } from "./migration-set.ts";
import { comparisonTable } from "./table.ts";

const usage = `Applies folders of migrations with the migrator and with psql, file after file, and compares the two schemas by pg_dump.

  npm run -s compare -- [--ignore GLOB …] [--before FILE] [NAME=]DIR …

  --ignore GLOB   migrations that neither applies, as the migrator's own option
  --before FILE   SQL that both databases begin with: what the migrations take for granted

psql and pg_dump have to be on PATH. The newest PostgreSQL that they can read is started, in a folder of its own.
Progress goes to stderr, a Markdown table to stdout. Ends with 1 unless all schemas are equal.`;

const log = (line: string) => console.error(line);

try {
  await main();
} catch (error) {
  log(error instanceof Error && process.env["DEBUG"] === undefined ? error.message : String(error));
  process.exitCode = 1;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      ignore: { type: "string", multiple: true, default: [] },
      before: { type: "string" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help || positionals.length === 0) {
    console.log(usage);
    return;
  }
  const sets = positionals.map((argument) => readMigrationSet(...nameAndFolder(argument), values.ignore));
  const before = values.before === undefined ? [] : [resolve(values.before)];
  const directory = mkdtempSync(join(tmpdir(), "migration-gate-compare-"));
  const server = await PostgresProcess.create(serverMajor());
  // For migrations that create slots or publications.
  server.configure("wal_level = logical");
  try {
    await server.start();
    const setting = { bundle: buildMigrator(directory), port: server.port, directory, before };
    const comparisons = await compareAll(sets, setting);
    console.log(comparisonTable(comparisons, { psql: versionOf("psql"), server: serverMajor() }));
    if (comparisons.some(({ result }) => result !== "equal")) process.exitCode = 1;
  } finally {
    await server.remove();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function compareAll(sets: readonly MigrationSet[], setting: Setting): Promise<Comparison[]> {
  const comparisons: Comparison[] = [];
  for (const set of sets) {
    log(`${set.name}: ${set.files.length} files`);
    const comparison = await compareWithPsql(set, setting);
    log(`${set.name}: ${comparison.result}`);
    comparisons.push(comparison);
  }
  return comparisons;
}

/** `NAME=DIR`, or a folder that names itself. */
function nameAndFolder(argument: string): [name: string, folder: string] {
  const at = argument.indexOf("=");
  return at > 0 ? [argument.slice(0, at), resolve(argument.slice(at + 1))] : [basename(argument), resolve(argument)];
}

function buildMigrator(directory: string): string {
  const bundle = join(directory, "migrator.mjs");
  const cwd = resolve(import.meta.dirname, "../../packages/migrator");
  const options = ["--config", "rolldown.config.ts", "--log-level", "warn", "--dir", directory];
  execFileSync(join(cwd, "node_modules/.bin/rolldown"), options, { cwd });
  return bundle;
}

/** The newest server that this pg_dump can read. */
function serverMajor(): PostgresMajor {
  const dump = Number.parseInt(versionOf("pg_dump"), 10);
  const major = postgresMajors.findLast((candidate) => candidate <= dump);
  if (!major) throw new Error(`pg_dump ${dump} is too old: one of PostgreSQL ${postgresMajors[0]} or later is needed`);
  return major;
}

function versionOf(program: "psql" | "pg_dump"): string {
  try {
    return execFileSync(program, ["--version"], { encoding: "utf8" }).replace(/^\D*/, "").trim();
  } catch (cause) {
    throw new Error(`${program} has to be on PATH: install PostgreSQL's client programs`, { cause });
  }
}
