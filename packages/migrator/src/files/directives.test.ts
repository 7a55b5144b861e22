import { expect, test } from "vitest";
import { noDirectives, parseMarker } from "./directives.ts";

const directives = (comment: string) => {
  const marker = parseMarker(comment);
  return "apply" in marker && marker.apply ? marker.apply(noDirectives) : undefined;
};

test.each([
  ["-- gate: no-transaction", { transactional: false }],
  ["--gate:breaking", { breaking: true }],
  ["-- gate: no-retry", { retry: false }],
  ["-- gate: lock-timeout=5s", { lockTimeoutMs: 5000 }],
  ["-- +goose NO TRANSACTION", { transactional: false }],
  ["-- migrate:up transaction:false", { transactional: false }],
  ["-- no-transaction", { transactional: false }],
  ["-- atlas:txmode none", { transactional: false }],
])("%s is a directive", (comment, expected) => {
  expect(directives(comment)).toEqual({ ...noDirectives, ...expected });
});

test.each([
  ["-- +goose Up", "up"],
  ["-- +goose Down", "down"],
  ["-- migrate:up", "up"],
  ["-- migrate:down transaction:false", "down"],
  ["---- create above / drop below ----", "down"],
  ["-- +goose StatementBegin", "none"],
  ["-- gates are open", "none"],
  ["-- migrate the users", "none"],
])("%s is the marker %s", (comment, kind) => {
  expect(parseMarker(comment).kind).toBe(kind);
});

test.each([
  ["-- gate: notransaction", "known are no-transaction"],
  ["-- gate: lock-timeout=5", "is not a duration"],
  ["-- +goose Upp", '"+goose Upp"'],
  ["-- +goose ENVSUB ON", '"+goose ENVSUB ON"'],
  ["-- migrate:upp", '"migrate:upp"'],
  ["-- migrate:up transactions:false", '"transactions:false"'],
])("%s is malformed", (comment, message) => {
  expect(parseMarker(comment)).toEqual({ kind: "malformed", message: expect.stringContaining(message) });
});
