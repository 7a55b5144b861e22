import { readFileSync } from "node:fs";
import { fencedBlocks, section } from "../../tools/documentation/markdown.ts";

/** The text of a page under docs/. */
export function readPage(page: string): string {
  return readFileSync(new URL(`../../docs/${page}`, import.meta.url), "utf8");
}

/** The blocks of SQL of one section of a page under docs/, in their order. */
export function documentedScripts(page: string, heading: string): readonly string[] {
  const blocks = fencedBlocks(section(readPage(page), heading)).filter(({ language }) => language === "sql");
  if (blocks.length === 0) throw new Error(`${page} has no SQL under "${heading}"`);
  return blocks.map(({ text }) => text);
}

/**
 * The statements of one section of a page under docs/, in their order, for an application of another name than the page's
 * `blog`. They end with a semicolon at a line's end.
 */
export function documentedStatements(page: string, heading: string, application: string): readonly string[] {
  return documentedScripts(page, heading)
    .flatMap((block) => block.trimEnd().split(/;\n/))
    .map((statement) => statement.replace(/;$/, "").replaceAll("blog", application));
}
