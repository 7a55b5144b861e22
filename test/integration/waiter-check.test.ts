import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { CheckRow } from "../../packages/waiter/src/check/check-row.ts";
import { type KubeApi, startKubeApi } from "../support/kube-api.ts";
import { identity, job, jobName, ledger, ledgerName, openLedger } from "../support/kube-api-blog.ts";
import { startWaiter } from "../support/kube-api-pod.ts";

let api: KubeApi;
beforeEach(async () => {
  api = await startKubeApi();
});
afterEach(() => api[Symbol.asyncDispose]());

const flags = ["--job", jobName, "--ledger", ledgerName, "--identity", identity];

async function check(args: readonly string[] = flags, options: Parameters<typeof startWaiter>[2] = {}) {
  await using pod = startWaiter(api, ["check", ...args], options);
  return { ...(await pod.ended), output: pod.output };
}

async function rowsOf(args: readonly string[] = flags, options: Parameters<typeof startWaiter>[2] = {}) {
  const { exitCode, output } = await check([...args, "--json"], options);
  const { checks } = JSON.parse(output) as { checks: CheckRow[] };
  return { exitCode, row: (name: string) => checks.find((row) => row.name === name) };
}

describe("a pod that could wait", () => {
  test("is told so in a table, and nothing is changed", async () => {
    api.store.put("configmaps", openLedger());
    const { exitCode, output } = await check();
    expect(exitCode).toBe(0);
    expect(output).toMatch(/^CHECK +RESULT +DETAIL$/m);
    expect(output).toMatch(/^API server +ok +answered in \d+ ms: v1\.35\.4$/m);
    expect(output).toMatch(/^clock +ok +as the API server's, within [12] s$/m);
    expect(output).toMatch(/^jobs\/blog-0a1b2c3d4e +ok +may get, list, watch$/m);
    expect(output).toMatch(/^configmaps\/blog-ledger +ok +may get, list, watch$/m);
    expect(output).toMatch(/^ledger +ok +0a1b2c3d4e was applied: its gate is open$/m);
    expect(output).toMatch(/^Job +ok +blog-0a1b2c3d4e does not exist, and is not needed/m);
    const creates = api.requests.filter(({ verb }) => verb !== "get").map(({ resource }) => resource);
    expect(new Set(creates)).toEqual(new Set(["selfsubjectaccessreviews"]));
  });

  test("hears of its token: whose, for whom, and for how long", async () => {
    const claims = {
      sub: "system:serviceaccount:blog:web",
      aud: ["https://kubernetes.default.svc"],
      exp: Math.floor(Date.now() / 1000) + 3000,
    };
    const token = `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.x`;
    api.tokens.add(token);
    const { row } = await rowsOf(flags, { token });
    expect(row("token")).toEqual({
      name: "token",
      result: "ok",
      detail: expect.stringMatching(
        /^projected, of system:serviceaccount:blog:web, for https:\/\/kubernetes\.default\.svc, expires in (49|50)m$/,
      ),
    });
  });

  test("is warned of a failed Job, of a missing ledger and of polling", async () => {
    api.store.put("jobs", job("uid-1", { type: "Failed", reason: "BackoffLimitExceeded", message: "too often" }));
    api.denied.add("watch jobs");
    const { exitCode, row } = await rowsOf();
    expect(exitCode).toBe(0);
    expect(row("Job")).toMatchObject({
      result: "warn",
      detail: expect.stringContaining("wait would end with exit code 10"),
    });
    expect(row("ledger")).toMatchObject({ result: "warn", detail: expect.stringContaining("helm upgrade creates it") });
    expect(row(`jobs/${jobName}`)).toMatchObject({
      result: "warn",
      detail: expect.stringMatching(/^may not watch \(wait polls instead\)/),
    });
  });

  test("may be asked about several gates", async () => {
    api.store.put("configmaps", openLedger());
    const gates = ["--gate", `${jobName}:${ledgerName}:${identity}`, "--gate", "shop-1:shop-ledger:1111111111"];
    const { exitCode, row } = await rowsOf(gates);
    expect(exitCode).toBe(0);
    expect(row("configmaps/shop-ledger")).toMatchObject({ result: "ok" });
  });
});

describe("a pod that could not", () => {
  test("for lack of rights gets the rule that is missing, and 13", async () => {
    for (const verb of ["get", "list", "watch"] as const) api.denied.add(`${verb} jobs`);
    const { exitCode, output } = await check();
    expect(exitCode).toBe(13);
    expect(output).toMatch(
      /^jobs\/blog-0a1b2c3d4e +fail +may not get, list, watch: the service account .* \{ apiGroups: \["batch"\], resources: \["jobs"\], resourceNames: \["blog-0a1b2c3d4e"\], verbs: \["get", "list", "watch"\] \}$/m,
    );
    expect(output).toMatch(/^configmaps\/blog-ledger +ok/m);
  });

  test("gets 13 also where the API server gives no opinion but refuses to read", async () => {
    api.denied.add("create selfsubjectaccessreviews").add("get configmaps");
    api.fail({ kind: "status", status: 403 }, { verbs: ["create"] });
    const { exitCode, row } = await rowsOf();
    expect(exitCode).toBe(13);
    expect(row(`configmaps/${ledgerName}`)).toMatchObject({ result: "fail" });
    expect(row(`jobs/${jobName}`)).toMatchObject({
      result: "warn",
      detail: expect.stringContaining("could not be asked"),
    });
  });

  test("because its token is rejected gets 13 and why that may be", async () => {
    api.tokens.clear();
    const { exitCode, row } = await rowsOf();
    expect(exitCode).toBe(13);
    expect(row("API server")).toMatchObject({ result: "fail", detail: expect.stringContaining("may be expired") });
  });

  test("because nothing answers gets 14 and what may be in between", async () => {
    const { host, port, ca, namespace } = api;
    await api[Symbol.asyncDispose]();
    await using pod = startWaiter({ host, port, ca, namespace }, ["check", ...flags]);
    expect(await pod.ended).toMatchObject({ exitCode: 14 });
    expect(pod.output).toMatch(/^API server +fail +.*ECONNREFUSED.*skip-outbound-ports/m);
    api = await startKubeApi();
  });

  test("gets 2 for flags that say nothing", async () => {
    const { exitCode, output } = await check(["--role", "write"]);
    expect(exitCode).toBe(2);
    expect(output).toMatch(/--role: "write" is neither wait nor record; --job is missing/);
  });
});

describe("a recorder", () => {
  const record = ["--role", "record", "--ledger", ledgerName, "--identity", identity];

  test("needs no Job, but get and patch of the ledger", async () => {
    api.store.put("configmaps", ledger());
    const { exitCode, row } = await rowsOf(record);
    expect(exitCode).toBe(0);
    expect(row(`configmaps/${ledgerName}`)).toMatchObject({ result: "ok", detail: "may get, patch" });
    expect(row("Job")).toBeUndefined();
  });

  test("that may not patch gets the rule, and 13", async () => {
    api.denied.add("patch configmaps");
    const { exitCode, row } = await rowsOf(record);
    expect(exitCode).toBe(13);
    expect(row(`configmaps/${ledgerName}`)?.detail).toContain('verbs: ["get", "patch"]');
  });
});
