create table tags (
  id bigint generated always as identity primary key,
  slug text not null unique,
  name text not null
);

create table post_tags (
  post_id bigint not null references posts (id) on delete cascade,
  tag_id bigint not null references tags (id),
  -- The first tag is the one that says most about the post.
  position smallint not null check (position > 0),
  primary key (post_id, tag_id),
  unique (post_id, position)
);

create index post_tags_tag_id_idx on post_tags (tag_id);
