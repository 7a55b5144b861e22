import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { findPassword, passwordFromFile } from "./password-file.ts";

const owner = { host: "db", port: 5432, database: "d", user: "o" };

test.each([
  ["db:5432:d:o:secret", "secret"],
  ["*:*:*:*:secret", "secret"],
  ["# db:5432:d:o:comment\n\ndb:5433:d:o:port\ndb:5432:e:o:database\ndb:5432:d:p:user\nother:*:*:*:host", undefined],
  ["db:5432:d:o:first\n*:*:*:*:second", "first"],
  ["db:5432:d:o:a\\:b\\\\c\\d", "a:b\\cd"],
  ["db:5432:d:o:secret\r\n", "secret"],
  ["db:5432:d:o:ends:here", "ends"],
  ["db:5432:d:o", undefined],
])("the password of %j is %j", (content, password) => {
  expect(findPassword(content, owner)).toBe(password);
});

test("names may hold escaped colons, and a directory of sockets is localhost too", () => {
  expect(findPassword("\\:\\:1:5432:d:o:six", { ...owner, host: "::1" })).toBe("six");
  expect(findPassword("localhost:*:*:*:socket", { ...owner, host: "/run/postgresql" })).toBe("socket");
  expect(findPassword("/run/postgresql:*:*:*:socket", { ...owner, host: "/run/postgresql" })).toBe("socket");
});

test("a file that others may read is refused, by name and with the mode to give it", () => {
  const home = mkdtempSync(join(tmpdir(), "migration-gate-home-"));
  onTestFinished(() => rmSync(home, { recursive: true }));
  const file = join(home, ".pgpass");
  expect(passwordFromFile(undefined, home, owner)).toBeUndefined();
  expect(() => passwordFromFile(file, home, owner)).toThrow(`${file} cannot be read (ENOENT)`);
  writeFileSync(file, "*:*:*:*:secret\n", { mode: 0o600 });
  expect(passwordFromFile(undefined, home, owner)).toBe("secret");
  chmodSync(file, 0o640);
  expect(() => passwordFromFile(undefined, home, owner)).toThrow(/\.pgpass may be read by its group .*mode 0600/);
});
