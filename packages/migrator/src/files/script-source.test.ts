import { createHash } from "node:crypto";
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { FileChangedError } from "../errors.ts";
import { type ListedFile, openSource, textBetween } from "./script-source.ts";
import { measure, readPieces } from "./source-pieces.ts";

const directory = mkdtempSync(join(tmpdir(), "migration-gate-source-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const location = join(directory, "1_a.sql");

function reading<T>(
  content: string | Uint8Array,
  bufferBytes: number,
  read: (descriptor: number, buffer: Buffer) => T,
): T {
  writeFileSync(location, content);
  const descriptor = openSync(location, "r");
  try {
    return read(descriptor, Buffer.alloc(bufferBytes));
  } finally {
    closeSync(descriptor);
  }
}

function listed(content: string | Uint8Array): ListedFile {
  const measured = reading(content, 4096, (descriptor, buffer) => measure(readPieces(descriptor, buffer)));
  return { path: "1_a.sql", ...measured };
}

const unit = fc.constantFrom("a", "\r", "\n", "\r\n", "é", "€", "😀", "\ufeff", "'");
const content = fc.array(unit, { maxLength: 60 }).map((units) => units.join(""));

test("pieces of any size make up the text, none ends within a character or a line end, and the checksum is the same", () => {
  fc.assert(
    fc.property(content, fc.integer({ min: 5, max: 20 }), (text, bufferBytes) => {
      const decoded = new TextDecoder().decode(Buffer.from(text));
      const texts: string[] = [];
      const { checksum } = reading(text, bufferBytes, (descriptor, buffer) => {
        function* noted() {
          for (const piece of readPieces(descriptor, buffer)) {
            texts.push(piece.bytes.toString());
            yield piece;
          }
        }
        return measure(noted());
      });
      expect(texts.join("")).toBe(decoded);
      expect(texts.filter((piece, at) => piece.endsWith("\r") && texts[at + 1]?.startsWith("\n"))).toEqual([]);
      expect(checksum).toBe(createHash("sha256").update(decoded.replaceAll("\r\n", "\n")).digest("hex"));
    }),
  );
});

test.each([
  ["bytes that are no UTF-8", Buffer.from("a\nb\n\xff\nc\n", "latin1"), "is not valid UTF-8", 3],
  ["a character cut off by the end", Buffer.from("a\n€").subarray(0, 4), "is not valid UTF-8", 2],
  ["half a surrogate pair", Buffer.from([0x61, 0x0a, 0xed, 0xa0, 0x80]), "is not valid UTF-8", 2],
  ["a zero byte", "a\nb\0\n", "contains a zero byte", 2],
])("%s: refused with its line, however the file is cut into pieces", (_, bytes, message, line) => {
  for (const bufferBytes of [5, 6, 7, 100]) {
    const read = () =>
      reading(bytes, bufferBytes, (descriptor, buffer) => {
        for (const _piece of readPieces(descriptor, buffer));
      });
    expect(read).toThrow(expect.objectContaining({ name: "UnreadableTextError", message, line }));
  }
});

const long = `${"select 'é€😀';\r\n".repeat(20_000)}-- end`;

test("any part of a large file's text can be read, again and in any order", () => {
  using source = openSource(location, listed(`\ufeff${long}`));
  for (const [start, end] of [
    [0, long.length],
    [300_001, 300_017],
    [5, 6],
    [long.length - 3, long.length + 10],
    [100_000, 200_000],
  ] as const) {
    expect([...textBetween(source, start, end)].join("")).toBe(long.slice(start, end));
  }
});

test.each([
  ["small", "select 1;\n"],
  ["large", long],
])("a %s file that was replaced, cut or removed since it was listed is refused", (_, text) => {
  const file = listed(text);
  for (const changed of [
    text.replace("1", "2").replace("é", "e"),
    text.slice(0, -1),
    `${text} `,
    Buffer.from([0xff]),
  ]) {
    writeFileSync(location, changed);
    expect(() => openSource(location, file)).toThrow(FileChangedError);
  }
  rmSync(location);
  expect(() => openSource(location, file)).toThrow("1_a.sql was changed or removed while the migrator ran");
});

test("other line ends do not make another file", () => {
  const file = listed("select 1;\n");
  writeFileSync(location, "select 1;\r\n");
  using source = openSource(location, file);
  expect([...source.textFrom(0)].join("")).toBe("select 1;\r\n");
});

test("a large file that is written to while it is read is noticed", () => {
  using source = openSource(location, listed(long));
  source.checkUnchanged();
  writeFileSync(location, long.slice(1));
  expect(() => source.checkUnchanged()).toThrow(FileChangedError);
});
