/** One entry of `artifacthub.io/changes`: https://artifacthub.io/docs/topics/annotations/helm/ */
export interface Change {
  readonly kind: ChangeKind;
  readonly description: string;
}

type ChangeKind = (typeof changeKinds)[number];

/** The headings of Keep a Changelog, in lower case, are Artifact Hub's kinds. */
const changeKinds = ["added", "changed", "deprecated", "removed", "fixed", "security"] as const;

/**
 * What a version has changed, by the changelog in the form of Keep a Changelog: of the version's own section or, as long as there
 * is none, of what is unreleased.
 *
 * @throws for a heading that is none of Keep a Changelog's, and where there is neither section.
 */
export function changesOf(changelog: string, version: string): Change[] {
  const sections = new Map(
    changelog
      .split(/^## /m)
      .slice(1)
      .map((text) => [/^\[([^\]]+)\]/.exec(text)?.[1] ?? "", text]),
  );
  const section = sections.get(version) ?? sections.get("Unreleased");
  if (section === undefined) throw new Error(`CHANGELOG.md has neither a section [${version}] nor [Unreleased]`);
  return section
    .split(/^### /m)
    .slice(1)
    .flatMap((part) => {
      const [heading = "", ...lines] = part.split("\n");
      const kind = changeKinds.find((known) => known === heading.trim().toLowerCase());
      if (!kind) throw new Error(`CHANGELOG.md has a heading "${heading}", which is none of ${changeKinds.join(", ")}`);
      return listItems(lines.join("\n")).map((description) => ({ kind, description }));
    });
}

function listItems(markdown: string): string[] {
  return markdown
    .split(/^- /m)
    .slice(1)
    .map((item) => item.replaceAll(/\s+/g, " ").trim());
}
