import { existsSync, writeFileSync } from "node:fs";
import { cutToBytes } from "./cut-to-bytes.ts";
import { escapeControls } from "./terminal-text.ts";

/** Where the kubelet looks unless the container's spec names another place. */
const defaultPath = "/dev/termination-log";
/** The kubelet reads no more of it. */
const maxBytes = 4096;

/**
 * Writes what `kubectl describe pod` shows as the container's last message; outside a container, nothing. Line breaks and
 * tabs stay, other control characters are shown.
 *
 * @throws the file system's error where the file cannot be written
 */
export function writeTerminationMessage(configured: string | undefined, text: string): void {
  const path = configured || (existsSync(defaultPath) ? defaultPath : undefined);
  if (path !== undefined) writeFileSync(path, cutToBytes(escapeControls(text, "layout"), maxBytes));
}
