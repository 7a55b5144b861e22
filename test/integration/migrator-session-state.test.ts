import { expect, test } from "vitest";
import { migrations } from "../support/migrations.ts";
import { startPgBouncer } from "../support/pgbouncer.ts";
import { usePostgres } from "../support/postgres.ts";
import { buildBundle, startCli } from "../support/run-cli.ts";
import { leavesState, prepareForState, sessionState, stateOfPool } from "../support/session-state.ts";

const server = usePostgres();
const bundle = buildBundle("migrator");

const up = (url: string, dir: string, ...args: string[]) =>
  startCli(bundle, ["--dir", dir, ...args], { DATABASE_URL: url }).ended();

const statementwise = (sql: string) => `-- gate: no-transaction\n${sql}`;

/** The kinds of files, and how a migrator that runs them may reach the database. */
const pooled = [
  {
    what: "statements, pooler in session mode",
    pooler: "session",
    file: statementwise,
  },
  { what: "a transaction, pooler in session mode", pooler: "session", file: String },
  { what: "transaction, pooler in transaction mode", pooler: "transaction", file: String },
] as const;
const direct = [
  { what: "statements, no pooler", pooler: "none", file: statementwise },
  { what: "a transaction, no pooler", pooler: "none", file: String },
] as const;

test.each([...direct, ...pooled])(
  "nothing that a file leaves in its session reaches the next file ($what)",
  async ({ pooler, file }) => {
    /** What the second of two files sees. */
    const seenAfter = async (first: string) => {
      const database = await server.createDatabase();
      await prepareForState(database);
      const dir = migrations({
        "1_first.sql": file(first),
        "2_second.sql": `create table seen as ${sessionState};
        do $$ begin perform currval('numbers'); raise 'the sequence has a value';
        exception when object_not_in_prerequisite_state then null; end $$;`,
      });
      const { url } = pooler === "none" ? database : await startPgBouncer(database, { mode: pooler, poolSize: 1 });
      const result = await up(url, dir, "--pooler", pooler);
      expect(result.last).toEqual(expect.objectContaining({ exitCode: 0, applied: 2 }));
      return await database.query("select state from public.seen");
    };
    expect(await seenAfter(leavesState)).toEqual(await seenAfter("select 1;"));
  },
);

const outcomes = [
  { outcome: "the file succeeds", end: "", exitCode: 0 },
  { outcome: "the file fails", end: "select 1 / 0;", exitCode: 4 },
];

test.each(outcomes.flatMap((outcome) => pooled.map((way) => ({ ...outcome, ...way }))))(
  "nothing that a file leaves in its session reaches the application, where $outcome ($what)",
  async ({ pooler, file, end, exitCode }) => {
    const database = await server.createDatabase();
    await prepareForState(database);
    const dir = migrations({ "1_first.sql": file(leavesState + end) });
    // A pooler that does not clean up behind its clients.
    const { url } = await startPgBouncer(database, { mode: pooler, poolSize: 1, resetQuery: "" });
    const before = await stateOfPool(url);
    expect(await up(url, dir, "--pooler", pooler)).toMatchObject({ exitCode });
    expect(await stateOfPool(url)).toEqual(before);
  },
);
