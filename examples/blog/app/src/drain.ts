import type { Server } from "node:http";

/**
 * Stops accepting connections and waits until every request under way has been answered, but no longer than `timeoutMs`.
 *
 * @returns whether all of them were answered; the rest is cut off.
 */
export async function drain(server: Server, timeoutMs: number): Promise<boolean> {
  let complete = true;
  const cutOff = setTimeout(() => {
    complete = false;
    server.closeAllConnections();
  }, timeoutMs);
  try {
    await new Promise((resolve) => {
      server.close(resolve); // closes idle keep-alive connections too
    });
    return complete;
  } finally {
    clearTimeout(cutOff);
  }
}
