import { defineConfig } from "vitest/config";

const onDatabase = {
  testTimeout: 60_000,
  hookTimeout: 120_000,
  // Most of a test's time is spent waiting for a database, a lock or a time limit.
  maxWorkers: 4,
};

/** One cluster, one application at a time: files run one after the other. */
const onCluster = {
  globalSetup: "test/e2e/setup.ts",
  fileParallelism: false,
  // Most of a test's time is spent waiting for the cluster.
  maxConcurrency: 6,
  testTimeout: 300_000,
  hookTimeout: 1_800_000,
};

/** Each test has a namespace of its own, and spends most of its time waiting for the cluster. */
const sharing = { fileParallelism: true, maxWorkers: 3 };

/** With all that is waited for after it. */
const longerThanAnyOutage = 900_000;

const story = "test/e2e/story.test.ts";

/** What is the same on every server: `integration` runs it on one, so that the other majors take minutes and not more. */
const sameOnEveryMajor = [
  "baseline", // which tables are there, and ordinary changes of the history's rows
  "checksum", // what happens before a session begins
  "cli", // flags, files and output
  "connection", // what happens before a session begins
  "cut", // what the migrator makes of a lost connection
  "hostile", // what is done with text
  "interrupted", // who tells whom to stop
  "kill", // what a killed migrator leaves, the same since PostgreSQL 14
  "lost-node", // the operating system's timers
  "many-runners", // how runners wait for each other
  "queue", // how table locks queue
  "report", // the files between migrator and recorder
  "restart", // what the migrator makes of a lost connection
  "secrets", // where passwords come from
  "settle", // ordinary changes of the history's rows
  "silence", // what the migrator makes of a lost connection
  "terminal", // what a person sees
  "tls", // what happens before a session begins
  "waiting-pod", // what a person sees
].map((topic) => `test/integration/migrator-${topic}.test.ts`);

/** What decides without doing: judged by `npm test`, or by `vitest run --project unit --coverage`, which slows all tests. */
const pureModules = [
  "packages/migrator/src/sql/!(postgres-parser).ts",
  "packages/migrator/src/files/{compare-scripts,directives,execution,file-name,suspicious-statements}.ts",
  "packages/migrator/src/{history-conflicts,plan,wait-budget}.ts",
  "packages/migrator/src/apply/session-state.ts",
  "packages/migrator/src/connection/{connection-string,password-file}.ts",
  "packages/migrator/src/database/{failure-class,pooler}.ts",
];

export default defineConfig({
  test: {
    restoreMocks: true,
    // `npm run test:faults` takes turns, and other lengths where it is told to.
    provide: { faultsHelm: 4, faultsOutageSeconds: 120, loadMinutes: 20 },
    coverage: {
      include: pureModules,
      reporter: [["text", { skipFull: true }]],
      thresholds: { statements: 95, branches: 95, functions: 95, lines: 95 },
    },
    projects: [
      {
        test: {
          name: "unit",
          include: ["packages/**/*.test.ts", "examples/**/*.test.ts", "tools/**/*.test.ts", "test/bench/**/*.test.ts"],
        },
      },
      {
        // Whatever input: see test/fuzz/fuzz.ts.
        test: { name: "fuzz", include: ["test/fuzz/**/*.test.ts"] },
      },
      {
        test: {
          name: "integration",
          include: ["test/integration/**/*.test.ts"],
          provide: { postgresMajor: 18 },
          ...onDatabase,
        },
      },
      // The migrator on the other majors that are supported.
      ...([15, 16, 17] as const).map((postgresMajor) => ({
        test: {
          name: `postgres-${postgresMajor}`,
          include: ["test/integration/migrator-*.test.ts"],
          exclude: sameOnEveryMajor,
          provide: { postgresMajor },
          ...onDatabase,
        },
      })),
      {
        // First and alone: it loads the application with requests, none of which may fail.
        test: { name: "e2e-story", include: [story], ...onCluster, sequence: { groupOrder: 1 } },
      },
      {
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts", "test/faults/short/*.test.ts"],
          exclude: [story],
          ...onCluster,
          ...sharing,
          sequence: { groupOrder: 2 },
        },
      },
      // `npm run test:faults`, which also counts the runs: see docs/reliability.md.
      {
        test: {
          name: "faults",
          include: ["test/faults/**/*.test.ts"],
          exclude: ["test/faults/{disruptive,load}/**"],
          ...onCluster,
          ...sharing,
          testTimeout: longerThanAnyOutage,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: "disruptive",
          include: ["test/faults/disruptive/*.test.ts"],
          ...onCluster,
          testTimeout: longerThanAnyOutage,
          sequence: { groupOrder: 2 },
        },
      },
      // `npm run test:faults -- load`.
      { test: { name: "load", include: ["test/faults/load/*.test.ts"], ...onCluster } },
      {
        // Not a part of `npm test`: it builds Argo CD.
        test: {
          name: "argocd",
          include: ["test/argocd/**/*.test.ts"],
          globalSetup: "test/argocd/setup.ts",
          fileParallelism: false,
          testTimeout: 900_000,
          hookTimeout: 1_800_000,
        },
      },
    ],
  },
});
