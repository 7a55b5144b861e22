import { cutToBytes } from "@migration-gate/cli-runtime/cut-to-bytes";

/**
 * Makes text from elsewhere safe for logs, terminals and the ledger: control characters and line breaks become spaces,
 * bidirectional overrides vanish, and no more than `maxBytes` of UTF-8 are kept.
 */
export function plainText(text: string, maxBytes: number): string {
  const oneLine = text
    .toWellFormed()
    // biome-ignore lint/suspicious/noControlCharactersInRegex: removing them is the purpose
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, " ")
    .replace(/[\u202a-\u202e\u2066-\u2069]/g, "");
  return cutToBytes(oneLine.trim(), maxBytes);
}
