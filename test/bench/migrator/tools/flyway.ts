import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { provideCommand } from "../../../../tools/environment/debian-package.ts";
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
      await provideJdk(log);
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

/** Sees to a JDK and Maven. */
export async function provideJdk(log: (line: string) => void): Promise<void> {
  await provideCommand(
    { command: "javac", package: "default-jdk-headless", otherwise: "install a JDK, 17 or newer" },
    log,
  );
  await provideCommand({ command: "mvn", package: "maven" }, log);
}
