import type { LogDestination } from "./logger.ts";
import { cutToColumns } from "./terminal-text.ts";

/** What a live line needs of a terminal; `process.stdout` fits. */
export interface Terminal {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** True where a line can be drawn over itself: on a terminal that understands it and that a person looks at. */
export function showsLiveLine({ isTTY }: Terminal, env: Readonly<Record<string, string | undefined>>): boolean {
  const { TERM: kind = "dumb", CI: ci = "" } = env;
  return isTTY === true && kind !== "dumb" && (ci === "" || ci === "false");
}

/**
 * The last line of a terminal, drawn again and again, below ordinary lines that scroll away above it.
 *
 * Every ordinary line has to go through `write`. Whoever shows a line clears it in the end, whatever the end is.
 */
export class LiveLine implements LogDestination {
  readonly isTTY = true;
  readonly #terminal: Terminal;
  #text = "";

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** The room for the text: a character in the last column would make some terminals wrap. */
  get columns(): number {
    return (this.#terminal.columns || 80) - 1;
  }

  /** Writes whole lines above the live one. */
  write(text: string): void {
    this.#terminal.write(`${this.#erasing}${text}${this.#text}`);
  }

  /** Draws one line of text, without control characters, in the place of the one before. */
  show(text: string): void {
    const erasing = this.#erasing;
    this.#text = cutToColumns(text, this.columns);
    this.#terminal.write(`${erasing}${this.#text}`);
  }

  clear(): void {
    const erasing = this.#erasing;
    this.#text = "";
    if (erasing) this.#terminal.write(erasing);
  }

  get #erasing(): string {
    return this.#text && eraseLine;
  }
}

/** To the first column, and everything from there on away: ECMA-48, EL. */
const eraseLine = "\r\u001b[K";
