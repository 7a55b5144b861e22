import type { Leftovers } from "../apply/leftovers.ts";
import { formatVersion } from "../files/file-name.ts";
import { type OpenScript, storedText } from "../files/open-script.ts";
import { type HistoryTable, quotedName } from "./table.ts";

/** Who runs, for the history. */
export interface Runner {
  readonly runId: string;
  readonly migratorVersion: string;
  readonly image?: string | undefined;
}

/** SQL that begins a migration's row. Its primary key is the fence: of two runners, one waits and then fails on it. */
export function insertStarted(history: HistoryTable, script: OpenScript, runner: Runner, total: number): string {
  return insertRow(history, {
    ...rowValues(history, script, runner),
    state: "'started'",
    statements_total: String(total),
  });
}

/** SQL that enters a migration as applied although nobody here has seen it run. */
export function insertBaseline(history: HistoryTable, script: OpenScript, runner: Runner): string {
  return insertRow(history, {
    ...rowValues(history, script, runner),
    state: "'done'",
    origin: "'baseline'",
    statements_total: "0",
    finished_at: "pg_catalog.clock_timestamp()",
  });
}

/** SQL that ends a migration's row. It fails where it would not end exactly one, so that nothing is committed then. */
export function finishRow(history: HistoryTable, key: string): string {
  return exactlyOneRow(
    `update ${quotedName(history)}
        set state = 'done', statements_done = statements_total, progress = null,
            finished_at = pg_catalog.clock_timestamp(),
            duration_ms = pg_catalog.round(1000 * extract(epoch from pg_catalog.clock_timestamp() - started_at))
      where set_name = ${literal(history.set)} and key = ${literal(key)} and state = 'started'`,
  );
}

/** SQL that counts one more unit of a migration as done; fails where another runner has counted it. */
export function advanceRow(history: HistoryTable, key: string, done: number, progress: Progress): string {
  return exactlyOneRow(
    `update ${quotedName(history)} set statements_done = ${done}, progress = ${literal(JSON.stringify(progress))}
      where set_name = ${literal(history.set)} and key = ${literal(key)} and state = 'started' and statements_done = ${done - 1}`,
  );
}

/** SQL that notes what is about to happen outside any transaction. */
export function noteProgress(history: HistoryTable, key: string, done: number, progress: Progress): string {
  return exactlyOneRow(
    `update ${quotedName(history)} set progress = ${literal(JSON.stringify(progress))}
      where set_name = ${literal(history.set)} and key = ${literal(key)} and state = 'started' and statements_done = ${done}`,
  );
}

/** SQL that brings a started row up to a corrected file's text. */
export function refreshStarted(history: HistoryTable, script: OpenScript, total: number): string {
  return exactlyOneRow(
    `update ${quotedName(history)}
        set checksum = ${literal(script.file.checksum)}, statements_total = ${total},
            script = ${scriptLiteral(script)}, breaking = ${script.directives.breaking}
      where set_name = ${literal(history.set)} and key = ${literal(script.file.key)} and state = 'started'`,
  );
}

/** SQL that puts the file as it is now in the place of what was applied. */
export function repairRow(history: HistoryTable, script: OpenScript): string {
  return exactlyOneRow(
    `update ${quotedName(history)}
        set checksum = ${literal(script.file.checksum)}, script = ${scriptLiteral(script)},
            breaking = ${script.directives.breaking}, repaired_at = pg_catalog.clock_timestamp()
      where set_name = ${literal(history.set)} and key = ${literal(script.file.key)} and state = 'done'`,
  );
}

/** SQL that ends a started row as applied, with the file as it is now: a person says so. */
export function resolveRow(history: HistoryTable, script: OpenScript): string {
  return exactlyOneRow(
    `update ${quotedName(history)}
        set state = 'done', origin = 'resolved', progress = null, finished_at = pg_catalog.clock_timestamp(),
            checksum = ${literal(script.file.checksum)}, script = ${scriptLiteral(script)},
            breaking = ${script.directives.breaking}
      where set_name = ${literal(history.set)} and key = ${literal(script.file.key)} and state = 'started'`,
  );
}

/** SQL that forgets a started row, so that its migration begins anew. */
export function deleteStarted(history: HistoryTable, key: string): string {
  return exactlyOneRow(
    `delete from ${quotedName(history)}
      where set_name = ${literal(history.set)} and key = ${literal(key)} and state = 'started'`,
  );
}

/** What the history remembers about a migration that runs unit by unit. */
export interface Progress {
  /** Binds what is done: the rest of the file may be corrected. */
  readonly doneDigest: string;
  /** Set while a unit runs that cannot commit together with this row. */
  readonly running?: {
    readonly unit: number;
    /** Tells whether the file still holds the same one there. */
    readonly digest: string;
    readonly leftovers?: Leftovers;
  };
}

function rowValues(history: HistoryTable, script: OpenScript, runner: Runner): Record<string, string> {
  const { file, directives, execution } = script;
  return {
    set_name: literal(history.set),
    key: literal(file.key),
    version: literal(formatVersion(file.version)),
    checksum: literal(file.checksum),
    script: scriptLiteral(script),
    transactional: String(execution.kind === "transaction"),
    breaking: String(directives.breaking),
    run_id: literal(runner.runId),
    migrator_version: literal(runner.migratorVersion),
    image: runner.image === undefined ? "null" : literal(runner.image),
  };
}

function insertRow(history: HistoryTable, values: Readonly<Record<string, string>>): string {
  return `insert into ${quotedName(history)} (${Object.keys(values).join(", ")}) values (${Object.values(values).join(", ")})`;
}

function scriptLiteral(script: OpenScript): string {
  const text = storedText(script);
  return text === undefined ? "null" : literal(text);
}

/** Plain SQL has no way to fail on a row count, except by dividing by it. */
function exactlyOneRow(change: string): string {
  return `with touched as (${change} returning 1) select 1 / pg_catalog.count(*) from touched`;
}

/** As pg's `escapeLiteral`, which adds character by character, and leaves garbage of thirty times a script's size. */
function literal(value: string): string {
  const quoted = value.replaceAll("'", "''");
  return quoted.includes("\\") ? ` E'${quoted.replaceAll("\\", "\\\\")}'` : `'${quoted}'`;
}
