import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants } from "node:zlib";
import type { Plugin } from "rolldown";
import { splitBundleOptions } from "../../rolldown.base.ts";

/** Makes one file of src/sql/parser-module.ts and all that it reads; docs/adr/0007-parser.md says why not the bundle's. */
const embedParser: Plugin = {
  name: "embed-parser",
  load: {
    filter: { id: /\/sql\/parser-module\.ts$/ },
    handler() {
      const [loader, binary] = ["js", "wasm"].map((kind) =>
        readFileSync(fileURLToPath(import.meta.resolve(`libpg-query/wasm/libpg-query.${kind}`))),
      ) as [Buffer, Buffer];
      // The best quality takes two seconds, for 12 % less.
      const params = { [constants.BROTLI_PARAM_QUALITY]: 9 };
      const parts = brotliCompressSync(Buffer.concat([loader, binary]), { params }).toString("base64");
      return { code: embedded(parts, loader.length), moduleType: "js" };
    },
  },
};

/** The loader is CommonJS, and asks for its own folder even where it is given its binary. */
const embedded = (parts: string, loaderLength: number) => `
  import { createRequire } from "node:module";
  import { compileFunction } from "node:vm";
  import { brotliDecompressSync } from "node:zlib";

  export function parserParts() {
    const parts = brotliDecompressSync(Buffer.from("${parts}", "base64"));
    const module = { exports: {} };
    const load = compileFunction(parts.toString("utf8", 0, ${loaderLength}), ["module", "exports", "require", "__dirname"]);
    load(module, module.exports, createRequire(import.meta.url), "");
    return { createModule: module.exports, binary: parts.subarray(${loaderLength}) };
  }`;

const options = splitBundleOptions("migrator");

export default { ...options, plugins: [options.plugins, embedParser] };
