/** What a reader sees: the body without its tags, entities decoded, white space as one blank. */
export function visibleText(html: string): string {
  return html
    .slice(html.indexOf('>', html.indexOf('role="article"')) + 1)
    .replace(/<!--[\s\S]*?-->/g, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/&#x([0-9a-f]+);/gi, (_, code) => String.fromCodePoint(Number.parseInt(code, 16)))
    .replace(/&nbsp;/g, ' ')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&amp;/g, '&')
    .replace(/\s+/g, ' ');
}

/** Each tag of the document with the names of its attributes. */
export function elements(html: string): string[] {
  return [...html.matchAll(/<(\/?[a-z][a-z0-9:]*)((?:\s+[a-z:-]+(?:="[^"]*")?)*)\s*\/?>/gi)].map(
    ([, tag, attributes]) => `${tag} ${[...attributes!.matchAll(/([a-z:-]+)="/gi)].map(([, name]) => name)}`,
  );
}
