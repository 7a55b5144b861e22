/** What a command tells, in its three forms. */
export interface CommandResult {
  readonly exitCode: number;
  /** Fields of the last log line. */
  readonly summary: Readonly<Record<string, unknown>>;
  /** What `--json` prints. */
  readonly document: Readonly<Record<string, unknown>>;
  /** What people read on stdout without `--json`. */
  readonly text?: string;
}
