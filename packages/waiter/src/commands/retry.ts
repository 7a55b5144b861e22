import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline/promises";
import { UsageError } from "@migration-gate/cli-runtime/expected-error";
import type { ApiClient } from "../api/api-client.ts";
import { ApiError } from "../api/api-error.ts";
import { ApiRefusedError } from "../api/api-refused.ts";
import { listObjects } from "../api/list-objects.ts";
import { type ApiObject, getObject } from "../api/named-object.ts";
import { retrySettings } from "../operator-settings.ts";
import { chooseJob, type RetryTarget } from "../retry/choose-job.ts";
import { RetryRefusedError } from "../retry/errors.ts";
import { recreatedJob } from "../retry/recreated-job.ts";
import { retryJob } from "../retry/retry.ts";
import { gateLabel, releaseLabel } from "../status/gate-names.ts";
import type { OperatorContext } from "./context.ts";
import { openWithKubeconfig } from "./with-kubeconfig.ts";

/** `waiter retry`: runs a failed migration Job again, exactly as it was. */
export async function retry({ flags, env, stdout, stdin }: OperatorContext, signal: AbortSignal): Promise<number> {
  const settings = retrySettings(flags, env);
  using cluster = await openWithKubeconfig(settings, env);
  const { api } = cluster;
  const target: RetryTarget = { ...settings, namespace: settings.namespace ?? cluster.namespace };
  const { namespace } = target;
  try {
    const job = await findJob(api, target, signal);
    const { name } = job.metadata;
    const recreated = recreatedJob(job);
    if (settings.dryRun) {
      stdout.write(`${JSON.stringify(recreated.manifest, undefined, 2)}\n`);
      return 0;
    }
    if (!settings.yes) {
      await confirm(`Delete Job ${name} in namespace ${namespace} with its pods and logs, and create it anew?`);
    }
    const tell = (line: string) => stdout.write(`${line}\n`);
    const uid = String(job.metadata.uid);
    await retryJob(
      { recreated, uid },
      settings.timeoutMs,
      { api, tell, save: (manifest) => save(name, manifest) },
      signal,
    );
    tell(`To follow it: kubectl migration-gate status -n ${namespace} --watch`);
    return 0;
  } catch (error) {
    if (error instanceof ApiError) throw new ApiRefusedError(`nothing was retried in namespace ${namespace}`, error);
    throw error;
  }

  async function confirm(question: string): Promise<void> {
    if (!stdin.isTTY || !stdout.isTTY) throw new UsageError("without a terminal to ask at, give --yes (or --dry-run)");
    const readline = createInterface({ input: stdin, output: stdout as NodeJS.WriteStream });
    try {
      const answer = await readline.question(`${question} [y/N] `, { signal });
      if (!/^y(es)?$/i.test(answer.trim())) throw new RetryRefusedError("nothing was done");
    } finally {
      readline.close();
    }
  }
}

async function findJob(api: ApiClient, wanted: RetryTarget, signal: AbortSignal): Promise<ApiObject> {
  const { namespace, target } = wanted;
  const { object } = await getObject(api, { namespace, resource: "jobs", name: target }, signal);
  const labelSelector = `${gateLabel},${releaseLabel}=${target}`;
  const ofRelease = object
    ? []
    : await listObjects(api, { namespace, resource: "jobs", selectors: { labelSelector } }, signal);
  return chooseJob(wanted, object, ofRelease);
}

/** In the working directory, or where that cannot be written to, in the one for temporary files. */
function save(name: string, manifest: object): string {
  const text = `${JSON.stringify(manifest, undefined, 2)}\n`;
  for (const directory of [".", tmpdir()]) {
    const file = resolve(join(directory, `${name}.json`));
    try {
      writeFileSync(file, text, { flag: "wx" });
      return `kubectl create -f ${file}`;
    } catch {
      // The next directory, or else the words themselves.
    }
  }
  return `kubectl create -f - <<'EOF'\n${text}EOF`;
}
