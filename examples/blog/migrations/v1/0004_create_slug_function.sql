-- "Zero downtime, 100 %" becomes "zero-downtime-100".
create function slugify(title text) returns text
language sql
immutable strict parallel safe
return trim(both '-' from regexp_replace(lower(title), '[^a-z0-9]+', '-', 'g'));

comment on function slugify (text) is 'The URL part of a title; not unique by itself';
