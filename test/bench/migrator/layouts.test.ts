import { expect, it } from "vitest";
import { layouts, plainName, withoutMarkers } from "./layouts.ts";

const sql = "create table t (id int);\n";
const migration = { name: "create_t", transactional: true, sql: () => sql };

it.each(Object.entries(layouts))("gives %s the SQL as it is", (_, layout) => {
  expect(layout(7, migration).content).toContain(sql);
});

it.each([
  ["plain", "00007_create_t.sql"],
  ["golangMigrate", "00007_create_t.up.sql"],
  ["goose", "00007_create_t.sql"],
  ["tern", "00007_create_t.sql"],
  ["dbmate", "00007_create_t.sql"],
  ["nodePgMigrate", "1700000000007_create_t.sql"],
  ["postgrator", "00007.do.create_t.sql"],
  ["flyway", "V7__create_t.sql"],
] as const)("names a file as %s wants it", (name, path) => {
  expect(layouts[name](7, migration).path).toBe(path);
});

it.each([
  ["goose", "-- +goose NO TRANSACTION"],
  ["tern", "---- tern: disable-tx ----"],
  ["dbmate", "-- migrate:up transaction:false"],
] as const)("tells %s which file must not run in a transaction", (name, marker) => {
  expect(layouts[name](7, { ...migration, transactional: false }).content).toContain(marker);
  expect(layouts[name](7, migration).content).not.toContain(marker);
});

it.each([
  ["goose", `-- +goose Up\n-- +goose StatementBegin\n${sql}-- +goose StatementEnd\n\n-- +goose Down\ndrop table t;\n`],
  ["dbmate", `-- migrate:up transaction:false\n${sql}\n-- migrate:down\ndrop table t;\n`],
  ["tern", `${sql}\n---- create above / drop below ----\n\ndrop table t;\n`],
  ["node-pg-migrate", `-- Up Migration\n${sql}-- Down Migration\ndrop table t;\n`],
])("takes what only %s understands out of a file", (_, source) => {
  expect(withoutMarkers(source).trim()).toBe(sql.trim());
});

it.each([
  ["20240102030405_Add-users", "add_users"],
  ["V1_2__Create table", "create_table"],
  ["0001_", "migration"],
])("makes of %s a name that every tool accepts", (key, name) => {
  expect(plainName(key)).toBe(name);
});
