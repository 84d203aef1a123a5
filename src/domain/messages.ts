import {
  type ContenuAvis,
  type ContenuLien,
  compteText,
  MODELES_LIEN,
  TITRES_COMPTES,
} from './identite/textes';
import {
  type ContenuIntervention,
  interventionText,
  MODELES_INTERVENTION,
  TITRES_INTERVENTION,
} from './interventions/textes';
import type { Langue, MessageText } from './writing';

/**
 * What people are told, in their language: the one source of the notification shown in the application and of the
 * mail. A message is its model and the facts it tells, of one of two families: interventions and accounts.
 */

export type Contenu = ContenuIntervention | ContenuLien | ContenuAvis;
export type Modele = Contenu['modele'];

export type Canal = 'notification' | 'email';

/** The title, the sentence and the severity of a message. */
export function messageText(contenu: Contenu, langue: Langue): MessageText {
  return isAboutIntervention(contenu) ? interventionText(contenu, langue) : compteText(contenu, langue);
}

/** A link is for whoever reads the mailbox, never for whoever looks at an open session. */
export function canauxOf(contenu: Contenu): readonly Canal[] {
  return isLien(contenu) ? ['email'] : ['notification', 'email'];
}

export function isAboutIntervention(contenu: Contenu): contenu is ContenuIntervention {
  return (MODELES_INTERVENTION as readonly Modele[]).includes(contenu.modele);
}

export function isLien(contenu: Contenu): contenu is ContenuLien {
  return (MODELES_LIEN as readonly Modele[]).includes(contenu.modele);
}

/** What the system says of a message in its metadata, by which a frontend leads to what it is about. */
const METADATA_RESERVEES: readonly string[] = ['modele', 'intervention_id', 'priorite', 'etape', 'niveau'];

/** Whether the metadata of a message that a person sends may not bear this name. */
export function isReservedMetadata(key: string): boolean {
  return METADATA_RESERVEES.includes(lettersOf(key));
}

/** Whether a title reads like one of the system's, however it is written. */
export function isSystemTitle(titre: string): boolean {
  return TITRES.has(readingOf(titre));
}

const TITRES = new Set([...TITRES_COMPTES, ...TITRES_INTERVENTION].map(readingOf));

/** Without case, accents, spaces and signs. */
function readingOf(text: string): string {
  return lettersOf(text).replace(/[^\p{L}\p{N}]/gu, '');
}

function lettersOf(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().trim();
}
