/** When a mail server's word against a recipient is against the address itself, so that no further mail can arrive there. */

/** What a mail server said of a recipient. */
export interface RefusDestinataire {
  /** Its reply code, such as 550 (RFC 5321); null where only a status is known. */
  code: number | null;
  /** Its enhanced status, such as `5.1.1` (RFC 3463); null where it gave none. */
  etat: string | null;
  /** In its own words. */
  texte: string;
}

/** No such mailbox or domain, written wrongly, moved without a trace, closed; and a host that is found nowhere. */
const OF_THE_ADDRESS = new Set(['5.1.0', '5.1.1', '5.1.2', '5.1.3', '5.1.6', '5.1.10', '5.2.1', '5.4.4']);
/** No such mailbox, not of here any more, a name that is not allowed (RFC 5321, 4.2.2). */
const CODES = new Set([550, 551, 553]);
/** Said of whoever sends. Servers without enhanced statuses use 550 for both. */
const OF_THE_SENDER =
  /relay|spam|block|black.?list|polic|reputation|authenti|authori[sz]|banned|denied|\bspf\b|\bdkim\b|\bdmarc\b/i;

/**
 * Whether a refusal is against the address. A refusal of what is sent, or of who sends, is not: one mistake in our own DNS
 * would silence everybody. Neither is a full mailbox, which is emptied some day.
 */
export function isAddressRefused({ code, etat, texte }: RefusDestinataire): boolean {
  if (etat !== null) return OF_THE_ADDRESS.has(etat);
  return code !== null && CODES.has(code) && !OF_THE_SENDER.test(texte);
}

/** What a server answered, `550 5.1.1 <k@exemple.ma>: no such user`, by its parts. */
export function refusOf(answer: string): RefusDestinataire {
  const [, code, etat] = /^\s*(?:smtp;\s*)?(\d{3})?[ -]*(\d\.\d{1,3}\.\d{1,3})?\b/i.exec(answer) ?? [];
  return { code: code === undefined ? null : Number(code), etat: etat ?? null, texte: reasonOf(answer) };
}

const MAX_REASON = 300;

/** As much of it as people are shown: on one line, since it is a stranger's text. */
function reasonOf(answer: string): string {
  return answer
    .replace(/^\s*[\w-]+;/, '')
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .slice(0, MAX_REASON);
}
