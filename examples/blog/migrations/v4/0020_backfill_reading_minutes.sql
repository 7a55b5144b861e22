-- 200 words a minute, rounded up.
update posts
set reading_minutes = ceil(cardinality(regexp_split_to_array(trim(body), '\s+')) / 200.0)
where reading_minutes is null;
