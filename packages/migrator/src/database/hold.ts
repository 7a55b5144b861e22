import { UsageError } from "../errors.ts";
import type { ServerInfo } from "../history/read.ts";
import type { WatchedBackend } from "./activity.ts";
import {
  acquireLock,
  BackendChangedError,
  isLockHeld,
  keepOnlyLock,
  type LockWait,
  transactionLock,
  waitUntilFree,
} from "./lock.ts";
import { judgePooler, type PoolerSetting } from "./pooler.ts";
import type { Session } from "./session.ts";
import {
  applySessionSettings,
  localRole,
  resetStatements,
  returnStatements,
  setRole,
  transactionSettings,
} from "./session-settings.ts";

/** How the lock is held: by the session, or behind a pooler in transaction mode by each transaction for itself. */
export interface Hold {
  /** False where the backend is ours from BEGIN to COMMIT only. */
  readonly ownsSession: boolean;
  /** What a transaction of a migration begins with, after its modes. */
  readonly guards: readonly string[];
  /** What takes back, in the message that ends a migration, the state that its file has left in the session. */
  readonly resets: readonly string[];
  /** The same for a failed transaction: not everything that a session holds is rolled back. */
  readonly afterFailure: readonly string[];
  /** Where to look for who blocks a migration: at this backend, or at the one that holds the lock. */
  readonly backend: WatchedBackend;
  /** Runs work of our own that changes something, again where the lock was held by another run. */
  guarded<T>(work: () => Promise<T>): Promise<T>;
  /** Waits within the budget until no run holds the lock. */
  waitUntilFree(): Promise<void>;
}

export interface HoldOptions extends LockWait {
  readonly key: bigint;
  readonly role: string | undefined;
  readonly pooler: PoolerSetting;
}

/**
 * Takes the lock as the connection allows it, and makes session or transactions fit for migrating.
 *
 * The lock comes before everything else that a session could leave behind, and only from the backend that was seen
 * before: one that has changed shows transaction mode, whatever `--pooler` says.
 *
 * @throws TransientError when the budget is used up
 */
export async function hold(session: Session, server: ServerInfo, options: HoldOptions): Promise<Hold> {
  const { pooler, log } = options;
  const { mode, reason } = judgePooler(pooler, session.connectionPid, server.pid);
  log[pooler === "auto" && mode === "none" ? "debug" : "info"]({ pooler: mode, reason }, "pooler mode taken");
  if (mode === "transaction") return await holdByTransaction(session, options);
  try {
    await acquireLock(session, options.key, server.pid, options);
  } catch (error) {
    if (!(error instanceof BackendChangedError)) throw error;
    log.warn({ pooler: "transaction", reason: error.message }, "pooler mode taken");
    return await holdByTransaction(session, options);
  }
  return await holdBySession(session, server, options);
}

async function holdBySession(session: Session, server: ServerInfo, { key, role, ...wait }: HoldOptions) {
  session.headTransactions([]);
  session.bindTo(server.pid);
  if (session.connectionPid !== server.pid) session.bidFarewellWith(returnStatements());
  if (role !== undefined) await session.query(setRole(role));
  return {
    ownsSession: true,
    guards: [],
    resets: [...resetStatements(await applySessionSettings(session, wait.log), role), ...keepOnlyLock(key)],
    afterFailure: [],
    backend: server.pid,
    guarded: async <T>(work: () => Promise<T>) => await work(),
    waitUntilFree: () => waitUntilFree(session, key, wait),
  } satisfies Hold;
}

async function holdByTransaction(session: Session, { key, role, ...lockWait }: HoldOptions): Promise<Hold> {
  await checkStringSyntax(session);
  const head = [...(await transactionSettings(session, lockWait.log)), ...localRole(role)];
  const guard = transactionLock(key);
  const wait = () => waitUntilFree(session, key, lockWait);
  session.headTransactions(head);
  return {
    ownsSession: false,
    guards: [...head, guard],
    resets: returnStatements(),
    afterFailure: returnStatements(),
    backend: { lockKey: key },
    waitUntilFree: wait,
    guarded: async (work) => {
      while (true) {
        session.headTransactions([...head, guard]);
        try {
          return await work();
        } catch (error) {
          if (!isLockHeld(error)) throw error;
        } finally {
          session.headTransactions(head);
        }
        await wait();
      }
    },
  };
}

/** The server reads a whole message before it runs any of it: SET LOCAL at its beginning would come too late. */
async function checkStringSyntax(session: Session): Promise<void> {
  const [row] = await session.query<{ on: boolean }>(
    `select pg_catalog.current_setting('standard_conforming_strings') = 'on' as "on"`,
  );
  if (row?.on) return;
  throw new UsageError(
    "standard_conforming_strings is off, which cannot be changed behind a pooler in transaction mode: " +
      "connect past the pooler (put the server's own URL into the Secret), or turn it on for this role",
  );
}
