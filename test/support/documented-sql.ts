import { readFileSync } from "node:fs";

/**
 * The statements of one section of a page under docs/, in their order, for an application of another name than the page's
 * `blog`. They end with a semicolon at a line's end.
 */
export function documentedStatements(page: string, heading: string, application: string): readonly string[] {
  const text = readFileSync(new URL(`../../docs/${page}`, import.meta.url), "utf8");
  const section = text.split(/^## /m).find((part) => part.startsWith(`${heading}\n`));
  const blocks = [...(section ?? "").matchAll(/^```sql\n(.*?)^```$/gms)].map(([, sql = ""]) => sql);
  if (blocks.length === 0) throw new Error(`${page} has no SQL under "${heading}"`);
  return blocks
    .flatMap((block) => block.trimEnd().split(/;\n/))
    .map((statement) => statement.replace(/;$/, "").replaceAll("blog", application));
}
