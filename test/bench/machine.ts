import { arch, cpus, release, totalmem, type } from "node:os";

/** Says on what something was measured: figures of another machine cannot be compared with it. */
export function describeMachine(): string {
  const processors = cpus();
  const model = processors[0]?.model.trim() || "unknown processor";
  const memoryGib = Math.round(totalmem() / 1024 ** 3);
  const cores = `${processors.length} ${processors.length === 1 ? "core" : "cores"}`;
  return `${model}, ${cores}, ${memoryGib} GiB, ${type()} ${release()} ${arch()}`;
}
