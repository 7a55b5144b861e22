import type { RolldownOptions } from "rolldown";

/** One self-contained file per program: the images hold Node and this file, nothing else. */
export function bundleOptions(name: string): RolldownOptions {
  return {
    input: "src/cli.ts",
    platform: "node",
    // pg asks for its native binding, which is not used.
    external: ["pg-native"],
    output: { file: `dist/${name}.mjs`, format: "esm", codeSplitting: false, minify: true, sourcemap: false },
  };
}
