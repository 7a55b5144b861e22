import { EventEmitter } from "node:events";
import { expect, test } from "vitest";
import { ScriptQuery } from "./script-query.ts";

/** As much of pg's connection as a COPY uses; it says that it is full after each chunk until `drain`. */
function connectionStub() {
  const stream = Object.assign(new EventEmitter(), { writableNeedDrain: true });
  const sent: Buffer[] = [];
  const outcome: string[] = [];
  const connection = {
    stream,
    sendCopyFromChunk: (chunk: Buffer) => sent.push(chunk),
    endCopyFrom: () => outcome.push("done"),
    sendCopyFail: (message: string) => outcome.push(message),
  };
  return {
    connection: connection as unknown as Parameters<ScriptQuery["handleCopyInResponse"]>[0],
    stream,
    sent,
    outcome,
  };
}

test("of data each piece goes out when the last is gone", () => {
  const { connection, stream, sent, outcome } = connectionStub();
  new ScriptQuery(
    "copy a from stdin",
    ["1\n", "2\n", "3\n"].map((row) => Buffer.from(row)),
  ).handleCopyInResponse(connection);
  expect(sent).toHaveLength(1);
  for (let count = 0; count < 5 && outcome.length === 0; count++) stream.emit("drain");
  expect({ sent: Buffer.concat(sent).toString(), outcome }).toEqual({ sent: "1\n2\n3\n", outcome: ["done"] });
});

test("after an error no more data is sent", async () => {
  const { connection, stream, sent, outcome } = connectionStub();
  const query = new ScriptQuery("copy a from stdin", [Buffer.from("1\n"), Buffer.from("2\n")]);
  query.handleCopyInResponse(connection);
  query.handleError(new Error("no"));
  stream.emit("drain");
  expect({ chunks: sent.length, outcome }).toEqual({ chunks: 1, outcome: [] });
  await expect(query.done).rejects.toThrow("no");
});

test("data without a row ends at once, and a COPY without data fails", () => {
  const empty = connectionStub();
  new ScriptQuery("copy a from stdin", []).handleCopyInResponse(empty.connection);
  const none = connectionStub();
  new ScriptQuery("copy a from stdin").handleCopyInResponse(none.connection);
  expect([empty.outcome, none.outcome]).toEqual([["done"], ["COPY FROM stdin has no data here"]]);
});
