import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { createStatements, defaultHistory } from "./table.ts";

test("docs/roles.md creates the history as a run does", () => {
  const page = readFileSync(new URL("../../../../docs/roles.md", import.meta.url), "utf8");
  const normal = (sql: string) => sql.replaceAll('"', "").replaceAll(/\s+/g, " ");
  const statements = createStatements(defaultHistory, false).map((statement) => `${statement};`);
  expect(normal(page)).toContain(normal(statements.join("\n")));
});
