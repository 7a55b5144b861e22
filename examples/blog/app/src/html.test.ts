import { expect, test } from "vitest";
import { html } from "./html.ts";

test("escapes text in content and in attributes", () => {
  const title = `<b>"O'Neil" & co</b>`;
  expect(html`<a title="${title}">${title}</a>`.text).toBe(
    '<a title="&#60;b&#62;&#34;O&#39;Neil&#34; &#38; co&#60;/b&#62;">&#60;b&#62;&#34;O&#39;Neil&#34; &#38; co&#60;/b&#62;</a>',
  );
});

test("puts markup into markup as it is", () => {
  expect(html`<ul>${[html`<li>${"<"}</li>`, html`<li>2</li>`]}</ul>`.text).toBe("<ul><li>&#60;</li>\n<li>2</li></ul>");
});
