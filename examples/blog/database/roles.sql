-- The blog's database and its two roles, as a database administrator sets them up once. Passwords are set apart from this.

-- Owns the schema and runs the migrations.
create role blog_owner login;

-- Serves readers: reads and writes rows, and can neither create nor change tables. The migrations grant it what it needs.
create role blog_app login connection limit 80;

create database blog owner blog_owner;

revoke connect, temporary on database blog from public;

grant connect on database blog to blog_app;
