import { createPrivateKey } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { type Certificate, CertificateAuthority } from "../support/certificates.ts";
import { migrations } from "../support/migrations.ts";
import { mountSecret } from "../support/mounted-secret.ts";
import { type TestDatabase, usePostgres } from "../support/postgres.ts";
import { buildBundle, startCli } from "../support/run-cli.ts";

const server = usePostgres();
const bundle = buildBundle("migrator");
const authority = new CertificateAuthority();

let database: TestDatabase;

beforeAll(async () => {
  database = await server.createDatabase();
});

/** Gives the server a certificate, or none and with it no TLS, and says in which way the owner may come in. */
async function present(certificate: Certificate | undefined, access = "host all all all scram-sha-256"): Promise<void> {
  const { process } = server;
  process.write("server.crt", certificate?.cert ?? "");
  process.write("server.key", certificate?.key ?? "");
  process.write("ca.crt", authority.cert);
  process.write("pg_hba.conf", `host all postgres all scram-sha-256\n${access}\n`);
  process.configure(`ssl = ${certificate ? "on" : "off"}`, "ssl_ca_file = 'ca.crt'");
  await server.stop();
  await server.start();
}

const whetherEncrypted = {
  "1_a.sql": `do $$ begin raise warning 'encrypted: %', (select ssl from pg_stat_ssl where pid = pg_backend_pid()); end $$`,
};

let sets = 0;

/** What a run comes to: `encrypted: …`, or its exit code and reason. */
async function outcome(env: Readonly<Record<string, string>>): Promise<string> {
  const args = ["--dir", migrations(whetherEncrypted), "--set", `set${++sets}`, "--wait-budget", "300ms"];
  const { exitCode, last, log } = await startCli(bundle, args, { DATABASE_URL: database.url, ...env }).ended();
  return exitCode === 0
    ? String(log.find(({ msg }) => msg === "server notice")?.["notice"])
    : `${exitCode} ${last["reason"]}`;
}

/** The settings that know the authority. */
function trusting(mode: string, cert = authority.cert): Record<string, string> {
  return { PGSSLMODE: mode, PGSSLROOTCERT: mountSecret({ "ca.crt": cert }).path("ca.crt") };
}

describe("with a certificate that is right", () => {
  beforeAll(() => present(authority.issue()));

  test.each([
    ["disable", "encrypted: f"],
    ["allow", "encrypted: f"],
    ["prefer", "encrypted: t"],
    ["require", "encrypted: t"],
  ])("PGSSLMODE=%s comes to %s", async (PGSSLMODE, expected) => {
    expect(await outcome({ PGSSLMODE })).toBe(expected);
  });

  test.each(["require", "verify-ca", "verify-full"])(
    "PGSSLMODE=%s verifies it by its root certificate",
    async (mode) => {
      expect(await outcome(trusting(mode))).toBe("encrypted: t");
      const other = trusting(mode, new CertificateAuthority().cert);
      expect(await outcome(other)).toMatch(/^5 no connection to the database: TLS: .*PGSSLROOTCERT/);
    },
  );

  test("nothing said is prefer, and the URL can say it all", async () => {
    expect(await outcome({})).toBe("encrypted: t");
    const { PGSSLROOTCERT: root } = trusting("verify-full");
    const url = `${database.url}?sslmode=verify-full&sslrootcert=${root}&channel_binding=require`;
    expect(await outcome({ DATABASE_URL: url })).toBe("encrypted: t");
    expect(await outcome({ DATABASE_URL: `${url}&sslnegotiation=direct` })).toBe("encrypted: t");
  });

  test("a root certificate that is replaced while the run waits is read again", async () => {
    const secret = mountSecret({ "ca.crt": new CertificateAuthority().cert });
    const env = { DATABASE_URL: database.url, PGSSLMODE: "verify-full", PGSSLROOTCERT: secret.path("ca.crt") };
    const run = startCli(bundle, ["--dir", migrations(whetherEncrypted), "--set", `set${++sets}`], env);
    await run.logged("database is not available yet");
    secret.rotate({ "ca.crt": authority.cert });
    expect(await run.ended()).toMatchObject({ exitCode: 0, last: { applied: 1 } });
  });

  test.each([{ PGSSLMODE: "verify-full" }, { PGSSLROOTCERT: "system" }])("%j asks the system's roots", async (env) => {
    expect(await outcome(env)).toMatch(/^5 .*PGSSLROOTCERT/);
    const { PGSSLROOTCERT: SSL_CERT_FILE = "" } = trusting("verify-full");
    expect(await outcome({ ...env, SSL_CERT_FILE })).toBe("encrypted: t");
  });
});

describe("with a certificate for another name", () => {
  beforeAll(() => present(authority.issue({ subjectAltName: "DNS:db.example" })));

  test("verify-full refuses it and says what it is for, verify-ca does not mind", async () => {
    expect(await outcome(trusting("verify-full"))).toMatch(
      /^5 .*TLS: .*127\.0\.0\.1.*: connect by a name .*verify-ca/s,
    );
    expect(await outcome(trusting("verify-ca"))).toBe("encrypted: t");
  });

  test("a name beside the address is what is verified", async () => {
    const named = database.url.replace("127.0.0.1", "db.example");
    expect(await outcome({ ...trusting("verify-full"), DATABASE_URL: named, PGHOSTADDR: "127.0.0.1" })).toBe(
      "encrypted: t",
    );
  });
});

test("an expired certificate is refused by whoever verifies, and taken by whoever does not", async () => {
  await present(authority.issue({ expired: true }));
  expect(await outcome(trusting("verify-full"))).toMatch(/^5 .*expired: renew the server's certificate/);
  expect(await outcome(trusting("verify-ca"))).toMatch(/^5 .*expired/);
  expect(await outcome({ PGSSLMODE: "require" })).toBe("encrypted: t");
});

test("where the server wants a client certificate, one is sent, and its lack is said", async () => {
  await present(authority.issue(), "hostssl all all all scram-sha-256 clientcert=verify-full");
  const { key, cert } = authority.issue({ commonName: "owner" });
  const passphrase = "open sesame";
  const locked = createPrivateKey(key).export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase });
  const secret = mountSecret({ "tls.key": key, "tls.crt": cert, "locked.key": String(locked) });
  const sent = { PGSSLCERT: secret.path("tls.crt"), PGSSLKEY: secret.path("tls.key") };
  expect(await outcome({ ...trusting("verify-full"), ...sent })).toBe("encrypted: t");
  const url = `${database.url}?sslkey=${secret.path("locked.key")}&sslpassword=`;
  const opened = { ...trusting("verify-full"), ...sent, DATABASE_URL: `${url}${encodeURIComponent(passphrase)}` };
  expect(await outcome(opened)).toBe("encrypted: t");
  expect(await outcome({ ...opened, DATABASE_URL: `${url}wrong` })).toMatch(/^2 .*the key cannot be used/);
  expect(await outcome(trusting("verify-full"))).toMatch(/^5 .*client certificate.*PGSSLCERT/);
  const { PGSSLKEY } = sent;
  const swapped = { PGSSLCERT: mountSecret({ "tls.crt": authority.cert }).path("tls.crt"), PGSSLKEY };
  expect(await outcome({ ...trusting("verify-full"), ...swapped })).toMatch(/^2 .*key/);
});

test.each([
  ["hostssl all all all scram-sha-256", "allow", "encrypted: t"],
  ["hostnossl all all all scram-sha-256", "prefer", "encrypted: f"],
  ["hostssl all all all scram-sha-256", "disable", "5 no connection to the database: no pg_hba.conf entry"],
  ["hostnossl all all all scram-sha-256", "require", "5 no connection to the database: no pg_hba.conf entry"],
  ["host all all all md5", "require&channel_binding=require", "encrypted: t"],
  [
    "host all all all password",
    "require&channel_binding=require",
    "5 no connection to the database: the server does not offer channel binding",
  ],
])("where pg_hba.conf says %s, sslmode=%s comes to %s", async (access, mode, expected) => {
  await present(authority.issue(), access);
  const result = await outcome({ DATABASE_URL: `${database.url}?sslmode=${mode}` });
  expect(result.startsWith(expected), result).toBe(true);
});

describe("without TLS", () => {
  beforeAll(() => present(undefined));

  test.each(["disable", "allow", "prefer"])("PGSSLMODE=%s is not encrypted", async (PGSSLMODE) => {
    expect(await outcome({ PGSSLMODE })).toBe("encrypted: f");
  });

  test.each(["require", "verify-ca", "verify-full"])("PGSSLMODE=%s waits for it in vain", async (mode) => {
    expect(await outcome(trusting(mode))).toMatch(/^5 .*the server does not speak TLS.*sslmode=prefer/);
  });
});
