import { randomBytes } from "node:crypto";
import { credentialSecrets, type DatabasePasswords, databaseObjects } from "../../examples/blog/database/objects.ts";
import type { Namespace } from "./namespace.ts";

/** The Secret with the credentials that may change the schema, as the chart's value `database` spells it. */
export const databaseOwner = { existingSecret: "blog-db-owner", key: "url" } as const;

/** Makes new passwords and the Secrets `blog-db-owner` and `blog-db-app`. */
export async function createCredentials(namespace: Namespace): Promise<DatabasePasswords> {
  const password = () => randomBytes(18).toString("base64url");
  const passwords = { postgres: password(), blog_owner: password(), blog_app: password() };
  await namespace.apply(...credentialSecrets(passwords));
  return passwords;
}

/** Starts the blog's PostgreSQL and waits until it accepts connections. */
export async function startDatabase(namespace: Namespace, image: string, passwords: DatabasePasswords): Promise<void> {
  await namespace.apply(...(await databaseObjects(image, passwords)));
  await namespace.kubectl("rollout", "status", "deployment/blog-db", "--timeout", "180s");
}

export async function deployDatabase(namespace: Namespace, image: string): Promise<void> {
  await startDatabase(namespace, image, await createCredentials(namespace));
}
