import { expect, test } from "vitest";
import { connectionTarget, describeServer } from "./connection-target.ts";

const url = (text: string) => connectionTarget({ DATABASE_URL: text });

test("what the URL leaves out comes from libpq's variables, and then from libpq's defaults", () => {
  const env = { PGHOST: "h", PGPORT: "1", PGUSER: "u", PGPASSWORD: "p", PGDATABASE: "d", PGSSLMODE: "require" };
  const rest = { port: 1, user: "u", password: "p", database: "d" };
  expect(connectionTarget(env)).toMatchObject({ host: "h", ...rest, tls: { attempts: ["required"] } });
  expect(connectionTarget({ ...env, DATABASE_URL: "postgres://db?sslmode=disable" })).toMatchObject({
    host: "db",
    ...rest,
    tls: { attempts: ["none"] },
  });
  const bare = { host: "db", port: 5432, user: "o", database: "o", timeoutMs: 10_000 };
  expect(url("postgres://o@db")).toMatchObject({ ...bare, tls: { attempts: ["if-offered", "none"] } });
});

test("an address can be given beside the name that the certificate carries", () => {
  expect(url("postgres://o@db?hostaddr=10.0.0.1")).toMatchObject({ host: "db", address: "10.0.0.1" });
  expect(connectionTarget({ PGHOSTADDR: "10.0.0.1", PGUSER: "o" })).toMatchObject({ host: "10.0.0.1" });
});

test("a Unix socket is never encrypted", () => {
  expect(url("postgres:///d?host=/run/postgresql&user=o&sslmode=verify-full").tls.attempts).toEqual(["none"]);
});

test.each([
  ["disable", ["none"]],
  ["allow", ["none", "required"]],
  ["prefer", ["if-offered", "none"]],
  ["require", ["required"]],
  ["verify-full", ["required"]],
])("sslmode=%s tries %j", (mode, attempts) => {
  const { tls } = url(`postgres://o@db?sslmode=${mode}`);
  expect(tls).toMatchObject({ attempts });
  if (mode !== "disable") expect(tls.options.rejectUnauthorized).toBe(mode === "verify-full");
});

test("sslrootcert=system means verify-full, and nothing less", () => {
  const { tls } = url("postgres://o@db?sslrootcert=system");
  expect(tls).toMatchObject({ attempts: ["required"], options: { rejectUnauthorized: true } });
  expect(tls.options.checkServerIdentity).toBeUndefined();
  expect(() => url("postgres://o@db?sslrootcert=system&sslmode=require")).toThrow("needs sslmode=verify-full");
});

test.each([
  ["postgres://o@db?schema=public", "parameter schema is unknown to PostgreSQL"],
  ["postgres://o@db?constructor=1", "parameter constructor is unknown to PostgreSQL"],
  ["postgres://o@db?sslmode=constructor", "sslmode is none of disable, allow, prefer"],
  ["postgres://o@db?options=-csearch_path%3Da", "parameter options is not supported: give the settings to the role"],
  ["postgres://o@db?service=s", "parameter service is not supported"],
  ["postgres://o@db?sslcrl=/crl", "revocation lists are not checked"],
  ["postgres://o@db?gssencmode=require", "gssencmode=require is not supported"],
  ["postgres://o@a,b", "several hosts are not supported: connect to one address"],
  ["postgres://o@db?target_session_attrs=standby", "migrations need a primary"],
  ["postgres://db", "no user to connect as"],
  ["postgres://o@db:99999", "the port is not a number"],
  ["postgres://o@db?connect_timeout=soon", "not a number of seconds"],
  ["postgres://o@db?sslmode=verify_full", "sslmode is none of disable, allow, prefer"],
  ["postgres://o@db?sslmode=verify-ca", "needs the issuer's certificate"],
  ["postgres://o@db?sslcert=/c", "without PGSSLKEY"],
  ["postgres://o@db?sslkey=/k", "without PGSSLCERT"],
  ["postgres://o@db?sslcert=/nowhere/c&sslkey=/nowhere/k", "/nowhere/c cannot be read (ENOENT)"],
  ["postgres://o@db?sslmode=verify-full&sslrootcert=/", "/ cannot be read (EISDIR)"],
  ["postgres://o@db?sslmode=verify-full&sslrootcert=/etc/hostname", "certificates or the key cannot be used"],
  ["postgres://o@db?ssl_min_protocol_version=SSLv3", "ssl_min_protocol_version is neither"],
  ["postgres://o@db?sslnegotiation=direct", "needs sslmode=require"],
  ["postgres://o@db?channel_binding=require", "needs sslmode=require"],
])("%s is refused", (text, message) => {
  expect(() => url(text)).toThrow(message);
});

test.each([
  [{ PGHOST: "db", PGUSER: "o", PGOPTIONS: "-c a=b" }, "PGOPTIONS is not supported"],
  [{ PGHOST: "db", PGUSER: "o", PGPASSWORD: "p", PGPASSWORD_FILE: "/p" }, "both PGPASSWORD and PGPASSWORD_FILE"],
  [{ PGHOST: "db", PGUSER: "o", PGPASSWORD_FILE: "/nowhere" }, "PGPASSWORD_FILE: /nowhere cannot be read"],
  [{ DATABASE_URL: "postgres://o@db", DATABASE_URL_FILE: "/u" }, "both DATABASE_URL and DATABASE_URL_FILE"],
  [{ DATABASE_URL_FILE: "/nowhere" }, "DATABASE_URL_FILE: /nowhere cannot be read (ENOENT)"],
  [{}, "no database to connect to"],
])("%j is refused", (env, message) => {
  expect(() => connectionTarget(env)).toThrow(message);
});

test("a description of the server carries neither user nor password", () => {
  expect(describeServer(url("postgres://o:secret@db:6543/d"))).toBe("db:6543/d");
});

test("the name in pg_stat_activity can be chosen, by libpq's variable or in the URL", () => {
  expect(connectionTarget({ PGHOST: "h", PGUSER: "o", PGAPPNAME: "mine" }).applicationName).toBe("mine");
  expect(url("postgres://o@db/d?application_name=mine").applicationName).toBe("mine");
  expect(url("postgres://o@db").applicationName).toMatch(/^migration-gate /);
});
