/**
 * Cuts what a PostgreSQL client sends into its messages, as the bytes arrive.
 *
 * The packets before the session, start-up and the requests for encryption, have a length and no type. What follows an
 * accepted request for encryption cannot be read here.
 */
export class ClientMessages {
  #rest: Buffer = Buffer.alloc(0);
  #started = false;

  /** Adds what has arrived and returns the messages that are complete now, each as its bytes. */
  push(chunk: Buffer): Buffer[] {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    const messages: Buffer[] = [];
    for (let message = this.#shift(); message; message = this.#shift()) messages.push(message);
    return messages;
  }

  #shift(): Buffer | undefined {
    const typeLength = this.#started ? 1 : 0;
    if (this.#rest.length < typeLength + 4) return undefined;
    const length = typeLength + this.#rest.readUInt32BE(typeLength);
    if (this.#rest.length < length) return undefined;
    const message = this.#rest.subarray(0, length);
    this.#rest = this.#rest.subarray(length);
    if (!this.#started) this.#started = message.readUInt32BE(4) === protocolVersion3;
    return message;
  }
}

const protocolVersion3 = 3 << 16;
