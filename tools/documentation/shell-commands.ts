/** A command line of one of this repository's programs, as a page shows it. */
export interface OwnCommand {
  readonly program: "migrator" | "waiter";
  readonly args: readonly string[];
}

/**
 * The command lines of a shell block that run the migrator or the waiter, under whatever name: installed, as a kubectl
 * plugin, from the image, or as a file. In a console, lines of output stand between them and commands begin with `$ `.
 */
export function ownCommands(block: string, isConsole: boolean): OwnCommand[] {
  const lines = block.replaceAll("\\\n", " ").split("\n");
  const commands = isConsole ? lines.filter((line) => line.startsWith("$ ")).map((line) => line.slice(2)) : lines;
  return commands.flatMap((line) => {
    const [, name, rest = ""] = programs.exec(line) ?? [];
    if (name === undefined) return [];
    return [{ program: name === "migrator" ? "migrator" : "waiter", args: words(rest) }];
  });
}

/** Assignments before it, and what runs it, are not of interest. */
const programs =
  /^(?:\w+=\S* +)*(?:kubectl (?=migration-gate )|node \S+\/dist\/(?=\S+\.mjs)|docker run .*\/(?=(?:migrator|waiter)\b))?(migration-gate|migrator|waiter)(?:\.mjs|:[\w.]+)?(?= |$)(.*)$/;

/** The words of a simple command, quotes taken away; it ends where a comment, a pipe or a second command begins. */
function words(rest: string): string[] {
  const [command = ""] = rest.split(/ (?:#|\||&&|;|>)/, 1);
  return [...command.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    ([, single, double, bare]) => single ?? double ?? bare ?? "",
  );
}
