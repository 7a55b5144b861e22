create table categories (
  id bigint generated always as identity primary key,
  slug text not null unique,
  name text not null unique
);

-- The application shows categories; editors of the schema add them.
revoke insert, update, delete on categories from blog_app;

insert into categories (slug, name) values
('databases', 'Databases'),
('operations', 'Operations'),
('engineering', 'Engineering'),
('culture', 'Culture');
