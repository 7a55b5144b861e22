import type { ApiClient, ApiRequest } from "./api-client.ts";
import { ApiError } from "./api-error.ts";

/** One object of the API, known by name. */
export interface NamedObject {
  readonly namespace: string;
  readonly resource: "configmaps" | "jobs";
  readonly name: string;
}

/** What every object has of `metadata`; the rest is looked at by whoever needs it. */
export interface ApiObject {
  readonly metadata: { readonly name: string; readonly resourceVersion?: unknown; readonly uid?: unknown };
}

/** An answer about the object, `undefined` meaning that it does not exist. */
export interface ReadAnswer {
  readonly object: ApiObject | undefined;
  /** Where a watch can go on from; a get of an object gives none. */
  readonly resourceVersion: string | undefined;
}

/** Reads the object in the preferred way and, where that is forbidden, in the other. */
export async function readObject(
  api: ApiClient,
  target: NamedObject,
  preferred: "list" | "get",
  signal: AbortSignal,
): Promise<ReadAnswer> {
  const [first, second] = preferred === "list" ? [listObject, getObject] : [getObject, listObject];
  try {
    return await first(api, target, signal);
  } catch (error) {
    if (error instanceof ApiError && error.status === 403) return second(api, target, signal);
    throw error;
  }
}

/**
 * Reads by a list: its resourceVersion is the one a watch starts from, and an absent object is an empty list.
 *
 * The field selector is what makes a Role with `resourceNames` cover `list` and `watch`
 * (https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-resources).
 */
async function listObject(api: ApiClient, target: NamedObject, signal: AbortSignal): Promise<ReadAnswer> {
  const answer = await api.request(listRequest(target), signal);
  const { items, metadata } = isRecord(answer) ? answer : {};
  const resourceVersion = isRecord(metadata) ? metadata["resourceVersion"] : undefined;
  if (!Array.isArray(items) || typeof resourceVersion !== "string") throw unexpectedAnswer();
  return { object: items.find((item) => isNamed(item, target)), resourceVersion };
}

/** Reads by get, for a Role that grants no list. */
export async function getObject(api: ApiClient, target: NamedObject, signal: AbortSignal): Promise<ReadAnswer> {
  try {
    const object = await api.request({ path: objectPath(target) }, signal);
    if (!isNamed(object, target)) throw unexpectedAnswer();
    return { object, resourceVersion: undefined };
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return { object: undefined, resourceVersion: undefined };
    throw error;
  }
}

/** The list of exactly this object; `extra` turns it into a watch. */
export function listRequest(target: NamedObject, extra: Readonly<Record<string, string>> = {}): ApiRequest {
  return { path: collectionPath(target), query: { fieldSelector: `metadata.name=${target.name}`, ...extra } };
}

export function objectPath(target: NamedObject): string {
  return `${collectionPath(target)}/${target.name}`;
}

/** True for an object of that very name: a server that ignores the field selector must not open a gate. */
export function isNamed(value: unknown, target: NamedObject): value is ApiObject {
  return isRecord(value) && isRecord(value["metadata"]) && value["metadata"]["name"] === target.name;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The objects of a list, and nothing else of it; none where there is no list. */
export function recordsOf(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

/** A part of an object, as deep as `path` goes; `undefined` where there is none. */
export function partOf(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((part, name) => (isRecord(part) ? part[name] : undefined), value);
}

/** … that is a text. */
export function textOf(value: unknown, ...path: readonly string[]): string | undefined {
  const part = partOf(value, ...path);
  return typeof part === "string" ? part : undefined;
}

export function unexpectedAnswer(): ApiError {
  return new ApiError("answer is not what the Kubernetes API sends", { status: 200 });
}

function collectionPath({ namespace, resource }: NamedObject): string {
  const group = resource === "jobs" ? "/apis/batch/v1" : "/api/v1";
  return `${group}/namespaces/${namespace}/${resource}`;
}
