import type { Connection, Submittable } from "pg";

/** The server's error, with the number of commands of the message that had completed before it. */
export class CommandFailedError extends Error {
  override readonly name = "CommandFailedError";
  readonly completedCommands: number;

  constructor(cause: Error, completedCommands: number) {
    super(cause.message, { cause });
    this.completedCommands = completedCommands;
  }
}

/**
 * A message of several statements, sent by the simple query protocol.
 *
 * pg's own `Query` gathers all rows and forgets, when one statement fails, how many had succeeded; that number is what
 * finds the failing statement where the server gives no position.
 */
export class ScriptQuery implements Submittable {
  /** Resolves with the command tags once the server is ready for the next message. */
  readonly done: Promise<readonly string[]>;
  readonly #text: string;
  readonly #tags: string[] = [];
  readonly #resolve: (tags: readonly string[]) => void;
  readonly #reject: (error: Error) => void;

  constructor(text: string) {
    this.#text = text;
    const { promise, resolve, reject } = Promise.withResolvers<readonly string[]>();
    this.done = promise;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  submit(connection: Connection): void {
    connection.query(this.#text);
  }

  handleRowDescription(): void {}
  handleDataRow(): void {}
  handlePortalSuspended(): void {}
  handleEmptyQuery(): void {}
  handleCopyData(): void {}

  handleCopyInResponse(connection: { sendCopyFail(message: string): void }): void {
    connection.sendCopyFail("COPY FROM stdin has no data here");
  }

  handleCommandComplete(message: { readonly text: string }): void {
    this.#tags.push(message.text);
  }

  handleReadyForQuery(): void {
    this.#resolve(this.#tags);
  }

  handleError(error: Error): void {
    this.#reject(new CommandFailedError(error, this.#tags.length));
  }
}
