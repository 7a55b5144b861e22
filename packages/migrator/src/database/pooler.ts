/** What `--pooler` says. */
export const poolerSettings = ["auto", "none", "session", "transaction"] as const;
export type PoolerSetting = (typeof poolerSettings)[number];

/** How long a backend is ours: for the session, or from one BEGIN to its end. */
export type PoolerMode = Exclude<PoolerSetting, "auto">;

export interface Pooler {
  readonly mode: PoolerMode;
  /** For the log. */
  readonly reason: string;
}

/**
 * Judges what stands between us and the server.
 *
 * A pooler gives its clients process numbers of its own, in session mode too, so that a number tells that there is one,
 * and not which mode it is in. Nor does a backend that stays the same: an idle pool hands out the same one each time.
 * So transaction mode is assumed, which is right in both, until `--pooler` says otherwise.
 */
export function judgePooler(setting: PoolerSetting, connectionPid: number | null, backendPid: number): Pooler {
  if (setting !== "auto") return { mode: setting, reason: `--pooler ${setting}` };
  if (connectionPid === backendPid) return { mode: "none", reason: "the backend answers under its own process number" };
  return {
    mode: "transaction",
    reason:
      "the backend has another process number than the connection, so there is a pooler, and its mode cannot be seen: " +
      "transaction mode is right in both (session mode is chosen by --pooler session)",
  };
}
