alter table posts validate constraint posts_category_id_fkey;
