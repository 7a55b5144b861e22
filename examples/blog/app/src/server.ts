import { createServer, type Server, type ServerResponse } from "node:http";
import type { Logger } from "pino";
import type { Html } from "./html.ts";
import { listPage, messagePage, postPage } from "./pages.ts";
import type { Posts } from "./posts.ts";

export interface Blog {
  readonly posts: Posts;
  readonly isDatabaseReady: () => Promise<boolean>;
  readonly isDraining: () => boolean;
  readonly podName: string;
  readonly log: Logger;
}

interface Answer {
  readonly status: number;
  readonly body: Html | string;
}

const postsOnTheFrontPage = 20;

export function createBlogServer(blog: Blog): Server {
  return createServer(async (request, response) => {
    const started = performance.now();
    const path = (request.url ?? "/").split("?", 1)[0] ?? "/";
    let result: Answer;
    try {
      result = request.method === "GET" || request.method === "HEAD" ? await answer(path, blog) : notAllowed(blog);
    } catch (err) {
      blog.log.error({ err, path }, "failed to answer");
      result = { status: 500, body: messagePage("Something went wrong", blog.podName) };
    }
    send(response, result, blog);
    const entry = { method: request.method, path, status: result.status, durationMs: performance.now() - started };
    blog.log[isProbe(path) ? "debug" : "info"](entry, "answered");
  });
}

async function answer(path: string, blog: Blog): Promise<Answer> {
  if (path === "/") return { status: 200, body: listPage(await blog.posts.newest(postsOnTheFrontPage), blog.podName) };
  if (path === "/healthz") return { status: 200, body: "alive\n" };
  if (path === "/readyz") return readiness(blog);
  const slug = path.startsWith("/posts/") ? decodeSlug(path.slice("/posts/".length)) : undefined;
  const post = slug === undefined ? undefined : await blog.posts.bySlug(slug);
  if (!post) return { status: 404, body: messagePage("Page not found", blog.podName) };
  return { status: 200, body: postPage(post, blog.podName) };
}

async function readiness(blog: Blog): Promise<Answer> {
  if (blog.isDraining()) return { status: 503, body: "draining\n" };
  return (await blog.isDatabaseReady()) ? { status: 200, body: "ready\n" } : { status: 503, body: "no database\n" };
}

function notAllowed(blog: Blog): Answer {
  return { status: 405, body: messagePage("Method not allowed", blog.podName) };
}

function send(response: ServerResponse, { status, body }: Answer, blog: Blog): void {
  response.statusCode = status;
  response.setHeader("X-Pod", blog.podName);
  response.setHeader("Content-Type", typeof body === "string" ? "text/plain" : "text/html; charset=utf-8");
  // Clients then open their next connection to a pod that stays.
  if (blog.isDraining()) response.setHeader("Connection", "close");
  response.end(typeof body === "string" ? body : body.text);
}

function isProbe(path: string): boolean {
  return path === "/healthz" || path === "/readyz";
}

function decodeSlug(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined; // not valid percent-encoding: no such page
  }
}
