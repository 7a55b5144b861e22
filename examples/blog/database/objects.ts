import { readFile } from "node:fs/promises";
import { parseAllDocuments } from "yaml";
import type { KubernetesObject } from "../../../tools/environment/namespace.ts";

/** One password each for the superuser and the two roles of roles.sql. */
export interface DatabasePasswords {
  readonly postgres: string;
  readonly blog_owner: string;
  readonly blog_app: string;
}

/**
 * The blog's PostgreSQL as Kubernetes objects: Deployment and Service `blog-db`, `blog-db-init` (roles.sql) and
 * `blog-db-passwords`.
 *
 * @param image as `buildImages(["postgres"], …)` returns it.
 */
export async function databaseObjects(image: string, passwords: DatabasePasswords): Promise<KubernetesObject[]> {
  const yaml = (await readText("postgres.yaml")).replace("POSTGRES_IMAGE", image);
  return [
    {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "blog-db-init" },
      data: { "roles.sql": await readText("roles.sql") },
    },
    { apiVersion: "v1", kind: "Secret", metadata: { name: "blog-db-passwords" }, stringData: passwords },
    ...parseAllDocuments(yaml).map((document) => document.toJS() as KubernetesObject),
  ];
}

/** The two Secrets that the blog's chart is given: `blog-db-owner` for migrations and `blog-db-app` for the pods, key `url`. */
export function credentialSecrets(passwords: DatabasePasswords): KubernetesObject[] {
  const secret = (name: string, role: "blog_owner" | "blog_app"): KubernetesObject => ({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name },
    stringData: { url: `postgres://${role}:${encodeURIComponent(passwords[role])}@blog-db:5432/blog` },
  });
  return [secret("blog-db-owner", "blog_owner"), secret("blog-db-app", "blog_app")];
}

function readText(name: string): Promise<string> {
  return readFile(new URL(name, import.meta.url), "utf8");
}
