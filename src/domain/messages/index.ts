import { type ContenuAvis, type ContenuLien, compteText, MODELES_LIEN } from './comptes';
import { type ContenuIntervention, interventionText, MODELES_INTERVENTION } from './interventions';
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
