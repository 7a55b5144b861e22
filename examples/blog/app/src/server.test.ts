import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { pino } from "pino";
import { expect, onTestFinished, test } from "vitest";
import { drain } from "./drain.ts";
import type { Post } from "./posts.ts";
import { type Blog, createBlogServer } from "./server.ts";

const post: Post = {
  slug: "hello",
  title: "Hello <world>",
  author: "Ada",
  published_at: new Date("2026-01-02T03:04:05Z"),
  category: "News",
  body: "First.\n\nSecond.",
};

async function start(overrides: Partial<Blog> = {}) {
  const server = createBlogServer({
    posts: { newest: async () => [post], bySlug: async (slug) => (slug === post.slug ? post : undefined) },
    isDatabaseReady: async () => true,
    isDraining: () => false,
    podName: "pod-1",
    log: pino({ level: "silent" }),
    ...overrides,
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { server, get: (path: string) => fetch(url + path) };
}

test("the front page lists posts with author, date and category", async () => {
  const { get } = await start();
  const response = await get("/");
  const page = await response.text();
  expect(response.headers.get("x-pod")).toBe("pod-1");
  for (const part of ["Hello &#60;world&#62;", "Ada", "2026-01-02", "News", 'href="/posts/hello"', "served by pod-1"]) {
    expect(page).toContain(part);
  }
});

test.each([
  ["/posts/hello", 200],
  ["/posts/none", 404],
  ["/posts/%E0%A4%A", 404],
  ["/nothing", 404],
  ["/healthz", 200],
  ["/readyz", 200],
])("GET %s is answered with %i", async (path, status) => {
  expect((await (await start()).get(path)).status).toBe(status);
});

test("an error of the database is a 500 without its details", async () => {
  const failing = async () => {
    throw new Error("password of 10.0.0.1");
  };
  const { get } = await start({ posts: { newest: failing, bySlug: failing } });
  const response = await get("/");
  expect(response.status).toBe(500);
  expect(await response.text()).not.toContain("10.0.0.1");
});

test("is alive but not ready without its database", async () => {
  const { get } = await start({ isDatabaseReady: async () => false });
  expect((await get("/readyz")).status).toBe(503);
  expect((await get("/healthz")).status).toBe(200);
});

test("while draining it is not ready, still answers, and ends kept-alive connections", async () => {
  const { get } = await start({ isDraining: () => true });
  expect((await get("/readyz")).status).toBe(503);
  const page = await get("/");
  expect(page.status).toBe(200);
  expect(page.headers.get("connection")).toBe("close");
});

test("draining waits for the answer under way, and no longer", async () => {
  const asked = Promise.withResolvers<void>();
  const found = Promise.withResolvers<Post[]>();
  const newest = () => {
    asked.resolve();
    return found.promise;
  };
  let draining = false;
  const posts = { newest, bySlug: async () => undefined };
  const { server, get } = await start({ posts, isDraining: () => draining });
  const response = get("/");
  await asked.promise;
  draining = true;
  const drained = drain(server, 60_000);
  found.resolve([post]);
  expect((await response).status).toBe(200);
  expect(await drained).toBe(true);
});

test("draining ends in time although an answer never comes", async () => {
  const asked = Promise.withResolvers<void>();
  const newest = () => {
    asked.resolve();
    return new Promise<Post[]>(() => {});
  };
  const { server, get } = await start({ posts: { newest, bySlug: async () => undefined } });
  const response = get("/").catch(() => "cut off");
  await asked.promise;
  expect(await drain(server, 20)).toBe(false);
  expect(await response).toBe("cut off");
});
