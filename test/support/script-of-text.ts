import type { FileProblem } from "../../packages/migrator/src/errors.ts";
import type { MigrationFile } from "../../packages/migrator/src/files/migration-files.ts";
import type { OpenScript } from "../../packages/migrator/src/files/open-script.ts";
import { parseScript } from "../../packages/migrator/src/files/script.ts";
import { textSource } from "../../packages/migrator/src/files/script-source.ts";

/** A migration file that is nowhere but in memory; `size` says how large it is taken for. */
export function fileOfText(text: string, size = text.length): MigrationFile {
  const version = { kind: "number", parts: [1n] } as const;
  return { key: "1_a", path: "1_a.sql", version, size, checksum: "", open: () => textSource(text) };
}

/** A parsed and opened one. */
export function scriptOfText(
  text: string,
  { size, problems = [] }: { readonly size?: number; readonly problems?: FileProblem[] } = {},
): OpenScript {
  const source = textSource(text);
  const script = parseScript(fileOfText(text, size), source, problems);
  return { ...script, source, [Symbol.dispose]: () => undefined };
}
