/** A fenced block of a Markdown page. */
export interface FencedBlock {
  /** The first word behind the fence (`sh`, `yaml`); empty where there is none. */
  readonly language: string;
  /** The lines between the fences, without the indentation of the fence. */
  readonly text: string;
  /** Where the block begins in its page, from 1. */
  readonly line: number;
}

/** The fenced blocks of a page, in their order. */
export function fencedBlocks(markdown: string): FencedBlock[] {
  return parts(markdown).blocks;
}

/** The fenced blocks, and the lines that are in none of them. */
function parts(markdown: string): { blocks: FencedBlock[]; outside: string } {
  const blocks: FencedBlock[] = [];
  const outside: string[] = [];
  const lines = markdown.split("\n");
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] ?? "";
    const [, indentation = "", fence, language = ""] = /^( *)(```+)\s*(\S*)/.exec(line) ?? [];
    if (fence === undefined) {
      outside.push(line);
      continue;
    }
    const end = lines.indexOf(indentation + fence, index + 1);
    if (end === -1) throw new Error(`the fenced block in line ${index + 1} has no end`);
    const inside = lines
      .slice(index + 1, end)
      .map((text) => text.slice(Math.min(indentation.length, text.search(/\S|$/))));
    blocks.push({ language, text: `${inside.join("\n")}\n`, line: index + 1 });
    index = end;
  }
  return { blocks, outside: outside.join("\n") };
}

/**
 * What stands under a heading of the second level.
 *
 * @throws where the page has no such heading.
 */
export function section(markdown: string, heading: string): string {
  const part = markdown.split(/^## /m).find((candidate) => candidate.startsWith(`${heading}\n`));
  if (part === undefined) throw new Error(`there is no heading "## ${heading}"`);
  return part;
}

/** The names that a link may put behind `#`, made from the page's headings as GitHub makes them. */
export function anchors(markdown: string): Set<string> {
  const names = new Set<string>();
  for (const [, heading = ""] of parts(markdown).outside.matchAll(/^#{1,6} +(.*?)\s*$/gm)) {
    const name = heading
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}_ -]/gu, "")
      .replaceAll(" ", "-");
    let unique = name;
    for (let count = 1; names.has(unique); count++) unique = `${name}-${count}`;
    names.add(unique);
  }
  return names;
}

/** The targets of a page's links and images: `[text](target)`, `<img src="target">` and `[name]: target`. */
export function linkTargets(markdown: string): string[] {
  const text = parts(markdown).outside.replaceAll(/(`+)(?!`).*?[^`]\1(?!`)/gs, "");
  const patterns = [
    /\]\(<?([^()\s>]+)>?(?:\s+"[^"]*")?\)/g,
    /\b(?:src|href|srcset)="([^"]+)"/g,
    /^\[[^\]]+\]: +(\S+)/gm,
  ];
  return patterns.flatMap((pattern) => [...text.matchAll(pattern)].map(([, target = ""]) => target));
}
