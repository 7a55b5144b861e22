import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { migratorExitCodes, waiterExitCodes } from "./exit-codes.ts";

const page = readFileSync(new URL("../../../docs/exit-codes.md", import.meta.url), "utf8");

test.each([
  ["migrator", migratorExitCodes],
  ["waiter", waiterExitCodes],
])("docs/exit-codes.md tells of the %s exactly what the code says", (program, codes) => {
  const section = page.split(/^## /m).find((part) => part.startsWith(program)) ?? "";
  const rows = [...section.matchAll(/^\| (\d+) +\| (\w+) +\| (.*?) +\|$/gm)].map(([, code, kind, meaning]) => ({
    code: Number(code),
    class: kind,
    meaning,
  }));
  expect(rows).toEqual(Object.values(codes));
});
