import fc from "fast-check";
import { expect } from "vitest";
import { HistoryConflictError } from "../../packages/migrator/src/errors.ts";
import { parseRow } from "../../packages/migrator/src/history/row.ts";
import { planMigrations } from "../../packages/migrator/src/plan.ts";
import { fileOfText } from "../support/script-of-text.ts";
import { historyRows } from "./counterexamples.ts";
import { fuzz } from "./fuzz.ts";

/** What the driver makes of a column, whatever its type has become. */
const anything = fc.oneof(
  fc.constantFrom<unknown>(null, undefined, "", "done", "skipped", "DONE", "t", true, 1, 1n, Number.POSITIVE_INFINITY),
  fc.constantFrom(
    "9".repeat(300),
    "9".repeat(2_000_000),
    "1.2.3",
    "1..2",
    "20260101120000",
    "\u001b[2J\n",
    "\u0000",
    "😀",
  ),
  fc.string({ unit: "binary" }),
  fc.date({ noInvalidDate: false }),
  fc.jsonValue(),
);
const right = {
  key: "1_a",
  version: "1",
  checksum: "",
  state: "done",
  breaking: true,
  finished_at: new Date("2026-01-02T03:04:05Z"),
};
const column = (name: keyof typeof right) =>
  fc.oneof({ weight: 4, arbitrary: fc.constant<unknown>(right[name]) }, anything);
const row = fc.record<Record<string, unknown>>({
  key: column("key"),
  version: column("version"),
  checksum: column("checksum"),
  state: column("state"),
  breaking: column("breaking"),
  finished_at: column("finished_at"),
  future_column: anything,
});

fuzz(
  "rows of the history say exactly what they hold, or are refused with the table's name",
  fc.array(row, { maxLength: 3 }),
  (rows) => {
    let parsed: ReturnType<typeof parseRow>[];
    try {
      parsed = rows.map((one) => parseRow(one, "ops.history"));
    } catch (error) {
      expect(error).toBeInstanceOf(HistoryConflictError);
      expect((error as Error).message).toMatch(
        /^the history ops\.history has .*: a newer migrator may have written it/s,
      );
      expect((error as Error).message.length).toBeLessThan(600);
      return;
    }
    for (const [index, { key, state, breaking, finishedAt }] of parsed.entries()) {
      const { finished_at: given, ...said } = rows[index] ?? {};
      expect(said).toMatchObject({ key, state, breaking });
      expect(finishedAt ?? null).toEqual(given === null ? null : (given as Date).toISOString());
    }
    const plan = planMigrations([fileOfText("select 1;")], parsed);
    const isDone = new Map(parsed.map(({ key, state }) => [key, state === "done"])).get("1_a") === true;
    expect(plan.applied.length).toBe(isDone ? 1 : 0);
    expect(plan.pending.length).toBe(isDone ? 0 : 1);
  },
  { kept: historyRows, runs: 2000 },
);
