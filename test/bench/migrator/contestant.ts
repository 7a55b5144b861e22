import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { BenchmarkDatabase, DatabaseServer } from "../database-server.ts";
import type { DelayProxy, Traffic } from "../delay-proxy.ts";
import { measureProcess, type ProcessCost } from "../measured-process.ts";
import type { MigrationSet } from "./migration-set.ts";
import type { Tool } from "./tool.ts";

export interface Bench {
  readonly server: DatabaseServer;
  /** Before the server, for the cells with a round-trip time. */
  readonly proxy: DelayProxy;
  readonly log: (line: string) => void;
  readonly signal: AbortSignal;
}

export interface Sample extends ProcessCost {
  /** Known where it went through the proxy. */
  readonly traffic: Traffic | undefined;
}

const timeoutMs = 120_000;

/** A tool with one set's files as it wants them, and the database that it has last brought up to date. */
export class Contestant implements AsyncDisposable {
  readonly tool: Tool;
  readonly #bench: Bench;
  readonly #folder: string;
  readonly #paths: readonly string[];
  #database: BenchmarkDatabase | undefined;

  private constructor(bench: Bench, tool: Tool, folder: string, paths: readonly string[]) {
    this.#bench = bench;
    this.tool = tool;
    this.#folder = folder;
    this.#paths = paths;
  }

  /** Writes the files into a folder of the tool's name. */
  static async prepare(bench: Bench, tool: Tool, { migrations }: MigrationSet, directory: string): Promise<Contestant> {
    const folder = join(directory, tool.name);
    await mkdir(folder);
    const paths: string[] = [];
    for (const [index, migration] of migrations.entries()) {
      const { path, content } = tool.layout(index + 1, migration);
      await writeFile(join(folder, path), content);
      paths.push(path);
    }
    return new Contestant(bench, tool, folder, paths);
  }

  /** Applies the set to a fresh database, which is kept; returns what that has cost, and what was made. */
  async applyFromEmpty(rttMs: number): Promise<{ readonly sample: Sample; readonly schema: string }> {
    await this.#database?.[Symbol.asyncDispose]();
    this.#database = undefined;
    const database = await this.#bench.server.createDatabase();
    this.#database = database;
    return { sample: await this.#run(database, rttMs), schema: await schemaOf(database) };
  }

  /** Runs again on the database that is up to date. */
  async findNothingToDo(rttMs: number): Promise<Sample> {
    if (!this.#database) throw new Error(`${this.tool.name} has not brought a database up to date`);
    return await this.#run(this.#database, rttMs);
  }

  async #run({ name, user, password }: BenchmarkDatabase, rttMs: number): Promise<Sample> {
    const { server, proxy, signal } = this.#bench;
    const direct = rttMs === 0;
    const port = direct ? server.port : proxy.port;
    if (!direct) await proxy.takeTraffic();
    const command = this.tool.command({ port, name, user, password }, this.#folder, this.#paths);
    const cost = await measureProcess(command, { directory: join(this.#folder, ".."), timeoutMs, signal });
    return { ...cost, traffic: direct ? undefined : await proxy.takeTraffic() };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#database?.[Symbol.asyncDispose]();
  }
}

/** Tells what the files have made, whoever has run them: the names of all tables and views but the tools' own. */
async function schemaOf(database: BenchmarkDatabase): Promise<string> {
  const [row] = await database.query<{ schema: string }>(
    `select pg_catalog.count(*) || ' ' || coalesce(pg_catalog.md5(pg_catalog.string_agg(c.relname, ',' order by n.nspname, c.relname)), '') as schema
       from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where c.relkind in ('r', 'p', 'v', 'm') and n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'migration_gate')
        and c.relname not in ('schema_migrations', 'goose_db_version', 'schema_version', 'pgmigrations', 'schemaversion', 'flyway_schema_history')`,
  );
  return row?.schema ?? "";
}
