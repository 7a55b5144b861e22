insert into authors (name, email) values
('Ada Marsh', 'ada@blog.example'),
('Ben Okoye', 'ben@blog.example'),
('Clara Voss', 'clara@blog.example'),
('Dinesh Rao', 'dinesh@blog.example');

insert into tags (slug, name) values
('postgresql', 'PostgreSQL'),
('indexes', 'Indexes'),
('kubernetes', 'Kubernetes'),
('observability', 'Observability'),
('typescript', 'TypeScript'),
('testing', 'Testing'),
('hiring', 'Hiring'),
('remote-work', 'Remote work');

insert into posts (author_id, slug, title, body, status, published_at)
select authors.id, slugify(post.title), post.title, post.body, post.status, post.published_at
from (
  values
  (
    'ada@blog.example',
    'Deploying on Fridays, calmly',
    E'We used to freeze releases from Thursday noon on. Then we made every schema change compatible with the version before it.\n\nSince then a rollback is a rollout like any other.',
    'published', timestamptz '2026-09-18 08:00+00'
  ),
  (
    'ben@blog.example',
    'What a lock queue does to your "instant" ALTER TABLE',
    E'An ALTER TABLE that needs a millisecond still waits for every transaction before it, and everything after it waits for the ALTER TABLE.\n\nSet lock_timeout, and try again.',
    'published', timestamptz '2026-09-11 08:00+00'
  ),
  (
    'clara@blog.example',
    'Readiness is a promise',
    E'A pod that says it is ready promises to answer the next request. Keep the promise small: one cheap query, with a time limit.',
    'published', timestamptz '2026-08-28 08:00+00'
  ),
  (
    'dinesh@blog.example',
    'Types at the border & tests inside',
    E'Parse what comes in, once, into types that cannot be wrong. Inside the border there is little left to check.',
    'published', timestamptz '2026-08-14 08:00+00'
  ),
  (
    'ada@blog.example',
    'How we interview now',
    E'We read a small piece of real code together. No puzzles, no whiteboard.',
    'published', timestamptz '2026-07-31 08:00+00'
  ),
  (
    'ben@blog.example',
    'Partial indexes, a love letter',
    E'Most tables have a hot corner. Index the corner.',
    'draft', null
  )
) as post (email, title, body, status, published_at)
join authors on lower(authors.email) = post.email;

insert into post_tags (post_id, tag_id, position)
select posts.id, tags.id, chosen.position
from (
  values
  ('deploying-on-fridays-calmly', 'kubernetes', 1),
  ('deploying-on-fridays-calmly', 'postgresql', 2),
  ('what-a-lock-queue-does-to-your-instant-alter-table', 'postgresql', 1),
  ('readiness-is-a-promise', 'kubernetes', 1),
  ('readiness-is-a-promise', 'observability', 2),
  ('types-at-the-border-tests-inside', 'typescript', 1),
  ('types-at-the-border-tests-inside', 'testing', 2),
  ('how-we-interview-now', 'hiring', 1)
) as chosen (post_slug, tag_slug, position)
join posts on posts.slug = chosen.post_slug
join tags on tags.slug = chosen.tag_slug;

insert into comments (post_id, author_name, body, approved)
select id, 'Eve', 'Friday at four, and it just worked. Thank you!', true
from posts
where slug = 'deploying-on-fridays-calmly';
