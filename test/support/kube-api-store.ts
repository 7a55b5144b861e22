import { EventEmitter } from "node:events";

export type Resource = "configmaps" | "jobs" | "pods";

export interface StoredObject {
  readonly metadata: { readonly name: string; readonly resourceVersion?: string; readonly [key: string]: unknown };
  readonly [key: string]: unknown;
}

export interface StoreEvent {
  readonly version: number;
  readonly resource: Resource;
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly object: StoredObject;
}

/** Objects with resourceVersions and the history of their changes, as etcd keeps them for the API server. */
export class KubeApiStore {
  readonly #objects = new Map<string, StoredObject>();
  readonly #history: StoreEvent[] = [];
  readonly #changes = new EventEmitter<{ event: [StoreEvent] }>().setMaxListeners(0);
  /** Versions before this one are compacted: a watch from there is 410 Gone. */
  #oldest = 0;
  version = 100;

  put(resource: Resource, object: StoredObject): StoredObject {
    const key = `${resource}/${object.metadata.name}`;
    const type = this.#objects.has(key) ? "MODIFIED" : "ADDED";
    this.version += 1;
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(this.version) } };
    this.#objects.set(key, stored);
    this.#publish({ version: this.version, resource, type, object: stored });
    return stored;
  }

  get(resource: Resource, name: string): StoredObject | undefined {
    return this.#objects.get(`${resource}/${name}`);
  }

  /** Understands selectors of the form `path=value`, of labels also several. */
  list(resource: Resource, fieldSelector: string | null, labelSelector: string | null): StoredObject[] {
    const [path = "", value] = fieldSelector?.split("=") ?? [];
    const labels = labelSelector?.split(",").map((term) => term.split("=")) ?? [];
    return [...this.#objects]
      .filter(([key]) => key.startsWith(`${resource}/`))
      .map(([, object]) => object)
      .filter((object) => value === undefined || fieldOf(object, path) === value)
      .filter((object) => labels.every(([label = "", text]) => labelsOf(object)[label] === text));
  }

  delete(resource: Resource, name: string): void {
    const object = this.get(resource, name);
    if (!object) return;
    this.#objects.delete(`${resource}/${name}`);
    this.version += 1;
    this.#publish({ version: this.version, resource, type: "DELETED", object });
  }

  compact(): void {
    this.#oldest = this.version;
    this.#history.length = 0;
  }

  /** Calls `listener` with every later event; `undefined`: the version is too old. */
  follow(resource: Resource, name: string, since: number, listener: (event: StoreEvent) => void) {
    if (since < this.#oldest) return undefined;
    const onEvent = (event: StoreEvent) => {
      if (event.resource === resource && event.object.metadata.name === name) listener(event);
    };
    for (const event of this.#history) if (event.version > since) onEvent(event);
    this.#changes.on("event", onEvent);
    return () => this.#changes.off("event", onEvent);
  }

  #publish(event: StoreEvent): void {
    this.#history.push(event);
    this.#changes.emit("event", event);
  }
}

function fieldOf(object: StoredObject, path: string): unknown {
  return path.split(".").reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], object);
}

function labelsOf({ metadata }: StoredObject): Readonly<Record<string, string>> {
  return (metadata["labels"] ?? {}) as Record<string, string>;
}
