import { afterEach, beforeEach, expect, test } from "vitest";
import { type KubeApi, startKubeApi } from "../support/kube-api.ts";
import { job, jobName, ledgerName, waitArguments } from "../support/kube-api-blog.ts";
import { startWaiter } from "../support/kube-api-pod.ts";

let api: KubeApi;

beforeEach(async () => {
  api = await startKubeApi();
});

afterEach(() => api[Symbol.asyncDispose]());

/** What becomes of a waiter whose time is over soon. */
async function timedOut(server: Parameters<typeof startWaiter>[0] = api) {
  await using pod = startWaiter(server, [...waitArguments, "--timeout", "700ms"]);
  const { exitCode } = await pod.ended;
  return { exitCode, message: pod.terminationMessage };
}

test("a timeout while the Job runs is 11 and names the last state", async () => {
  api.store.put("jobs", job("uid-1"));
  const { exitCode, message } = await timedOut();
  expect(exitCode).toBe(11);
  expect(message).toContain(`timed out after 700 ms: Job ${jobName}: the Job is running`);
});

test("a timeout without any Job is 12 and says where to look", async () => {
  const { exitCode, message } = await timedOut();
  expect(exitCode).toBe(12);
  expect(message).toContain(`no Job ${jobName} was ever seen in namespace blog`);
});

test("a timeout without access is 13 and gives the rules that are missing", async () => {
  for (const verb of ["get", "list"] as const) {
    api.denied.add(`${verb} jobs`);
    api.denied.add(`${verb} configmaps`);
  }
  const { exitCode, message } = await timedOut();
  expect(exitCode).toBe(13);
  expect(message).toContain(`resources: ["configmaps"], resourceNames: ["${ledgerName}"]`);
  expect(message).toContain(`resources: ["jobs"], resourceNames: ["${jobName}"]`);
});

test("a timeout without an API is 14 and speaks of meshes", async () => {
  const gone = await startKubeApi();
  const { host, port, ca, namespace } = gone;
  await gone[Symbol.asyncDispose]();
  const { exitCode, message } = await timedOut({ host, port, ca, namespace });
  expect(exitCode).toBe(14);
  expect(message).toContain("ECONNREFUSED");
  expect(message).toContain("config.linkerd.io/skip-outbound-ports");
});

test("a timeout behind another CA is 14 and says that the certificate does not fit", async () => {
  await using other = await startKubeApi();
  const { host, port, namespace } = api;
  const { exitCode, message } = await timedOut({ host, port, namespace, ca: other.ca });
  expect(exitCode).toBe(14);
  expect(message).toContain("does not fit ca.crt");
});
