import { drawSvg } from "./svg.ts";
import type { Timeline } from "./timeline.ts";

/** One self-contained HTML page around the timeline; `facts` are shown as a table. */
export function reportPage(title: string, timeline: Timeline, facts: Readonly<Record<string, string>>): string {
  const rows = Object.entries(facts).map(([name, value]) => `<tr><th>${name}</th><td>${value}</td></tr>`);
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>
  body { font-family: system-ui, sans-serif; margin: 2rem auto; max-width: 1100px; padding: 0 1rem; color: #1f2328; }
  svg { max-width: 100%; height: auto; border: 1px solid #d0d7de; border-radius: 6px; }
  th { text-align: left; padding-right: 2rem; font-weight: 500; color: #57606a; }
</style>
<h1>${title}</h1>
<table>${rows.join("\n")}</table>
${drawSvg(timeline)}
</html>
`;
}
