/**
 * Stands in the bundle for undici, three quarters of its size otherwise: client-node hands undici the requests that it
 * makes itself, and it makes none here. Whatever calls this is a bug.
 */
export class Agent {
  constructor() {
    throw new Error("client-node is used for its kubeconfig alone, not to make requests");
  }
}

export { Agent as ProxyAgent };

export function fetch(): never {
  throw new Error("client-node is used for its kubeconfig alone, not to make requests");
}
