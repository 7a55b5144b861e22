import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect } from "vitest";
import { MigrationFilesError } from "../../packages/migrator/src/errors.ts";
import { compareScripts } from "../../packages/migrator/src/files/compare-scripts.ts";
import { readMigrationFiles } from "../../packages/migrator/src/files/migration-files.ts";
import { openScript, storedText, wholeText } from "../../packages/migrator/src/files/open-script.ts";
import { parseScripts } from "../../packages/migrator/src/files/script.ts";
import { readUnits } from "../../packages/migrator/src/files/units.ts";
import { maskLiterals, maskQuoted } from "../../packages/migrator/src/sql/mask-secrets.ts";

import { quotedSecrets } from "./counterexamples.ts";
import { fuzz } from "./fuzz.ts";
import { fragmentedSql, mutatedBytes } from "./mutated-sql.ts";
import { useScratchDirectory } from "./scratch.ts";

const directory = useScratchDirectory();

fuzz(
  "a file of any bytes can be run, or is refused with its name and a line",
  mutatedBytes,
  async (bytes) => {
    writeFileSync(join(directory, "1_a.sql"), bytes);
    try {
      const files = readMigrationFiles(directory);
      const [parsed] = await parseScripts(directory, files);
      if (!parsed) throw new Error("no script was parsed");
      using script = openScript(parsed);
      if (script.execution.kind === "units") expect([...readUnits(script)].length).toBeGreaterThanOrEqual(0);
      else expect(wholeText(script).length).toBeLessThanOrEqual(bytes.length);
      // What the history keeps does the same, if anybody compares.
      const stored = storedText(script) ?? "";
      if (script.secrets.length === 0 && script.psqlCommands.length === 0) {
        expect(compareScripts(stored, script.file)).toBeUndefined();
      }
    } catch (error) {
      if (!(error instanceof MigrationFilesError)) throw error;
      for (const problem of error.problems)
        expect(problem).toMatchObject({ file: "1_a.sql", line: expect.any(Number) });
    }
  },
  { runs: 500 },
);

/** Stands for a secret: whatever of it is shown, is seen. */
const secret = "§";
const content = fc
  .array(fc.constantFrom(..."a1;é😀 ".split(""), "--", "/*", secret), { maxLength: 6 })
  .map((parts) => `${secret}${parts.join("")}${secret}`);
/** A string of SQL that holds a secret, quoted in any way. */
const literal = fc
  .tuple(
    content,
    content,
    fc.constantFrom<(one: string, two: string) => string>(
      (one) => `'${one}'`,
      (one, two) => `'${one}''${two}'`,
      (one, two) => `'${one}'\n -- goes on\n'${two}'`,
      (one, two) => `E'${one}\\'${two}'`,
      (one, two) => `e'${one}\\\\'\n'\\'${two}'`,
      (one) => `U&'${one}'`,
      (one, two) => `$$${one}'${two}$$`,
      (one, two) => `$é$${one}$$${two}$é$`,
    ),
  )
  .map(([one, two, quote]) => quote(one, two));
const between = fc.constantFrom(" ", "\n\t", " /* ' */ ", " -- it's\n");
const cut = fc.double({ min: 0, max: 1, noNaN: true });
const cutAt = (text: string, at: number) => text.slice(0, Math.ceil(at * text.length));

fuzz(
  "no password is shown of a statement that the server quotes, in whole or cut",
  fc
    .tuple(fc.constantFrom('SQL statement "', "", "it's "), between, literal, fragmentedSql, cut)
    .map(([before, space, password, behind, at]) =>
      cutAt(`${before}alter role r PASSWORD${space}${password} valid until 'z'"${behind}`, at),
    ),
  (words) => {
    expect(maskQuoted(words)).not.toContain(secret);
  },
  { kept: quotedSecrets },
);

fuzz(
  "no string is shown of another session's query, in whole or cut",
  fc.tuple(fc.array(fc.tuple(between, literal), { minLength: 1, maxLength: 3 }), cut),
  ([parts, at]) => {
    const query = `select ${parts.map(([space, text]) => `1 +${space}${text},`).join("")} a`;
    expect(maskLiterals(cutAt(query, at))).not.toContain(secret);
  },
);
