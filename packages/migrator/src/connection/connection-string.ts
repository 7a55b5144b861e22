import { UsageError } from "../errors.ts";

/** libpq's parameters by their keywords: `host`, `port`, `dbname`, `sslmode`, … */
export type Parameters = Readonly<Record<string, string>>;

/**
 * Reads a connection URI or a `key=value` string as libpq does.
 *
 * @see https://www.postgresql.org/docs/18/libpq-connect.html#LIBPQ-CONNSTRING
 * @throws UsageError which never quotes the string: it may hold a password anywhere
 */
export function parseConnectionString(text: string, source: string): Parameters {
  if (/^postgres(ql)?:\/\//.test(text)) return parseUri(text, source);
  if (/^\s*\w+\s*=/.test(text)) return parseKeyValues(text, source);
  throw new UsageError(`${source} is not a URL like postgres://user:password@host:port/database`);
}

/** `?` and `/` end the user's part, and the last `@` before them: a password may hold an `@` that is not encoded. */
const uri = /^\w+:\/\/(?:([^/?]*)@)?([^/?@]*)(?:\/([^?]*))?(?:\?(.*))?$/s;
const host = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d*))?$/;

function parseUri(text: string, source: string): Parameters {
  const parts = uri.exec(text);
  if (!parts) throw malformed(source);
  const [, credentials = "", authority = "", database = "", query = ""] = parts;
  // A password that holds a slash or a question mark: what follows it must not be quoted as a database or a parameter.
  if (!credentials && `${database}${query}`.includes("@") && !/(^|&)user=/.test(query)) throw malformed(source);
  const decode = (value: string) => decodePercent(value, source);
  const [user = "", ...password] = credentials.split(":");
  const endpoints = authority.split(",").map((endpoint) => {
    const match = host.exec(endpoint);
    if (!match) throw malformed(source);
    return { host: decode(match[1] ?? match[2] ?? ""), port: match[3] ?? "" };
  });
  const given: [string, string][] = [
    ["user", decode(user)],
    ["password", decode(password.join(":"))],
    ["host", endpoints.map((endpoint) => endpoint.host).join(",")],
    ["port", endpoints.map(({ port }) => port).join(",")],
    ["dbname", decode(database)],
  ];
  const parameters = query.split("&").flatMap((pair): [string, string][] => {
    if (pair === "") return [];
    const [keyword = "", ...value] = pair.split("=");
    if (value.length !== 1) throw malformed(source);
    // As libpq: the one setting of JDBC that it knows.
    if (keyword === "ssl" && value[0] === "true") return [["sslmode", "require"]];
    return [[decode(keyword), decode(value[0] ?? "")]];
  });
  return Object.fromEntries([...given.filter(([, value]) => value !== ""), ...parameters]);
}

function parseKeyValues(text: string, source: string): Parameters {
  const parameters: Record<string, string> = {};
  const pair = /\s*(\w+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|((?:[^\s'\\]|\\.)*))(?=\s|$)/sy;
  const { length } = text.trimEnd();
  while (pair.lastIndex < length) {
    const match = pair.exec(text);
    if (!match) throw malformed(source);
    const [, keyword = "", quoted, bare = ""] = match;
    parameters[keyword] = (quoted ?? bare).replaceAll(/\\(.)/gs, "$1");
  }
  return parameters;
}

function decodePercent(value: string, source: string): string {
  // It would end the text in the protocol, and what follows it would be read as another setting.
  if (value.includes("%00")) throw malformed(source);
  try {
    return decodeURIComponent(value);
  } catch {
    throw malformed(source);
  }
}

function malformed(source: string): UsageError {
  return new UsageError(
    `${source} is malformed: in a user name, password or parameter, write each of / ? @ : % & = and # as % and two hexadecimal digits`,
  );
}
