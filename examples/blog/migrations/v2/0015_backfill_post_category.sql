-- A post's category follows from its first tag. This rewrites about 200,000 rows; readers are not held up by it.
update posts
set category_id = categories.id
from post_tags
join tags on tags.id = post_tags.tag_id
join (
  values
  ('postgresql', 'databases'),
  ('indexes', 'databases'),
  ('kubernetes', 'operations'),
  ('observability', 'operations'),
  ('typescript', 'engineering'),
  ('testing', 'engineering'),
  ('hiring', 'culture'),
  ('remote-work', 'culture')
) as filing (tag_slug, category_slug) on filing.tag_slug = tags.slug
join categories on categories.slug = filing.category_slug
where post_tags.post_id = posts.id and post_tags.position = 1;
