import { expect, test } from "vitest";
import { scriptOfText } from "../../../../test/support/script-of-text.ts";
import type { OpenScript } from "../files/open-script.ts";
import { readUnits } from "../files/units.ts";
import { findCulprit, messageOf, ownParts } from "./message.ts";
import { transactionMessages, unitMessages } from "./messages.ts";

const [head, tail] = [ownParts("head"), ownParts("tail")];

const messagesOf = (script: OpenScript) => [...transactionMessages(script, head, tail)()];
const shown = (script: OpenScript) => messagesOf(script).map((parts) => messageOf(parts).split("\n;\n"));

test("a script goes in one message, as it stands in its file", () => {
  expect(shown(scriptOfText("-- why\nbegin; select 1; commit; -- end"))).toEqual([
    ["head", "-- why\n       select 1;         -- end", "tail"],
  ]);
});

test("COPY has a message of its own, and its data is none of it", () => {
  expect(shown(scriptOfText("select 1; select 2;\ncopy a from stdin;\n1\n\\.\nselect 3;"))).toEqual([
    ["head"],
    ["select 1;", "select 2;"],
    ["copy a from stdin;"],
    ["select 3;"],
    ["tail"],
  ]);
});

test("what stands behind a change of string syntax is in a later message", () => {
  const text = "select 1; set standard_conforming_strings = off; select '\\''; select 2;";
  expect(shown(scriptOfText(text))).toEqual([
    ["head"],
    ["select 1;", "set standard_conforming_strings = off;"],
    ["select '\\'';", "select 2;"],
    ["tail"],
  ]);
});

const megabytes = 2 ** 20;
const statement = "insert into a values ('é');\n";
const large = `begin;\n${statement.repeat(20_000)}commit;\n`;

test("a large script goes in few messages of many statements, without its own BEGIN and COMMIT", () => {
  const messages = messagesOf(scriptOfText(large, { size: 2 * megabytes }));
  expect(messages.length).toBeLessThan(20);
  const sent = messages.slice(1, -1).flat();
  expect(sent.length).toBe(20_000);
  expect(new Set(sent.map(({ sql }) => sql))).toEqual(new Set([statement.trim()]));
});

test("an error in a later message has its place in the script, by position and by count", () => {
  const message = messagesOf(scriptOfText(large, { size: 2 * megabytes }))[3] ?? [];
  const fifth = { kind: "script", offset: message[4]?.script?.start };
  const before = messageOf(message.slice(0, 4)).length + "\n;\n".length;
  expect(findCulprit(message, before + 1, 4)).toEqual({ ...fifth, exact: true });
  expect(findCulprit(message, undefined, 4)).toEqual({ ...fifth, exact: false });
  expect(large.startsWith(statement, fifth.offset)).toBe(true);
});

test("a large file is read anew for each attempt", () => {
  const messages = transactionMessages(scriptOfText(large, { size: 2 * megabytes }), head, tail);
  expect([...messages()].length).toBe([...messages()].length);
});

test("a unit is one message with what counts it, a unit with data is several", () => {
  const units = readUnits(scriptOfText("begin; select 1; select 2; commit; copy a from stdin;\n1\n\\.\nvacuum;"));
  expect([...units].map((unit) => [...unitMessages(unit, head, tail)()].map(messageOf))).toEqual([
    ["head\n;\nselect 1;\n;\nselect 2;\n;\ntail"],
    ["head", "copy a from stdin;", "tail"],
    ["head\n;\nvacuum;\n;\ntail"],
  ]);
});
