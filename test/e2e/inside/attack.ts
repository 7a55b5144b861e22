import { readFileSync } from "node:fs";
import { request } from "node:https";

/** Asks the Kubernetes API as somebody who has taken over a container would, and prints the status of each answer. */

const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = process.env;
const [tokenFile = "", ...attempts] = process.argv.slice(2);
const token = tokenFile && readFileSync(tokenFile, "utf8");

/** `METHOD /path`; whatever changes something changes a label of it, or makes a ConfigMap. */
async function answer(attempt: string): Promise<[string, number]> {
  const [method = "", path = ""] = attempt.split(" ");
  const patch = { metadata: { labels: { intruder: "was-here" } } };
  const made = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "intruder" } };
  const body = { PATCH: patch, POST: made }[method];
  const headers = {
    ...(token && { authorization: `Bearer ${token}` }),
    ...(body && { "content-type": method === "PATCH" ? "application/merge-patch+json" : "application/json" }),
  };
  const status = await new Promise<number>((resolve, reject) => {
    const signal = AbortSignal.timeout(10_000);
    // Whom it talks to is of no interest to an intruder.
    const sent = request({ host, port, method, path, headers, rejectUnauthorized: false, signal }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on("error", reject).end(body && JSON.stringify(body));
  });
  return [attempt, status];
}

console.log(JSON.stringify(Object.fromEntries(await Promise.all(attempts.map(answer)))));
