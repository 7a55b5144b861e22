import { UsageError } from "@migration-gate/cli-runtime/expected-error";

/** Flags by name as they were given; an absent one is `undefined`. */
export type Flags = Readonly<Record<string, string | readonly string[] | undefined>>;
export type Environment = Readonly<Record<string, string | undefined>>;

/** Looks settings up by their flag's name, and collects what is wrong with them. */
export interface SettingsReader {
  readonly problems: string[];
  isFlag(name: string): boolean;
  list(name: string): readonly string[];
  optional(name: string): string | undefined;
  /** A missing value is a problem, and reads as an empty text. */
  required(name: string): string;
  parsed(name: string, otherwise: string, parse: (text: string, name: string) => number): number;
  /**
   * Passes the settings on if there was no problem.
   *
   * @throws UsageError that names every problem at once.
   */
  checked<T>(settings: T): T;
}

/** Flag, else environment (`--log-level` is `WAITER_LOG_LEVEL`). */
export function settingsReader(flags: Flags, env: Environment): SettingsReader {
  const problems: string[] = [];
  const list = (name: string): readonly string[] => {
    const flag = flags[name];
    if (flag !== undefined) return typeof flag === "string" ? [flag] : flag;
    const variable = env[`WAITER_${name.replaceAll("-", "_").toUpperCase()}`];
    return variable ? [variable] : [];
  };
  const optional = (name: string): string | undefined => {
    const [first, ...more] = list(name);
    if (more.length > 0) problems.push(`--${name} is given more than once`);
    return first;
  };
  return {
    problems,
    isFlag: (name) => flags[name] !== undefined,
    list,
    optional,
    required(name) {
      const value = optional(name);
      if (!value) problems.push(`--${name} is missing`);
      return value ?? "";
    },
    parsed(name, otherwise, parse) {
      try {
        return parse(optional(name) ?? otherwise, `--${name}`);
      } catch (error) {
        if (!(error instanceof UsageError)) throw error;
        problems.push(error.message);
        return 0;
      }
    },
    checked(settings) {
      if (problems.length > 0) throw new UsageError(problems.join("; "));
      return settings;
    },
  };
}
