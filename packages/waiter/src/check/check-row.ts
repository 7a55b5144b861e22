/** One thing that was looked at, and how it is: `warn` needs nobody's hand for `wait` to work, `fail` does. */
export interface CheckRow {
  readonly name: string;
  readonly result: "ok" | "warn" | "fail";
  readonly detail: string;
}
