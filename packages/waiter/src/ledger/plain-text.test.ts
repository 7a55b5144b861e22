import { expect, test } from "vitest";
import { plainText } from "./plain-text.ts";

test.each([
  ["a\u001b[31mb\r\nc", "a [31mb c"],
  ["  x\u0000  ", "x"],
  ["\u202egnp.exe", "gnp.exe"],
  ["lone \ud800 surrogate", "lone \ufffd surrogate"],
])("makes %j plain", (text, plain) => {
  expect(plainText(text, 100)).toBe(plain);
});
