/** Cuts to at most `maxBytes` of UTF-8 without splitting a character; what was cut shows as `…`. */
export function cutToBytes(text: string, maxBytes: number): string {
  if (Buffer.byteLength(text) <= maxBytes) return text;
  const ellipsis = "…";
  const bytes = Buffer.from(text).subarray(0, maxBytes - Buffer.byteLength(ellipsis));
  // `stream: true` holds back the bytes of an incomplete last character.
  return new TextDecoder().decode(bytes, { stream: true }) + ellipsis;
}
