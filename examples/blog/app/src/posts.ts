import type { Database } from "./database.ts";

export interface PostSummary {
  readonly slug: string;
  readonly title: string;
  readonly author: string;
  readonly published_at: Date;
  /** Absent where the application does not show categories, null for a post without one. */
  readonly category?: string | null;
}

export interface Post extends PostSummary {
  readonly body: string;
}

export interface Posts {
  readonly newest: (limit: number) => Promise<PostSummary[]>;
  readonly bySlug: (slug: string) => Promise<Post | undefined>;
}

/** Reads posts. Columns are always named one by one, so that a newer schema with more of them changes nothing here. */
export function postsIn(database: Pick<Database, "query">, categories: boolean): Posts {
  const summary = `slug, title, author, published_at${categories ? ", category" : ""}`;
  return {
    newest: (limit) =>
      database.query<PostSummary>(
        `select ${summary} from published_posts order by published_at desc, id desc limit $1`,
        [limit],
      ),
    bySlug: async (slug) => {
      const [post] = await database.query<Post>(`select ${summary}, body from published_posts where slug = $1`, [slug]);
      return post;
    },
  };
}
