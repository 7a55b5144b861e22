create function touch_updated_at() returns trigger
language plpgsql
as $$
begin
  new.updated_at := now();
  return new;
end;
$$;

-- Readers see updated_at as "last edited": only a change of what they read counts, not housekeeping in other columns.
create trigger posts_touch_updated_at
before update of title, body, status on posts
for each row
execute function touch_updated_at();
