import { expect, test } from "vitest";
import { migrations } from "../../test/support/migrations.ts";
import { readMigrationSet } from "./migration-set.ts";
import { comparisonTable } from "./table.ts";

test("psql is given the up parts in order, and one transaction for each file that leaves it the choice", () => {
  const up = "-- +goose Up\ncreate table a ();\n";
  const folder = migrations({
    "10_c.sql": "begin; select 1; commit;",
    "9_b.sql": "-- no-transaction\nselect 1;",
    "2_a.sql": `${up}-- +goose Down\ndrop table a;`,
    "11_d.sql": "select 'ignored'",
    "12_e.sql": "create index concurrently on a (b)",
  });
  const { files } = readMigrationSet("set", folder, ["11_*"]);
  expect(files.map(({ path, statements, transactional }) => [path, statements, transactional])).toEqual([
    ["2_a.sql", 1, true],
    ["9_b.sql", 1, false],
    ["10_c.sql", 3, false],
    ["12_e.sql", 1, false],
  ]);
  expect(files[0]?.text).toBe(up);
});

test("the table names each set's layout, size and result", () => {
  const set = readMigrationSet("blog", migrations({ "2026_a/up.sql": "select 1; select 2" }), []);
  const table = comparisonTable([{ set, result: 'line 1: "a|b"', migratorMs: 1.4, psqlMs: 2.6 }], {
    psql: "18.1",
    server: 18,
  });
  expect(table).toMatch(/^PostgreSQL 18, psql 18\.1, \d{4}-\d\d-\d\d; one run each\.\n\n/);
  expect(table.split("\n").at(-1)).toBe('| blog | `<version>_<name>/up.sql` | 1 | 2 | line 1: "a\\|b" | 1 | 3 |');
});
