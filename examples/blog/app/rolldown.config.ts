import { bundleOptions } from "../../../rolldown.base.ts";

export default { ...bundleOptions("blog"), input: "src/main.ts" };
