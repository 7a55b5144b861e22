import type { ApiClient } from "./api-client.ts";
import { type ApiObject, isRecord, unexpectedAnswer } from "./named-object.ts";

/** Objects of one kind in a namespace, as far as selectors narrow them. */
export interface Collection {
  readonly namespace: string;
  readonly resource: "configmaps" | "jobs" | "pods";
  readonly selectors: { readonly labelSelector?: string; readonly fieldSelector?: string };
}

/** Keeps an answer far below what the client takes in, however large the pods are. */
const pageSize = 250;

/** Lists all of them, page by page. */
export async function listObjects(api: ApiClient, collection: Collection, signal: AbortSignal): Promise<ApiObject[]> {
  const { namespace, resource, selectors } = collection;
  const path = `${resource === "jobs" ? "/apis/batch/v1" : "/api/v1"}/namespaces/${namespace}/${resource}`;
  const objects: ApiObject[] = [];
  let next: string | undefined;
  do {
    const query = { ...selectors, limit: String(pageSize), ...(next !== undefined && { continue: next }) };
    const answer = await api.request({ path, query }, signal);
    const { items, metadata } = isRecord(answer) ? answer : {};
    if (!Array.isArray(items) || !items.every(isObject)) throw unexpectedAnswer();
    objects.push(...items);
    next = isRecord(metadata) && typeof metadata["continue"] === "string" ? metadata["continue"] : undefined;
  } while (next);
  return objects;
}

function isObject(value: unknown): value is ApiObject {
  return isRecord(value) && isRecord(value["metadata"]) && typeof value["metadata"]["name"] === "string";
}
