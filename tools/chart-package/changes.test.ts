import { expect, test } from "vitest";
import { changesOf } from "./changes.ts";

const changelog = `# Changelog

## [Unreleased]

### Added

- A value that
  needs two lines.

## [1.1.0] - 2026-12-01

### Added

- One thing.
- Another.

### Fixed

- A third: \`kind\`.
`;

test("a version's changes are those of its section, by kind, each on one line", () => {
  expect(changesOf(changelog, "1.1.0")).toEqual([
    { kind: "added", description: "One thing." },
    { kind: "added", description: "Another." },
    { kind: "fixed", description: "A third: `kind`." },
  ]);
});

test("a version that has no section yet has the unreleased changes", () => {
  expect(changesOf(changelog, "1.2.0")).toEqual([{ kind: "added", description: "A value that needs two lines." }]);
});

test.each([
  ["# Changelog\n", /neither a section \[1\.0\.0\] nor \[Unreleased\]/],
  ["## [1.0.0]\n\n### New\n\n- x\n", /a heading "New", which is none of added, changed/],
])("a changelog that Artifact Hub could not be told of is refused", (text, message) => {
  expect(() => changesOf(text, "1.0.0")).toThrow(message);
});
