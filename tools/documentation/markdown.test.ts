import { expect, test } from "vitest";
import { anchors, fencedBlocks, linkTargets, section } from "./markdown.ts";
import { ownCommands } from "./shell-commands.ts";

const page = `# A page

See [a link](other.md#part), \`[no](link.md)\` and ![a picture](picture.svg "its title").

## \`waiter\` & [more](more.md): what, where

\`\`\`sh
# no heading [nor](a-link.md)
ls
\`\`\`

- in a list:

  \`\`\`yaml
  key:
    nested: 1
  \`\`\`

## Twice
## Twice
`;

test("blocks come with language and line, and without the fence's indentation", () => {
  expect(fencedBlocks(page)).toEqual([
    { language: "sh", text: "# no heading [nor](a-link.md)\nls\n", line: 7 },
    { language: "yaml", text: "key:\n  nested: 1\n", line: 14 },
  ]);
  expect(() => fencedBlocks("```\nand no end")).toThrow("line 1 has no end");
});

test("anchors are those of GitHub", () => {
  expect(anchors(page)).toEqual(new Set(["a-page", "waiter--more-what-where", "twice", "twice-1"]));
});

test("links in code are no links", () => {
  expect(linkTargets(page)).toEqual(["other.md#part", "picture.svg", "more.md"]);
});

test("a section ends where the next begins", () => {
  expect(section("# A\n## B\nb\n## C\nc\n", "B")).toBe("B\nb\n");
  expect(() => section(page, "Nowhere")).toThrow('no heading "## Nowhere"');
});

test.each([
  ["migrator up --dir release", "migrator", ["up", "--dir", "release"]],
  ["kubectl migration-gate status blog -n shop   # gates", "waiter", ["status", "blog", "-n", "shop"]],
  ["DATABASE_URL=postgres://o@h/d node packages/migrator/dist/migrator.mjs status", "migrator", ["status"]],
  ["docker run --rm ghcr.io/migration-gate/waiter:0.1.0 check --gate 'a:b:c'", "waiter", ["check", "--gate", "a:b:c"]],
  ["migrator status --json | jq .", "migrator", ["status", "--json"]],
] as const)("%s runs this repository's program", (line, program, args) => {
  expect(ownCommands(line, false)).toEqual([{ program, args }]);
  expect(ownCommands(`$ ${line}\nmigrator said this\n`, true)).toEqual([{ program, args }]);
});

test.each(["kubectl get jobs", "ls packages/waiter", "docker build -t ghcr.io/acme/shop-migrations:1 ."])(
  "%s does not",
  (line) => {
    expect(ownCommands(line, false)).toEqual([]);
  },
);
