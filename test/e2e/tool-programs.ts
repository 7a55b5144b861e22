import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { repositoryRoot } from "../../tools/images/catalogue.ts";
import { installOnce } from "../bench/migrator/install-once.ts";
import { provideJdk } from "../bench/migrator/tools/flyway.ts";
import { goTools } from "../bench/migrator/tools/go.ts";

/** Folders to build images from; they outlive the run, because their content takes minutes to make. */
const cache = join(repositoryRoot, ".cache", "other-tools");

/** Long enough for downloads and compilers on a busy machine. */
const limitMs = 15 * 60_000;

const flywaySource = join(repositoryRoot, "test/images/other-tools/flyway");

/** What pgjdbc and Flyway use of Java. */
const javaModules = ["java.sql", "java.naming", "java.management", "java.security.jgss", "java.security.sasl"];

/** A folder with golang-migrate's or goose's program, called `tool`. */
export async function goProgram(name: "migrate" | "goose"): Promise<string> {
  const bench = join(repositoryRoot, ".cache", "bench");
  await goTools.install({ cache: bench, log: (line) => console.error(line), signal: AbortSignal.timeout(limitMs) });
  const folder = join(cache, name);
  await installOnce(folder, [join(bench, "go", name)], () => copyFile(join(bench, "go", name), join(folder, "tool")));
  return folder;
}

/** A folder with Flyway's command line (`lib`) and a Java runtime of a few modules (`java`). Needs a JDK and Maven. */
export async function flywayProgram(): Promise<string> {
  const folder = join(cache, "flyway");
  const pom = join(flywaySource, "pom.xml");
  await installOnce(folder, [pom], async () => {
    await provideJdk((line) => console.error(line));
    const dependencies = ["dependency:copy-dependencies", `-DoutputDirectory=${join(folder, "lib")}`];
    await execa("mvn", ["--batch-mode", "--quiet", `--file=${pom}`, ...dependencies], { timeout: limitMs });
    const java = join(folder, "java");
    const small = ["--strip-debug", "--no-man-pages", "--no-header-files", "--compress=2"];
    await execa("jlink", ["--add-modules", javaModules.join(","), ...small, "--output", java], { timeout: limitMs });
    await bringZlib(java);
  });
  return folder;
}

/** Debian's Java is linked with the system's zlib, which the image does not have; others bring their own. */
async function bringZlib(java: string): Promise<void> {
  const { stdout } = await execa("ldd", [join(java, "bin", "java")]);
  const zlib = /libz\.so\.1 => (\S+)/.exec(stdout)?.[1];
  if (zlib !== undefined && !zlib.startsWith(java)) await copyFile(zlib, join(java, "lib", "libz.so.1"));
}
