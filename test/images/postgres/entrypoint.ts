// Makes a database cluster on the first start, then becomes the PostgreSQL server.
//
//   /etc/postgresql/passwords/ROLE   the password of each role, a Secret; `postgres`, the superuser's, must be there
//   /etc/postgresql/init/*.sql       run once, in the order of their names, by the superuser in the database `postgres`
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const data = "/var/lib/postgresql/data";
const configuration = "/etc/postgresql";

if (!existsSync(data)) initialize();
const server = [executable("postgres"), "-D", data, "-c", "listen_addresses=*", "-c", "unix_socket_directories=/tmp"];
// The server must be process 1 itself, to get the kubelet's signals.
process.execve?.(executable("postgres"), [...server, ...process.argv.slice(2)], process.env);

/** Works beside the final place and ends with a rename: a start that is cut off leaves nothing that looks complete. */
function initialize(): void {
  const unfinished = `${data}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  // The libc of small images has no locales, so the locale is PostgreSQL's own.
  const locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"];
  const access = ["--username=postgres", "--auth-local=trust", "--auth-host=scram-sha-256"];
  execFileSync(executable("initdb"), ["-D", unfinished, "--no-sync", ...locale, ...access], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  writeFileSync(join(unfinished, "pg_hba.conf"), "local all all trust\nhost all all all scram-sha-256\n");

  for (const file of filesOf("init")) runSql(unfinished, readFileSync(file, "utf8"));
  for (const file of filesOf("passwords")) runSql(unfinished, setPassword(file));
  renameSync(unfinished, data);
}

function setPassword(file: string): string {
  const role = file.slice(file.lastIndexOf("/") + 1).replaceAll('"', '""');
  const password = readFileSync(file, "utf8").trim().replaceAll("'", "''");
  return `alter role "${role}" password '${password}'`;
}

/** Runs statements that are separated by empty lines: with `-j` the single-user server takes them so. */
function runSql(directory: string, sql: string): void {
  const args = ["--single", "-j", "-c", "exit_on_error=on", "-c", "log_checkpoints=off", "-D", directory, "postgres"];
  const input = `${sql.trimEnd().replace(/;$/, "")};\n\n`;
  execFileSync(executable("postgres"), args, { input, stdio: ["pipe", "ignore", "inherit"] });
}

function filesOf(folder: string): string[] {
  const path = join(configuration, folder);
  if (!existsSync(path)) return [];
  // Mounted ConfigMaps and Secrets also hold `..data` and the like.
  const names = readdirSync(path).filter((name) => !name.startsWith("."));
  return names.sort().map((name) => join(path, name));
}

function executable(name: string): string {
  return join("/opt/postgresql/bin", name);
}
