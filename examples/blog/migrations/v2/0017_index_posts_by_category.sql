-- In a file of its own, because it cannot run inside a transaction.
create index concurrently posts_category_id_idx on posts (category_id, published_at desc) where status = 'published';
