import { copyFile, mkdir, mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";

/**
 * The Kubernetes versions that the chart supports: of each minor the first release, which has no field of a later one.
 * The checksums are those that Go's checksum database has of the modules `k8s.io/kubernetes`.
 */
export const kubernetesReleases = {
  "1.29.0": "h1:DOLN7g8+nnAYBi8JHoW0+/MCrZKDPIqAxzLCXDXd0cg=",
  "1.30.0": "h1:u3Yw8rNlo2NDSGaDpoxoHXLPQnEu1tfqHATKOJe94HY=",
  "1.31.0": "h1:sYAB12TTWexXKp4RxqJMm/7EC+P0mNOgn4Xdj5eu7HM=",
  "1.32.0": "h1:4BDBWSolqPrv8GC3YfZw0CJvh5kA1TPnoX0FxDVd+qc=",
  "1.33.0": "h1:BP5Y5yIzUZVeBuE/ESZvnw6TNxjXbLsCckIkljE+R0U=",
  "1.34.0": "h1:NvUrwPAVB4W3mSOpJ/RtNGHWWYyUP/xPaX5rUSpzA0w=",
  "1.35.0": "h1:PUOojD8c8E3csMP5NX+nLLne6SGqZjrYCscptyBfWMY=",
} as const;

export type KubernetesRelease = keyof typeof kubernetesReleases;

/** The release's description of its API (OpenAPI v2), fetched once as a Go module (19 MB) and kept in the user's cache. */
export async function openapiOf(release: KubernetesRelease): Promise<OpenApi> {
  const cache = process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache");
  const file = join(cache, "migration-gate", "kubernetes-openapi", `${release}.json`);
  const kept = await readFile(file, "utf8").catch(() => undefined);
  return JSON.parse(kept ?? (await fetchOpenapi(release, file)));
}

export interface OpenApi {
  readonly definitions: Readonly<Record<string, Definition>>;
}

/** As much of an OpenAPI definition as the conversion to JSON Schema looks at. */
export interface Definition {
  readonly $ref?: string;
  readonly type?: string;
  readonly format?: string;
  readonly properties?: Readonly<Record<string, Definition>>;
  readonly required?: readonly string[];
  readonly items?: Definition;
  readonly additionalProperties?: Definition;
  readonly "x-kubernetes-group-version-kind"?: readonly {
    readonly group: string;
    readonly version: string;
    readonly kind: string;
  }[];
}

async function fetchOpenapi(release: KubernetesRelease, file: string): Promise<string> {
  await mkdir(dirname(file), { recursive: true });
  const modules = await mkdtemp(join(tmpdir(), "kubernetes-module-"));
  try {
    // In a module cache of its own: of a hundred megabytes one file is needed.
    const { stdout } = await execa("go", ["mod", "download", "-json", `k8s.io/kubernetes@v${release}`], {
      cwd: modules,
      env: { GOMODCACHE: join(modules, "cache"), GOFLAGS: "-modcacherw", GOWORK: "off" },
      timeout: 600_000,
    });
    const module: { readonly Dir: string; readonly Sum: string } = JSON.parse(stdout);
    if (module.Sum !== kubernetesReleases[release]) {
      throw new Error(
        `k8s.io/kubernetes@v${release} has the checksum ${module.Sum}, not ${kubernetesReleases[release]}`,
      );
    }
    const openapi = join(module.Dir, "api", "openapi-spec", "swagger.json");
    // Two test runs at once must not read one another's half-written file.
    const complete = `${file}.${process.pid}`;
    await copyFile(openapi, complete);
    await rename(complete, file);
    return await readFile(file, "utf8");
  } finally {
    await rm(modules, { recursive: true });
  }
}
