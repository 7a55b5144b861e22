import { bundleOptions } from "../../rolldown.base.ts";

export default bundleOptions("migrator");
