import { UsageError } from "../errors.ts";
import { type Parameters, parseConnectionString } from "./connection-string.ts";
import { readSettingsFile } from "./settings-file.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** libpq's parameters that are used here, each with its environment variable. */
const variables = {
  host: "PGHOST",
  hostaddr: "PGHOSTADDR",
  port: "PGPORT",
  dbname: "PGDATABASE",
  user: "PGUSER",
  password: "PGPASSWORD",
  passfile: "PGPASSFILE",
  application_name: "PGAPPNAME",
  connect_timeout: "PGCONNECT_TIMEOUT",
  channel_binding: "PGCHANNELBINDING",
  sslmode: "PGSSLMODE",
  sslnegotiation: "PGSSLNEGOTIATION",
  sslrootcert: "PGSSLROOTCERT",
  sslcert: "PGSSLCERT",
  sslkey: "PGSSLKEY",
  sslpassword: undefined,
  ssl_min_protocol_version: "PGSSLMINPROTOCOLVERSION",
  ssl_max_protocol_version: "PGSSLMAXPROTOCOLVERSION",
  target_session_attrs: "PGTARGETSESSIONATTRS",
} as const;

export type Keyword = keyof typeof variables;

/** What can be passed over: it tunes a connection, or chooses among what there is only one of here. */
const passedOver: Readonly<Record<string, string | undefined>> = {
  client_encoding: "PGCLIENTENCODING", // always UTF8, as the files are
  fallback_application_name: undefined,
  gssencmode: "PGGSSENCMODE", // refused below where it is required
  keepalives: undefined, // the migrator sets its own
  keepalives_count: undefined,
  keepalives_idle: undefined,
  keepalives_interval: undefined,
  load_balance_hosts: "PGLOADBALANCEHOSTS",
  sslcompression: "PGSSLCOMPRESSION",
  sslsni: "PGSSLSNI",
  tcp_user_timeout: undefined,
};

/** What would be less safe, or something else, if it were passed over. */
const refused: Readonly<Record<string, { readonly variable?: string; readonly instead: string }>> = {
  options: { variable: "PGOPTIONS", instead: "give the settings to the role or the database (ALTER ROLE … SET)" },
  service: { variable: "PGSERVICE", instead: "set DATABASE_URL" },
  sslcrl: { variable: "PGSSLCRL", instead: "revocation lists are not checked" },
  sslcrldir: { variable: "PGSSLCRLDIR", instead: "revocation lists are not checked" },
  require_auth: { variable: "PGREQUIREAUTH", instead: "use sslmode=verify-full, or channel_binding=require" },
  requirepeer: { variable: "PGREQUIREPEER", instead: "leave it out" },
};

/**
 * Gathers libpq's parameters from `DATABASE_URL`, or the file that `DATABASE_URL_FILE` names, and for what is missing
 * there from libpq's variables.
 *
 * @throws UsageError for what libpq does not know, and for what it knows and this does not do
 */
export function gatherParameters(env: Environment): Readonly<Partial<Record<Keyword, string>>> {
  const fromString = connectionStringParameters(env);
  for (const keyword of Object.keys(fromString)) checkKeyword(keyword);
  for (const [keyword, { variable, instead }] of Object.entries(refused)) {
    if (variable && env[variable] && !(keyword in fromString))
      throw new UsageError(`${variable} is not supported: ${instead}`);
  }
  if ((fromString["gssencmode"] ?? env["PGGSSENCMODE"]) === "require") {
    throw new UsageError("gssencmode=require is not supported: use sslmode=verify-full");
  }
  const { PGPASSWORD: password, PGPASSWORD_FILE: passwordFile } = env;
  if (password && passwordFile) throw new UsageError("both PGPASSWORD and PGPASSWORD_FILE are set: set one of them");
  const entries = Object.entries(variables).flatMap(([keyword, variable]) => {
    const value = fromString[keyword] || (variable && env[variable]);
    return value ? [[keyword, value] as const] : [];
  });
  const parameters: Partial<Record<Keyword, string>> = Object.fromEntries(entries);
  if (parameters.password === undefined && passwordFile) {
    return { ...parameters, password: readSettingsFile("PGPASSWORD_FILE", passwordFile) };
  }
  return parameters;
}

function checkKeyword(keyword: string): void {
  const why = Object.hasOwn(refused, keyword) ? refused[keyword] : undefined;
  if (why) throw new UsageError(`the connection parameter ${keyword} is not supported: ${why.instead}`);
  if (Object.hasOwn(variables, keyword) || Object.hasOwn(passedOver, keyword)) return;
  throw new UsageError(
    `the connection parameter ${/^\w{1,40}$/.test(keyword) ? keyword : "with that name"} is unknown to PostgreSQL: take it out of the URL`,
  );
}

function connectionStringParameters(env: Environment): Parameters {
  const { DATABASE_URL: url, DATABASE_URL_FILE: file, PGHOST: host, PGHOSTADDR: address } = env;
  if (url && file) throw new UsageError("both DATABASE_URL and DATABASE_URL_FILE are set: set one of them");
  if (url) return parseConnectionString(url.trim(), "DATABASE_URL");
  if (file)
    return parseConnectionString(
      readSettingsFile("DATABASE_URL_FILE", file).trim(),
      "the content of DATABASE_URL_FILE",
    );
  if (host || address) return {};
  throw new UsageError(
    "no database to connect to: set DATABASE_URL, DATABASE_URL_FILE or PGHOST and the other PG* variables",
  );
}
