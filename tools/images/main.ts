import { parseArgs } from "node:util";
import { buildImages } from "./build.ts";
import { imageNames, isImageName } from "./catalogue.ts";
import { pushImages } from "./push.ts";

const usage = `Builds the images of this repository with docker, or with buildah where no docker engine answers.

  npm run images [-- [--only NAME …] [--push HOST/PATH]]

NAME is one of: ${imageNames.join(", ")}
Progress goes to stderr, the references to stdout.`;

const log = (line: string) => console.error(line);

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      only: { type: "string", multiple: true },
      push: { type: "string" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) console.log(usage);
  else
    for (const reference of await build(values.only ? [...values.only, ...positionals] : imageNames, values.push))
      console.log(reference);
} catch (error) {
  log(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}

async function build(names: readonly string[], registry: string | undefined): Promise<string[]> {
  const unknown = names.filter((name) => !isImageName(name));
  if (unknown.length > 0) throw new Error(`no such image: ${unknown.join(", ")}\n\n${usage}`);
  const references = [...(await buildImages(names.filter(isImageName), { log })).values()];
  return registry === undefined ? references : pushImages(references, registry, log);
}
