/** Names a person recognises, most specific first: every browser calls itself several others too. */
const BROWSERS: [string, RegExp][] = [
  ['Edge', /\bEdgA?\//],
  ['Opera', /\bOPR\//],
  ['Samsung Internet', /\bSamsungBrowser\//],
  ['Firefox', /\b(Firefox|FxiOS)\//],
  ['Chrome', /\b(Chrome|CriOS)\//],
  ['Safari', /\bSafari\//],
];
const SYSTEMS: [string, RegExp][] = [
  ['Windows', /\bWindows\b/],
  ['Android', /\bAndroid\b/],
  ['iOS', /\b(iPhone|iPad)\b/],
  ['macOS', /\bMac OS X\b/],
  ['Linux', /\bLinux\b/],
];

/**
 * "Firefox, Windows" for a `User-Agent`; null for one that says nothing people would recognise. Its own words are never
 * shown: whoever signs in chooses them, and a mail of ours must not carry a stranger's text.
 */
export function describeAgent(agent: string | null): string | null {
  if (agent === null) return null;
  const names = [BROWSERS, SYSTEMS].flatMap((known) => known.find(([, mark]) => mark.test(agent))?.[0] ?? []);
  return names.length === 0 ? null : names.join(', ');
}
