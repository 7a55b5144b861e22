create table comments (
  id bigint generated always as identity primary key,
  post_id bigint not null references posts (id) on delete cascade,
  author_name text not null check (author_name <> ''),
  body text not null check (char_length(body) between 1 and 10000),
  approved boolean not null default false,
  created_at timestamptz not null default now()
);

create index comments_post_id_created_at_idx on comments (post_id, created_at) where approved;
