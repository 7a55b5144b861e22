import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "../images/catalogue.ts";

/** A Markdown file of this repository. */
export interface Page {
  /** Relative to the repository's root. */
  readonly path: string;
  readonly text: string;
}

/** Every Markdown file of the repository that is not somebody else's. */
export function readPages(): Page[] {
  const paths = globSync("**/*.md", { cwd: repositoryRoot, exclude: ["**/node_modules/**", "**/dist/**"] });
  return paths.toSorted().map((path) => ({ path, text: readFileSync(join(repositoryRoot, path), "utf8") }));
}
