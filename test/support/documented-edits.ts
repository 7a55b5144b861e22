import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fencedBlocks } from "../../tools/documentation/markdown.ts";

/** A change of one file as a page shows it. */
export interface DocumentedEdit {
  readonly file: string;
  readonly hunks: readonly Hunk[];
}

interface Hunk {
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/**
 * Reads the `diff` blocks of a page: `+++ FILE`, and for each place a line that begins with `@@` and lines that begin with a
 * space, a plus or a minus. There are no line numbers: the lines that stay say where the place is.
 */
export function documentedEdits(markdown: string): DocumentedEdit[] {
  return fencedBlocks(markdown)
    .filter(({ language }) => language === "diff")
    .map(({ text, line }) => {
      const [header = "", ...lines] = text.trimEnd().split("\n");
      if (!header.startsWith("+++ ")) throw new Error(`the diff in line ${line} does not begin with "+++ FILE"`);
      const [nothing, ...hunks] = lines.join("\n").split(/^@@.*\n/m);
      if (nothing !== "" || hunks.length === 0)
        throw new Error(`the diff in line ${line} has no line that begins with "@@"`);
      return { file: header.slice(4), hunks: hunks.map(parseHunk) };
    });
}

function parseHunk(text: string): Hunk {
  const lines = text.replace(/\n$/, "").split("\n");
  const without = (sign: string) => lines.filter((line) => !line.startsWith(sign)).map((line) => line.slice(1));
  return { before: without("+"), after: without("-") };
}

/** Does the edits below a folder, as a reader of the page would. */
export async function applyEdits(edits: readonly DocumentedEdit[], folder: string): Promise<void> {
  for (const { file, hunks } of edits) {
    const path = join(folder, file);
    const text = hunks.reduce((edited, hunk) => applyHunk(file, edited, hunk), await readFile(path, "utf8"));
    await writeFile(path, text);
  }
}

/** @throws where the lines that the hunk expects are not there, or are there more than once. */
function applyHunk(file: string, text: string, { before, after }: Hunk): string {
  const expected = `\n${before.join("\n")}\n`;
  const [head, tail, more] = `\n${text}`.split(expected);
  if (head === undefined || tail === undefined || more !== undefined) {
    throw new Error(`${file} has not exactly one place with these lines:${expected}`);
  }
  return `${head}\n${after.join("\n")}\n${tail}`.slice(1);
}
