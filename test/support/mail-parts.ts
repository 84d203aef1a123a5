/** What mails consist of, as they came. */

export interface Part {
  type: string;
  disposition: string;
  body: string;
}

/** The parts of a mail, decoded. */
export function partsOf(content: string): Part[] {
  const [head = '', ...rest] = content.split(/\r?\n\r?\n/);
  const header = (name: string) =>
    new RegExp(`^${name}:\\s*((?:.|\\r?\\n[ \\t])*)`, 'im').exec(head)?.[1]?.replace(/\s+/g, ' ').trim() ??
    '';
  const body = rest.join('\r\n\r\n');
  const [, boundary] = /boundary="?([^";]+)"?/i.exec(header('Content-Type')) ?? [];
  if (boundary !== undefined) {
    return body
      .split(`--${boundary}`)
      .slice(1, -1)
      .flatMap((part) => partsOf(part.replace(/^\r?\n/, '')));
  }
  const encoding = header('Content-Transfer-Encoding');
  const decoded =
    encoding === 'base64'
      ? Buffer.from(body, 'base64').toString()
      : encoding === 'quoted-printable'
        ? Buffer.from(
            body
              .replace(/=\r?\n/g, '')
              .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
            'latin1',
          ).toString()
        : body;
  return [{ type: header('Content-Type'), disposition: header('Content-Disposition'), body: decoded }];
}

/** A calendar object, or the head of a mail, with each of its lines in one. */
export const unfolded = (calendar: string) => calendar.replace(/\r\n[ \t]/g, '');

/** What a property of a calendar object says; of several of one name the first. */
export const valueIn = (calendar: string, name: string) =>
  new RegExp(`^${name}(?:;[^:]*)?:(.*)$`, 'm').exec(unfolded(calendar).replaceAll('\r', ''))?.[1];
