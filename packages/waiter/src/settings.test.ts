import { describe, expect, test } from "vitest";
import { parseCommandLine } from "./command-line.ts";
import { clusterAccess, logLevel, recordSettings, waitSettings } from "./settings.ts";

const gate = { job: "blog-0a1b2c3d4e", ledger: "blog-ledger", identity: "0a1b2c3d4e" };

async function wait(args: string, env = {}, podNamespace = "blog") {
  const line = await parseCommandLine(["wait", ...args.split(" ").filter(Boolean)], "1.2.3");
  if (line.command === "print") throw new Error(line.text);
  return waitSettings(line.flags, env, podNamespace);
}

describe("wait", () => {
  test("takes flags over the environment over the defaults", async () => {
    const env = {
      WAITER_JOB: "other",
      WAITER_LEDGER: "blog-ledger",
      WAITER_IDENTITY: "0a1b2c3d4e",
      WAITER_TIMEOUT: "5m",
    };
    expect(await wait("--job=blog-0a1b2c3d4e --timeout 90s", env)).toEqual({
      gates: [gate],
      namespace: "blog",
      timeoutMs: 90_000,
      hintAfterMs: 60_000,
    });
    expect(await wait("", { ...env, WAITER_JOB: gate.job })).toMatchObject({ gates: [gate], timeoutMs: 300_000 });
    expect((await wait("", { ...env, WAITER_TIMEOUT: undefined })).timeoutMs).toBe(65 * 60_000);
  });

  test("takes several gates, from flags or from one variable", async () => {
    const other = { job: "shop-1", ledger: "shop-ledger", identity: "1111111111" };
    const [one, two] = [gate, other].map(({ job, ledger, identity }) => `${job}:${ledger}:${identity}`);
    expect((await wait(`--gate ${one} --gate ${two}`)).gates).toEqual([gate, other]);
    expect((await wait("", { WAITER_GATE: `${one},${two}` })).gates).toEqual([gate, other]);
  });

  test("names every problem at once", async () => {
    await expect(wait("--job Blog --identity 0A --timeout 5", {}, "")).rejects.toThrow(
      /^--ledger is missing; --namespace is missing.*; --timeout: "5" is not a duration.*; --job: "Blog" is not a Kubernetes name; --identity: "0A" is not 10 digits/,
    );
  });

  test.each([
    ["--job a --ledger b --identity status", /--identity: "status" is not 10 digits/],
    ["--gate a:b", /"a:b" is not of the form JOB:LEDGER:IDENTITY/],
    ["--gate a:b:0a1b2c3d4e:c", /is not of the form/],
    ["--gate a:b:0a1b2c3d4e --job a", /--gate stands instead of/],
    ["--job a --job b --ledger c --identity 0a1b2c3d4e", /--job is given more than once/],
    ["--job ../../secrets --ledger b --identity 0a1b2c3d4e", /is not a Kubernetes name/],
    ["--wrong 1", /Unknown argument: wrong/],
    ["stray", /stray/],
  ])("refuses %s", async (args, message) => {
    await expect(wait(args)).rejects.toThrow(message);
  });
});

test("record takes what the chart tells about the pod from the environment", () => {
  const env = { WAITER_JOB: gate.job, WAITER_JOB_UID: "uid-1", WAITER_POD: "pod-1", WAITER_IMAGE: "acme/migrations:1" };
  expect(recordSettings({ ledger: gate.ledger, identity: gate.identity, report: "/report" }, env, "blog")).toEqual({
    ledger: gate.ledger,
    identity: gate.identity,
    namespace: "blog",
    reportDirectory: "/report",
    run: { job: gate.job, jobUid: "uid-1", pod: "pod-1", image: "acme/migrations:1" },
    lingerMs: 15_000,
  });
  expect(() => recordSettings({ identity: "x" }, {}, "blog")).toThrow(/--ledger is missing; --identity: "x"/);
});

test("a log level that does not exist is refused", () => {
  expect(logLevel({}, {})).toBe("info");
  expect(() => logLevel({ "log-level": "loud" }, {})).toThrow('--log-level: "loud" is none of');
});

test.each([
  ["10.96.0.1", "10.96.0.1"],
  ["fd00::1", "fd00::1"],
  ["[fd00::1]", "fd00::1"],
])("finds the API server at %s", (host, expected) => {
  const { address } = clusterAccess({ KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: "6443" });
  expect(address).toEqual({ host: expected, port: 6443 });
});

test("outside a cluster it says so", () => {
  expect(() => clusterAccess({})).toThrow(/not in a cluster: KUBERNETES_SERVICE_HOST is not set/);
});
