import { setTimeout as delay } from "node:timers/promises";

/** Waits until `condition` answers something truthy, and returns that; fails after `limitMs`, naming what it waited for. */
export async function eventually<T>(
  what: string,
  condition: () => Promise<T>,
  limitMs = 20_000,
): Promise<NonNullable<T>> {
  for (const deadline = Date.now() + limitMs; Date.now() < deadline; await delay(25)) {
    const answer = await condition();
    if (answer) return answer;
  }
  throw new Error(`waited ${limitMs} ms in vain until ${what}`);
}
