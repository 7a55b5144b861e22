import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { execa } from "execa";
import {
  type BlogImages,
  type BlogRelease,
  baseValues,
  blogChart,
  releaseValues,
} from "../../../tools/environment/blog.ts";
import { repositoryRoot } from "../../../tools/images/catalogue.ts";

/** A git repository as a team keeps it for Argo CD: the blog's chart in `blog/`, and what a release changes in a file beside its values. */
export interface GitRepository extends AsyncDisposable {
  readonly url: string;
  /** Commits a release to `main`, with these values of the blog beside its own, and returns the commit. */
  readonly commit: (release: BlogRelease, values?: object) => Promise<string>;
}

export async function createGitRepository(images: BlogImages): Promise<GitRepository> {
  const directory = await mkdtemp(join(tmpdir(), "migration-gate-repository-"));
  const git = async (...args: string[]) => (await execa("git", args, { cwd: directory, env: identity })).stdout;
  await git("init", "--quiet", "--initial-branch", "main");
  // With the gate packed into charts/, as `helm dependency build` leaves it.
  await cp(join(repositoryRoot, blogChart), join(directory, "blog"), { recursive: true });
  await writeValues("environment.yaml", baseValues(images));
  return {
    url: pathToFileURL(directory).href,
    commit: async (release, values = {}) => {
      await writeValues("release.yaml", { ...values, ...releaseValues(images, release) });
      await git("add", "--all", "--force");
      await git("commit", "--quiet", "--message", `Release ${release}`);
      return git("rev-parse", "HEAD");
    },
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true }),
  };

  async function writeValues(file: string, values: object): Promise<void> {
    // JSON is YAML.
    await writeFile(join(directory, "blog", file), JSON.stringify(values, undefined, 2));
  }
}

/** Nothing of the user's own settings takes part. */
const identity = {
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_SYSTEM: "/dev/null",
  GIT_AUTHOR_NAME: "Blog",
  GIT_AUTHOR_EMAIL: "blog@example.com",
  GIT_COMMITTER_NAME: "Blog",
  GIT_COMMITTER_EMAIL: "blog@example.com",
};
