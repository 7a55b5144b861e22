import { styleText } from "node:util";

/** Tells the story on the terminal: what happens at each step, with the real commands and what they print. */
export interface Narrator {
  readonly step: (title: string, explanation: string) => void;
  readonly command: (line: string) => void;
  /** Shows lines of output, indented; a long text is cut in the middle. */
  readonly output: (text: string, maxLines?: number) => void;
  readonly fact: (text: string) => void;
}

export function createNarrator(write: (text: string) => void): Narrator {
  let steps = 0;
  return {
    step: (title, explanation) => {
      steps += 1;
      write(`\n${styleText("bold", `${steps}. ${title}`)}\n   ${explanation}\n`);
    },
    command: (line) => write(`   ${styleText("cyan", `$ ${line}`)}\n`),
    output: (text, maxLines = 12) => write(`${indent(shorten(text.trimEnd().split("\n"), maxLines))}\n`),
    fact: (text) => write(`   ${styleText("green", "✓")} ${text}\n`),
  };
}

function shorten(lines: readonly string[], maxLines: number): readonly string[] {
  if (lines.length <= maxLines) return lines;
  const head = Math.ceil(maxLines / 2);
  const left = lines.length - maxLines;
  return [...lines.slice(0, head), `… ${left} more lines …`, ...lines.slice(lines.length - (maxLines - head))];
}

function indent(lines: readonly string[]): string {
  return lines.map((line) => `     ${line}`).join("\n");
}
