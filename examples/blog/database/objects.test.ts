import { expect, test } from "vitest";
import { credentialSecrets, databaseObjects } from "./objects.ts";

const passwords = { postgres: "p", blog_owner: "o/w:n", blog_app: "a" };

test("the database runs the given image with the roles and passwords mounted", async () => {
  const objects = await databaseObjects("docker.io/migration-gate/postgres:18-abc", passwords);
  const names = objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`);
  expect(names).toEqual([
    "ConfigMap/blog-db-init",
    "Secret/blog-db-passwords",
    "Deployment/blog-db",
    "Service/blog-db",
  ]);
  expect(objects[0]).toMatchObject({ data: { "roles.sql": expect.stringContaining("create role blog_app") } });
  expect(objects[1]).toMatchObject({ stringData: passwords });
  expect(objects[2]).toMatchObject({
    spec: { template: { spec: { containers: [{ image: "docker.io/migration-gate/postgres:18-abc" }] } } },
  });
});

test("each credential is a Secret of its own, with a valid URL whatever the password", () => {
  const [owner, app] = credentialSecrets(passwords);
  expect(owner).toMatchObject({
    metadata: { name: "blog-db-owner" },
    stringData: { url: "postgres://blog_owner:o%2Fw%3An@blog-db:5432/blog" },
  });
  expect(app).toMatchObject({
    metadata: { name: "blog-db-app" },
    stringData: { url: "postgres://blog_app:a@blog-db:5432/blog" },
  });
});
