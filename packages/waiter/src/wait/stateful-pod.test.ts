import { expect, test } from "vitest";
import { replacePodCommand } from "./stateful-pod.ts";

test.each(["shop-0", "shop-db-12", "shop-9999"])("a StatefulSet needs a hand with %s", (pod) => {
  expect(replacePodCommand(pod, "apps")).toBe(`kubectl delete pod ${pod} -n apps`);
});

test.each([
  ["a Deployment's", "shop-6d4cf56db6-x2k8p"],
  ["a Deployment's whose suffix is all digits", "shop-6d4cf56db6-24578"],
  ["a DaemonSet's", "shop-x2k8p"],
  ["a Job's", "seed-0-x2k8p"],
  ["unknown", undefined],
])("a pod that is %s is replaced by its controller", (_whose, pod) => {
  expect(replacePodCommand(pod, "apps")).toBeUndefined();
});
