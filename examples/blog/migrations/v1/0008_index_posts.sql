-- The front page: newest first.
create index posts_newest_idx on posts (published_at desc, id desc) where status = 'published';

create index posts_author_id_idx on posts (author_id);
