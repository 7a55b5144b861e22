import { type Html, html } from "./html.ts";
import type { Post, PostSummary } from "./posts.ts";

export function listPage(posts: readonly PostSummary[], podName: string): Html {
  return layout("Blog", podName, html`<h1>Blog</h1>\n<ol class="posts">${posts.map(summary)}</ol>`);
}

export function postPage(post: Post, podName: string): Html {
  const paragraphs = post.body.split(/\n{2,}/).map((paragraph) => html`<p>${paragraph}</p>`);
  return layout(
    post.title,
    podName,
    html`<p><a href="/">← all posts</a></p>\n<article><h1>${post.title}</h1>${byline(post)}${paragraphs}</article>`,
  );
}

export function messagePage(message: string, podName: string): Html {
  return layout(message, podName, html`<h1>${message}</h1>\n<p><a href="/">all posts</a></p>`);
}

function summary(post: PostSummary): Html {
  return html`<li><a href="/posts/${encodeURIComponent(post.slug)}">${post.title}</a>${byline(post)}</li>`;
}

function byline({ author, published_at, category }: PostSummary): Html {
  const date = published_at.toISOString().slice(0, 10);
  const label = category ? html` <span class="category">${category}</span>` : html``;
  return html`<p class="byline">${author}, <time datetime="${date}">${date}</time>${label}</p>`;
}

const style = html`
  body { max-width: 42rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.5 system-ui, sans-serif; color: #222; }
  a { color: #0b5cad; text-decoration: none; } a:hover { text-decoration: underline; }
  .posts { padding: 0; list-style: none; } .posts li { margin: 1.2rem 0; } .posts a { font-size: 1.15rem; }
  .byline { margin: 0.1rem 0; color: #666; font-size: 0.9rem; }
  .category { margin-left: 0.5rem; padding: 0.1rem 0.5rem; border-radius: 1rem; background: #e3eefa; color: #0b4a87; }
  footer { margin-top: 3rem; border-top: 1px solid #ddd; color: #888; font-size: 0.8rem; }`;

function layout(title: string, podName: string, content: Html): Html {
  return html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title><style>${style}
</style></head>
<body>
${content}
<footer>served by ${podName}</footer>
</body>
</html>
`;
}
