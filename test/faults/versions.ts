import { readFile } from "node:fs/promises";
import { execa } from "execa";
import { clients, type HelmMajor } from "../../tools/environment/cluster.ts";
import type { Versions } from "../../tools/reliability/results.ts";

/** Of what the tests are played with: clients and servers of the cluster are built from the same modules. */
export async function readVersions(): Promise<Versions> {
  const { kubectl, helm } = await clients();
  const read = async (file: string, ...args: string[]) => (await execa(file, args)).stdout;
  const { clientVersion } = JSON.parse(await read(kubectl, "version", "--client", "--output", "json"));
  const ofHelm = async (major: HelmMajor) => (await read(helm[major], "version", "--template", "{{.Version}}")).trim();
  const postgres = JSON.parse(await readFile("test/images/postgres/package.json", "utf8")).version;
  const product = JSON.parse(await readFile("package.json", "utf8")).version;
  return {
    "migration-gate": product,
    Kubernetes: clientVersion.gitVersion,
    Helm: `${await ofHelm(4)} and ${await ofHelm(3)}`,
    PostgreSQL: postgres,
  };
}
