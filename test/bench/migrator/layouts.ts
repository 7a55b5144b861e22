import type { Layout } from "./tool.ts";

/**
 * Each tool's file names and markers around SQL that is the same for all. The numbers are positions: every tool then
 * orders the files alike.
 */
export const layouts = {
  plain: (position, migration) => ({ path: `${padded(position)}_${migration.name}.sql`, content: migration.sql() }),

  golangMigrate: (position, migration) => ({
    path: `${padded(position)}_${migration.name}.up.sql`,
    content: migration.sql(),
  }),

  // Between the statement markers goose sends the text as it is; without them it would split it, and function bodies.
  goose: (position, migration) => ({
    path: `${padded(position)}_${migration.name}.sql`,
    content: [
      "-- +goose Up",
      ...(migration.transactional ? [] : ["-- +goose NO TRANSACTION"]),
      "-- +goose StatementBegin",
      migration.sql(),
      "-- +goose StatementEnd",
      "",
    ].join("\n"),
  }),

  tern: (position, migration) => ({
    path: `${padded(position)}_${migration.name}.sql`,
    content: migration.transactional ? migration.sql() : `---- tern: disable-tx ----\n${migration.sql()}`,
  }),

  dbmate: (position, migration) => ({
    path: `${padded(position)}_${migration.name}.sql`,
    content: `-- migrate:up${migration.transactional ? "" : " transaction:false"}\n${migration.sql()}\n-- migrate:down\n`,
  }),

  // Its numbers are points in time, in milliseconds.
  nodePgMigrate: (position, migration) => ({
    path: `${1_700_000_000_000 + position}_${migration.name}.sql`,
    content: migration.sql(),
  }),

  postgrator: (position, migration) => ({
    path: `${padded(position)}.do.${migration.name}.sql`,
    content: migration.sql(),
  }),

  flyway: (position, migration) => ({
    path: `V${position}__${migration.name}.sql`,
    content: migration.sql(),
  }),
} as const satisfies Readonly<Record<string, Layout>>;

function padded(position: number): string {
  return String(position).padStart(5, "0");
}

/** What a line has to be to speak to one tool only: in another tool's file it would be a mistake. */
const markerLine = /^--+ *(\+goose|migrate:up|tern:|Up Migration).*$/gm;
const downMarker = /^(-- *\+goose Down|-- *migrate:down|---- create above \/ drop below ----|-- *Down Migration)/m;

/** Takes all tools' markers and the down part out of a file. */
export function withoutMarkers(source: string): string {
  const down = downMarker.exec(source);
  return source.slice(0, down?.index).replace(markerLine, "");
}

/** Makes a word for file names that every tool accepts. */
export function plainName(key: string): string {
  const words = key.replace(/^[V\d._-]+/, "").replace(/\W+/g, "_");
  return words.replace(/^_+|_+$/g, "").toLowerCase() || "migration";
}
