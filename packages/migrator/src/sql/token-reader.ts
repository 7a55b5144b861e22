import type { Statement } from "./statements.ts";

/** Reads a statement's tokens one after the other, as far as recognising its parts needs. */
export class TokenReader {
  readonly #text: string;
  readonly #tokens: Statement["tokens"];
  #at = 0;

  constructor(text: string, { tokens }: Statement) {
    this.#text = text;
    this.#tokens = tokens;
  }

  /** Passes the words where they come next, all of them. */
  skip(...words: readonly string[]): boolean {
    if (!words.every((word, index) => this.#source(index).toLowerCase() === word)) return false;
    this.#at += words.length;
    return true;
  }

  /** True where the word comes next. */
  meets(word: string): boolean {
    return this.#source(0).toLowerCase() === word;
  }

  /** Passes what stands in parentheses, if they come next, and returns its words. */
  skipParentheses(): readonly string[] {
    if (this.#source(0) !== "(") return [];
    const words: string[] = [];
    do words.push(this.#source(0).toLowerCase());
    while (this.#source(0) !== ")" && ++this.#at < this.#tokens.length);
    this.#at++;
    return words.slice(1, -1);
  }

  /** Passes a name with its qualification, and returns it as it is written. */
  qualifiedName(): string {
    let name = this.#source(0);
    this.#at++;
    while (this.#source(0) === ".") {
      name += `.${this.#source(1)}`;
      this.#at += 2;
    }
    return name;
  }

  get ended(): boolean {
    return this.#at >= this.#tokens.length || this.#source(0) === ";";
  }

  #source(ahead: number): string {
    const token = this.#tokens[this.#at + ahead];
    return token ? this.#text.slice(token.start, token.end) : "";
  }
}
