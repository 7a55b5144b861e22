import { on } from "node:events";
import type { Readable } from "node:stream";
import { execa } from "execa";
import type { Namespace } from "./namespace.ts";
import { until } from "./until.ts";

export interface ReachableService extends AsyncDisposable {
  /** Ends in a slash. */
  readonly url: string;
}

/**
 * Makes a Service reachable from this machine: at its cluster IP on the local cluster, through `kubectl proxy` elsewhere.
 * Both spread requests over the Service's ready endpoints. Waits until it answers: kube-proxy comes to know of ready pods
 * later than those who watch them.
 */
export async function reachService(namespace: Namespace, name: string, port: string): Promise<ReachableService> {
  await using opening = new AsyncDisposableStack();
  const service = opening.use(await openService(namespace, name, port));
  await until(`Service ${name} answers`, async () => (await fetch(service.url)).ok);
  opening.move();
  return service;
}

async function openService(namespace: Namespace, name: string, port: string): Promise<ReachableService> {
  const { cluster } = namespace;
  if (cluster.local) {
    const service = await namespace.get<{ spec: { clusterIP: string } }>("service", name);
    return { url: `http://${service.spec.clusterIP}/`, [Symbol.asyncDispose]: async () => {} };
  }
  const flags = ["--kubeconfig", cluster.kubeconfig, "--context", cluster.context];
  const proxy = execa(cluster.kubectl, [...flags, "proxy", "--port=0"], { reject: false, stdin: "ignore" });
  const address = await servedAddress(proxy.stdout);
  if (address === undefined) throw new Error(`kubectl proxy ended before it served: ${(await proxy).stderr}`);
  return {
    url: `http://${address}/api/v1/namespaces/${namespace.name}/services/${name}:${port}/proxy/`,
    [Symbol.asyncDispose]: async () => {
      proxy.kill();
      await proxy;
    },
  };
}

/** Reads "Starting to serve on 127.0.0.1:PORT"; `undefined` where the output ends without it. */
async function servedAddress(output: Readable): Promise<string | undefined> {
  const chunks = on(output, "data", { close: ["end"] });
  let text = "";
  for await (const [chunk] of chunks) {
    text += String(chunk);
    const address = /on (\S+:\d+)\n/.exec(text)?.[1];
    if (address !== undefined) return address;
  }
  return undefined;
}
