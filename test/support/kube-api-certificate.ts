import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Certificate {
  readonly key: string;
  /** Signed by itself, so it is its own CA. */
  readonly cert: string;
}

/** Makes a certificate for the loopback addresses, as an API server is known by its IP in a cluster. */
export function createCertificate(): Certificate {
  const directory = mkdtempSync(join(tmpdir(), "kube-api-"));
  const [key, cert] = [join(directory, "tls.key"), join(directory, "tls.crt")];
  try {
    const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    const names = ["-subj", "/CN=kube-api", "-addext", "subjectAltName=IP:127.0.0.1,IP:::1"];
    const files = ["-keyout", key, "-out", cert, "-days", "2"];
    execFileSync("openssl", ["req", "-x509", ...curve, ...names, ...files], { stdio: "pipe" });
    return { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") };
  } finally {
    rmSync(directory, { recursive: true });
  }
}
