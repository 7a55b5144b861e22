import { chmodSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Plugin } from "rolldown";
import { splitBundleOptions } from "../../rolldown.base.ts";

/** Everywhere but in the image, the program is a command: the shebang of src/cli.ts needs the permission to match. */
const executable: Plugin = {
  name: "executable",
  writeBundle: ({ dir = "dist" }) => chmodSync(join(dir, "waiter.mjs"), 0o755),
};

// Every pod start pays for what is parsed, for each file, and for each of Node's own modules that is imported: so what the
// program needs for an open gate, and nothing else, is one chunk, whatever the other chunks share with it.
const openGate = { name: "open-gate", test: /src\/cli\.ts$/ };
const { resolve, output, plugins, ...options } = splitBundleOptions("waiter");
const undici = fileURLToPath(new URL("src/kubeconfig/unused-undici.ts", import.meta.url));

export default {
  ...options,
  output: { ...output, codeSplitting: { groups: [openGate] } },
  resolve: { alias: { ...resolve?.alias, undici } },
  plugins: [plugins, executable],
};
