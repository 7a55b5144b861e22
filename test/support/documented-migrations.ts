import { documentedScripts } from "./documented-sql.ts";

/** The migrations of a section of a page under docs/, in their order: what follows the line `-- FILE.sql`, by that name. */
export function documentedMigrations(page: string, heading: string): [file: string, sql: string][] {
  return documentedScripts(page, heading).map((script) => {
    const [, file = "", sql = ""] = /^-- (\S+\.sql)\n(.*)$/s.exec(script) ?? [];
    if (file === "") throw new Error(`a block of ${page} does not begin with the comment "-- FILE.sql": ${script}`);
    return [file, sql];
  });
}
