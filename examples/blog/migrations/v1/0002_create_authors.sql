create table authors (
  id bigint generated always as identity primary key,
  name text not null check (name <> ''),
  email text not null,
  created_at timestamptz not null default now(),
  constraint authors_email_looks_like_one check (email ~ '^[^@\s]+@[^@\s]+$')
);

create unique index authors_email_key on authors (lower(email));
