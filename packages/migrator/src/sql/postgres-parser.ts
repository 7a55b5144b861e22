/** A node of PostgreSQL's parse tree: its name, and its fields as protobuf's JSON has them (what is zero is left out). */
export interface ParseNode {
  readonly name: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Parses one statement; `undefined` where this PostgreSQL (18) knows no such syntax. */
export type PostgresParser = (sql: string) => ParseNode | undefined;

/**
 * The two halves of libpg-query: WebAssembly, and the code that brings it to life. Its own entry point is not used: it
 * loads the parser on import, from a file that the bundle has not got.
 */
export interface ParserParts {
  readonly createModule: CreateModule;
  readonly binary: Uint8Array<ArrayBuffer>;
}

export type CreateModule = (options: {
  instantiateWasm(imports: WebAssembly.Imports, done: (instance: WebAssembly.Instance) => void): void;
}) => Promise<ParserModule>;

interface ParserModule {
  _malloc(size: number): number;
  _free(pointer: number): void;
  _wasm_parse_query_raw(sql: number): number;
  _wasm_free_parse_result(result: number): void;
  lengthBytesUTF8(text: string): number;
  stringToUTF8(text: string, pointer: number, size: number): void;
  UTF8ToString(pointer: number): string;
  getValue(pointer: number, type: "i32"): number;
}

/**
 * Loads PostgreSQL's own parser, 1.7 MB of WebAssembly: only for statements that a few words cannot tell.
 *
 * `undefined` where the bundle runs without the file beside it that holds the parser.
 */
export function loadPostgresParser(): Promise<PostgresParser | undefined> {
  loading ??= load();
  return loading;
}

let loading: Promise<PostgresParser | undefined> | undefined;

async function load(): Promise<PostgresParser | undefined> {
  const parts = await importParts();
  if (!parts) return undefined;
  const compiled = new WebAssembly.Module(parts.binary);
  const module = await parts.createModule({
    instantiateWasm: (imports, done) => done(new WebAssembly.Instance(compiled, imports)),
  });
  return (sql) => {
    const [statement] = parse(module, sql) ?? [];
    const [name, fields] = Object.entries(statement?.stmt ?? {}).at(0) ?? [];
    return name !== undefined && fields !== undefined ? { name, fields } : undefined;
  };
}

async function importParts(): Promise<ParserParts | undefined> {
  try {
    return (await import("./parser-module.ts")).parserParts();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_MODULE_NOT_FOUND") return undefined;
    throw error;
  }
}

interface ParsedStatement {
  readonly stmt: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** The result is a C struct of three pointers: to the tree as JSON, to stderr's text and to an error. */
function parse(module: ParserModule, sql: string): readonly ParsedStatement[] | undefined {
  const size = module.lengthBytesUTF8(sql) + 1;
  const text = module._malloc(size);
  let result = 0;
  try {
    module.stringToUTF8(sql, text, size);
    result = module._wasm_parse_query_raw(text);
    if (!result) throw new Error("the parser has no memory left");
    const [tree, failure] = [module.getValue(result, "i32"), module.getValue(result + 8, "i32")];
    if (failure || !tree) return undefined;
    return (JSON.parse(module.UTF8ToString(tree)) as { readonly stmts?: readonly ParsedStatement[] }).stmts;
  } finally {
    module._free(text);
    if (result) module._wasm_free_parse_result(result);
  }
}
