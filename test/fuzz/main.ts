// `npm run fuzz -- [--seconds N] [FILE…]`: tries each property for N seconds, with new inputs every time.
import { parseArgs } from "node:util";
import { execa } from "execa";

const { values, positionals } = parseArgs({
  options: { seconds: { type: "string", default: "60" } },
  allowPositionals: true,
});
if (!/^[1-9]\d{0,5}$/.test(values.seconds))
  throw new Error(`--seconds: "${values.seconds}" is not a number of seconds`);
const { exitCode } = await execa("vitest", ["run", "--project", "fuzz", ...positionals], {
  env: { FUZZ_SECONDS: values.seconds },
  stdio: "inherit",
  reject: false,
});
process.exitCode = exitCode ?? 1;
