import type { InstallContext, Tool, ToolSource } from "../tool.ts";
import { flyway } from "./flyway.ts";
import { goTools } from "./go.ts";
import { buildOwnMigrator } from "./migrator.ts";
import { dbmate, nodeTools } from "./npm.ts";
import { psql } from "./psql.ts";

const peers: readonly ToolSource[] = [goTools, dbmate, nodeTools, flyway, psql];

export const peerNames: readonly string[] = peers.flatMap(({ names }) => names);

/** What runs beside ours, and what does not, with the reason. */
export interface InstalledTools {
  readonly own: Tool;
  /** Ours first. */
  readonly all: readonly Tool[];
  readonly missing: readonly { readonly name: string; readonly reason: string }[];
}

/**
 * Builds ours and gets the peers of these names ready.
 *
 * @throws where ours cannot be built; a peer that cannot be had is only told about
 */
export async function installTools(names: readonly string[], context: InstallContext): Promise<InstalledTools> {
  const own = await buildOwnMigrator(context);
  const all: Tool[] = [own];
  const missing: { name: string; reason: string }[] = [];
  for (const source of peers) {
    const wanted = source.names.filter((name) => names.includes(name));
    if (wanted.length === 0) continue;
    try {
      const tools = await source.install(context);
      all.push(...tools.filter(({ name }) => wanted.includes(name)));
    } catch (error) {
      context.signal.throwIfAborted();
      const reason = (error as { shortMessage?: string; message: string }).shortMessage ?? (error as Error).message;
      context.log(`without ${wanted.join(", ")}: ${reason}`);
      missing.push(...wanted.map((name) => ({ name, reason })));
    }
  }
  return { own, all, missing };
}
