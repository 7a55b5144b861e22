import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { migrations } from "../support/migrations.ts";
import { type TestDatabase, usePostgres } from "../support/postgres.ts";
import { buildBundle } from "../support/run-cli.ts";
import { startScreen } from "../support/screen.ts";

const server = usePostgres();
const bundle = buildBundle("migrator");

/** Starts a run on a pseudo-terminal of so many columns, which `script` of util-linux makes. */
function startOnTerminal(database: TestDatabase, dir: string, columns: number, env: Record<string, string> = {}) {
  const command = `stty cols ${columns} && exec ${process.execPath} ${bundle} --allow-existing-tables --lock-timeout 1m --dir ${dir}`;
  const child = spawn("script", ["--quiet", "--flush", "--return", "--command", command, "/dev/null"], {
    env: { PATH: process.env["PATH"], TERM: "xterm", SHELL: "/bin/sh", DATABASE_URL: database.url, ...env },
    stdio: ["pipe", "pipe", "inherit"],
  });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  const written: string[] = [];
  child.stdout.setEncoding("utf8").on("data", (text: string) => written.push(text));
  const closed = once(child, "close") as Promise<[number | null]>;
  const screen = () => {
    const { write, lines } = startScreen();
    write(written.join(""));
    return lines;
  };
  return {
    screen,
    written: () => written.join(""),
    type: (keys: string) => child.stdin.write(keys),
    shown: (pattern: RegExp) =>
      eventually(`the last line is ${pattern}`, async () => pattern.exec(screen().at(-1) ?? "")),
    ended: async () => ({ exitCode: (await closed)[0], screen: screen() }),
  };
}

async function blockedMigration() {
  const database = await server.createDatabase();
  await database.query("create table a (n int)");
  const blocker = await database.connect();
  await blocker.query("set application_name = 'psql'; begin; select * from a");
  return { database, blocker, dir: migrations({ "1_a.sql": "alter table a add m int;", "2_b.sql": "select 1;" }) };
}

test("on a terminal the last line tells what is applied, for how long, and who blocks, until it is over", async () => {
  const { database, blocker, dir } = await blockedMigration();
  const run = startOnTerminal(database, dir, 140);
  await run.shown(
    /^0:0[1-9] {2}applying 1 of 2: 1_a, waiting for a lock on public\.a held by pid \d+ \(psql, idle in tr/,
  );
  await run.shown(/^0:0[2-9] /);
  await blocker.query("commit");
  const { exitCode, screen } = await run.ended();
  expect(exitCode).toBe(0);
  expect(screen.filter((line) => /^\d\d:\d\d:\d\d {2}/.test(line)).length).toBe(screen.length - 1);
  expect(screen.slice(-2)).toEqual([expect.stringMatching(/migrator ended {2}outcome=success .*applied=2/), ""]);
});

test("a narrow terminal never wraps the line, and an interrupt leaves none behind", async () => {
  const { database, dir } = await blockedMigration();
  const run = startOnTerminal(database, dir, 30);
  const [line] = await run.shown(/^0:0[1-9] .*…$/);
  expect(line).toHaveLength(29);
  run.type("\u0003");
  const { exitCode, screen } = await run.ended();
  expect(exitCode).toBe(130);
  expect(screen.slice(-2)).toEqual([expect.stringMatching(/error: migrator ended {2}outcome=failed/), ""]);
});

test("a failure leaves none behind, and what the server says cannot write control sequences", async () => {
  const database = await server.createDatabase();
  const failing = "select pg_sleep(2); do $$ begin raise exception 'no\u001b]0;x\u0007'; end $$;";
  const run = startOnTerminal(database, migrations({ "1_a.sql": failing }), 80);
  await run.shown(/^0:01 {2}applying 1 of 1: 1_a/);
  const { exitCode, screen } = await run.ended();
  expect(exitCode).toBe(4);
  expect(screen).toContainEqual(expect.stringMatching(/error: migrator ended .*reason=no\\u001b]0;x\\u0007/));
  expect(screen.filter((line) => /^\d+:\d\d {2}/.test(line))).toEqual([]);
  expect(run.written()).not.toContain("\u0007");
});

test.each<Record<string, string>>([{ TERM: "dumb" }, { CI: "true" }])("with %o lines are only added", async (env) => {
  const database = await server.createDatabase();
  const run = startOnTerminal(database, migrations({ "1_a.sql": "select pg_sleep(1.2)" }), 80, env);
  expect(await run.ended()).toMatchObject({ exitCode: 0 });
  expect(run.written()).not.toContain("\u001b");
  expect(run.written()).toMatch(/applied migration {2}migration=1_a/);
});
