-- The application's role reads and writes rows of everything that the owner creates from here on. It gets no right to
-- create, change or drop anything: schema changes come through migrations only.
grant usage on schema public to blog_app;

alter default privileges in schema public grant select, insert, update, delete on tables to blog_app;
alter default privileges in schema public grant usage, select on sequences to blog_app;
