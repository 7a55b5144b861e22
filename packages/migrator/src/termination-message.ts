import { existsSync, writeFileSync } from "node:fs";

/** Where the kubelet looks unless the container's spec names another place. */
const defaultPath = "/dev/termination-log";
/** The kubelet reads no more of it. */
const maximumBytes = 4096;

/** Writes what `kubectl describe pod` shows as the container's last message; outside a container, nothing. */
export function writeTerminationMessage(configured: string | undefined, text: string): void {
  const path = configured || (existsSync(defaultPath) ? defaultPath : undefined);
  if (path !== undefined) writeFileSync(path, cutToBytes(text, maximumBytes));
}

/** Cuts at the end of a character. */
function cutToBytes(text: string, limit: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= limit) return text;
  const cut = new TextDecoder().decode(bytes.subarray(0, limit - Buffer.byteLength("…")));
  return `${cut.replace(/\uFFFD$/, "")}…`;
}
