import { columnsOf, cutToColumns, escapeControls } from "@migration-gate/cli-runtime/terminal-text";
import { progressText, type RunState } from "@migration-gate/run-report/progress-text";

/** A migration's name is not shortened below this. */
const leastNameColumns = 12;

/**
 * What the live line says in so many columns: `0:41  applying 7 of 12: 0042_add_index, building index … 63 %`.
 *
 * Where room is short, the statement's number goes first, then the words for what is done (not the percentage), beside a
 * lock wait the percentage too, then the end of the migration's name: who holds a lock is what a person can act on.
 */
export function liveText(state: RunState, elapsedMs: number, columns: number): string {
  const said = (shown: RunState) => escapeControls(`${clockText(elapsedMs)}  ${progressText(shown)}`);
  const shorter = [withoutStatement, withoutPhase, withoutOperation].reduce(
    (shown, shorten) => (columnsOf(said(shown)) > columns ? shorten(shown) : shown),
    state,
  );
  const excess = columnsOf(said(shorter)) - columns;
  return cutToColumns(said(excess > 0 ? withShorterName(shorter, excess) : shorter), columns);
}

function withoutStatement({ progress, ...state }: RunState): RunState {
  if (!progress) return state;
  const { statement: _, statements: __, ...shown } = progress;
  return { ...state, progress: shown };
}

function withoutPhase({ progress, ...state }: RunState): RunState {
  if (!progress) return state;
  const { operation, ...shown } = progress;
  if (operation?.percent === undefined) return { ...state, progress: shown };
  const { command, percent } = operation;
  return { ...state, progress: { ...shown, operation: { command, percent } } };
}

function withoutOperation(state: RunState): RunState {
  const { progress, lockWait } = state;
  if (!progress || !lockWait) return state;
  const { operation: _, ...shown } = progress;
  return { ...state, progress: shown };
}

function withShorterName({ progress, ...state }: RunState, excess: number): RunState {
  if (!progress) return state;
  const migration = escapeControls(progress.migration);
  const shortened = cutToColumns(migration, Math.max(leastNameColumns, columnsOf(migration) - excess));
  return { ...state, progress: { ...progress, migration: shortened } };
}

/** `0:41`, `12:05`, `1:02:03`. */
export function clockText(elapsedMs: number): string {
  const seconds = Math.floor(elapsedMs / 1000);
  const two = (value: number) => String(value).padStart(2, "0");
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}
