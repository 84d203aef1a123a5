import { type Groupe, groupTitle, othersText } from '../../domain/groupes';
import { MAIL } from '../../domain/limites';
import { clipLine } from '../../domain/lines';
import { messageText } from '../../domain/messages';
import type { Langue } from '../../domain/writing';
import { lines, type MailView, type RenderOptions } from './view';

/** Lines of a group that a mail shows; the application has them all. */
const SHOWN = 50;

/**
 * Several events as one mail: what they are together, and each in a line. What leads from it is what leads from the last,
 * or for a whole day the list.
 * @param single what the last of them would be alone.
 */
export function groupView(
  groupe: Groupe,
  langue: Langue,
  single: MailView,
  { publicUrl }: RenderOptions,
): MailView {
  const titre = groupTitle(groupe, langue);
  const texts = groupe.contenus.map((contenu) => messageText(contenu, langue));
  const others = texts.length - SHOWN;
  const isOfOne = groupe.genre === 'sujet';
  const message = isOfOne ? single.message : titre;
  return {
    ...single,
    sujet: isOfOne ? single.sujet : clipLine(titre, MAIL.ligne),
    titre,
    message,
    message_lignes: lines(message),
    badges: isOfOne ? single.badges : [],
    details: [
      ...texts.slice(0, SHOWN).map((text) => ({ label: text.titre, lignes: lines(text.message) })),
      ...(others > 0 ? [{ label: othersText(others, langue), lignes: [] }] : []),
    ],
    liens: [],
    pieces: null,
    autres_pieces: null,
    action: isOfOne
      ? single.action
      : { url: `${publicUrl}/notifications`, texte: OPEN[langue], invitation: null },
    note: null,
  };
}

const OPEN: Record<Langue, string> = {
  fr: 'Voir les notifications',
  en: 'See the notifications',
  ar: 'عرض الإشعارات',
};
