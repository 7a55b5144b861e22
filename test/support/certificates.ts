import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

export interface CertificateOptions {
  /** The role, for a client's certificate. */
  readonly commonName?: string;
  /** As OpenSSL writes them. */
  readonly subjectAltName?: string;
  readonly expired?: boolean;
}

const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

/** An issuer of certificates, valid for two days. */
export class CertificateAuthority {
  readonly #own: Certificate;

  constructor() {
    this.#own = inDirectory((path) => {
      openssl("req", "-x509", ...curve, "-subj", "/CN=test authority", "-days", "2", ...files(path, "own"));
      return read(path, "own");
    });
  }

  get cert(): string {
    return this.#own.cert;
  }

  /** Issues a certificate for the loopback address, or for what the options say. */
  issue({ commonName = "server", subjectAltName = "IP:127.0.0.1", expired = false }: CertificateOptions = {}) {
    return inDirectory((path): Certificate => {
      writeFileSync(path("ca.key"), this.#own.key);
      writeFileSync(path("ca.crt"), this.#own.cert);
      writeFileSync(path("index"), "");
      writeFileSync(
        path("ca.cnf"),
        `[ca]\ndefault_ca = any\n[any]\ndatabase = ${path("index")}\nrand_serial = yes\nnew_certs_dir = ${path(".")}\n` +
          `default_md = sha256\npolicy = names\nx509_extensions = leaf\n[names]\ncommonName = supplied\n` +
          `[leaf]\nbasicConstraints = critical,CA:false\nsubjectAltName = ${subjectAltName}\n`,
      );
      openssl(
        "req",
        "-new",
        ...curve,
        "-subj",
        `/CN=${commonName}`,
        "-keyout",
        path("leaf.key"),
        "-out",
        path("leaf.csr"),
      );
      const dates = expired ? ["-startdate", "20200101000000Z", "-enddate", "20200102000000Z"] : ["-days", "2"];
      const issuer = ["-config", path("ca.cnf"), "-cert", path("ca.crt"), "-keyfile", path("ca.key")];
      openssl("ca", "-batch", "-notext", ...issuer, ...dates, "-in", path("leaf.csr"), "-out", path("leaf.crt"));
      return read(path, "leaf");
    });
  }
}

type PathOf = (name: string) => string;

function inDirectory<T>(work: (path: PathOf) => T): T {
  const directory = mkdtempSync(join(tmpdir(), "migration-gate-certificates-"));
  try {
    return work((name) => join(directory, name));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function files(path: PathOf, name: string): readonly string[] {
  return ["-keyout", path(`${name}.key`), "-out", path(`${name}.crt`)];
}

function read(path: PathOf, name: string): Certificate {
  return { key: readFileSync(path(`${name}.key`), "utf8"), cert: readFileSync(path(`${name}.crt`), "utf8") };
}

function openssl(...args: readonly string[]): void {
  execFileSync("openssl", args, { stdio: "pipe" });
}
