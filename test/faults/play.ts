import { createVitest, type TestCase, type TestProject } from "vitest/node";

export interface Play {
  /** Of vitest.config.ts. */
  readonly projects: readonly ("faults" | "disruptive" | "load")[];
  /** Only files whose path contains one of these texts; all of them where there is none. */
  readonly files?: readonly string[];
  /** Only tests whose name matches this regular expression. */
  readonly namePattern?: string | undefined;
  /** Provides what the project's tests inject. */
  readonly prepare: (project: Pick<TestProject, "provide">) => void;
}

export interface Played {
  readonly tests: readonly TestCase[];
  /** False where a test failed, and where none was found. */
  readonly passed: boolean;
}

/** Plays tests that `npm run test:faults` collects results of. */
export async function play({ projects, files = [], namePattern, prepare }: Play): Promise<Played> {
  const vitest = await createVitest("test", {
    watch: false,
    project: [...projects],
    ...(namePattern !== undefined && { testNamePattern: namePattern }),
    reporters: [process.stdout.isTTY ? "default" : "verbose"],
  });
  // What vitest.config.ts provides is every project's own, which wins over what Vitest as a whole is told.
  for (const project of vitest.projects) prepare(project);
  const { testModules, unhandledErrors } = await vitest.start([...files]);
  const passed = unhandledErrors.length === 0 && testModules.length > 0 && testModules.every((module) => module.ok());
  const tests = testModules.flatMap((module) => [...module.children.allTests()]);
  await vitest.close();
  return { tests, passed };
}
