import { LANGUES } from '../../domain/writing';

/** The widths of a telephone and of a desk, in pixels. */
const WIDTHS = [320, 700];
export const THEMES = ['clair', 'sombre'] as const;
type Theme = (typeof THEMES)[number];

/** Every example in every language, in frames that are loaded when somebody comes to them. */
export function indexPage(names: readonly string[]): string {
  return `<!doctype html>
<html lang="fr">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Mails · Régie</title>
    <style>
      body { margin: 0; font: 15px/1.5 system-ui, sans-serif; background: #d7dee5; color: #1f2d3a; }
      nav { padding: 16px; background: #ffffff; columns: 16em; }
      nav a { display: block; }
      section { padding: 16px; }
      h2 { margin: 0 0 8px; position: sticky; left: 16px; }
      h2 a { font-size: 14px; font-weight: 400; margin-inline-start: 12px; }
      div { display: flex; gap: 12px; margin-bottom: 12px; }
      iframe { border: 0; flex: none; height: 900px; background: #ffffff; }
    </style>
  </head>
  <body>
    <nav>${names.map((name) => `<a href="#${name}">${name}</a>`).join('\n    ')}</nav>
    ${names.map(section).join('\n    ')}
  </body>
</html>
`;
}

function section(name: string): string {
  const texts = LANGUES.map(
    (langue) => `<a href="${address(name, { langue, forme: 'texte' })}">${langue}</a>`,
  );
  const rows = LANGUES.map((langue) => {
    const frames = THEMES.flatMap((theme) =>
      WIDTHS.map(
        (width) =>
          `<iframe sandbox loading="lazy" width="${width}" title="${name}, ${langue}, ${theme}, ${width}" ` +
          `src="${address(name, { langue, theme })}"></iframe>`,
      ),
    );
    return `<div>${frames.join('')}</div>`;
  });
  return `<section id="${name}"><h2>${name}${texts.join('')}</h2>${rows.join('\n')}</section>`;
}

function address(name: string, query: Record<string, string>): string {
  return `/dev/mails/${name}?${new URLSearchParams(query)}`.replaceAll('&', '&amp;');
}

/** The mail as it looks on screens of one scheme, whatever the screen it is looked at on. */
export function withTheme(html: string, theme: Theme): string {
  const [media, scheme] = theme === 'sombre' ? ['all', 'dark'] : ['not all', 'light'];
  return html
    .replaceAll('@media (prefers-color-scheme: dark)', `@media ${media}`)
    .replace('color-scheme: light dark;', `color-scheme: ${scheme};`);
}
