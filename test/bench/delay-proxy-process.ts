// The process that delay-proxy.ts starts: arguments are the target's port and the delay; it ends with its parent.
import { connect, createServer, type Socket } from "node:net";
import { performance } from "node:perf_hooks";

const [targetPort = 0, oneWayMs = 0] = process.argv.slice(2).map(Number);
let roundTrips = 0;
let connections = 0;

process.on("disconnect", () => process.exit());
// The terminal's Ctrl-C goes to the whole group; the parent still has to end its work in order.
process.on("SIGINT", () => undefined);
process.on("message", () => {
  process.send?.({ roundTrips, connections });
  roundTrips = 0;
  connections = 0;
});

const server = createServer({ noDelay: true, allowHalfOpen: true }, (client) => {
  connections += 1;
  const upstream = connect({ port: targetPort, host: "127.0.0.1", noDelay: true, allowHalfOpen: true });
  let clientSpokeLast = false;
  client.on("data", () => {
    if (!clientSpokeLast) roundTrips += 1;
    clientSpokeLast = true;
  });
  upstream.on("data", () => {
    clientSpokeLast = false;
  });
  delay(client, upstream);
  delay(upstream, client);
}).listen(0, "127.0.0.1", () => process.send?.((server.address() as { port: number }).port));

/** Passes everything on, each chunk and the end a fixed time after it came, in order. */
function delay(from: Socket, to: Socket): void {
  const queue: { readonly dueAt: number; readonly pass: () => void }[] = [];
  const flush = () => {
    while (queue[0] && queue[0].dueAt - performance.now() < 0.05) queue.shift()?.pass();
    if (queue[0]) setTimeout(flush, Math.max(1, Math.round(queue[0].dueAt - performance.now())));
  };
  const enqueue = (pass: () => void) => {
    queue.push({ dueAt: performance.now() + oneWayMs, pass });
    if (queue.length === 1) setTimeout(flush, oneWayMs);
  };
  from.on("data", (chunk) => enqueue(() => to.write(chunk)));
  from.on("end", () => enqueue(() => to.end()));
  from.on("error", () => to.destroy());
  from.on("close", () => enqueue(() => to.destroySoon()));
}
