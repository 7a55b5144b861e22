import { expect, test } from "vitest";
import { isSuspicious } from "../sql/statement-kind.ts";
import { splitStatements, statementWords } from "../sql/statements.ts";
import { judgeSuspicious } from "./suspicious-statements.ts";

async function verdict(text: string) {
  const suspicious = [...splitStatements(text)].filter((statement) => isSuspicious(statementWords(text, statement)));
  const statements = suspicious.map(({ start, end }, index) => ({ index, start, sql: text.slice(start, end) }));
  return [...(await judgeSuspicious(statements)).values()];
}

test.each([
  ["alter table a detach partition b concurrently", true],
  ["alter table a detach partition b finalize, add constraint concurrently check (true)", undefined],
  ["alter table a detach partition concurrently.b", undefined],
  ["alter table a alter b set default concurrently(detach)", false],
  ["alter database d set tablespace t", true],
  ["alter database d with tablespace t", true],
  ["alter database d set default_tablespace to tablespace", false],
  ["alter subscription s refresh publication with (copy_data = off)", true],
  ["alter subscription s set publication p", true],
  ["alter subscription s set publication p with (refresh = off)", false],
  ["alter subscription s add publication p with (refresh = 0)", false],
  ["alter subscription s drop publication p with (refresh)", true],
  ["alter subscription s connection 'x' /* publication */", undefined],
  ["alter subscription s rename to publication", false],
  ["alter subscription s set (failover = true)", true],
  ["create subscription s connection '' publication p with (create_slot = off)", false],
  ["create subscription s connection '' publication p with (connect = 'False')", false],
  ["create subscription s connection '' publication p with (enabled, copy_data = false)", true],
  ["reindex (concurrently) table a", true],
  ["reindex (concurrently off) table a", false],
  ["reindex (verbose) schema a", true],
  ["reindex (verbose, concurrently 1) index a", true],
  ["cluster (verbose)", true],
  ["cluster (verbose) a", false],
])("%s: refused in a transaction: %s", async (sql, expected) => {
  const [judged] = await verdict(sql);
  expect(judged).toBe(expected);
});

test("what leaves no doubt is never asked about", async () => {
  expect(await verdict("create index concurrently i on a (b); vacuum; reindex schema s; select 1")).toEqual([]);
});
