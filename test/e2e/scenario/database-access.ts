import type { V1Secret, V1Service } from "@kubernetes/client-node";
import pg from "pg";
import type { Namespace } from "../../../tools/environment/namespace.ts";
import { until } from "../../../tools/environment/until.ts";

/** The connection URL that a Secret holds under the key `url`, as pods of its namespace use it. */
export async function secretUrl(namespace: Namespace, secret: string): Promise<URL> {
  const { data } = await namespace.get<V1Secret>("secret", secret);
  return new URL(Buffer.from(data?.["url"] ?? "", "base64").toString());
}

/** The same as this machine uses it, which knows no Service by its name. */
export async function reachableUrl(namespace: Namespace, secret: string): Promise<string> {
  const url = await secretUrl(namespace, secret);
  const { spec } = await namespace.get<V1Service>("service", url.hostname);
  url.hostname = spec?.clusterIP ?? "";
  return url.href;
}

/**
 * Runs statements and returns the rows of the last one. Goes on trying to connect: while its readiness probe is late, on a
 * busy machine, the Service refuses connections.
 */
export async function queryAt(connectionString: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = await until("the database accepts a connection", async () => {
    const connecting = new pg.Client({ connectionString });
    await connecting.connect();
    return connecting;
  });
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}
