alter table posts
add constraint posts_reading_minutes_are_known check (reading_minutes is not null and reading_minutes > 0) not valid;
