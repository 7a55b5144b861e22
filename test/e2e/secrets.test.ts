import { expect, inject, test } from "vitest";
import { credentialSecrets, type DatabasePasswords } from "../../examples/blog/database/objects.ts";
import { blogChart, splitReference, writeBaseValues } from "../../tools/environment/blog.ts";
import { connectLocalCluster, type HelmMajor } from "../../tools/environment/cluster.ts";
import { createCredentials, startDatabase } from "../../tools/environment/database.ts";
import type { Namespace } from "../../tools/environment/namespace.ts";
import { closedGate } from "../../tools/environment/pods.ts";
import { until } from "../../tools/environment/until.ts";
import { everythingSaid, placesOf } from "./everything-said.ts";
import { migrationsImageOf } from "./migrations-image.ts";
import { testNamespace } from "./test-namespace.ts";

const images = inject("blogImages");
const cluster = await connectLocalCluster();

const row = "a-row-that-is-nobodys-business";
const secrets = { wrong: "a-wrong-Password:1/", literal: "a-literal-Password-2" };
const posts = {
  "0001_create_posts.sql": `create table posts (title text unique); insert into posts values ('${row}');`,
};
const sets = {
  posts: await migrationsImageOf(cluster, "security-posts", posts),
  /** Fails after it has set a password, on a row that the server quotes. */
  duplicate: await migrationsImageOf(cluster, "security-duplicate", {
    ...posts,
    "0002_copy_posts.sql": `alter role current_user password '${secrets.literal}';\ninsert into posts select title from posts;`,
  }),
  /** Fails in the very line that has the password. */
  refused: await migrationsImageOf(cluster, "security-refused", {
    ...posts,
    "0002_create_reader.sql": `create role reader login password '${secrets.literal}';`,
  }),
};

/** Where a failure is told, so that a search there has searched something: the Job's log, the waiting pod's, the ledger. */
const searched = [/^log of .*\/migrate$/, /^log of .*\/wait-for-migrations/, /^ConfigMap\/blog-migrations-ledger$/];

test.concurrent.for<HelmMajor>([3, 4])(
  "no password, and no row, is told by anything but the Secrets and the migrator's log: Helm %i",
  { timeout: 600_000 },
  async (major, context) => {
    const namespace = await testNamespace(context, cluster, `secrets-helm${major}`);
    const passwords = await createCredentials(namespace);
    await startDatabase(namespace, images.postgres, passwords);
    await using values = await writeBaseValues(images, {
      migrate: { waitBudgetSeconds: 20 },
      job: { backoffLimit: 0 },
    });
    const upgrade = async (set: keyof typeof sets, ...flags: string[]) => {
      const { repository, tag } = splitReference(sets[set]);
      const image = `migrations.image.repository=${repository},migrations.image.tag=${tag}`;
      const release = ["blog", blogChart, "--values", values.file, "--set", "replicaCount=1", "--set-string", image];
      await namespace.helm(major, "upgrade", "--install", ...release, ...flags);
    };
    const expectSilence = async (expected: string) => {
      const said = await until(`the Job, the waiting pod and the ledger tell "${expected}"`, async () => {
        // PostgreSQL's own log quotes failed statements, as its administrator has set it.
        const all = await everythingSaid(namespace, "blog-db-");
        // For a moment, the kubelet has neither the log of a container that is being restarted nor the one before it.
        return searched.every((place) => textAt(place, all).includes(expected)) && all;
      });
      expect([...said.keys()]).toContainEqual(expect.stringContaining("sh.helm.release.v1.blog.v"));
      expect(placesOf({ ...passwords, ...secrets }, said)).toEqual([]);
      const ofRow = placesOf({ row }, said).filter((place) => !/^log of .*\/migrate: /.test(place));
      expect(ofRow).toEqual([]);
    };

    await upgrade("posts");
    await namespace.kubectl("wait", "--for", "condition=Complete", "jobs", "--all", "--timeout", "180s");
    await upgrade("duplicate");
    await closed(namespace, "23505");
    await expectSilence("duplicate key value violates unique constraint");

    await upgrade("refused");
    await closed(namespace, "42501");
    await expectSilence("permission denied to create role");

    await changeOwnerPassword(namespace, passwords, secrets.wrong);
    await upgrade("posts", "--set", "migrations.job.rerunToken=again");
    await closed(namespace, "28P01");
    await expectSilence("password authentication failed for user");

    // The search finds what is there.
    const secret = await namespace.kubectl("get", "secret", "blog-db-owner", "--output", "json");
    expect(placesOf(secrets, new Map([["secret", secret]]))).toEqual(["secret: wrong"]);
  },
);

function textAt(place: RegExp, said: ReadonlyMap<string, string>): string {
  const texts = [...said].filter(([name]) => place.test(name)).map(([, text]) => text);
  return texts.join();
}

function closed(namespace: Namespace, sqlState: string): Promise<unknown> {
  return until(
    `a pod's gate stays closed because of ${sqlState}`,
    async () => (await closedGate(namespace, "blog"))?.message.includes(sqlState),
    { timeoutMs: 180_000, intervalMs: 500 },
  );
}

async function changeOwnerPassword(
  namespace: Namespace,
  passwords: DatabasePasswords,
  password: string,
): Promise<void> {
  const [owner] = credentialSecrets({ ...passwords, blog_owner: password });
  if (owner) await namespace.apply(owner);
}
