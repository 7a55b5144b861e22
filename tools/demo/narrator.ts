import { styleText } from "node:util";
import { readableLines } from "@migration-gate/cli-runtime/readable-lines";

/** Tells the story on the terminal: what happens at each step, with the real commands and what they print. */
export interface Narrator {
  readonly step: (title: string, explanation: string) => void;
  readonly command: (line: string) => void;
  /** Shows lines of output, indented; a long text is cut in the middle. */
  readonly output: (text: string, maxLines?: number) => void;
  /** Shows the JSON lines of `kubectl logs` as they would look on a terminal. */
  readonly log: (text: string) => void;
  readonly fact: (text: string) => void;
}

export function createNarrator(write: (text: string) => void): Narrator {
  let steps = 0;
  const output = (text: string, maxLines = 12) => write(`${indent(shorten(text.trimEnd().split("\n"), maxLines))}\n`);
  return {
    step: (title, explanation) => {
      steps += 1;
      write(`\n${styleText("bold", `${steps}. ${title}`)}\n   ${explanation}\n`);
    },
    command: (line) => write(`   ${styleText("cyan", `$ ${line}`)}\n`),
    output,
    log: (text) => output(readable(text)),
    fact: (text) => write(`   ${styleText("green", "✓")} ${text}\n`),
  };
}

function readable(log: string): string {
  let text = "";
  const lines = readableLines({ write: (line) => (text += line) });
  for (const line of log.split("\n").filter((candidate) => candidate.startsWith("{"))) lines.write(line);
  return text;
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
