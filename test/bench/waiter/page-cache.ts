import { existsSync } from "node:fs";
import { readFile, realpath, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** The kernel's own default, which ordinary nodes have (VM_READAHEAD_PAGES in the kernel's include/linux/pagemap.h). */
export const readAheadKib = 128;
const cachesFile = "/proc/sys/vm/drop_caches";

/** The machine's page cache while programs start cold: they are read from the device of `directory`. */
export interface ColdPageCache extends AsyncDisposable {
  /** Forgets every file page that is not in use. */
  drop(): Promise<void>;
}

/**
 * Lets the device of `directory` read ahead as much as an ordinary node's until the result is disposed of: a program is
 * charged for all that is read ahead of it, and some machines are set to megabytes.
 */
export async function openColdPageCache(directory: string): Promise<ColdPageCache> {
  const setting = await readAheadFile(directory);
  const before = await readFile(setting, "utf8");
  await writeFile(setting, String(readAheadKib));
  return {
    drop: async () => {
      // Dirty pages are not dropped: give the kernel a moment to write them.
      await sleep(500);
      await writeFile(cachesFile, "3");
    },
    [Symbol.asyncDispose]: () => writeFile(setting, before),
  };
}

/** A partition has the setting of its disk. */
async function readAheadFile(directory: string): Promise<string> {
  const { dev } = await stat(directory);
  const [major, minor] = [(dev >> 8) & 0xfff, (dev & 0xff) | ((dev >> 12) & 0xfff00)];
  const device = await realpath(`/sys/dev/block/${major}:${minor}`);
  const candidates = [device, dirname(device)].map((folder) => join(folder, "queue/read_ahead_kb"));
  const found = candidates.find((file) => existsSync(file));
  if (!found) throw new Error(`the device of ${directory} has no setting for reading ahead under ${device}`);
  return found;
}
