/**
 * The part of a script that is in memory: all of it, or a stretch that moves over a large one.
 *
 * Offsets into `text` hold until it moves; a window over a whole text is `complete`, and never does.
 */
export class ScriptWindow {
  readonly #chunks: Iterator<string>;
  #next: IteratorResult<string>;
  #text = "";
  #start = 0;
  #position = 0;
  #leftOut = 0;

  /** `chunks` are read when they are needed, in any division that leaves surrogate pairs whole. */
  constructor(chunks: Iterable<string>) {
    this.#chunks = chunks[Symbol.iterator]();
    this.#next = this.#chunks.next();
    this.#append(1);
  }

  static over(text: string): ScriptWindow {
    return new ScriptWindow([text]);
  }

  get text(): string {
    return this.#text;
  }

  /** Where `text` begins in the script. */
  get start(): number {
    return this.#start;
  }

  /** Where in `text` the next statement begins, with what stands before it. */
  get position(): number {
    return this.#position;
  }

  /** True where the script ends with this text. */
  get complete(): boolean {
    return this.#next.done === true;
  }

  /** Moves on to an offset, what was left out counted; what is before it may be forgotten from now on. */
  moveTo(offset: number): void {
    this.#position = offset - this.#leftOut;
    if (this.#leftOut > 0) this.#forget();
  }

  /**
   * Reads on, at least as much again as there is from `position` on: so looking again from there after each step takes,
   * all in all, time in proportion to the script's length.
   */
  grow(): void {
    this.#forget();
    this.#append(Math.max(1, this.#text.length));
  }

  /** Takes `from` to `to` out of the text and puts what comes next behind it; returns how much is left out by now. */
  leaveOut(from: number, to: number): number {
    this.#leftOut += to - from;
    this.#text = this.#text.slice(0, from) + this.#text.slice(to);
    this.#append(1);
    return this.#leftOut;
  }

  #forget(): void {
    this.#start += this.#position + this.#leftOut;
    this.#text = this.#text.slice(this.#position);
    this.#position = 0;
    this.#leftOut = 0;
  }

  #append(length: number): void {
    const pieces = [this.#text];
    for (let missing = length; missing > 0 && !this.#next.done; this.#next = this.#chunks.next()) {
      pieces.push(this.#next.value);
      missing -= this.#next.value.length;
    }
    if (pieces.length > 1) this.#text = pieces.join("");
  }
}
