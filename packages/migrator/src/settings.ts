import { existsSync } from "node:fs";
import { parseDuration } from "@migration-gate/cli-runtime/duration";
import { UsageError } from "@migration-gate/cli-runtime/expected-error";
import { type LogLevel, logLevels } from "@migration-gate/cli-runtime/log-levels";
import { type ConnectionTarget, connectionTarget } from "./connection/connection-target.ts";
import type { Environment } from "./connection/parameters.ts";
import { type PoolerSetting, poolerSettings } from "./database/pooler.ts";
import { defaultHistory, displayName, type HistoryTable } from "./history/table.ts";

/** Flags by name as they were given; an absent one is `undefined`. */
export type Flags = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

/** Checked settings of the commands that read files. */
export interface FileSettings {
  readonly directory: string;
  readonly ignore: readonly string[];
  /** What the files' checksum must be, in hexadecimal digits; see files/checksum.ts. */
  readonly checksum: string | undefined;
  readonly json: boolean;
}

/** Checked settings of the commands that need a database. */
export interface RunSettings extends FileSettings {
  /** Reads the connection's settings anew: a mounted Secret may have been rotated. */
  readonly connection: () => ConnectionTarget;
  readonly history: HistoryTable;
  readonly role: string | undefined;
  readonly pooler: PoolerSetting;
  readonly waitBudgetMs: number;
  readonly lockTimeoutMs: number;
  /** How long a statement that cannot be rolled back may go on after an interrupt. */
  readonly gracePeriodMs: number;
  readonly outOfOrder: boolean;
  /** Begins with the first file over tables that the history says nothing about. */
  readonly allowExistingTables: boolean;
  readonly target: string | undefined;
  /** The KEY that a command was given; empty for the commands without one. */
  readonly key: string;
  /** How `resolve` settles: exactly one of both. */
  readonly done: boolean;
  readonly undone: boolean;
  readonly dryRun: boolean;
  readonly exitCode: boolean;
  readonly report: string | undefined;
  readonly migratorVersion: string;
  /** The image that this runs in, for the history: `MIGRATOR_IMAGE`. */
  readonly image: string | undefined;
}

/**
 * Reads flags and environment (`--wait-budget` is `MIGRATOR_WAIT_BUDGET`), the flag first.
 *
 * @throws UsageError that names every problem at once
 */
export function fileSettings(flags: Flags, env: Environment): FileSettings {
  return collectProblems((problems) => readFileSettings(settingsReader(flags, env, problems), problems));
}

/** As `fileSettings`, for the commands that need a database. */
export function runSettings(flags: Flags, env: Environment, migratorVersion: string): RunSettings {
  return collectProblems((problems) => {
    const read = settingsReader(flags, env, problems);
    collect(problems, () => connectionTarget(env));
    const report = read.text("report");
    if (report !== undefined && !isDirectory(report)) problems.push(`--report: ${report} is not a directory`);
    return {
      ...readFileSettings(read, problems),
      connection: () => connectionTarget(env),
      history: {
        ...historyName(read.text("history") ?? displayName(defaultHistory), problems),
        set: read.text("set") ?? defaultHistory.set,
      },
      role: read.text("role"),
      pooler: poolerSetting(read.text("pooler") ?? "auto", problems),
      waitBudgetMs: read.duration("wait-budget", "5m"),
      lockTimeoutMs: read.duration("lock-timeout", "2s"),
      gracePeriodMs: read.duration("grace-period", "50s"),
      outOfOrder: read.truth("out-of-order"),
      allowExistingTables: read.truth("allow-existing-tables"),
      target: read.text("target"),
      key: String(flags["key"] ?? ""),
      done: read.truth("done"),
      undone: read.truth("undone"),
      dryRun: read.truth("dry-run"),
      exitCode: read.truth("exit-code"),
      report,
      migratorVersion,
      image: env["MIGRATOR_IMAGE"] || undefined,
    };
  });
}

/** Settings that hold before anything else is read. */
export function logLevel(flags: Flags, env: Environment): LogLevel {
  const name = settingsReader(flags, env, []).text("log-level") ?? "info";
  const level = logLevels.find((known) => known === name);
  if (!level) throw new UsageError(`--log-level: "${name}" is none of ${logLevels.join(", ")}`);
  return level;
}

function readFileSettings(read: SettingsReader, problems: string[]): FileSettings {
  const checksum = read.text("checksum");
  if (checksum !== undefined && !/^[0-9a-f]{64}$/.test(checksum)) {
    problems.push(`--checksum: "${checksum}" is not 64 hexadecimal digits; migrator validate prints them`);
  }
  return {
    directory: read.text("dir") ?? "migrations",
    ignore: read.list("ignore"),
    checksum,
    json: read.truth("json"),
  };
}

interface SettingsReader {
  text(name: string): string | undefined;
  list(name: string): readonly string[];
  truth(name: string): boolean;
  duration(name: string, otherwise: string): number;
}

function settingsReader(flags: Flags, env: Environment, problems: string[]): SettingsReader {
  const variable = (name: string) => env[`MIGRATOR_${name.replaceAll("-", "_").toUpperCase()}`] || undefined;
  const list = (name: string): readonly string[] => {
    const flag = flags[name];
    if (Array.isArray(flag)) return flag as readonly string[];
    return flag === undefined ? (variable(name)?.split(",") ?? []) : [String(flag)];
  };
  const text = (name: string): string | undefined => {
    const flag = flags[name];
    if (Array.isArray(flag)) problems.push(`--${name} is given more than once`);
    const value = flag === undefined ? variable(name) : String(flag);
    if (value === "") problems.push(`--${name} is empty`);
    return value;
  };
  return {
    text,
    list,
    truth(name) {
      const value = text(name) ?? "false";
      if (!/^(true|false|1|0)$/.test(value)) problems.push(`--${name}: "${value}" is neither true nor false`);
      return value === "true" || value === "1";
    },
    duration: (name, otherwise) => collect(problems, () => parseDuration(text(name) ?? otherwise, `--${name}`)) ?? 0,
  };
}

function poolerSetting(name: string, problems: string[]): PoolerSetting {
  const setting = poolerSettings.find((known) => known === name);
  if (!setting) problems.push(`--pooler: "${name}" is none of ${poolerSettings.join(", ")}`);
  return setting ?? "auto";
}

function historyName(name: string, problems: string[]): Pick<HistoryTable, "schema" | "table"> {
  const [schema = "", table = "", ...rest] = name.split(".");
  const fits = (part: string) => part !== "" && Buffer.byteLength(part) <= 58;
  if (rest.length > 0 || !fits(schema) || !fits(table)) {
    problems.push(`--history: "${name}" is not SCHEMA.TABLE, each of at most 58 bytes`);
  }
  return { schema, table };
}

function isDirectory(path: string): boolean {
  // Not `statSync`, which throws for more than a missing file, such as a path that is too long.
  return existsSync(`${path}/.`);
}

function collect<T>(problems: string[], read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    problems.push(error.message);
    return undefined;
  }
}

function collectProblems<T>(read: (problems: string[]) => T): T {
  const problems: string[] = [];
  const settings = read(problems);
  if (problems.length > 0) throw new UsageError(problems.join("; "));
  return settings;
}
