import { closeSync, fstatSync, openSync } from "node:fs";
import { FileChangedError } from "../errors.ts";
import { measure, readPieces, type SourcePiece, UnreadableTextError } from "./source-pieces.ts";

/** Above this size a file is read piece by piece, and the history keeps its checksum and not its text. */
const largeFileBytes = 1024 * 1024;

export function isLarge({ size }: Pick<ListedFile, "size">): boolean {
  return size > largeFileBytes;
}

/** A file, as it was when it was listed. */
export interface ListedFile {
  /** For messages. */
  readonly path: string;
  readonly size: number;
  readonly checksum: string;
}

/** The text of a migration, which can be read any number of times. */
export interface ScriptSource extends Disposable {
  /** The text from an offset on, in pieces that leave surrogate pairs whole. */
  textFrom(offset: number): Iterable<string>;
  /**
   * Makes sure that what was read is one text, and not the beginning of one and the end of another.
   *
   * @throws FileChangedError
   */
  checkUnchanged(): void;
}

/** A text in memory. */
export function textSource(text: string): ScriptSource {
  return {
    textFrom: (offset) => [text.slice(offset)],
    checkUnchanged: () => undefined,
    [Symbol.dispose]: () => undefined,
  };
}

/**
 * Opens a migration file for reading once more. A file that is replaced from now on makes no difference.
 *
 * @throws FileChangedError where it is not the file that was listed any more
 */
export function openSource(location: string, file: ListedFile): ScriptSource {
  let descriptor: number;
  try {
    descriptor = openSync(location, "r");
  } catch (error) {
    throw new FileChangedError(file.path, error);
  }
  try {
    if (file.size > pieceBytes) return new FileSource(descriptor, file);
    const source = textSource(wholeText(descriptor, file));
    closeSync(descriptor);
    return source;
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

/** Part of a source's text. */
export function* textBetween(source: ScriptSource, start: number, end: number): Generator<string> {
  let offset = start;
  for (const text of source.textFrom(start)) {
    yield offset + text.length > end ? text.slice(0, end - offset) : text;
    offset += text.length;
    if (offset >= end) return;
  }
}

function wholeText(descriptor: number, file: ListedFile): string {
  // Some bytes more, for the byte order mark and to see what the file has grown by.
  const buffer = Buffer.allocUnsafe(file.size + 4);
  const texts: string[] = [];
  const decoded = readAgain(descriptor, file.path, buffer, 0, ({ bytes }) => texts.push(bytes.toString("utf8")));
  if (measure(decoded).checksum !== file.checksum) throw new FileChangedError(file.path);
  return texts.join("");
}

/** It was readable when it was listed. */
function* readAgain(
  descriptor: number,
  path: string,
  buffer: Buffer,
  from: number,
  each?: (piece: SourcePiece) => void,
): Generator<SourcePiece> {
  try {
    for (const piece of readPieces(descriptor, buffer, from)) {
      each?.(piece);
      yield piece;
    }
  } catch (error) {
    throw error instanceof UnreadableTextError ? new FileChangedError(path, error) : error;
  }
}

/** Small, so that what is read is young garbage, which V8 collects soon and cheaply. */
const pieceBytes = 32 * 1024;

class FileSource implements ScriptSource {
  readonly #descriptor: number;
  readonly #path: string;
  readonly #modified: string;
  /** Where pieces begin, as far as the text has been read. */
  readonly #landmarks = [{ offset: 0, position: 0 }];

  constructor(descriptor: number, file: ListedFile) {
    this.#descriptor = descriptor;
    this.#path = file.path;
    this.#modified = this.#modification();
    const { checksum } = measure(this.#pieces(0));
    if (checksum !== file.checksum) throw new FileChangedError(file.path);
  }

  *textFrom(offset: number): Generator<string> {
    const landmark = this.#landmarks.findLast((candidate) => candidate.offset <= offset) ?? { offset: 0, position: 0 };
    let at = landmark.offset;
    for (const { position, bytes } of this.#pieces(landmark.position)) {
      if (at > (this.#landmarks.at(-1)?.offset ?? 0)) this.#landmarks.push({ offset: at, position });
      const text = bytes.toString("utf8");
      if (at + text.length > offset) yield text.slice(Math.max(0, offset - at));
      at += text.length;
    }
  }

  #pieces(from: number): Generator<SourcePiece> {
    return readAgain(this.#descriptor, this.#path, Buffer.allocUnsafe(pieceBytes), from);
  }

  checkUnchanged(): void {
    if (this.#modification() !== this.#modified) throw new FileChangedError(this.#path);
  }

  [Symbol.dispose](): void {
    closeSync(this.#descriptor);
  }

  #modification(): string {
    const { size, mtimeNs } = fstatSync(this.#descriptor, { bigint: true });
    return `${size} ${mtimeNs}`;
  }
}
