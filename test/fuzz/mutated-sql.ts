import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";

/** Statements with all that makes it hard to see where they end. */
const statements = [
  "create function f(a int) returns int begin atomic select case when a > 0 then 1 end; select 2; end;",
  "create or replace procedure p() begin atomic delete from a; insert into b select end from c; end;",
  "create rule r as on insert to t do also (delete from a; delete from b);",
  "do $do$ begin raise notice '; %', $$a'b$$; end $do$;",
  "insert into t values (E'it\\'s;', 'it''s;', U&'d\\0061t;a', B'01', x'1F', N'n;', $$;$$, $é$ ' $$ ; $é$);",
  "select 'a'\n  -- goes on\n  'b;' , 1_000.5e-3, .5, 0x1F, a[1:2], $1::text, b @- c, d->>'e' /* ; /* ' */ */;",
  "set standard_conforming_strings = off; select 'a\\'; b'; reset standard_conforming_strings;",
  "copy t (a, b) from stdin with (format csv);\n1;'\t$$\n\\N\n\\.\n",
  'create index concurrently if not exists i on only public."T;" (a); vacuum (analyze) t;',
  "alter role r password 'secret;' valid until 'infinity'; create user mapping for r server s options (password 'p');",
  "begin; savepoint s; rollback to s; commit; begin isolation level serializable read only; end;",
  "-- gate: no-transaction\n-- gate: lock-timeout=5s\nset transaction read write;\n",
  "-- +goose Up\n-- +goose StatementBegin\nselect 1;\n-- +goose StatementEnd\n-- +goose Down\ndrop table a;\n",
  "-- migrate:up transaction:false\nselect 1;\n-- migrate:down\nselect 2;\n---- create above / drop below ----\n",
  "\\restrict x\nset search_path = '';\n\\unrestrict x\n",
];

const blog = new URL("../../examples/blog/migrations/", import.meta.url).pathname;
const corpus = [
  ...statements,
  ...readdirSync(blog, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".sql"))
    .sort()
    .map((path) => readFileSync(join(blog, path), "utf8")),
];

/** What means something to a scanner of SQL, whole or in part. */
export const fragments = [
  ..."'\"$;()-/*\\.\n\r\t\v\f :=+<>@!#%^&|`?~[]{},a1_é表😀\u0000\u2028\ufeff",
  ..."''|E'|e'\\'|U&'|u&\"|B'|x'|N'|$$|$a$|$é$|$1|--|/*|*/|\\.\n|\n\\.\r\n|;\n|1e+5|0x|::|:=|..|\r\n".split("|"),
  ..."select |begin |case |end |end;|atomic |create function f() |copy a from stdin;\n|commit;|\\restrict x\n".split(
    "|",
  ),
  "set standard_conforming_strings = off;",
  "-- gate: ",
  "-- +goose Down\n",
  "password ",
];

const mutation = fc.record({
  at: fc.nat(),
  removed: fc.oneof(fc.constant(0), fc.nat({ max: 3 }), fc.nat({ max: 400 })),
  inserted: fc.oneof(
    fc.constantFrom(...fragments).map((text) => Buffer.from(text)),
    fc.uint8Array({ maxLength: 3 }).map((bytes) => Buffer.from(bytes)),
  ),
});

/** A script of PostgreSQL in which bytes were taken out and put in, wherever that leads. */
export const mutatedBytes = fc
  .tuple(fc.array(fc.constantFrom(...corpus), { minLength: 1, maxLength: 3 }), fc.array(mutation, { maxLength: 8 }))
  .map(([scripts, mutations]) =>
    mutations.reduce(
      (bytes, { at, removed, inserted }) => {
        const start = at % (bytes.length + 1);
        return Buffer.concat([bytes.subarray(0, start), inserted, bytes.subarray(start + removed)]);
      },
      Buffer.from(scripts.join("\n")),
    ),
  );

/** … as text: bytes that are no UTF-8 have become U+FFFD. */
export const mutatedSql = mutatedBytes.map((bytes) => bytes.toString("utf8"));

/** A short text of fragments alone: nearly all of its characters matter. */
export const fragmentedSql = fc.array(fc.constantFrom(...fragments), { maxLength: 14 }).map((parts) => parts.join(""));
