import { MigrationFilesError } from "../errors.ts";
import type { Script } from "./script.ts";

/**
 * Refuses files that run statement by statement: behind a pooler in transaction mode nothing holds the lock between
 * their statements, and their session's state would reach the application.
 *
 * @throws MigrationFilesError that names all of them, and the way out
 */
export function refuseUnits(directory: string, scripts: readonly Script[]): void {
  const problems = scripts.flatMap(({ file, execution }) =>
    execution.kind === "units"
      ? [
          {
            file: file.path,
            message: `cannot run behind a pooler in transaction mode (${execution.reason}): ${advice}`,
          },
        ]
      : [],
  );
  if (problems.length > 0) throw new MigrationFilesError(directory, problems);
}

const advice =
  "give the migrator a direct connection, the server's own URL in the Secret that DATABASE_URL comes from; " +
  "where the pooler is in session mode, say so with --pooler session";
