import type { IncomingMessage } from "node:http";
import type { Resource } from "./kube-api-store.ts";

export type Verb = "get" | "list" | "watch" | "patch" | "create" | "delete";

/** A request as RBAC sees it. */
export interface SeenRequest {
  readonly verb: Verb;
  readonly resource: Resource | "version" | "selfsubjectaccessreviews";
  /** Of the object, or that of the list's field selector; empty where neither is. */
  readonly name: string;
  readonly query: URLSearchParams;
  readonly token: string;
  readonly atMs: number;
}

/** `undefined` for what this API server does not have. */
export function parseRequest(
  request: Pick<IncomingMessage, "url" | "method" | "headers">,
  namespace: string,
): SeenRequest | undefined {
  const { pathname, searchParams: query } = new URL(request.url ?? "", "https://kube-api");
  const token = request.headers.authorization?.replace(/^Bearer /, "") ?? "";
  const common = { query, token, atMs: performance.now() };
  if (pathname === "/version") return { verb: "get", resource: "version", name: "", ...common };
  if (pathname === "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews") {
    return { verb: "create", resource: "selfsubjectaccessreviews", name: "", ...common };
  }
  const pattern = new RegExp(`^/(?:api|apis/batch)/v1/namespaces/${namespace}/(configmaps|jobs|pods)(?:/([^/]+))?$`);
  const [, resource, inPath] = pattern.exec(pathname) ?? [];
  if (!resource) return undefined;
  const name = inPath ?? /^metadata\.name=(.*)$/.exec(query.get("fieldSelector") ?? "")?.[1] ?? "";
  return { verb: verbOf(request.method, inPath, query), resource: resource as Resource, name, ...common };
}

function verbOf(method: string | undefined, name: string | undefined, query: URLSearchParams): Verb {
  if (method === "PATCH") return "patch";
  if (method === "POST") return "create";
  if (method === "DELETE") return "delete";
  if (name) return "get";
  return query.has("watch") ? "watch" : "list";
}
