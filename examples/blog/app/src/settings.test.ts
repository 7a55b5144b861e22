import { expect, test } from "vitest";
import { readSettings } from "./settings.ts";

test("only the database's URL is needed", () => {
  expect(readSettings({ DATABASE_URL: "postgres://x" })).toMatchObject({ port: 8080, categories: false });
});

test("names all problems at once", () => {
  const read = () => readSettings({ PORT: "http", BLOG_CATEGORIES: "yes" });
  expect(read).toThrow(/DATABASE_URL is missing.*PORT is not a port number: http.*BLOG_CATEGORIES .* yes/);
});
