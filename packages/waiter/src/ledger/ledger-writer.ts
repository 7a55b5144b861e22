import type { ApiClient } from "../api/api-client.ts";
import { ApiError } from "../api/api-error.ts";
import {
  type ApiObject,
  getObject,
  isNamed,
  type NamedObject,
  objectPath,
  unexpectedAnswer,
} from "../api/named-object.ts";
import { ledgerData, statusKey } from "./ledger.ts";
import type { LedgerDocument } from "./ledger-document.ts";
import { ledgerPatch } from "./ledger-patch.ts";

export interface LedgerWriter {
  /** Reads the ledger, so that the first write finds a connection and needs one request only. */
  open(signal: AbortSignal): Promise<void>;
  /**
   * Puts a document into the ledger; returns once it is there, or once it is known that it is `outdated`.
   *
   * @throws ApiError where that did not work this time, also when there is no ledger (404): only Helm creates it.
   */
  write(document: LedgerDocument, signal: AbortSignal): Promise<"written" | "outdated">;
  /**
   * Reads whether the ledger tells of any run: one that was created or emptied since the last write does not.
   *
   * @throws ApiError as `write` does.
   */
  hasStatus(signal: AbortSignal): Promise<boolean>;
}

const mostConflicts = 5;

/** Opens a writer that owns nothing: every patch carries the resourceVersion it was made from. */
export function ledgerWriter(api: ApiClient, ledger: NamedObject): LedgerWriter {
  /** As the API last showed it; forgotten after every failure. */
  let current: ApiObject | undefined;

  async function read(signal: AbortSignal): Promise<ApiObject> {
    const { object } = await getObject(api, ledger, signal);
    if (object) return object;
    throw new ApiError(`the ledger ${ledger.name} does not exist in namespace ${ledger.namespace}`, { status: 404 });
  }

  async function patch(data: object, base: ApiObject, signal: AbortSignal): Promise<ApiObject> {
    const { resourceVersion } = base.metadata;
    const body = { metadata: { resourceVersion }, data };
    const query = { fieldManager: "migration-gate" };
    const contentType = "application/merge-patch+json";
    const answer = await api.request({ method: "PATCH", path: objectPath(ledger), query, body, contentType }, signal);
    if (!isNamed(answer, ledger)) throw unexpectedAnswer();
    return answer;
  }

  return {
    async open(signal) {
      current = await read(signal);
    },
    async hasStatus(signal) {
      current = await read(signal);
      return ledgerData(current)[statusKey] !== undefined;
    },
    async write(document, signal) {
      for (let conflicts = 0; ; conflicts += 1) {
        const base = current ?? (await read(signal));
        const change = ledgerPatch(document, ledgerData(base));
        if (change.kind === "outdated") return change.kind;
        current = undefined;
        try {
          current = await patch(change.data, base, signal);
          return "written";
        } catch (error) {
          const isConflict = error instanceof ApiError && error.status === 409;
          if (!isConflict || conflicts >= mostConflicts) throw error;
        }
      }
    },
  };
}
