import { expect, test } from "vitest";
import { withAbsoluteLinks } from "./stage-chart.ts";

test.each([
  [
    "[identity](../../docs/adr/0001-identity.md#context)",
    "[identity](https://git.example/a/docs/adr/0001-identity.md#context)",
  ],
  ["[the schema](values.schema.json)", "[the schema](https://git.example/a/charts/gate/values.schema.json)"],
  ["[below](#values)", "[below](#values)"],
  ["[elsewhere](https://helm.sh)", "[elsewhere](https://helm.sh)"],
])("%s becomes %s", (link, absolute) => {
  expect(withAbsoluteLinks(`See ${link}, and so on.`, "https://git.example/a/charts/gate/")).toBe(
    `See ${absolute}, and so on.`,
  );
});
