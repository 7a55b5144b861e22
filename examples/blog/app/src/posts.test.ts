import { expect, test } from "vitest";
import { postsIn } from "./posts.ts";

test.each([
  [false, "select slug, title, author, published_at from"],
  [true, "select slug, title, author, published_at, category from"],
])("with categories %s it reads no other columns", async (categories, beginning) => {
  const sent: string[] = [];
  const query = async (sql: string) => {
    sent.push(sql);
    return [];
  };
  const posts = postsIn({ query }, categories);
  await posts.newest(3);
  expect(sent[0]).toMatch(new RegExp(`^${beginning}`));
  expect(await posts.bySlug("none")).toBeUndefined();
});
