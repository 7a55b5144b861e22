import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { UsageError } from "@migration-gate/cli-runtime/expected-error";
import fc from "fast-check";
import { expect } from "vitest";
import * as migratorLine from "../../packages/migrator/src/command-line.ts";
import { connectionTarget } from "../../packages/migrator/src/connection/connection-target.ts";
import { findPassword } from "../../packages/migrator/src/connection/password-file.ts";
import { commands } from "../../packages/migrator/src/flags.ts";
import * as migrator from "../../packages/migrator/src/settings.ts";
import { tokenOwner } from "../../packages/waiter/src/api/service-account.ts";
import * as waiterLine from "../../packages/waiter/src/command-line.ts";
import { podCommands } from "../../packages/waiter/src/flags.ts";
import { operatorCommands } from "../../packages/waiter/src/operator-flags.ts";
import { checkSettings, retrySettings, statusSettings } from "../../packages/waiter/src/operator-settings.ts";
import * as waiter from "../../packages/waiter/src/settings.ts";

import { clusterAddresses, connections, migratorLines, waiterLines } from "./counterexamples.ts";
import { fuzz } from "./fuzz.ts";
import { useScratchDirectory } from "./scratch.ts";

/** What `setTimeout` takes; what is longer it takes for no time at all. */
const longestTimerMs = 2 ** 31 - 1;

/** What a reader answers; `undefined` where it refuses its input as a mistake in the settings. Fails for all else. */
async function unlessRefused<T>(read: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}

const value = fc.oneof(
  fc.constantFrom(
    ..."|true|0|-1|1e9|9e99|99999999|576h|9999h|1.5s|Infinity|NaN|__proto__|constructor|a,b|a.b|a.b.c|.|/|/dev/null/x".split(
      "|",
    ),
    ..."blog|0a1b2c3d4e|a:b:0a1b2c3d4e|::|default|wait|record|auto|[::1]|é😀|\u0001|*|[".split("|"),
    "9".repeat(400),
    `${"9".repeat(400)}h`,
    "x".repeat(5000),
    "/x".repeat(3000),
  ),
  fc.string({ maxLength: 8 }),
);
const flagName = fc.constantFrom(
  ..."dir|ignore|json|checksum|history|set|role|pooler|wait-budget|target|report|done|log-level|exit-code".split("|"),
  ..."job|ledger|identity|gate|namespace|timeout|hint-after|linger|role|watch|yes|context|kubeconfig|dry-run".split(
    "|",
  ),
  ..."help|version|__proto__|constructor|_|$0|dir.x|job.x|no-job|no-dir|no-json|n|w".split("|"),
);
const argument = fc.oneof(
  fc.constantFrom(
    ..."up|status|validate|baseline|repair|resolve|unlock|wait|record|check|retry|--|-|completion".split("|"),
  ),
  fc.tuple(fc.constantFrom("--", "-", "--no-"), flagName).map((parts) => parts.join("")),
  fc.tuple(flagName, value).map(([name, given]) => `--${name}=${given}`),
  value,
);
const environment = (prefix: string) =>
  fc.dictionary(
    flagName.map((name) => `${prefix}_${name.replaceAll("-", "_").toUpperCase()}`),
    value,
    { maxKeys: 4, noNullPrototype: true },
  );
const commandLine = (prefix: string) =>
  fc.record({ args: fc.array(argument, { maxLength: 5 }), env: environment(prefix) });

fuzz(
  "the migrator understands a command line and environment, or refuses them as a mistake",
  commandLine("MIGRATOR"),
  async ({ args, env }) => {
    const line = await unlessRefused(() => migratorLine.parseCommandLine(args, "1.0.0"));
    if (!line || line.command === "print") return;
    const { command, flags } = line;
    expect(Object.keys(commands)).toContain(command);
    await unlessRefused(() => migrator.logLevel(flags, env));
    await unlessRefused(() => migrator.fileSettings(flags, env));
    const url = { DATABASE_URL: "postgres://owner@db/blog" };
    const settings = await unlessRefused(() => migrator.runSettings(flags, { ...env, ...url }, "1.0.0"));
    if (!settings) return;
    const { waitBudgetMs, lockTimeoutMs, gracePeriodMs } = settings;
    expect(Math.max(waitBudgetMs, lockTimeoutMs, gracePeriodMs)).toBeLessThanOrEqual(longestTimerMs);
    // Nothing of a value may be made up.
    const said = [...args, ...Object.values(env)].join();
    for (const text of [settings.directory, settings.role, settings.target]) {
      if (text !== undefined && text !== "migrations") expect(said).toContain(text);
    }
  },
  { kept: migratorLines, runs: 300 },
);

fuzz(
  "the waiter understands a command line and environment, or refuses them as a mistake",
  commandLine("WAITER"),
  async ({ args, env }) => {
    const line = await unlessRefused(() => waiterLine.parseCommandLine(args, "1.0.0"));
    if (!line || line.command === "print") return;
    const { command, flags } = line;
    expect(Object.keys({ ...podCommands, ...operatorCommands })).toContain(command);
    await unlessRefused(() => waiter.logLevel(flags, env));
    const wait = await unlessRefused(() => waiter.waitSettings(flags, env, "shop"));
    const record = await unlessRefused(() => waiter.recordSettings(flags, env, "shop"));
    const retry = await unlessRefused(() => retrySettings(flags, env));
    await unlessRefused(() => checkSettings(flags, env, "shop"));
    await unlessRefused(() => statusSettings(flags, env));
    const times = [wait?.timeoutMs, wait?.hintAfterMs, record?.lingerMs, retry?.timeoutMs];
    for (const timeMs of times) expect(timeMs ?? 0).toBeLessThanOrEqual(longestTimerMs);
    const said = [...args, ...Object.values(env)].join();
    for (const { job, ledger } of wait?.gates ?? []) for (const name of [job, ledger]) expect(said).toContain(name);
  },
  { kept: waiterLines, runs: 300 },
);

fuzz(
  "the address of the API server is a host and a port, or refused",
  fc.dictionary(fc.constantFrom("KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT"), value),
  async (env) => {
    const access = await unlessRefused(() => waiter.clusterAccess(env));
    if (!access) return;
    expect(Number.isInteger(access.address.port)).toBe(true);
    expect(access.address.port).toBeGreaterThan(0);
    expect(access.address.port).toBeLessThan(65_536);
  },
  { kept: clusterAddresses },
);

fuzz("any token has an owner, or none", fc.oneof(fc.string(), fc.jsonValue().map(tokenOf)), (token) => {
  const { account = "a/b", pod = "p" } = tokenOwner(token);
  expect(account).toMatch(/^[^:]+\/[^:]+$/);
  expect(pod).toMatch(/^[a-z0-9.-]+$/);
});

function tokenOf(claims: unknown): string {
  return `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.x`;
}

const password = "hunter2-secret";
const urls = [
  `postgres://owner:${password}@db:5432/blog?sslmode=disable&application_name=a`,
  `postgresql:///blog?host=/run/pg&user=owner&password=${password}&passfile=/dev/null/x`,
  `postgres://owner:${password}@[2001:db8::1]/blog?connect_timeout=3&target_session_attrs=primary`,
  `host=db port=5432 user='owner' password='${password}' dbname=blog passfile=/x connect_timeout=10`,
  `host=db user=owner password=${password}\\ x sslrootcert=/etc/hostname channel_binding=require`,
];
const piece = fc.constantFrom(
  ..."%00|%zz|%|:|@|/|?|&|=|#|'|\\| |\n|\u0000|,|é|99999999999|1e9|../..|__proto__=1".split("|"),
);
const mutatedUrl = fc
  .tuple(fc.constantFrom(...urls), fc.array(fc.tuple(fc.nat(), fc.nat({ max: 4 }), piece), { maxLength: 3 }))
  .map(([url, changes]) =>
    changes.reduce((text, [at, removed, inserted]) => {
      const start = at % (text.length + 1);
      return text.slice(0, start) + inserted + text.slice(start + removed);
    }, url),
  );
const variable = fc.constantFrom(
  ..."PGHOST|PGHOSTADDR|PGPORT|PGDATABASE|PGUSER|PGPASSFILE|PGAPPNAME|PGCONNECT_TIMEOUT|PGCHANNELBINDING|PGSSLMODE".split(
    "|",
  ),
  ..."PGSSLROOTCERT|PGSSLCERT|PGSSLKEY|PGTARGETSESSIONATTRS|PGSSLMINPROTOCOLVERSION|PGOPTIONS|HOME|PGPASSWORD_FILE".split(
    "|",
  ),
);
const variables = fc.dictionary(variable, fc.oneof(value, fc.constant("/etc/hostname")), {
  maxKeys: 4,
  noNullPrototype: true,
});
const file = join(useScratchDirectory(), "url");

fuzz(
  "a connection's settings name a target, or are refused without showing the password",
  fc.record({ url: fc.oneof(mutatedUrl, value), isFile: fc.boolean(), env: variables }),
  async ({ url, isFile, env }) => {
    writeFileSync(file, url);
    // No environment holds a NUL.
    const given = isFile ? { DATABASE_URL_FILE: file } : { DATABASE_URL: url.replaceAll("\u0000", "") };
    try {
      const target = connectionTarget({ ...env, ...given });
      expect(target.port).toBeGreaterThan(0);
      expect(target.port).toBeLessThan(65_536);
      expect(target.timeoutMs).toBeGreaterThanOrEqual(2000);
      expect(target.timeoutMs).toBeLessThanOrEqual(longestTimerMs);
      // The protocol ends each of its texts by a NUL: another one would begin a setting that nobody has given.
      const { host, user, database, applicationName, password: sent = "" } = target;
      expect([host, user, database, applicationName, sent].join("")).not.toContain("\u0000");
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      expect(error.message).not.toContain(password);
    }
  },
  { kept: connections, runs: 3000 },
);

const field = fc.string({ unit: fc.constantFrom(..."ab:\\*#é "), minLength: 1, maxLength: 6 });
const escaped = (text: string) => text.replace(/[:\\]/g, "\\$&");

fuzz(
  "a password file of any content has the password of the line that was written for a connection",
  fc.record({
    before: fc.string({ unit: fc.constantFrom(..."a:\\\n#*"), maxLength: 20 }),
    fields: fc.tuple(field, field, field, field),
  }),
  ({ before, fields: [host, database, user, secret] }) => {
    const owner = { host, port: 5432, database, user };
    const line = [host, "5432", database, user, secret].map(escaped).join(":");
    // A line that begins with # is a comment.
    if (line.startsWith("#")) return;
    expect(findPassword(`${line}\n${before}`, owner)).toBe(secret);
    findPassword(`${before}${line}`, owner);
  },
);
