import { expect, test } from "vitest";
import { describeUnlock } from "./unlock.ts";

const holder = { pid: 7, user: "owner", applicationName: "blog-migrate", clientAddress: "10.0.0.1", since: "today" };

test("unlock tells whom it has ended, as far as this role may see it", () => {
  expect(describeUnlock(holder)).toContain(
    "ended process 7 (role owner, application blog-migrate, from 10.0.0.1, since today), which held the lock; ",
  );
  const unseen = { ...holder, applicationName: null, clientAddress: null, since: null };
  expect(describeUnlock(unseen)).toContain("ended process 7 (role owner), which");
  expect(describeUnlock({ ...holder, applicationName: "" })).not.toContain("application");
});

test("unlock tells that nobody held the lock", () => {
  expect(describeUnlock(undefined)).toBe("nobody holds the lock");
});
