import type { Token } from "../sql/lexer.ts";
import type { ScriptWindow } from "../sql/script-window.ts";
import type { Stretch } from "../sql/stretch.ts";
import { type Directives, noDirectives, parseMarker } from "./directives.ts";
import type { ReportProblem } from "./execution.ts";

/** Gathers what stands in a script beside its statements: directives, markers of its parts, commands for psql. */
export class MarkerReader {
  readonly psqlCommands: Stretch[] = [];
  directives: Directives = noDirectives;
  /** Where the part to run ends. */
  end = Number.POSITIVE_INFINITY;
  readonly #window: ScriptWindow;
  readonly #problem: ReportProblem;
  #inHeader = true;
  #up = false;

  constructor(window: ScriptWindow, problem: ReportProblem) {
    this.#window = window;
    this.#problem = problem;
  }

  readonly leaveHeader = (): void => {
    this.#inHeader = false;
  };

  readonly read = (comment: Token): "stop" | undefined => {
    if (comment.kind !== "line-comment") return undefined;
    const start = this.#window.start + comment.start;
    const marker = parseMarker(this.#source(comment));
    if (marker.kind === "malformed") this.#problem(start, marker.message);
    if (marker.kind === "up") {
      if (this.#up || !this.#inHeader)
        this.#problem(start, "a marker for the up part must stand once, before the first statement");
      this.#up = true;
    }
    if (marker.kind === "directive" && !this.#inHeader) {
      this.#problem(start, "this directive must stand before the first statement");
    }
    if ("apply" in marker && marker.apply) this.directives = marker.apply(this.directives);
    if (marker.kind !== "down") return undefined;
    if (this.#inHeader && !this.#up) this.#problem(start, "there is no up part before this marker");
    this.end = start;
    return "stop";
  };

  /** pg_dump guards its output against injected psql commands by \restrict; without psql there is nothing to guard. */
  readonly readPsqlCommand = (command: Token): void => {
    const { start } = this.#window;
    const name = /^\\\S*/.exec(this.#source(command))?.[0] ?? "\\";
    if (/^\\(un)?restrict\b/.test(name)) {
      this.psqlCommands.push({ start: start + command.start, end: start + command.end });
    } else {
      this.#problem(start + command.start, `psql's command ${name} cannot run here: only SQL can`);
    }
  };

  #source({ start, end }: Token): string {
    return this.#window.text.slice(start, end);
  }
}
