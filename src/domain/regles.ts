import type { Contenu, ContenuRegle } from './messages';
import { CANAUX, type Canal, RANGS, type Relation, type Urgence } from './messages/canaux';

/**
 * Which event tells whom, by which ways and how urgently: the whole table. What an administrator changes of it overrides
 * a line; nothing is sent to anybody that does not go through here.
 */

export interface Regle {
  /** `domain.verbe`: the name by which rules and preferences know it. */
  evenement: string;
  /** Who is told. */
  destinataires: readonly Relation[];
  /** Who could be told too, and is where an administrator says so. */
  possibles: readonly Relation[];
  canaux: readonly Canal[];
  urgence: Urgence;
  /** About an account: it is sent whatever anybody prefers, also to whoever did it, before all else. */
  obligatoire: boolean;
}

/** What of a rule an administrator may say otherwise. */
export type RegleChangeable = Pick<Regle, 'destinataires' | 'canaux' | 'urgence'>;

const QUIET: readonly Canal[] = ['application', 'email', 'push'];
const LOUD: readonly Canal[] = CANAUX;

const TEAM = ['technicien', 'equipier'] as const;
const CUSTOMERS = ['client', 'createur'] as const;
const HOUSE = ['responsable', 'admin'] as const;
/** Whoever has to do with an intervention. */
const EVERYBODY = [...TEAM, ...CUSTOMERS, ...HOUSE] as const;

/** Those who receive, and who may stand in for them. */
const AGENDA = ['intervenant', ...HOUSE] as const;

export const REGLES: Readonly<Record<ContenuRegle['modele'], Regle>> = {
  //                       event                             tells                                        by      also possible
  assignee: regle('intervention.assignee', TEAM, QUIET),
  replanifiee: regle('intervention.replanifiee', [...TEAM, ...CUSTOMERS], QUIET),
  retiree: regle('intervention.retiree', ['ancien'], QUIET),
  technicien_parti: regle('intervention.technicien_parti', HOUSE, QUIET),
  equipier_parti: regle('intervention.equipier_parti', HOUSE, QUIET),
  conflit_planning: regle('intervention.conflit_planning', HOUSE, QUIET),
  demarree: regle('intervention.demarree', CUSTOMERS, QUIET, EVERYBODY),
  attente_pieces: regle('intervention.attente_pieces', [...CUSTOMERS, 'responsable'], QUIET, EVERYBODY),
  pieces_recues: regle('intervention.pieces_recues', ['technicien', ...CUSTOMERS], QUIET, EVERYBODY),
  pieces_reprises: regle('intervention.pieces_reprises', ['technicien', ...HOUSE], QUIET),
  relance_pieces: regle('intervention.relance_pieces', ['technicien', ...HOUSE], QUIET),
  terminee: regle('intervention.terminee', CUSTOMERS, QUIET, EVERYBODY),
  rouverte: regle('intervention.rouverte', [...TEAM, ...CUSTOMERS], QUIET, EVERYBODY),
  annulee: regle('intervention.annulee', [...TEAM, ...CUSTOMERS], QUIET, EVERYBODY),
  // Of these the level of service names who; the rule says who of them is.
  escalade: regle('intervention.escaladee', ['technicien', 'client', ...HOUSE], LOUD),
  echeance_proche: regle('intervention.echeance_proche', ['technicien', 'client', ...HOUSE], QUIET),
  sans_candidat: critical('intervention.sans_candidat', HOUSE, LOUD),
  rapport_abandonne: regle('intervention.rapport_abandonne', ['admin'], QUIET),
  stock_bas: regle('piece.stock_bas', HOUSE, QUIET),
  contrat_fin: regle('contrat.fin_proche', HOUSE, QUIET),
  contrat_visites: regle('contrat.visites_epuisees', HOUSE, QUIET),
  documents_alteres: regle('document.altere', ['admin'], QUIET),
  // To those who run the practice, by their ids: who they are stands with what is medical.
  bris_a_revoir: regle('dossier.bris_a_revoir', [], QUIET),
  bilan_acces: regle('dossier.bilan_acces', [], QUIET),
  // That their record was opened in an emergency nobody is kept from knowing.
  dossier_ouvert: account('dossier.ouvert'),
  // To who wrote it, or who runs the practice, by their ids: who they are stands with what is medical.
  consultation_a_signer: regle('consultation.a_signer', [], QUIET),
  // To doctors and who runs the practice, by their ids: who they are stands with what is medical.
  examen_en_retard: regle('examen.en_retard', [], QUIET),
  examen_a_voir: regle('examen.a_voir', [], QUIET),
  examen_critique_a_voir: critical('examen.critique_a_voir', [], LOUD),
  webhook_desactive: regle('webhook.desactive', ['admin'], QUIET),
  email_invalide: regle('compte.email_invalide', ['admin'], QUIET),
  agenda_demande: regle('agenda.demande', ['intervenant', 'responsable'], QUIET, AGENDA),
  agenda_nouveau: regle('agenda.nouveau', ['intervenant'], QUIET, AGENDA),
  agenda_reporte: regle('agenda.reporte', ['intervenant'], QUIET, AGENDA),
  agenda_annule: regle('agenda.annule', ['intervenant'], QUIET, AGENDA),
  agenda_serie: regle('agenda.serie', ['intervenant'], QUIET, AGENDA),
  agenda_serie_demande: regle('agenda.serie_demandee', ['intervenant', 'responsable'], QUIET, AGENDA),
  agenda_serie_annulee: regle('agenda.serie_annulee', ['intervenant'], QUIET, AGENDA),
  agenda_libere: regle('agenda.libere', ['ancien'], QUIET),
  agenda_a_clore: regle('agenda.a_clore', ['intervenant', 'responsable'], QUIET, AGENDA),
  // To whoever its author names, by what they choose.
  message: regle('message.envoye', [], LOUD),
  reinitialisation: account('compte.reinitialisation', ['email']),
  invitation: account('compte.invitation', ['email']),
  mot_de_passe_change: account('compte.mot_de_passe_change'),
  adresse_changee: account('compte.adresse_changee'),
  session_compromise: account('compte.session_compromise'),
  second_facteur_active: account('compte.second_facteur_active'),
  second_facteur_retire: account('compte.second_facteur_retire'),
  codes_secours_renouveles: account('compte.codes_secours_renouveles'),
  cle_api_creee: account('compte.cle_api_creee'),
};

function regle(
  evenement: string,
  destinataires: readonly Relation[],
  canaux: readonly Canal[],
  possibles: readonly Relation[] = destinataires,
): Regle {
  return { evenement, destinataires, possibles, canaux, urgence: 'normale', obligatoire: false };
}

function critical(...given: Parameters<typeof regle>): Regle {
  return { ...regle(...given), urgence: 'critique' };
}

/** A link is for whoever reads the mailbox, never for whoever looks at an open session. */
function account(evenement: string, canaux: readonly Canal[] = ['application', 'email']): Regle {
  return { ...regle(evenement, ['titulaire'], canaux), obligatoire: true };
}

/** Whether its reader may switch it off: the event of its rule is one that is not about an account. */
export function isRefusable({ regle }: { regle: string | null }): boolean {
  return regle !== null && regleOf(regle)?.obligatoire === false;
}

/** By the name of its event; null when there is none. */
export function regleOf(evenement: string): Regle | null {
  return BY_EVENT.get(evenement) ?? null;
}

const BY_EVENT = new Map(Object.values(REGLES).map((one) => [one.evenement, one]));

/** Names of events, in the order of the table. */
export const EVENEMENTS: readonly string[] = [...BY_EVENT.keys()];

/** Whether an event is of work that does not wait, whatever its rule says of its kind. */
export function isCritique({ donnees }: Contenu): boolean {
  return 'priorite' in donnees && (donnees.priorite === 'critique' || donnees.urgence);
}

/** The order in which it leaves, unless an administrator has said how urgent its kind is. */
export function rangOf(contenu: ContenuRegle): number {
  const { obligatoire, urgence } = REGLES[contenu.modele];
  if (obligatoire) return RANGS.compte;
  return urgence === 'critique' || isCritique(contenu) ? RANGS.critique : RANGS.normal;
}
