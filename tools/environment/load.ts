import { Agent, request } from "node:http";
import { performance } from "node:perf_hooks";

export interface LoadSample {
  /** Milliseconds since the epoch at which the request was sent. */
  readonly at: number;
  readonly durationMs: number;
  /** Why the request failed: a status other than 200, or the socket's error code. Absent for a success. */
  readonly failure?: string;
}

export interface Load extends AsyncDisposable {
  readonly samples: readonly LoadSample[];
  /** Stops sending, waits for the answers under way, and returns all samples. */
  readonly stop: () => Promise<readonly LoadSample[]>;
}

const requestTimeoutMs = 10_000;

/**
 * Sends GET requests at a constant rate, whether or not earlier ones have been answered, each on a connection of its own:
 * so a Service spreads them over all its ready pods, and no slow answer hides the ones that would have come after it.
 */
export function startLoad(url: string, requestsPerSecond: number): Load {
  const agent = new Agent({ keepAlive: false });
  const samples: LoadSample[] = [];
  const underWay = new Set<Promise<void>>();
  const timer = setInterval(() => {
    const sent = send(url, agent).then((sample) => void samples.push(sample));
    underWay.add(sent);
    void sent.then(() => underWay.delete(sent));
  }, 1000 / requestsPerSecond);
  const stop = async () => {
    clearInterval(timer);
    await Promise.all(underWay);
    return samples;
  };
  return { samples, stop, [Symbol.asyncDispose]: async () => void (await stop()) };
}

export function failures(samples: readonly LoadSample[]): LoadSample[] {
  return samples.filter((sample) => sample.failure !== undefined);
}

function send(url: string, agent: Agent): Promise<LoadSample> {
  const at = Date.now();
  const started = performance.now();
  return new Promise((resolve) => {
    const end = (failure?: string) =>
      resolve({ at, durationMs: performance.now() - started, ...(failure !== undefined && { failure }) });
    const sent = request(url, { agent, signal: AbortSignal.timeout(requestTimeoutMs) }, (response) => {
      response.resume();
      response.on("end", () => end(response.statusCode === 200 ? undefined : `HTTP ${response.statusCode}`));
      response.on("error", (error) => end(error.message));
    });
    sent.on("error", (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
    sent.end();
  });
}
