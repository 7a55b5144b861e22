-- Nullable first: instant, whatever the table holds.
alter table posts
add column reading_minutes integer;

alter table posts
alter column reading_minutes set default 1;
