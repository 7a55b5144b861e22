import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import createModule from "libpg-query/wasm/libpg-query.js";
import type { ParserParts } from "./postgres-parser.ts";

/** Reads libpg-query from its package. Beside the bundle, a file that holds it compressed stands for this one. */
export function parserParts(): ParserParts {
  return {
    createModule,
    binary: readFileSync(fileURLToPath(import.meta.resolve("libpg-query/wasm/libpg-query.wasm"))),
  };
}
