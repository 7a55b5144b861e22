import fc from "fast-check";
import { expect, test } from "vitest";
import { parseVersion } from "./files/file-name.ts";
import type { MigrationFile } from "./files/migration-files.ts";
import { textSource } from "./files/script-source.ts";
import type { HistoryRow } from "./history/row.ts";
import { pendingUntil, planMigrations } from "./plan.ts";

const version = (key: string) => parseVersion(/^\d+/.exec(key)?.[0] ?? key);
const files = (...keys: string[]): MigrationFile[] =>
  keys.map((key) => ({
    key,
    path: `${key}.sql`,
    version: version(key),
    size: 0,
    open: () => textSource(""),
    checksum: "same",
  }));
const row = (key: string, more: Partial<HistoryRow> = {}): HistoryRow => ({
  key,
  version: version(key),
  checksum: "same",
  state: "done",
  breaking: false,
  ...more,
});
const keys = (items: readonly { readonly key: string }[]) => items.map(({ key }) => key);

test("what is not done is pending, a started migration too", () => {
  const plan = planMigrations(files("1_a", "2_b", "3_c"), [row("1_a"), row("2_b", { state: "started" })]);
  expect({ pending: keys(plan.pending), started: plan.started, newest: plan.newest }).toEqual({
    pending: ["2_b", "3_c"],
    started: ["2_b"],
    newest: "1_a",
  });
});

test("rows without a file are newer or missing, by their version", () => {
  const plan = planMigrations(files("2_b", "10_d"), [row("2_b"), row("9_c"), row("11_e", { breaking: true })]);
  expect({ missing: keys(plan.missing), newer: keys(plan.newer) }).toEqual({ missing: ["9_c"], newer: ["11_e"] });
  expect(keys(planMigrations(files("2_b", "10_d"), [row("9_c")], ["9_*"]).missing)).toEqual([]);
});

test("a pending file older than the newest applied one is out of order", () => {
  expect(keys(planMigrations(files("1_a", "2_b", "3_c"), [row("2_b")]).outOfOrder)).toEqual(["1_a"]);
});

test("a started row makes nothing out of order", () => {
  expect(planMigrations(files("1_a", "2_b"), [row("2_b", { state: "started" })]).outOfOrder).toEqual([]);
});

test("another checksum is a change, unless the migration is still being applied", () => {
  const rows = [row("1_a", { checksum: "other" }), row("2_b", { checksum: "other", state: "started" })];
  expect(planMigrations(files("1_a", "2_b"), rows).changed.map(({ row: { key } }) => key)).toEqual(["1_a"]);
});

test("a target ends the pending migrations, and has to exist", () => {
  const all = files("1_a", "2_b", "3_c");
  expect(keys(pendingUntil(all, all, "2_b"))).toEqual(["1_a", "2_b"]);
  expect(() => pendingUntil(all, all, "4_d")).toThrow(/no migration 4_d; the newest is 3_c/);
});

/** Files in order, and rows of which some have one, each in any state. */
const anyState = fc
  .record({
    fileNumbers: fc.uniqueArray(fc.nat({ max: 30 }), { maxLength: 12 }),
    rows: fc.uniqueArray(
      fc.record({
        number: fc.nat({ max: 30 }),
        state: fc.constantFrom("done", "started"),
        checksum: fc.constantFrom("same", "other"),
      }),
      { maxLength: 12, selector: ({ number }) => number },
    ),
  })
  .map(({ fileNumbers, rows }) => ({
    files: files(...fileNumbers.sort((left, right) => left - right).map((number) => `${number}_x`)),
    rows: rows.map(({ number, ...more }) => row(`${number}_x`, more)),
  }));
const numberOf = ({ key }: { readonly key: string }) => Number.parseInt(key, 10);
const newestOf = (items: readonly { readonly key: string }[]) => Math.max(-1, ...items.map(numberOf));
const doneOf = (rows: readonly HistoryRow[]) => rows.filter(({ state }) => state === "done");
/** The history after these migrations were applied. */
const applying = (rows: readonly HistoryRow[], migrations: readonly MigrationFile[]) => [
  ...rows.filter(({ key }) => !keys(migrations).includes(key)),
  ...migrations.map(({ key }) => row(key)),
];

test("every file is applied or pending, in the order of the files", () => {
  fc.assert(
    fc.property(anyState, ({ files: all, rows }) => {
      const plan = planMigrations(all, rows);
      const done = keys(doneOf(rows));
      expect(keys(plan.pending)).toEqual(keys(all).filter((key) => !done.includes(key)));
      expect(keys(plan.applied.map(({ file }) => file))).toEqual(keys(all).filter((key) => done.includes(key)));
      expect(plan.started).toEqual(keys(plan.pending).filter((key) => rows.some((known) => known.key === key)));
    }),
  );
});

test("every row without a file is missing or newer, and the newest file lies between them", () => {
  fc.assert(
    fc.property(anyState, ({ files: all, rows }) => {
      const { missing, newer } = planMigrations(all, rows);
      const unknown = rows.filter(({ key }) => !keys(all).includes(key));
      expect([...missing, ...newer].map(numberOf).sort()).toEqual(unknown.map(numberOf).sort());
      for (const known of missing) expect(numberOf(known)).toBeLessThan(newestOf(all));
      for (const known of newer) expect(numberOf(known)).toBeGreaterThan(newestOf(all));
      expect(planMigrations(all, rows, ["*"])).toMatchObject({ missing: [], newer: [] });
    }),
  );
});

test("out of order is what is pending below anything that is done", () => {
  fc.assert(
    fc.property(anyState, ({ files: all, rows }) => {
      const { pending, outOfOrder } = planMigrations(all, rows);
      expect(keys(outOfOrder)).toEqual(keys(pending.filter((file) => numberOf(file) < newestOf(doneOf(rows)))));
    }),
  );
});

test("wherever a run ends, the next one begins there; behind its end there is nothing left to do", () => {
  fc.assert(
    fc.property(anyState, fc.nat({ max: 12 }), ({ files: all, rows }, stop) => {
      const { pending, changed } = planMigrations(all, rows);
      const next = planMigrations(all, applying(rows, pending.slice(0, stop)));
      expect(keys(next.pending)).toEqual(keys(pending.slice(stop)));
      const last = planMigrations(all, applying(rows, pending));
      expect(last).toMatchObject({ pending: [], outOfOrder: [], started: [], changed });
    }),
  );
});

test("a target takes the beginning of what is pending, and nothing behind itself", () => {
  fc.assert(
    fc.property(anyState, fc.nat(), ({ files: all, rows }, at) => {
      const target = all[at % Math.max(1, all.length)];
      fc.pre(target !== undefined);
      const { pending } = planMigrations(all, rows);
      const until = pendingUntil(all, pending, target.key);
      expect(keys(until)).toEqual(keys(pending.filter((file) => numberOf(file) <= numberOf(target))));
      expect(pendingUntil(all, pending, undefined)).toBe(pending);
    }),
  );
});
