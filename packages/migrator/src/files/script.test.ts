import { expect, test } from "vitest";
import { scriptOfText } from "../../../../test/support/script-of-text.ts";
import type { FileProblem } from "../errors.ts";
import { wholeText } from "./open-script.ts";
import { readUnits } from "./units.ts";

function parse(text: string) {
  const problems: FileProblem[] = [];
  const script = scriptOfText(text, { problems });
  return { script, execution: script.execution, problems: problems.map(({ line, message }) => `${line}: ${message}`) };
}

test("a plain file is one transaction", () => {
  const { execution, problems } = parse("create table a ();\nselect 1");
  expect({ kind: execution.kind, problems }).toEqual({ kind: "transaction", problems: [] });
});

test("its own BEGIN and COMMIT are blanked out, and every other character keeps its place", () => {
  const text = "begin isolation\n level serializable; select 1; commit;";
  const { script, execution } = parse(text);
  expect(wholeText(script)).toBe(
    text
      .replace(/begin isolation/, (s) => " ".repeat(s.length))
      .replace(/ level serializable;/, (s) => " ".repeat(s.length))
      .replace("commit;", "       "),
  );
  expect(execution).toHaveProperty("transactionModes", ["set transaction isolation\n level serializable"]);
});

test("only leading SET TRANSACTION moves before the fence", () => {
  const { script, execution } = parse(
    "set transaction read write; set transaction deferrable; select 1; set transaction read only;",
  );
  expect(execution).toHaveProperty("transactionModes", ["set transaction read write", "set transaction deferrable"]);
  expect(wholeText(script).trim()).toBe("select 1; set transaction read only;");
});

test.each([
  ["begin; select 1; commit; select 2;", ["select 1;", "select 2;"], "transaction control of its own"],
  ["select 1; commit; select 2;", ["select 1;", "select 2;"], "transaction control of its own"],
  ["select 1; vacuum;", ["select 1;", "vacuum;"], "a statement cannot run in a transaction"],
  ["-- gate: no-transaction\nselect 1; select 2", ["select 1;", "select 2"], "directive"],
])("%s runs unit by unit", (text, sent, reason) => {
  const { script, execution } = parse(text);
  expect(execution).toMatchObject({ kind: "units", reason, units: sent.length });
  expect([...readUnits(script)].map(({ statements }) => statements.map(({ sql }) => sql).join(" "))).toEqual(sent);
});

test("what stands behind the down marker is not even read", () => {
  const { script, problems } = parse("-- +goose Up\nselect 1;\n-- +goose Down\nselect 'never closed");
  expect({ text: wholeText(script), statements: script.statements, problems }).toEqual({
    text: "-- +goose Up\nselect 1;\n",
    statements: 1,
    problems: [],
  });
});

test.each([
  ["select 1;\n-- gate: breaking", "2: this directive must stand before the first statement"],
  ["-- +goose Down\nselect 1;", "1: there is no up part before this marker"],
  [
    "-- migrate:up\nselect 1;\n-- migrate:up\nselect 2;",
    "3: a marker for the up part must stand once, before the first statement",
  ],
  ["begin; select 1;", "1: BEGIN without COMMIT: its work would be rolled back"],
  ["begin; begin; commit;", "1: BEGIN inside a transaction block"],
  ["begin; select 1;\nrollback;", "2: ROLLBACK, PREPARE TRANSACTION and COMMIT … CHAIN have no place in a migration"],
])("%j is refused", (text, problem) => {
  expect(parse(text).problems).toContain(problem);
});

test("pg_dump's \\restrict and \\unrestrict are passed over", () => {
  const { problems, script } = parse("\\restrict abc\nselect 1;\n\\unrestrict abc\n");
  expect({ problems, sent: wholeText(script).trim() }).toEqual({
    problems: [],
    sent: "select 1;",
  });
});
