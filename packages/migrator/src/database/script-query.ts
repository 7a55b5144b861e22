import type { Connection, Submittable } from "pg";

/** What pg's connection has for COPY, and its types do not tell. */
interface CopyConnection extends Connection {
  sendCopyFromChunk(chunk: Uint8Array): void;
  endCopyFrom(): void;
  sendCopyFail(message: string): void;
}

/** The server's error, with the number of commands of the message that had completed before it. */
export class CommandFailedError extends Error {
  override readonly name = "CommandFailedError";
  readonly completedCommands: number;

  constructor(cause: Error, completedCommands: number) {
    super(cause.message, { cause });
    this.completedCommands = completedCommands;
  }
}

export interface ScriptResult {
  /** The command tags of its statements. */
  readonly tags: readonly string[];
  /** The values that its statements have `observed`; all other rows are dropped unread. */
  readonly observations: readonly string[];
}

const observationColumn = "migration_gate_observation";

/** SQL for the only column of a statement whose rows are kept. */
export function observed(expression: string): string {
  return `${expression} as ${observationColumn}`;
}

/**
 * A message of several statements, sent by the simple query protocol.
 *
 * pg's own `Query` gathers all rows and forgets, when one statement fails, how many had succeeded; that number is what
 * finds the failing statement where the server gives no position. It sends the data of a COPY too: pg-copy-streams has a
 * query of its own for that, whose outcome would have to be told apart from this one's.
 */
export class ScriptQuery implements Submittable {
  /** Resolves once the server is ready for the next message. */
  readonly done: Promise<ScriptResult>;
  readonly #text: string;
  readonly #copyData: Iterable<Uint8Array> | undefined;
  #failed = false;
  readonly #tags: string[] = [];
  readonly #observations: string[] = [];
  #observing = false;
  readonly #resolve: (result: ScriptResult) => void;
  readonly #reject: (error: Error) => void;

  constructor(text: string, copyData?: Iterable<Uint8Array>) {
    this.#text = text;
    this.#copyData = copyData;
    const { promise, resolve, reject } = Promise.withResolvers<ScriptResult>();
    this.done = promise;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  submit(connection: Connection): void {
    connection.query(this.#text);
  }

  handleRowDescription({ fields }: { readonly fields: readonly { readonly name: string }[] }): void {
    this.#observing = fields.length === 1 && fields[0]?.name === observationColumn;
  }

  handleDataRow({ fields }: { readonly fields: readonly (string | null)[] }): void {
    const [value] = fields;
    if (this.#observing && typeof value === "string") this.#observations.push(value);
  }

  handlePortalSuspended(): void {}
  handleEmptyQuery(): void {}
  handleCopyData(): void {}

  handleCopyInResponse(connection: CopyConnection): void {
    if (this.#copyData === undefined) connection.sendCopyFail("COPY FROM stdin has no data here");
    else this.#sendCopyData(connection, this.#copyData[Symbol.iterator]());
  }

  handleCommandComplete(message: { readonly text: string }): void {
    this.#tags.push(message.text);
  }

  handleReadyForQuery(): void {
    this.#resolve({ tags: this.#tags, observations: this.#observations });
  }

  handleError(error: Error): void {
    this.#failed = true;
    this.#reject(new CommandFailedError(error, this.#tags.length));
  }

  /** As fast as the server takes it; after an error the server passes over what is under way. */
  #sendCopyData(connection: CopyConnection, chunks: Iterator<Uint8Array>): void {
    while (!this.#failed) {
      const chunk = chunks.next();
      if (chunk.done) {
        connection.endCopyFrom();
        return;
      }
      connection.sendCopyFromChunk(chunk.value);
      if (connection.stream.writableNeedDrain) {
        connection.stream.once("drain", () => this.#sendCopyData(connection, chunks));
        return;
      }
    }
  }
}
