-- The old blog's archive: 200,000 posts, one every 20 minutes back from the end of 2025.
insert into posts (author_id, slug, title, body, status, published_at, created_at, updated_at)
select
  (select min(id) from authors) + n % 4,
  slugify(subject.title) || '-' || n,
  subject.title || ' #' || n,
  format('%s, note %s: it was a %s week.', subject.title, n, (array['quiet', 'busy', 'strange', 'good', 'long'])[1 + n % 5]),
  case when n % 50 = 0 then 'archived' else 'published' end,
  moment,
  moment,
  moment
from generate_series(1, 200000) as n
cross join lateral (
  select
    (array[
      'Query plans', 'Covering indexes', 'Rolling updates', 'Useful alerts', 'Narrow types', 'Slow tests', 'First days',
      'Writing things down'
    ])[1 + n % 8] as title,
    timestamptz '2025-12-31 23:40+00' - n * interval '20 minutes' as moment
) as subject;

insert into post_tags (post_id, tag_id, position)
select posts.id, tags.id, 1
from posts
join (
  values
  ('Query plans', 'postgresql'),
  ('Covering indexes', 'indexes'),
  ('Rolling updates', 'kubernetes'),
  ('Useful alerts', 'observability'),
  ('Narrow types', 'typescript'),
  ('Slow tests', 'testing'),
  ('First days', 'hiring'),
  ('Writing things down', 'remote-work')
) as subject (title, tag_slug) on subject.title = split_part(posts.title, ' #', 1)
join tags on tags.slug = subject.tag_slug
where posts.title like '% #%';

insert into comments (post_id, author_name, body, approved, created_at)
select id, 'A reader', 'Still true today.', id % 3 <> 0, published_at + interval '2 days'
from posts
where title like '% #%' and id % 10 = 0;
