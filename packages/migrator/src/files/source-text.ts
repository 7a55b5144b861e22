import { createHash } from "node:crypto";

/** Why a file is not a text that can be sent to PostgreSQL. */
export class UnreadableTextError extends Error {
  override readonly name = "UnreadableTextError";
  readonly line: number;

  constructor(message: string, line: number) {
    super(message);
    this.line = line;
  }
}

/**
 * Decodes a migration file: UTF-8, with or without a byte order mark, with LF or CRLF, which is kept, so that the text
 * reaches the server as psql would send it.
 *
 * @throws UnreadableTextError for other encodings and for a zero byte, where PostgreSQL would stop reading.
 */
export function decodeSource(bytes: Uint8Array): string {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new UnreadableTextError("is not valid UTF-8", firstInvalidLine(bytes));
  }
  const zero = text.indexOf("\0");
  if (zero >= 0) throw new UnreadableTextError("contains a zero byte", text.slice(0, zero).split("\n").length);
  return text;
}

/** Identifies a file's content whatever its line endings, which a Git setting may have changed. */
export function checksumOf(text: string): string {
  return createHash("sha256").update(text.replaceAll("\r\n", "\n")).digest("hex");
}

function firstInvalidLine(bytes: Uint8Array): number {
  const newline = 0x0a;
  let line = 1;
  for (let start = 0; start < bytes.length; line++) {
    const end = bytes.indexOf(newline, start);
    const lineBytes = bytes.subarray(start, end < 0 ? bytes.length : end);
    if (!isUtf8(lineBytes)) return line;
    if (end < 0) break;
    start = end + 1;
  }
  return line;
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}
