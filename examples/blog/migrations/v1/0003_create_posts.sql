create table posts (
  id bigint generated always as identity primary key,
  author_id bigint not null references authors (id),
  slug text not null unique,
  title text not null check (char_length(title) between 1 and 200),
  body text not null,
  status text not null default 'draft',
  published_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint posts_slug_is_canonical check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
  constraint posts_status_is_known check (status in ('draft', 'published', 'archived')),
  constraint posts_published_have_a_date check (status <> 'published' or published_at is not null)
);
