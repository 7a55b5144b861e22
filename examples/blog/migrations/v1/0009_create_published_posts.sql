-- What the application shows. Later versions only add columns at its end, so that older ones keep working on it.
create view published_posts as
select
  posts.id,
  posts.slug,
  posts.title,
  posts.body,
  posts.published_at,
  authors.name as author
from posts
join authors on authors.id = posts.author_id
where posts.status = 'published';
