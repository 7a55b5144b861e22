import { existsSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { expect, test } from "vitest";
import { repositoryRoot } from "../images/catalogue.ts";
import { anchors, linkTargets } from "./markdown.ts";
import { type Page, readPages } from "./pages.ts";

const pages = readPages();
const anchorsOf = new Map(pages.map(({ path, text }) => [path, anchors(text)]));

test("every link between files leads to a file, and to a heading where it names one", () => {
  expect(pages.flatMap(brokenLinks)).toEqual([]);
});

test("the index of docs/ leads to every page in it", () => {
  const index = pages.find(({ path }) => path === "docs/README.md");
  const listed = linkTargets(index?.text ?? "").map((target) => normalize(join("docs", target.replace(/#.*/, ""))));
  const inDocs = pages.map(({ path }) => path).filter((path) => path.startsWith("docs/") && path !== index?.path);
  expect(inDocs.filter((path) => !listed.includes(path))).toEqual([]);
});

function brokenLinks({ path, text }: Page): string[] {
  return linkTargets(text)
    .filter((target) => !/^[a-z]+:/.test(target))
    .flatMap((target) => {
      const [file = "", anchor] = target.split("#");
      const linked = file === "" ? path : normalize(join(dirname(path), decodeURI(file)));
      const isThere = existsSync(join(repositoryRoot, linked));
      const hasAnchor = anchor === undefined || anchorsOf.get(linked)?.has(anchor) === true;
      return isThere && hasAnchor ? [] : [`${path}: ${target}`];
    });
}
