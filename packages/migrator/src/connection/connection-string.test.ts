import { expect, test } from "vitest";
import { parseConnectionString } from "./connection-string.ts";

const parse = (text: string) => parseConnectionString(text, "DATABASE_URL");

test.each([
  ["postgres://", {}],
  ["postgresql://localhost", { host: "localhost" }],
  ["postgres://o:p@db:6543/d", { user: "o", password: "p", host: "db", port: "6543", dbname: "d" }],
  ["postgres://o:a%2Fb%3A%40%3F%23%25ü@db/d%20e", { user: "o", password: "a/b:@?#%ü", host: "db", dbname: "d e" }],
  ["postgres://o:with@at:and:colons@db", { user: "o", password: "with@at:and:colons", host: "db" }],
  ["postgres://o:p#q@db", { user: "o", password: "p#q", host: "db" }],
  ["postgres://o@[::1]:5433/d", { user: "o", host: "::1", port: "5433", dbname: "d" }],
  ["postgres:///d?host=/run/postgresql&port=5433", { host: "/run/postgresql", port: "5433", dbname: "d" }],
  ["postgres://o@%2Frun%2Fpostgresql/d", { user: "o", host: "/run/postgresql", dbname: "d" }],
  ["postgres://a:1,b:2/d", { host: "a,b", port: "1,2", dbname: "d" }],
  ["postgres://db?user=o&password=a+b%26c", { host: "db", user: "o", password: "a+b&c" }],
  ["postgres://db?ssl=true", { host: "db", sslmode: "require" }],
  ["host=db user=o", { host: "db", user: "o" }],
  [" host = db\nport=1 password='it\\'s \\\\ here' ", { host: "db", port: "1", password: "it's \\ here" }],
  ["password=a\\ b options=''", { password: "a b", options: "" }],
])("%s is read as libpq reads it", (text, parameters) => {
  expect(parse(text)).toEqual(parameters);
});

test.each([
  "mysql://o:secret@db/d",
  "secret",
  "postgres://o:secret%@db/d",
  "postgres://o:sec/ret@db/d",
  "postgres://o:secret@db:port/d",
  "postgres://o:12?secret=3@db/d",
  "postgres://o:12/secret@db/d",
  "postgres://o@db?password",
  "postgres://o@db?password=sec=ret",
  "password='secret",
  "password=secret host",
])("%s is refused, and not quoted", (text) => {
  expect(() => parse(text)).toThrow(/^DATABASE_URL is (malformed|not a URL)/);
  expect(() => parse(text)).not.toThrow(/secret|ret@/);
});
