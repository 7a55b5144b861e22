import fc from "fast-check";
import { application, type ChartSource, type Dependency } from "./helm-charts.ts";

/** A chart that holds the gate, at any depth, by any name. */
export type ChartPlan = ApplicationPlan | UmbrellaPlan;

interface ApplicationPlan {
  readonly kind: "application";
  /** The alias of each gate; `migration-gate` is the name without an alias. */
  readonly gates: readonly string[];
}

interface UmbrellaPlan {
  readonly kind: "umbrella";
  readonly children: readonly ChildPlan[];
}

interface ChildPlan {
  readonly plan: ChartPlan;
  /** Under each alias once, or once by its own name. */
  readonly aliases: readonly string[];
}

// Short ones are likelier to meet, and not every alias is a DNS label.
const name = fc.oneof(
  fc.constantFrom("a", "a-b", "ordersDb", "orders_db"),
  fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9_-]{0,29}$/),
);
const gates = fc.uniqueArray(fc.oneof(name, fc.constant("migration-gate")), { minLength: 1, maxLength: 2 });

/** An application with up to two gates, or an umbrella over up to two charts of either kind, each under up to two aliases. */
export function anyChart(depth = 2): fc.Arbitrary<ChartPlan> {
  const anyApplication = fc.record({ kind: fc.constant("application" as const), gates });
  if (depth === 0) return anyApplication;
  const child = fc.record({ plan: anyChart(depth - 1), aliases: fc.uniqueArray(name, { maxLength: 2 }) });
  const children = fc.array(child, { minLength: 1, maxLength: 2 });
  return fc.oneof(anyApplication, fc.record({ kind: fc.constant("umbrella" as const), children }));
}

/** Any name that Helm accepts for a release. */
export const anyRelease = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,51}[a-z0-9])?$/);

/** How many gates a release of the chart has. */
export function countGates(plan: ChartPlan): number {
  if (plan.kind === "application") return plan.gates.length;
  return plan.children.reduce((sum, child) => sum + countGates(child.plan) * Math.max(child.aliases.length, 1), 0);
}

/** Whether a chart stands under two aliases, with dependencies that have an alias, which Helm 3 does not tell apart. */
export function isConfusedByHelm3(plan: ChartPlan): boolean {
  if (plan.kind === "application") return false;
  return plan.children.some(
    (child) => isConfusedByHelm3(child.plan) || (child.aliases.length > 1 && hasAliases(child.plan)),
  );
}

function hasAliases(plan: ChartPlan): boolean {
  if (plan.kind === "application") return plan.gates.some((gate) => gate !== "migration-gate");
  return plan.children.some((child) => child.aliases.length > 0 || hasAliases(child.plan));
}

/** The chart of a plan. Names within one chart differ by the place of the child. */
export function chartOf(plan: ChartPlan, chartName = "root"): ChartSource {
  if (plan.kind === "application") return application(chartName, plan.gates);
  const dependencies = plan.children.flatMap(({ plan: child, aliases }, index): Dependency[] => {
    const chart = chartOf(child, `chart-${index}`);
    if (aliases.length === 0) return [{ chart }];
    return aliases.map((alias) => ({ chart, alias: `${alias}${index}` }));
  });
  return { name: chartName, dependencies };
}
