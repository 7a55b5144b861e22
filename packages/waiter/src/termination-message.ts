import { existsSync, writeFileSync } from "node:fs";
import { cutToBytes } from "./plain-text.ts";

/** Where the kubelet looks unless the container's spec names another place. */
const defaultPath = "/dev/termination-log";
/** The kubelet reads no more of it. */
const maxBytes = 4096;

/** Names the file for the termination message; `undefined` outside a container. */
export function terminationMessagePath(configured: string | undefined): string | undefined {
  if (configured) return configured;
  return existsSync(defaultPath) ? defaultPath : undefined;
}

/** Writes what `kubectl describe pod` shows as the container's last message; the log says the same where it cannot be. */
export function writeTerminationMessage(path: string, text: string): boolean {
  try {
    writeFileSync(path, cutToBytes(text, maxBytes));
    return true;
  } catch {
    return false;
  }
}
