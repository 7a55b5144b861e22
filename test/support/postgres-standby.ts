import { onTestFinished } from "vitest";
import type { PostgresServer } from "./postgres.ts";
import { PostgresProcess } from "./postgres-process.ts";

export interface Standby {
  readonly port: number;
  /** Makes it a primary, and returns when it is one. */
  promote(): Promise<void>;
}

/**
 * Gives the test file's server a streaming standby for one test: the server is restarted for it, after the databases that
 * the test wants to see on both were created or before.
 *
 * `acceptsReads: false` is a standby without hot standby, which refuses connections until it is promoted.
 */
export async function startStandby(
  { process: primary }: PostgresServer,
  { acceptsReads = true }: { readonly acceptsReads?: boolean } = {},
): Promise<Standby> {
  await primary.stop();
  const standby = await PostgresProcess.createStandby(primary, [`hot_standby = ${acceptsReads ? "on" : "off"}`]);
  onTestFinished(() => standby.remove());
  await primary.start();
  if (acceptsReads) await standby.start();
  else standby.spawn();
  return {
    port: standby.port,
    promote: () => standby.promote(),
  };
}
