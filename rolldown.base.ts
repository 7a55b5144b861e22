import type { OutputOptions, RolldownOptions } from "rolldown";

const format: OutputOptions = { format: "esm", minify: true, sourcemap: false };

/** One self-contained file per program: the images hold Node and this file, nothing else. */
export function bundleOptions(name: string): RolldownOptions {
  return { ...input, output: { ...format, file: `dist/${name}.mjs`, codeSplitting: false } };
}

/** The same as a folder: what the program always needs in one file, and beside it, what it loads only now and then. */
export function splitBundleOptions(name: string): RolldownOptions {
  const names = { entryFileNames: `${name}.mjs`, chunkFileNames: `${name}-[name].mjs` };
  return { ...input, output: { ...format, ...names, dir: "dist", codeSplitting: true, cleanDir: true } };
}

const input: RolldownOptions = {
  input: "src/cli.ts",
  platform: "node",
  // pg asks for its native binding, which is not used.
  external: ["pg-native"],
  resolve: { alias: { "string-width": "@migration-gate/cli-runtime/string-width" } },
};
