import { pino } from "pino";
import { openDatabase } from "./database.ts";
import { drain } from "./drain.ts";
import { postsIn } from "./posts.ts";
import { createBlogServer } from "./server.ts";
import { readSettings } from "./settings.ts";

const log = pino({ base: { pod: process.env["POD_NAME"] } });
const settings = readSettings(process.env);
const database = openDatabase(settings.databaseUrl, log);
const draining = new AbortController();

const server = createBlogServer({
  posts: postsIn(database, settings.categories),
  isDatabaseReady: () => database.isReady(),
  isDraining: () => draining.signal.aborted,
  podName: settings.podName,
  log,
});
server.listen(settings.port, () => log.info({ port: settings.port, categories: settings.categories }, "listening"));

process.once("SIGTERM", async () => {
  log.info("draining");
  draining.abort();
  const complete = await drain(server, settings.drainTimeoutMs);
  await database.close();
  log.info({ complete }, "stopped");
});
