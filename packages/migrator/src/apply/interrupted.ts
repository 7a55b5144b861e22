import { InterruptedError } from "@migration-gate/cli-runtime/expected-error";
import { RunInterruptedError } from "../errors.ts";
import type { OpenScript } from "../files/open-script.ts";
import type { Script } from "../files/script.ts";
import { locate } from "../sql/place.ts";
import type { ApplyContext } from "./context.ts";

/** Says of an error that an interrupt has caused what became of the migration; `undefined` for every other error. */
export function interruptedTransaction(
  { signal, hold }: Pick<ApplyContext, "signal" | "hold">,
  { file }: Script,
): RunInterruptedError | undefined {
  if (!(signal.reason instanceof InterruptedError)) return undefined;
  // Behind a pooler the connection is cut: perhaps at the moment at which the COMMIT arrives.
  const became = hold.ownsSession ? "is rolled back" : "is rolled back, unless it had just been committed";
  return new RunInterruptedError(signal.reason, `migration ${file.key} ${became}`, {
    migration: file.key,
    file: file.path,
  });
}

/** As `interruptedTransaction`, for a migration that runs unit by unit; `next` is the one that is not done. */
export function interruptedUnits(
  { signal }: Pick<ApplyContext, "signal">,
  { file, source }: OpenScript,
  next: { readonly index: number; readonly start: number },
): RunInterruptedError | undefined {
  if (!(signal.reason instanceof InterruptedError)) return undefined;
  const { line } = locate(source.textFrom(0), next.start);
  return new RunInterruptedError(
    signal.reason,
    `the next run continues migration ${file.key} at statement ${next.index + 1} (${file.path}:${line})`,
    { migration: file.key, file: file.path, line },
  );
}
