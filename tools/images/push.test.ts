import { expect, test } from "vitest";
import { isOnThisMachine } from "./engine.ts";
import { registryReference } from "./push.ts";

test("a pushed image keeps its name and tag", () => {
  expect(registryReference("docker.io/migration-gate/waiter:0.1.0-35a875fcd9", "registry.example:5000/team/")).toBe(
    "registry.example:5000/team/waiter:0.1.0-35a875fcd9",
  );
});

test.each([
  ["localhost:5000/x/waiter:1", true],
  ["127.0.0.1:5000/waiter:1", true],
  ["registry.example/localhost/waiter:1", false],
  ["localhost.example/waiter:1", false],
])("%s is a registry on this machine: %s", (target, expected) => {
  expect(isOnThisMachine(target)).toBe(expected);
});
