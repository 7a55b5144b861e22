import pg from "pg";
import type { Cluster } from "../../../tools/environment/cluster.ts";
import { createCredentials, startDatabase } from "../../../tools/environment/database.ts";
import {
  deleteNamespace,
  emptyNamespace,
  type KubernetesObject,
  type Namespace,
} from "../../../tools/environment/namespace.ts";
import { queryAt } from "./database-access.ts";

/** A PostgreSQL server that the releases of one test file share, each with a database of its own. */
export interface DatabaseServer extends AsyncDisposable {
  /** Where its Deployment and Service `blog-db` are. */
  readonly namespace: Namespace;
  readonly createDatabase: (name: string) => Promise<Database>;
}

export interface Database {
  readonly name: string;
  /** As the owner, from this machine. */
  readonly url: string;
  /** As the superuser, from this machine. */
  readonly superuserUrl: string;
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
  const urlOf = (role: "postgres" | "blog_owner", database: string, host = spec.clusterIP) => {
    const url = new URL(`postgres://${role}@${host}:5432/${database}`);
    url.password = passwords[role];
    return url.href;
  };
  const query = (database: string, sql: string) => queryAt(urlOf("postgres", database), sql);
  return {
    namespace,
    createDatabase: async (database) => {
      await query("postgres", `create database ${pg.escapeIdentifier(database)} owner blog_owner`);
      return {
        name: database,
        url: urlOf("blog_owner", database),
        superuserUrl: urlOf("postgres", database),
        ownerSecret: (secret) => ({
          apiVersion: "v1",
          kind: "Secret",
          metadata: { name: secret },
          stringData: { url: urlOf("blog_owner", database, `blog-db.${namespace.name}`) },
        }),
        query: (sql) => query(database, sql),
      };
    },
    [Symbol.asyncDispose]: () => deleteNamespace(namespace),
  };
}
