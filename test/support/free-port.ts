import { once } from "node:events";
import { createServer } from "node:net";

/**
 * A thousand ports for each of up to twelve processes that a run of the tests has at the same time: a server needs seconds until it
 * listens on its port, and is stopped and started again. All are below those that Linux gives to outgoing connections, and that
 * Kubernetes gives to Services.
 */
const portsOfProcess = 1000;
const processes = 12;
const first = 18_000 + portsOfProcess * (Number(process.env["VITEST_POOL_ID"] ?? 0) % processes);
let given = 0;

/** A port of 127.0.0.1 on which nobody listens. Each call returns another one. */
export async function freePort(): Promise<number> {
  while (given < portsOfProcess) {
    const port = first + given;
    given += 1;
    if (await isFree(port)) return port;
  }
  throw new Error(`no port is left of the ${portsOfProcess} from ${first} on`);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
  } catch {
    return false;
  }
  server.close();
  await once(server, "close");
  return true;
}
