import {
  type RunFailure,
  type RunHistory,
  type RunReport,
  type RunSuccess,
  runPhases,
} from "@migration-gate/run-report/report";
import { isRecord } from "../api/named-object.ts";
import { plainText } from "../ledger/plain-text.ts";
import { readLockWait, readProgress } from "../ledger/run-state.ts";

export type ParsedReport =
  | { readonly kind: "report"; readonly report: RunReport }
  | { readonly kind: "refused"; readonly problem: string };

class ReportProblem extends Error {}

/**
 * Parses a report that may have been written by anybody: everything that is kept has its type and its bounds, text has no
 * control characters, and `success` and `failure` are there exactly in their phases. Unknown fields are dropped, and so
 * is progress that cannot be used: it must not hide a success.
 */
export function parseReport(text: string): ParsedReport {
  try {
    return { kind: "report", report: readReport(fields(JSON.parse(text), "report")) };
  } catch (error) {
    if (error instanceof SyntaxError) return { kind: "refused", problem: "is not JSON" };
    if (error instanceof ReportProblem) return { kind: "refused", problem: error.message };
    throw error;
  }
}

function readReport(value: Record<string, unknown>): RunReport {
  if (value["formatVersion"] !== 1) throw new ReportProblem("has an unknown formatVersion");
  const phase = runPhases.find((known) => known === value["phase"]);
  if (!phase) throw new ReportProblem("has an unknown phase");
  const progress = readProgress(value["progress"]);
  const lockWait = readLockWait(value["lockWait"]);
  return {
    formatVersion: 1,
    runId: words(value, "runId", 128),
    phase,
    startedAt: instant(value, "startedAt"),
    updatedAt: instant(value, "updatedAt"),
    ...(value["history"] !== undefined && { history: readHistory(fields(value["history"], "history")) }),
    ...(progress && { progress }),
    ...(lockWait && { lockWait }),
    ...(phase === "succeeded" && { success: readSuccess(fields(value["success"], "success")) }),
    ...(phase === "failed" && { failure: readFailure(fields(value["failure"], "failure")) }),
  };
}

function readSuccess(value: Record<string, unknown>): RunSuccess {
  return {
    ...optionalWords(value, "appliedFrom", 200),
    ...optionalWords(value, "appliedTo", 200),
    applied: count(value, "applied"),
    durationMs: count(value, "durationMs"),
  };
}

function readHistory(value: Record<string, unknown>): RunHistory {
  return { readAt: instant(value, "readAt"), ...optionalInstant(value, "breakingAppliedAt") };
}

function readFailure(value: Record<string, unknown>): RunFailure {
  return {
    exitCode: count(value, "exitCode"),
    message: words(value, "message", 1000),
    ...optionalWords(value, "migration", 200),
    ...optionalWords(value, "file", 200),
    ...optionalCount(value, "line"),
    ...optionalCount(value, "column"),
    ...optionalWords(value, "sqlState", 5),
  };
}

function fields(value: unknown, name: string): Record<string, unknown> {
  if (!isRecord(value)) throw new ReportProblem(`has no usable ${name}`);
  return value;
}

function words(value: Record<string, unknown>, name: string, maxBytes: number): string {
  const text = value[name];
  const plain = typeof text === "string" ? plainText(text, maxBytes) : "";
  if (plain === "") throw new ReportProblem(`has no usable ${name}`);
  return plain;
}

function count(value: Record<string, unknown>, name: string): number {
  const number = value[name];
  if (!Number.isSafeInteger(number) || (number as number) < 0) throw new ReportProblem(`has no usable ${name}`);
  return number as number;
}

function instant(value: Record<string, unknown>, name: string): string {
  const time = Date.parse(words(value, name, 64));
  if (Number.isNaN(time)) throw new ReportProblem(`has no usable ${name}`);
  return new Date(time).toISOString();
}

function optionalWords<Name extends string>(value: Record<string, unknown>, name: Name, maxBytes: number) {
  return (value[name] === undefined ? {} : { [name]: words(value, name, maxBytes) }) as { [key in Name]?: string };
}

function optionalInstant<Name extends string>(value: Record<string, unknown>, name: Name) {
  return (value[name] === undefined ? {} : { [name]: instant(value, name) }) as { [key in Name]?: string };
}

function optionalCount<Name extends string>(value: Record<string, unknown>, name: Name) {
  return (value[name] === undefined ? {} : { [name]: count(value, name) }) as { [key in Name]?: number };
}
