import { expect, inject, test } from "vitest";
import { blogChart, releaseFlags, writeBaseValues } from "../../tools/environment/blog.ts";
import { connectLocalCluster, type HelmMajor } from "../../tools/environment/cluster.ts";
import { testNamespace } from "./test-namespace.ts";

const images = inject("blogImages");
const cluster = await connectLocalCluster();

// Rights are all that it asks about, so it needs no database, and the Job need not have ended.
test.concurrent.for<HelmMajor>([3, 4])(
  "helm test of Helm %i passes for a release as it is, and says which rule a broken Role lacks",
  async (major, context) => {
    const namespace = await testNamespace(context, cluster, `helm-test-helm${major}`);
    await using values = await writeBaseValues(images, { test: { serviceAccountName: "{{ .Release.Name }}" } });
    const chart = ["blog", blogChart, "--values", values.file, "--set", "replicaCount=1"];
    await namespace.helm(major, "install", ...chart, ...releaseFlags(images, "v1"));
    const helmTest = () => namespace.helm(major, "test", "blog", "--logs", "--timeout", "3m");
    const breakRole = async (name: string, rule: number) => {
      const patch = JSON.stringify([{ op: "replace", path: `/rules/${rule}/verbs`, value: ["watch"] }]);
      await namespace.kubectl("patch", "role", name, "--type", "json", "--patch", patch);
    };

    const passed = await helmTest();
    expect(passed.match(/^Phase: +Succeeded$/gm)).toHaveLength(2);
    expect(passed).toMatch(/^jobs\/blog-migrations-\w{10} +ok +may get, list, watch$/m);
    expect(passed).toMatch(/^configmaps\/blog-migrations-ledger +ok +may get, patch$/m);
    expect(passed).toContain(`of system:serviceaccount:${namespace.name}:blog,`);

    await breakRole("blog-migrations-waiter", 0);
    const log = (pod: string) => namespace.kubectl("logs", `pod/blog-migrations-check-${pod}`);
    await expect(helmTest()).rejects.toMatchObject({ exitCode: 1 });
    expect(await log("wait-blog")).toMatch(
      /^jobs\/\S+ +fail +may not get, list: .*needs a RoleBinding .*verbs: \["get", "list", "watch"\]/m,
    );

    await breakRole("blog-migrations-record", 0);
    await expect(helmTest()).rejects.toMatchObject({ exitCode: 1 });
    // It may still get: as an account of the namespace, by the waiter's Role.
    expect(await log("record")).toMatch(/^configmaps\/\S+ +fail +may not patch: /m);
  },
);
