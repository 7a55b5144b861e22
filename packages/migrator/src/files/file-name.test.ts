import fc from "fast-check";
import { expect, test } from "vitest";
import { compareVersions, formatVersion, matchFileName, parseVersion } from "./file-name.ts";

test.each([
  ["0001_init.sql", "0001_init", "1"],
  ["20200101120000_add_x.sql", "20200101120000_add_x", "20200101120000"],
  ["000007_x.up.sql", "000007_x", "7"],
  ["2017-09-23-182408_x/up.sql", "2017-09-23-182408_x", "20170923182408"],
  ["V1.2_3__x y.sql", "V1.2_3__x y", "1.2.3"],
  ["20200101_init/migration.sql", "20200101_init", "20200101_init"],
])("%s is the migration %s of version %s", (path, key, version) => {
  const match = matchFileName(path);
  expect(match).toMatchObject({ kind: "migration", key });
  if (match.kind === "migration") expect(formatVersion(match.version)).toBe(version);
});

test.each(["1_x.down.sql", "2020_x/down.sql", "README.md", "migration_lock.toml", "atlas.sum"])(
  "%s is skipped",
  (path) => {
    expect(matchFileName(path)).toEqual({ kind: "skipped" });
  },
);

test.each(["R__views.sql", "U1.2__undo.sql", "B3__base.sql"])("%s is refused as unsupported", (path) => {
  expect(matchFileName(path)).toMatchObject({ kind: "refused", reason: expect.stringContaining("not supported") });
});

test.each(["1_a\nb.sql", "1_a\u009b.sql", "V1__a\u202eb.sql", "1_\u0000x/up.sql"])(
  "a name with control characters is refused: %j",
  (path) => {
    expect(matchFileName(path)).toMatchObject({ kind: "refused", reason: expect.stringContaining("rename it") });
  },
);

test.each(["setup.sql", "001.sql", "sub/001_x.sql", "2020_x/other.sql", "1_X.SQL", "V1_x.sql"])(
  "%s fits no layout",
  (path) => {
    expect(matchFileName(path)).toMatchObject({ kind: "refused", reason: expect.stringContaining("no known layout") });
  },
);

test.each([
  ["9", "10"],
  ["1.2", "1.10"],
  ["1", "1.1"],
  ["99999999999999999998", "99999999999999999999"],
  ["20200101_a", "20200101_b"],
])("%s comes before %s", (first, second) => {
  expect(compareVersions(parseVersion(first), parseVersion(second))).toBeLessThan(0);
  expect(compareVersions(parseVersion(second), parseVersion(first))).toBeGreaterThan(0);
});

test("numbers come before names, which no folder may mix", () => {
  expect(compareVersions(parseVersion("9"), parseVersion("1_a"))).toBe(-1);
  expect(compareVersions(parseVersion("1_a"), parseVersion("9"))).toBe(1);
});

test("1.0 and 1 are the same version", () => {
  expect(compareVersions(parseVersion("1.0"), parseVersion("1"))).toBe(0);
});

test("a version is read back as it was stored", () => {
  const parts = fc.array(fc.bigInt({ min: 0n }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(parts, (numbers) => {
      const version = { kind: "number", parts: numbers } as const;
      expect(parseVersion(formatVersion(version))).toEqual(version);
    }),
  );
});
