import { ExpectedError } from "@migration-gate/cli-runtime/expected-error";

/** An end of `wait` other than an open gate: one line for the log, all that is known for the termination message. */
export abstract class GateClosedError extends ExpectedError {
  /** Several lines for people. */
  readonly explanation: string;
  readonly fields: Readonly<Record<string, unknown>>;

  constructor(summary: string, explanation: string, fields: Readonly<Record<string, unknown>>) {
    super(summary);
    this.explanation = explanation;
    this.fields = fields;
  }
}

/** The migration's Job failed: nothing will come of waiting until somebody retries it. */
export class JobFailedError extends GateClosedError {
  override readonly name = "JobFailedError";
  readonly exitCode = 10;
}

/** The deadline came first; the exit code says what stood in the way. */
export class WaitTimeoutError extends GateClosedError {
  override readonly name = "WaitTimeoutError";
  readonly exitCode: 11 | 12 | 13 | 14;

  constructor(exitCode: WaitTimeoutError["exitCode"], ...details: ConstructorParameters<typeof GateClosedError>) {
    super(...details);
    this.exitCode = exitCode;
  }
}
