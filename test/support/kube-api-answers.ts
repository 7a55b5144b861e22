import type { SeenRequest, Verb } from "./kube-api-request.ts";
import type { KubeApiStore, Resource, StoredObject } from "./kube-api-store.ts";

export interface RequestBody {
  readonly content: unknown;
  /** A server-side apply, which creates what is not there. */
  readonly isApply: boolean;
}

export interface ServerState {
  readonly denied: ReadonlySet<string>;
  readonly holdsDeletions: boolean;
}

export interface Answer {
  readonly status: number;
  readonly answer: object;
}

/** What the API server answers to everything but a watch. */
export function answerRequest(store: KubeApiStore, seen: SeenRequest, body: RequestBody, state: ServerState): Answer {
  const { verb, resource, name } = seen;
  if (resource === "version") return ok({ gitVersion: "v1.35.4" });
  if (resource === "selfsubjectaccessreviews") return review(body.content as Review, state);
  if (verb === "list") return list(store, seen, resource);
  if (verb === "create") return create(store, seen, resource, body.content as StoredObject);
  const object = store.get(resource, name);
  if (!object && verb === "patch" && body.isApply) return create(store, seen, resource, body.content as StoredObject);
  if (!object) return refusal(404, `${resource} "${name}" not found`);
  if (verb === "get") return ok(object);
  if (verb === "delete") return remove(store, resource, object, body.content as DeleteOptions, state);
  const patch = body.content as Patch;
  const base = patch.metadata?.resourceVersion;
  if (base !== undefined && base !== object.metadata.resourceVersion) {
    return refusal(409, "the object has been modified; please apply your changes to the latest version");
  }
  return ok(store.put(resource, merged(object, patch)));
}

export function failure(code: number, message: string): object {
  return { kind: "Status", apiVersion: "v1", status: "Failure", message, code };
}

interface Review {
  readonly spec: { readonly resourceAttributes: { readonly verb: Verb; readonly resource: Resource } };
}

interface DeleteOptions {
  readonly preconditions?: { readonly uid?: string };
}

interface Patch {
  readonly metadata?: { readonly resourceVersion?: string };
  readonly data?: Readonly<Record<string, string | null>>;
}

function review({ spec }: Review, { denied }: ServerState): Answer {
  const { verb, resource } = spec.resourceAttributes;
  return { status: 201, answer: { spec, status: { allowed: !denied.has(`${verb} ${resource}`) } } };
}

/** Pages as the API server does; the token of the next page is its first index. */
function list(store: KubeApiStore, { query }: SeenRequest, resource: Resource): Answer {
  const items = store.list(resource, query.get("fieldSelector"), query.get("labelSelector"));
  const from = Number(query.get("continue") ?? 0);
  const to = from + Number(query.get("limit") ?? items.length);
  const metadata = { resourceVersion: String(store.version), ...(to < items.length && { continue: String(to) }) };
  return ok({ kind: "List", metadata, items: items.slice(from, to) });
}

function create(store: KubeApiStore, { query }: SeenRequest, resource: Resource, object: StoredObject): Answer {
  const { name } = object.metadata;
  if (query.get("dryRun") === "All") return { status: 201, answer: object };
  if (store.get(resource, name)) return refusal(409, `${resource} "${name}" already exists`);
  const metadata = { ...object.metadata, uid: `created-${store.version}` };
  return { status: 201, answer: store.put(resource, { ...object, metadata }) };
}

function remove(
  store: KubeApiStore,
  resource: Resource,
  object: StoredObject,
  { preconditions }: DeleteOptions,
  { holdsDeletions }: ServerState,
): Answer {
  const uid = preconditions?.uid;
  if (uid !== undefined && uid !== object.metadata["uid"]) {
    return refusal(409, `the UID in the precondition (${uid}) does not match`);
  }
  const metadata = { ...object.metadata, deletionTimestamp: new Date().toISOString() };
  if (holdsDeletions) store.put(resource, { ...object, metadata });
  else store.delete(resource, object.metadata.name);
  return ok(object);
}

function merged(object: StoredObject, { data = {} }: Patch): StoredObject {
  const entries = Object.entries({ ...(object["data"] as object | undefined), ...data });
  return { ...object, data: Object.fromEntries(entries.filter(([, value]) => value !== null)) };
}

function ok(answer: object): Answer {
  return { status: 200, answer };
}

function refusal(code: number, message: string): Answer {
  return { status: code, answer: failure(code, message) };
}
