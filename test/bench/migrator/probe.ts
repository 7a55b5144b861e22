import { performance } from "node:perf_hooks";
import pg from "pg";
import { type Summary, summarize } from "../../../tools/figures/statistics.ts";
import type { DatabaseServer } from "../database-server.ts";
import type { DelayProxy } from "../delay-proxy.ts";

const repetitions = 200;

/** Measures what a round trip costs here: timers are coarser than a millisecond, and the proxy is a process too. */
export async function probeRoundTrip(
  server: DatabaseServer,
  proxy: DelayProxy,
): Promise<{ readonly directMs: Summary; readonly proxiedMs: Summary }> {
  await using database = await server.createDatabase();
  const { name, user, password } = database;
  const timeSelects = async (port: number): Promise<Summary> => {
    const client = new pg.Client({ host: "127.0.0.1", port, database: name, user, password });
    await client.connect();
    const samples: number[] = [];
    for (let index = 0; index < repetitions; index++) {
      const startedAt = performance.now();
      await client.query("select 1");
      samples.push(performance.now() - startedAt);
    }
    await client.end();
    return summarize(samples);
  };
  return { directMs: await timeSelects(server.port), proxiedMs: await timeSelects(proxy.port) };
}
