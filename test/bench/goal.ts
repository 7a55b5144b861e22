import { markdownTable } from "../../tools/figures/markdown-table.ts";

/** Something that a program wants to be, held against one run of its benchmark. */
export interface Goal {
  readonly name: string;
  readonly reached: boolean;
  readonly found: string;
}

export function goalTable(goals: readonly Goal[]): string {
  return markdownTable(
    [{ title: "goal" }, { title: "" }, { title: "found" }],
    goals.map(({ name, reached, found }) => [name, reached ? "reached" : "**not reached**", found]),
  );
}
