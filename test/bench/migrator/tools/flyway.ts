import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { installOnce } from "../install-once.ts";
import { layouts } from "../layouts.ts";
import type { ToolSource } from "../tool.ts";

/** Flyway's library behind a main class of a few lines: not the start-up of its own command line. */
export const flyway: ToolSource = {
  names: ["flyway"],
  install: async ({ cache, log, signal }) => {
    const source = fileURLToPath(new URL("../../peers/flyway", import.meta.url));
    const output = join(cache, "flyway");
    const pom = join(source, "pom.xml");
    await installOnce(output, [pom, join(source, "src/main/java/Migrate.java")], async () => {
      await requireJdk();
      log("building Flyway's main class and fetching its libraries (mvn) …");
      await execa(
        "mvn",
        [
          ...["--batch-mode", "--quiet", `--file=${pom}`, `-Doutput=${output}`],
          "compile",
          ...["dependency:copy-dependencies", "-DincludeScope=runtime", `-DoutputDirectory=${join(output, "lib")}`],
        ],
        { cancelSignal: signal },
      );
    });
    const version = /<flyway.version>(.+)<\/flyway.version>/.exec(await readFile(pom, "utf8"))?.[1];
    if (version === undefined) throw new Error("pom.xml does not pin Flyway");
    const classPath = `${join(output, "classes")}:${join(output, "lib")}/*`;
    return [
      {
        name: "flyway",
        version,
        platform: "JVM",
        keepsHistory: true,
        layout: layouts.flyway,
        command: ({ port, name, user, password }, folder) => ({
          command: "java",
          args: ["-cp", classPath, "Migrate", `jdbc:postgresql://127.0.0.1:${port}/${name}`, user, password, folder],
        }),
      },
    ];
  },
};

/** @throws Error that says what is missing */
export async function requireJdk(): Promise<void> {
  for (const command of ["javac", "mvn"]) {
    const { failed } = await execa(command, ["-version"], { reject: false });
    if (failed) throw new Error(`${command} is not installed (a JDK of 17 or newer and Maven are needed)`);
  }
}
