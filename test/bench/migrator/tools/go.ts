import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { installOnce } from "../install-once.ts";
import { layouts } from "../layouts.ts";
import { type Tool, type ToolSource, urlOf } from "../tool.ts";

const packages = {
  "golang-migrate": "github.com/golang-migrate/migrate/v4",
  goose: "github.com/pressly/goose/v3",
  tern: "github.com/jackc/tern/v2",
} as const;

/** golang-migrate has its drivers switched on by tags, goose off: all but PostgreSQL's. */
const tags = [
  "postgres",
  ...[
    "clickhouse",
    "duckdb",
    "libsql",
    "mssql",
    "mysql",
    "spanner",
    "sqlite3",
    "starrocks",
    "turso",
    "vertica",
    "ydb",
  ].map((driver) => `no_${driver}`),
];

/** golang-migrate, goose and tern, built from one go.mod. */
export const goTools: ToolSource = {
  names: Object.keys(packages),
  install: async ({ cache, log, signal }) => {
    const source = fileURLToPath(new URL("../../peers/go", import.meta.url));
    const binaries = join(cache, "go");
    await installOnce(binaries, [join(source, "go.mod"), join(source, "go.sum")], async () => {
      await requireGo();
      log("building golang-migrate, goose and tern (go build) …");
      await execa("go", ["build", "-C", source, "-trimpath", `-tags=${tags.join(",")}`, "-o", `${binaries}/`, "tool"], {
        cancelSignal: signal,
      });
    });
    const goMod = await readFile(join(source, "go.mod"), "utf8");
    return [golangMigrate, goose, tern].map((tool) => tool(binaries, goMod));
  },
};

async function requireGo(): Promise<void> {
  const { failed } = await execa("go", ["version"], { reject: false });
  if (failed) throw new Error("Go is not installed (1.26 or newer is needed)");
}

function golangMigrate(binaries: string, goMod: string): Tool {
  return {
    ...goTool("golang-migrate", goMod),
    layout: layouts.golangMigrate,
    command: (database, directory) => ({
      command: join(binaries, "migrate"),
      args: ["-path", directory, "-database", urlOf(database), "up"],
    }),
  };
}

function goose(binaries: string, goMod: string): Tool {
  return {
    ...goTool("goose", goMod),
    layout: layouts.goose,
    command: (database, directory) => ({
      command: join(binaries, "goose"),
      args: ["-dir", directory, "postgres", urlOf(database), "up"],
    }),
  };
}

function tern(binaries: string, goMod: string): Tool {
  return {
    ...goTool("tern", goMod),
    layout: layouts.tern,
    command: (database, directory) => ({
      command: join(binaries, "tern"),
      args: ["migrate", "--migrations", directory, "--conn-string", urlOf(database)],
    }),
  };
}

function goTool(name: keyof typeof packages, goMod: string) {
  const version = new RegExp(`^\\s*${packages[name]} v(\\S+)`, "m").exec(goMod)?.[1];
  if (version === undefined) throw new Error(`go.mod does not pin ${packages[name]}`);
  return { name, version, platform: "native code", keepsHistory: true } as const;
}
