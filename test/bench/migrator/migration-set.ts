import { readFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { execa } from "execa";
import { plainName, withoutMarkers } from "./layouts.ts";
import type { DatabaseAddress, Tool } from "./tool.ts";

/** One migration as no tool's own: a name of word characters, and SQL without markers. */
export interface CanonicalMigration {
  readonly name: string;
  /** False where the SQL must not run in a transaction. */
  readonly transactional: boolean;
  /** Produced when it is written: large sets need not be in memory. */
  readonly sql: () => string;
}

/** What all tools apply. */
export interface MigrationSet {
  readonly name: string;
  readonly description: string;
  readonly migrations: readonly CanonicalMigration[];
  /** Sets of large files are run once, for the memory that they take; others as often as asked, for time too. */
  readonly measures: "time" | "memory";
}

/** Many migrations that do next to nothing: what is measured is the tool. */
export function tinySet(count: number): MigrationSet {
  return {
    name: `${count} tiny`,
    description: `${count} generated files with one small CREATE TABLE each`,
    measures: "time",
    migrations: numbered(count, (position) => ({
      name: `create_t${position}`,
      transactional: true,
      sql: () => `create table t${position} (id bigint primary key, name text not null);\n`,
    })),
  };
}

/** Files of a given size, full of rows. */
export function largeSet(count: number, kibEach: number): MigrationSet {
  const size = kibEach < 1024 ? `${kibEach} KiB` : `${kibEach / 1024} MiB`;
  return {
    name: `${count} × ${size}`,
    description: `${count} generated ${count === 1 ? "file" : "files"} of ${size}: one CREATE TABLE, and INSERTs of 64 KiB`,
    measures: "memory",
    migrations: numbered(count, (position) => ({
      name: `fill_t${position}`,
      transactional: true,
      sql: () => filling(`t${position}`, kibEach * 1024),
    })),
  };
}

/** A folder in any layout that our migrator knows; it says which files there are, and in which order. */
export async function folderSet(
  migrator: Tool,
  directory: string,
  emptyDatabase: DatabaseAddress,
): Promise<MigrationSet> {
  const { command, args, env } = migrator.command(emptyDatabase, resolve(directory), []);
  const { stdout, exitCode, stderr } = await execa(command, [...args, "--dry-run", "--json"], {
    env: env ?? {},
    reject: false,
  });
  if (exitCode !== 0) throw new Error(`${directory} cannot be read: ${stderr}`);
  const { pending } = JSON.parse(stdout) as { pending: { key: string; path: string; transactional: boolean }[] };
  const migrations = await Promise.all(
    pending.map(async ({ key, path, transactional }) => {
      const text = withoutMarkers(await readFile(join(directory, path), "utf8"));
      return { name: plainName(key), transactional, sql: () => text };
    }),
  );
  const name = basename(resolve(directory));
  return { name, description: `the ${migrations.length} files of the folder ${name}`, measures: "time", migrations };
}

function numbered<T>(count: number, make: (position: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index + 1));
}

const rowsEach = 64;
const row = `('${"migration ".repeat(101)}')`;

function filling(table: string, bytes: number): string {
  const statement = `insert into ${table} (body) values\n${Array(rowsEach).fill(row).join(",\n")};\n`;
  const head = `create table ${table} (id bigint generated always as identity primary key, body text not null);\n`;
  return head + statement.repeat(Math.floor((bytes - head.length) / statement.length));
}
