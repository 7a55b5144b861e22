-- Nullable and without a default: instant, and the version that runs now knows nothing of it. NOT VALID checks new rows
-- only; the old ones are checked in a later migration, which does not lock the table against writes.
alter table posts
add column category_id bigint,
add constraint posts_category_id_fkey foreign key (category_id) references categories (id) not valid;
