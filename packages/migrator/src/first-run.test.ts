import { expect, test } from "vitest";
import { parseVersion } from "./files/file-name.ts";
import { textSource } from "./files/script-source.ts";
import { refusal } from "./first-run.ts";
import { defaultHistory } from "./history/table.ts";

const files = ["1_a", "2_b"].map((key) => ({
  key,
  path: `${key}.sql`,
  version: parseVersion(key),
  open: () => textSource(""),
  size: 0,
  checksum: "",
}));

test("the refusal names the tables, the other tool, the command and the way around", () => {
  const shown = [
    { schema: "public", name: "flyway_schema_history" },
    { schema: "public", name: "posts" },
  ];
  expect(refusal({ total: 3, shown }, defaultHistory, files)).toBe(
    "the history is empty, but the database has 3 tables: public.flyway_schema_history (the history of Flyway), public.posts, …. " +
      'Where these files have made them, run "migrator baseline KEY", KEY being the last migration that the database contains (1_a to 2_b). ' +
      "Where they are not of these files, run all files from the first one on with --allow-existing-tables",
  );
});

test("the command of the refusal is about the same history and set", () => {
  const shown = [{ schema: "public", name: "posts" }];
  const history = { schema: "s", table: "t", set: "billing" };
  const text = refusal({ total: 1, shown }, history, files);
  expect(text).toContain("has a table: public.posts. ");
  expect(text).toContain('"migrator baseline KEY --history s.t --set billing"');
});
