import pg from "pg";
import type { Cluster } from "../../../tools/environment/cluster.ts";
import { createCredentials, startDatabase } from "../../../tools/environment/database.ts";
import { deleteNamespace, emptyNamespace, type KubernetesObject } from "../../../tools/environment/namespace.ts";

/** A PostgreSQL server that the releases of one test file share, each with a database of its own. */
export interface DatabaseServer extends AsyncDisposable {
  readonly createDatabase: (name: string) => Promise<Database>;
}

export interface Database {
  /** A Secret whose key `url` holds the connection URL of the database's owner, for pods of any namespace. */
  readonly ownerSecret: (name: string) => KubernetesObject;
  /** Runs statements as the superuser and returns the rows of the last one. */
  readonly query: (sql: string) => Promise<Record<string, unknown>[]>;
}

/** Starts the server in a namespace of its own, which is deleted with it. */
export async function startDatabaseServer(cluster: Cluster, name: string, image: string): Promise<DatabaseServer> {
  const namespace = await emptyNamespace(cluster, name);
  const passwords = await createCredentials(namespace);
  await startDatabase(namespace, image, passwords);
  const { spec } = await namespace.get<{ spec: { clusterIP: string } }>("service", "blog-db");
  const query = async (database: string, sql: string) => {
    const client = new pg.Client({
      host: spec.clusterIP,
      user: "postgres",
      password: passwords.postgres,
      database,
    });
    await client.connect();
    try {
      return (await client.query(sql)).rows;
    } finally {
      await client.end();
    }
  };
  return {
    createDatabase: async (database) => {
      await query("postgres", `create database ${pg.escapeIdentifier(database)} owner blog_owner`);
      const url = new URL(`postgres://blog_owner@blog-db.${namespace.name}:5432/${database}`);
      url.password = passwords.blog_owner;
      return {
        ownerSecret: (secret) => ({
          apiVersion: "v1",
          kind: "Secret",
          metadata: { name: secret },
          stringData: { url: url.href },
        }),
        query: (sql) => query(database, sql),
      };
    },
    [Symbol.asyncDispose]: () => deleteNamespace(namespace),
  };
}
