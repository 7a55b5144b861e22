import { X509Certificate } from "node:crypto";
import { existsSync } from "node:fs";
import { getBuiltinModule } from "node:process";
import type tls from "node:tls";
import { UsageError } from "../errors.ts";
import type { Keyword } from "./parameters.ts";
import { readSettingsFile, SettingsFileError } from "./settings-file.ts";

/** How a connection may be encrypted: not at all, where the server offers it, or not without. */
export type Encryption = "none" | "if-offered" | "required";

export interface TlsSettings {
  /** What to try, one after the other, while the server refuses what was tried. */
  readonly attempts: readonly Encryption[];
  /** TLS from the first byte, without asking the server for it. */
  readonly direct: boolean;
  readonly options: tls.ConnectionOptions;
}

const attemptsOfMode = {
  disable: ["none"],
  allow: ["none", "required"],
  prefer: ["if-offered", "none"],
  require: ["required"],
  "verify-ca": ["required"],
  "verify-full": ["required"],
} as const satisfies Record<string, readonly Encryption[]>;

/**
 * Reads what `sslmode` and its kin ask for, as libpq understands them: `require` encrypts without asking who answers, unless
 * there is a root certificate; `verify-ca` asks for the issuer, `verify-full` for the name too.
 *
 * @see https://www.postgresql.org/docs/18/libpq-ssl.html
 * @throws UsageError
 */
export function tlsSettings(parameters: Partial<Record<Keyword, string>>, home: string | undefined): TlsSettings {
  const files = certificateFiles(parameters, home);
  const mode = parameters.sslmode ?? (files.rootCertificate === "system" ? "verify-full" : "prefer");
  if (!isMode(mode)) {
    throw new UsageError(`sslmode is none of ${Object.keys(attemptsOfMode).join(", ")}`);
  }
  if (files.rootCertificate === "system" && mode !== "verify-full") {
    throw new UsageError(
      `sslrootcert=system needs sslmode=verify-full, not ${mode}: anybody can have a public certificate`,
    );
  }
  if (mode === "verify-ca" && files.rootCertificate === undefined) {
    throw new UsageError(
      "sslmode=verify-ca needs the issuer's certificate: set PGSSLROOTCERT (sslrootcert), or use verify-full",
    );
  }
  const direct = parameters.sslnegotiation === "direct";
  if (direct && attemptsOfMode[mode][0] !== "required")
    throw new UsageError("sslnegotiation=direct needs sslmode=require");
  if (mode === "disable") return { attempts: attemptsOfMode.disable, direct, options: {} };
  const verifies = mode.startsWith("verify-") || (mode === "require" && files.rootCertificate !== undefined);
  const options: tls.ConnectionOptions = {
    rejectUnauthorized: verifies,
    // An empty list spares the work of reading certificates that nothing is compared with.
    ca: verifies ? rootCertificates(files.rootCertificate) : [],
    ...(mode !== "verify-full" && { checkServerIdentity: () => undefined }),
    ...clientCertificate(files, parameters.sslpassword),
    minVersion: protocolVersion(parameters, "ssl_min_protocol_version") ?? "TLSv1.2",
    maxVersion: protocolVersion(parameters, "ssl_max_protocol_version") ?? "TLSv1.3",
    ...(direct && { ALPNProtocols: ["postgresql"] }),
  };
  if (files.rootCertificate !== undefined || options.cert) checkFit(options);
  return { attempts: attemptsOfMode[mode], direct, options };
}

interface CertificateFiles {
  readonly rootCertificate: string | undefined;
  readonly certificate: string | undefined;
  readonly key: string | undefined;
}

/** Where a file is not named, libpq looks into `~/.postgresql`. */
function certificateFiles(parameters: Partial<Record<Keyword, string>>, home: string | undefined): CertificateFiles {
  const found = (name: string) => {
    const path = `${home}/.postgresql/${name}`;
    return home && existsSync(path) ? path : undefined;
  };
  const certificate = parameters.sslcert ?? found("postgresql.crt");
  return {
    rootCertificate: parameters.sslrootcert ?? found("root.crt"),
    certificate,
    key: parameters.sslkey ?? (certificate && found("postgresql.key")),
  };
}

/** Without a file: the roots of the system and those that Node.js brings, as a slim image has none of its own. */
function rootCertificates(file: string | undefined): string[] {
  if (file !== undefined && file !== "system") return [readSettingsFile("PGSSLROOTCERT (sslrootcert)", file)];
  const { getCACertificates } = getBuiltinModule("node:tls");
  return [...new Set([...getCACertificates("default"), ...getCACertificates("system")])];
}

function clientCertificate({ certificate, key }: CertificateFiles, passphrase: string | undefined) {
  if (!certificate && !key) return {};
  if (!certificate) throw new UsageError("PGSSLKEY (sslkey) is set without PGSSLCERT (sslcert)");
  if (!key) throw new UsageError("PGSSLCERT (sslcert) is set without PGSSLKEY (sslkey)");
  return {
    cert: readSettingsFile("PGSSLCERT (sslcert)", certificate),
    key: readSettingsFile("PGSSLKEY (sslkey)", key),
    ...(passphrase !== undefined && { passphrase }),
  };
}

/** A root certificate that is none, or a key that is not the certificate's, is found before anybody is connected to. */
function checkFit(options: tls.ConnectionOptions): void {
  try {
    // Node takes text that is no certificate for a list of none.
    for (const certificate of [options.ca ?? []].flat()) new X509Certificate(certificate);
    getBuiltinModule("node:tls").createSecureContext(options);
  } catch (error) {
    throw new SettingsFileError(`the certificates or the key cannot be used: ${(error as Error).message}`);
  }
}

function protocolVersion(
  parameters: Partial<Record<Keyword, string>>,
  keyword: "ssl_min_protocol_version" | "ssl_max_protocol_version",
): tls.SecureVersion | undefined {
  const value = parameters[keyword];
  if (value !== undefined && value !== "TLSv1.2" && value !== "TLSv1.3") {
    throw new UsageError(`${keyword} is neither TLSv1.2 nor TLSv1.3`);
  }
  return value;
}

function isMode(mode: string): mode is keyof typeof attemptsOfMode {
  return Object.hasOwn(attemptsOfMode, mode);
}
