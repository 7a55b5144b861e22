import { expect, test } from "vitest";
import { cutToBytes, plainText } from "./plain-text.ts";

test.each([
  ["a\u001b[31mb\r\nc", "a [31mb c"],
  ["  x\u0000  ", "x"],
  ["\u202egnp.exe", "gnp.exe"],
  ["lone \ud800 surrogate", "lone \ufffd surrogate"],
])("makes %j plain", (text, plain) => {
  expect(plainText(text, 100)).toBe(plain);
});

test.each([
  ["short", 5, "short"],
  ["longer", 5, "lo…"],
  ["ééé", 5, "é…"],
  ["😀😀", 7, "😀…"],
  ["😀😀", 6, "…"],
])("cuts %j to %i bytes without splitting a character", (text, maxBytes, expected) => {
  expect(cutToBytes(text, maxBytes)).toBe(expected);
});
