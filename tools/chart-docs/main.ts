// Writes the chart's values.schema.json and the table of values in its README from values.yaml: `npm run chart-docs`.
import { writeFile } from "node:fs/promises";
import { generatedFiles } from "./generated-files.ts";

for (const [path, text] of await generatedFiles()) await writeFile(path, text);
