/** Text that is markup already and must not be escaped again. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Value = string | Html | readonly Html[];

/** Template tag that escapes every value but `Html`. */
export function html(strings: TemplateStringsArray, ...values: readonly Value[]): Html {
  const parts = strings.map((string, index) => string + (index < values.length ? render(values[index] as Value) : ""));
  return new Html(parts.join(""));
}

function render(value: Value): string {
  if (value instanceof Html) return value.text;
  if (typeof value !== "string") return value.map(render).join("\n");
  return value.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
