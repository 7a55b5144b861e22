import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { V1Job } from "@kubernetes/client-node";
import { expect, inject, test } from "vitest";
import { splitReference } from "../../tools/environment/blog.ts";
import { connectLocalCluster } from "../../tools/environment/cluster.ts";
import { createCredentials, startDatabase } from "../../tools/environment/database.ts";
import { until } from "../../tools/environment/until.ts";
import { helmMajors } from "../support/helm.ts";
import { gateChart, temporaryDirectory } from "../support/helm-charts.ts";
import { testNamespace } from "./test-namespace.ts";

const images = inject("blogImages");
const cluster = await connectLocalCluster();

/** Hands connections on to the database, as a cloud's proxy does, and is no other pod's business. */
const proxy = {
  name: "proxy",
  image: images.blog,
  restartPolicy: "Always",
  command: ["/usr/local/bin/node", "--eval"],
  args: [
    `const net = require("node:net");
    net.createServer((client) => {
      const server = net.connect(5432, "blog-db");
      client.pipe(server).pipe(client);
      client.on("error", () => server.destroy());
      server.on("error", () => client.destroy());
    }).listen(5432, "127.0.0.1");
    process.on("SIGTERM", () => process.exit());`,
  ],
  securityContext: {
    runAsNonRoot: true,
    allowPrivilegeEscalation: false,
    capabilities: { drop: ["ALL"] },
    seccompProfile: { type: "RuntimeDefault" },
  },
};

const values = {
  image: splitReference(images.migrations.v1),
  waiter: { image: splitReference(images.waiter), logLevel: "debug" },
  database: {
    host: "127.0.0.1",
    name: "blog",
    user: "blog_owner",
    existingSecret: "blog-db-passwords",
    passwordKey: "blog_owner",
    sslmode: "disable",
  },
  migrate: { extraArgs: ["--target=0006_create_tags"] },
  job: { initContainers: [proxy], suspend: true },
  extraObjects: [
    { apiVersion: "v1", kind: "ConfigMap", metadata: { name: '{{ include "migration-gate.v1.fullname" . }}-note' } },
  ],
};

test("the chart alone migrates through a proxy beside it, by the parts of the database, once it is resumed", async (test) => {
  const namespace = await testNamespace(test, cluster, "values-proxy");
  await startDatabase(namespace, images.postgres, await createCredentials(namespace));
  const file = join(await temporaryDirectory(), "values.yaml");
  await writeFile(file, JSON.stringify(values));

  for (const major of helmMajors) {
    const release = `helm${major}`;
    const jobs = async () => {
      const selector = `app.kubernetes.io/instance=${release}`;
      return (await namespace.get<{ items: V1Job[] }>("jobs", "--selector", selector)).items;
    };
    await namespace.helm(major, "install", release, gateChart, "--values", file);
    const [suspended] = await until("the suspended Job", async () => {
      const all = await jobs();
      return all[0]?.status?.conditions?.some(({ type }) => type === "Suspended") && all;
    });
    expect(suspended?.status?.active ?? 0).toBe(0);
    await namespace.kubectl("get", "configmap", `${release}-note`);

    await namespace.helm(major, "upgrade", release, gateChart, "--values", file, "--set", "job.suspend=false");
    const name = suspended?.metadata?.name ?? "";
    await namespace.kubectl("wait", "--for=condition=Complete", `job/${name}`, "--timeout=180s");
    expect((await jobs()).map(({ metadata }) => metadata?.uid)).toEqual([suspended?.metadata?.uid]);
    const log = await namespace.kubectl("logs", `job/${name}`, "--container", "migrate");
    expect(log).toContain('"server":"127.0.0.1:5432/blog"');
    expect(log).toContain(`"applied":${major === 3 ? 6 : 0},`);
  }
});
