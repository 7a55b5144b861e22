import { splitBundleOptions } from "../../rolldown.base.ts";

// Every pod start pays for what is parsed, and for each of Node's own modules that is imported.
export default splitBundleOptions("waiter");
