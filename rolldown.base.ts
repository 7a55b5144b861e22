import { isBuiltin } from "node:module";
import type { OutputOptions, Plugin, RolldownOptions } from "rolldown";
import type { ESTree } from "rolldown/utils";

/**
 * Takes Node's own modules by `process.getBuiltinModule`. An `import` of one reads every export that it has, and to read
 * some of them loads further modules: 3 ms each for `node:util` and `node:fs`, at every start.
 */
const builtins: Plugin = {
  name: "builtins",
  renderChunk(code) {
    let taken = code;
    for (const node of this.parse(code).body.toReversed()) {
      if (node.type !== "ImportDeclaration" || !isBuiltin(node.source.value)) continue;
      taken = taken.slice(0, node.start) + takeBuiltin(node) + taken.slice(node.end);
    }
    return taken;
  },
};

function takeBuiltin({ specifiers, source }: ESTree.ImportDeclaration): string {
  const names = specifiers.map((specifier) => {
    const { local } = specifier;
    if (specifier.type !== "ImportSpecifier") return local.name;
    const { imported } = specifier;
    return `{ ${JSON.stringify("name" in imported ? imported.name : imported.value)}: ${local.name} }`;
  });
  const module = `process.getBuiltinModule(${JSON.stringify(source.value)})`;
  return names.map((name) => `const ${name} = ${module};`).join(" ");
}

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
  plugins: [builtins],
  // pg asks for its native binding, which is not used.
  external: ["pg-native"],
  resolve: { alias: { "string-width": "@migration-gate/cli-runtime/string-width" } },
};
