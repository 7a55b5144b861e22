import type { Command } from "../measured-process.ts";
import type { CanonicalMigration } from "./migration-set.ts";

/** A program that brings a database up to date with a folder of files. */
export interface Tool {
  readonly name: string;
  readonly version: string;
  readonly platform: "Node.js" | "JVM" | "native code";
  /** False for a reference that only sends the files: it does less than the others, and cannot be run again. */
  readonly keepsHistory: boolean;
  readonly layout: Layout;
  /** How to apply a folder's files; `paths` are those of the layout, in order. */
  readonly command: (database: DatabaseAddress, directory: string, paths: readonly string[]) => Command;
}

/** What a tool wants a migration's file to be called and to hold; positions count from 1. */
export type Layout = (position: number, migration: CanonicalMigration) => LaidOutFile;

export interface LaidOutFile {
  readonly path: string;
  readonly content: string;
}

export interface DatabaseAddress {
  readonly port: number;
  readonly name: string;
  readonly user: string;
  readonly password: string;
}

/** How a tool comes onto this machine: built or installed below `cache` where it is not there yet. */
export interface ToolSource {
  readonly names: readonly string[];
  /** @throws Error that says what is missing, and how to get it */
  readonly install: (context: InstallContext) => Promise<readonly Tool[]>;
}

export interface InstallContext {
  /** A folder that outlives the run. */
  readonly cache: string;
  readonly log: (line: string) => void;
  readonly signal: AbortSignal;
}

/** The address as every tool but Flyway wants it. */
export function urlOf({ port, name, user, password }: DatabaseAddress): string {
  return `postgres://${user}:${password}@127.0.0.1:${port}/${name}?sslmode=disable`;
}
