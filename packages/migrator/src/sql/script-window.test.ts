import fc from "fast-check";
import { expect, test } from "vitest";
import { ScriptWindow } from "./script-window.ts";
import { splitStatements } from "./statements.ts";

interface Split {
  readonly statements: readonly unknown[];
  readonly comments: readonly string[];
  readonly error?: string;
}

/** What the splitter says about a script that comes in these chunks, with every offset counted from its beginning. */
function split(chunks: readonly string[]): Split {
  const window = new ScriptWindow(chunks);
  const script = chunks.join("");
  const statements: unknown[] = [];
  const comments: string[] = [];
  let place = "in the header";
  const onToken = () => {
    place = "behind it";
  };
  const note = ({ start, end }: { start: number; end: number }) => {
    comments.push(`${window.start + start} ${window.text.slice(start, end)} ${place}`);
  };
  try {
    const onComment = (comment: { start: number; end: number }) => {
      note(comment);
      return window.text.startsWith("--stop", comment.start) ? ("stop" as const) : undefined;
    };
    for (const { tokens, start, end, data } of splitStatements(window, {
      onComment,
      onToken,
      onBackslashCommand: note,
    })) {
      statements.push({
        start: window.start + start,
        text: window.text.slice(start, end),
        tokens: tokens.map((token) => `${token.kind} ${window.text.slice(token.start, token.end)}`),
        data: data && script.slice(window.start + data.start, window.start + data.end),
        next: data && window.start + data.next,
      });
    }
  } catch (error) {
    const { name, message, start } = error as Error & { start: number };
    return { statements, comments, error: `${name} ${message} ${window.start + start}` };
  }
  return { statements, comments };
}

const pieces = [
  ..."'\"$;()-/*\\.\n\r\t :=+",
  ...["''", "E'", "U&'", "$$", "$a$", "$a", "$é$", "--", "-- x\n", "--stop", "/*", "*/", ";\n", "\\.\n", "\n\\.\r\n"],
  ...["select ", "begin ", "case ", "end ", "1e+5", "0x", "é", "😀", "a", "\r\n", "\\restrict x\n", "row\t1\n"],
  ...["copy a from stdin;\n", "copy a from stdin;\r\n", "copy a from stdin", "create function f() begin atomic "],
  ...["set standard_conforming_strings = off;", "set standard_conforming_strings = on;"],
];
const script = fc.array(fc.constantFrom(...pieces), { maxLength: 40 }).map((parts) => parts.join(""));

/** Cuts a text into chunks of these lengths, in turn, without cutting a character in two. */
function chunksOf(text: string, lengths: readonly number[]): string[] {
  const characters = [...text];
  const chunks: string[] = [];
  for (let at = 0, turn = 0; at < characters.length; turn++) {
    const length = lengths[turn % lengths.length] ?? 1;
    chunks.push(characters.slice(at, at + length).join(""));
    at += length;
  }
  return chunks;
}

test("a script in chunks of any sizes is split as it is in one piece", () => {
  fc.assert(
    fc.property(script, fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 5 }), (text, lengths) => {
      expect(split(chunksOf(text, lengths))).toEqual(split([text]));
    }),
    { numRuns: 5000 },
  );
});

test("a comment that a continued string may still swallow is not taken for one", () => {
  const text = "select ''-- x\n'';";
  expect(split(chunksOf(text, [14, 1]))).toEqual(split([text]));
});

test.each([
  ["statements", "insert into a values ('b');\n"],
  ["rows of COPY", "1\tb\n"],
])("of many %s a window holds few at a time", (kind, line) => {
  const chunk = line.repeat(1000);
  const open = kind === "statements" ? "" : "copy a from stdin;\n";
  const window = new ScriptWindow([open, ...Array<string>(100).fill(chunk), "\\.\n".slice(0, 3 * open.length)]);
  let longest = 0;
  for (const _ of splitStatements(window)) longest = Math.max(longest, window.text.length);
  expect(longest).toBeLessThan(3 * chunk.length);
});

test("a long statement is read a number of times that does not grow with its length", () => {
  const reads = (parts: number) => {
    const window = new ScriptWindow(["select '", ...Array<string>(parts).fill("x".repeat(100)), "';"]);
    let grown = 0;
    const { grow } = window;
    window.grow = () => {
      grown++;
      grow.call(window);
    };
    expect([...splitStatements(window)]).toHaveLength(1);
    return grown;
  };
  expect(reads(10_000)).toBeLessThan(20);
});
