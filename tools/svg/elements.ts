/** Puts elements together to one self-contained SVG document on a white ground, readable in light and dark pages. */
export function document(
  { title, width, height }: { readonly title: string; readonly width: number; readonly height: number },
  elements: readonly string[],
): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" ${font}>`,
    `<title>${escapeXml(title)}</title>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...elements,
    `</svg>`,
  ].join("\n");
}

const font = `font-family="system-ui, sans-serif" font-size="11"`;

/** `attributes` are written as they are, `content` is escaped. */
export function text(x: number, y: number, content: string, attributes = ""): string {
  return `<text x="${x}" y="${y}" ${attributes}>${escapeXml(content)}</text>`;
}

export function escapeXml(content: string): string {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
