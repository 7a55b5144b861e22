import { createLogger } from "../../packages/cli-runtime/src/logger.ts";

/** A log for tests that look at what is done, not at what is said. */
export const silentLog = createLogger("test", "error", { write: () => true });
