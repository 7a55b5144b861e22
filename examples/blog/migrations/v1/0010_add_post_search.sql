alter table posts
add column search tsvector not null generated always as (
  setweight(to_tsvector('english', title), 'A') || setweight(to_tsvector('english', body), 'B')
) stored;

create index posts_search_idx on posts using gin (search);
