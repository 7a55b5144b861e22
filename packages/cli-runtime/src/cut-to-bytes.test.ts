import { expect, test } from "vitest";
import { cutToBytes } from "./cut-to-bytes.ts";

test.each([
  ["short", 5, "short"],
  ["longer", 5, "lo…"],
  ["ééé", 5, "é…"],
  ["😀😀", 7, "😀…"],
  ["😀😀", 6, "…"],
])("cuts %j to %i bytes without splitting a character", (text, maxBytes, expected) => {
  expect(cutToBytes(text, maxBytes)).toBe(expected);
});
