declare module "libpg-query/wasm/libpg-query.js" {
  const createModule: import("./postgres-parser.ts").CreateModule;
  // biome-ignore lint/style/noDefaultExport: it is what the package has
  export default createModule;
}

/** Node has it; its types leave it to those of browsers. */
declare namespace WebAssembly {
  type Imports = Record<string, Record<string, unknown>>;
  class Module {
    constructor(binary: Uint8Array<ArrayBuffer>);
  }
  class Instance {
    constructor(module: Module, imports: Imports);
  }
}
