create or replace view published_posts as
select
  posts.id,
  posts.slug,
  posts.title,
  posts.body,
  posts.published_at,
  authors.name as author,
  categories.name as category
from posts
join authors on authors.id = posts.author_id
left join categories on categories.id = posts.category_id
where posts.status = 'published';
