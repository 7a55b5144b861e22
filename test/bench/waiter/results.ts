import type { AppliedFigures } from "./applied.ts";
import type { DetectionFigures } from "./detection.ts";
import type { Footprint } from "./footprint.ts";
import type { ImageSizes } from "./image-sizes.ts";
import type { RequestFigures } from "./requests.ts";
import type { ScaleFigures } from "./scale.ts";

/** What a run of the benchmark has found out; a part that was not asked for is missing. */
export interface Results {
  readonly applied?: readonly AppliedFigures[];
  readonly footprints?: readonly Footprint[];
  readonly detection?: DetectionFigures;
  readonly requests?: readonly RequestFigures[];
  readonly scale?: ScaleFigures;
  readonly sizes?: ImageSizes | undefined;
  readonly circumstances: Circumstances;
}

export interface Circumstances {
  readonly command: string;
  readonly date: string;
  readonly machine: string;
  /** Versions of Kubernetes, containerd and the like, as the cluster tells them. */
  readonly cluster: string;
}
