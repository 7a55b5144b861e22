import { isUtf8 } from "node:buffer";
import { createHash } from "node:crypto";
import { readSync } from "node:fs";

/** Why a file is not a text that can be sent to PostgreSQL. */
export class UnreadableTextError extends Error {
  override readonly name = "UnreadableTextError";
  readonly line: number;

  constructor(message: string, line: number) {
    super(message);
    this.line = line;
  }
}

/** Some bytes of a file, and where they stand in it. */
export interface SourcePiece {
  readonly position: number;
  readonly bytes: Buffer;
}

/**
 * Reads a migration file from a position on: UTF-8, without its byte order mark, with LF or CRLF, which is kept, so that
 * the text reaches the server as psql would send it.
 *
 * No piece ends within a character, or between CR and LF. A piece is a view of `buffer`, overwritten by the next one.
 *
 * @throws UnreadableTextError for other encodings and for a zero byte, where PostgreSQL would stop reading.
 */
export function* readPieces(descriptor: number, buffer: Buffer, from = 0): Generator<SourcePiece> {
  let position = from;
  let kept = 0;
  while (true) {
    const read = readSync(descriptor, buffer, kept, buffer.length - kept, position + kept);
    const filled = buffer.subarray(0, kept + read);
    const bytes = read === 0 ? filled : filled.subarray(0, completeLength(filled));
    const markLength = position === 0 && startsWithMark(bytes) ? byteOrderMark.length : 0;
    const piece = { position: position + markLength, bytes: bytes.subarray(markLength) };
    const flaw = flawOf(piece.bytes);
    if (flaw) throw new UnreadableTextError(flaw.message, lineAt(descriptor, buffer, piece.position + flaw.offset));
    if (piece.bytes.length > 0) yield piece;
    if (read === 0) return;
    position += bytes.length;
    kept = filled.length - bytes.length;
    buffer.copyWithin(0, bytes.length, filled.length);
  }
}

/** The checksum of a text, whatever its line endings, which a Git setting may have changed; and its size as it is. */
export function measure(pieces: Iterable<SourcePiece>): { readonly checksum: string; readonly size: number } {
  const hash = createHash("sha256");
  let size = 0;
  for (const { position, bytes } of pieces) {
    hash.update(
      bytes.includes(carriageReturn) ? Buffer.from(bytes.toString("latin1").replaceAll("\r\n", "\n"), "latin1") : bytes,
    );
    size = position + bytes.length;
  }
  return { checksum: hash.digest("hex"), size };
}

const byteOrderMark = Buffer.from("\ufeff");
const carriageReturn = 0x0d;
const lineFeed = 0x0a;

function startsWithMark(bytes: Buffer): boolean {
  return bytes.subarray(0, byteOrderMark.length).equals(byteOrderMark);
}

function completeLength(bytes: Buffer): number {
  const byteAt = (index: number) => bytes[index] ?? 0;
  let last = bytes.length - 1;
  for (let count = 1; count < 4 && isContinuation(byteAt(last)); count++) last--;
  const end = last + characterLength(byteAt(last)) > bytes.length ? last : bytes.length;
  return byteAt(end - 1) === carriageReturn ? end - 1 : end;
}

function isContinuation(byte: number): boolean {
  return byte >= 0x80 && byte < 0xc0;
}

function characterLength(firstByte: number): number {
  if (firstByte < 0xc0) return 1;
  if (firstByte < 0xe0) return 2;
  return firstByte < 0xf0 ? 3 : 4;
}

function flawOf(bytes: Buffer): { readonly message: string; readonly offset: number } | undefined {
  if (!isUtf8(bytes)) return { message: "is not valid UTF-8", offset: firstInvalidLine(bytes) };
  const zero = bytes.indexOf(0);
  return zero < 0 ? undefined : { message: "contains a zero byte", offset: zero };
}

function firstInvalidLine(bytes: Buffer): number {
  let start = 0;
  for (
    let end = bytes.indexOf(lineFeed);
    end >= 0 && isUtf8(bytes.subarray(start, end));
    end = bytes.indexOf(lineFeed, start)
  ) {
    start = end + 1;
  }
  return start;
}

/** Reads the file once more: a file with a flaw is not read on. */
function lineAt(descriptor: number, buffer: Buffer, position: number): number {
  let line = 1;
  for (let at = 0; at < position; ) {
    const read = readSync(descriptor, buffer, 0, Math.min(buffer.length, position - at), at);
    if (read === 0) break;
    const bytes = buffer.subarray(0, read);
    for (let newline = bytes.indexOf(lineFeed); newline >= 0; newline = bytes.indexOf(lineFeed, newline + 1)) line++;
    at += read;
  }
  return line;
}
