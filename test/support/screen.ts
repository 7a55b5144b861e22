/** What a terminal shows of what was written to it: it knows line feeds, carriage returns and "erase to the end". */
export function startScreen() {
  const lines = [""];
  const write = (text: string) => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: this is a terminal
    for (const part of text.split(/(\r?\n|\r\u001b\[K)/)) {
      if (part.endsWith("\n")) lines.push("");
      else if (part.startsWith("\r")) lines[lines.length - 1] = "";
      else lines[lines.length - 1] += part;
    }
  };
  return { write, lines };
}
