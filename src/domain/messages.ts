import {
  type ContenuDesk,
  type ContenuRappelPatient,
  deskText,
  MODELES_DESK,
  MODELES_RAPPEL_PATIENT,
  rappelPatientSms,
  rappelPatientText,
  TITRES_CABINET,
} from './cabinet/textes';
import {
  accesText,
  brisText,
  type ContenuAcces,
  type ContenuBris,
  MODELES_ACCES,
  MODELES_BRIS,
  TITRES_ACCES,
  TITRES_BRIS,
} from './cabinet/textes-acces';
import {
  type ContenuConsultation,
  consultationText,
  MODELES_CONSULTATION,
  TITRES_CONSULTATION,
} from './cabinet/textes-consultations';
import { type ContenuExamen, examenText, MODELES_EXAMEN, TITRES_EXAMEN } from './cabinet/textes-examens';
import {
  type ContenuDocuments,
  documentsText,
  MODELES_DOCUMENTS,
  TITRES_DOCUMENTS,
} from './documents/textes';
import { type ContenuWebhook, MODELES_WEBHOOK, TITRES_WEBHOOK, webhookText } from './echanges/textes';
import {
  adresseText,
  type ContenuAdresse,
  type ContenuAvis,
  type ContenuLien,
  compteText,
  MODELES_ADRESSE,
  MODELES_AVIS,
  MODELES_LIEN,
  TITRES_COMPTES,
} from './identite/textes';
import { compteSms } from './identite/textes-sms';
import {
  type ContenuIntervention,
  interventionText,
  MODELES_INTERVENTION,
  TITRES_INTERVENTION,
} from './interventions/textes';
import { interventionSms } from './interventions/textes-sms';
import type { TexteCourt } from './messages/sms';
import { type ContenuLibre, libreText, MODELES_LIBRES } from './messages/textes';
import { type ContenuContrat, contratText, MODELES_CONTRAT, TITRES_CONTRAT } from './parc/textes';
import {
  agendaSms,
  agendaText,
  type ContenuAgenda,
  type ContenuParticipant,
  type ContenuSoir,
  MODELES_AGENDA,
  MODELES_PARTICIPANT,
  MODELES_SOIR,
  participantSms,
  participantText,
  soirText,
  TITRES_AGENDA,
  TITRES_PARTICIPANT,
  TITRES_SOIR,
} from './rendez-vous/textes';
import {
  attenteSms,
  attenteText,
  type ContenuAttente,
  MODELES_ATTENTE,
  TITRES_ATTENTE,
} from './rendez-vous/textes-attente';
import {
  agendaSerieSms,
  agendaSerieText,
  type ContenuAgendaSerie,
  type ContenuSerie,
  MODELES_AGENDA_SERIE,
  MODELES_SERIE,
  serieSms,
  serieText,
  TITRES_AGENDA_SERIE,
  TITRES_SERIE,
} from './rendez-vous/textes-series';
import { type ContenuStock, MODELES_STOCK, stockText, TITRES_STOCK } from './stock/textes';
import { stockSms } from './stock/textes-sms';
import type { Langue, MessageText } from './writing';

/**
 * What people are told, in their language: the one source of the notification shown in the application and of the
 * mail. A message is its model and the facts it tells, of one family, by what it is about.
 */

/** The families, by their names; what each of them says stands in {@link FAMILLES}, how its mail looks in `mail/render.ts`. */
export interface Familles {
  intervention: ContenuIntervention;
  lien: ContenuLien;
  avis: ContenuAvis;
  adresse: ContenuAdresse;
  stock: ContenuStock;
  contrat: ContenuContrat;
  documents: ContenuDocuments;
  webhook: ContenuWebhook;
  /** Of records of patients, by numbers alone. */
  bris: ContenuBris;
  acces: ContenuAcces;
  /** Of drafts of doctors, by their numbers alone. */
  consultation: ContenuConsultation;
  /** Of examens, by their numbers alone. */
  examen: ContenuExamen;
  /** To those who come to an appointment, and to those who receive them. */
  participant: ContenuParticipant;
  agenda: ContenuAgenda;
  soir: ContenuSoir;
  /** Of several appointments at once. */
  serie: ContenuSerie;
  agenda_serie: ContenuAgendaSerie;
  /** To those who wait for one. */
  attente: ContenuAttente;
  /** To patients of a practice, and to those at its desk. */
  rappel_patient: ContenuRappelPatient;
  desk: ContenuDesk;
  /** What people write to one another. */
  libre: ContenuLibre;
}
export type Famille = keyof Familles;
export type Contenu = Familles[Famille];
export type Modele = Contenu['modele'];
/** What is told to people without an account, who have no rules. */
export type ContenuSansCompte = ContenuParticipant | ContenuSerie | ContenuAttente;
/** What practices tell, which no rule of the house decides on. */
export type ContenuCabinet = ContenuRappelPatient | ContenuDesk;
/** What is told by the rules of `regles.ts`, to people with an account. */
export type ContenuRegle = Exclude<Contenu, ContenuSansCompte | ContenuCabinet>;

interface Parole<C extends Contenu> {
  modeles: readonly C['modele'][];
  text(contenu: C, langue: Langue): MessageText;
  /** What a text message says, before it is made to fit. One that none was written for says its title and its sentence. */
  sms?(contenu: C, langue: Langue): TexteCourt;
  /** Titles that nobody else may write. */
  titres: readonly string[];
  /** The field of its facts that leads to what it is about, and what that is called in its subject, if it has one. */
  ressource?: { champ: keyof C['donnees'] & string; nom?: string };
}

const FAMILLES: { readonly [Name in Famille]: Parole<Familles[Name]> } = {
  intervention: {
    modeles: MODELES_INTERVENTION,
    text: interventionText,
    sms: interventionSms,
    titres: TITRES_INTERVENTION,
    ressource: { champ: 'intervention_id', nom: 'intervention' },
  },
  lien: {
    modeles: MODELES_LIEN,
    text: compteText,
    // For the mailbox alone.
    sms: (contenu, langue) => ({ debut: compteText(contenu, langue).titre, nom: '', fin: '' }),
    titres: TITRES_COMPTES,
  },
  avis: { modeles: MODELES_AVIS, text: compteText, sms: compteSms, titres: TITRES_COMPTES },
  adresse: {
    modeles: MODELES_ADRESSE,
    text: adresseText,
    titres: TITRES_COMPTES,
    ressource: { champ: 'user_id' },
  },
  stock: {
    modeles: MODELES_STOCK,
    text: stockText,
    sms: stockSms,
    titres: TITRES_STOCK,
    ressource: { champ: 'piece_id', nom: 'piece' },
  },
  contrat: {
    modeles: MODELES_CONTRAT,
    text: contratText,
    titres: TITRES_CONTRAT,
    ressource: { champ: 'contrat_id', nom: 'contrat' },
  },
  documents: { modeles: MODELES_DOCUMENTS, text: documentsText, titres: TITRES_DOCUMENTS },
  webhook: {
    modeles: MODELES_WEBHOOK,
    text: webhookText,
    titres: TITRES_WEBHOOK,
    ressource: { champ: 'webhook_id', nom: 'webhook' },
  },
  bris: {
    modeles: MODELES_BRIS,
    text: brisText,
    titres: TITRES_BRIS,
    ressource: { champ: 'bris_de_glace_id', nom: 'bris_de_glace' },
  },
  acces: { modeles: MODELES_ACCES, text: accesText, titres: TITRES_ACCES },
  consultation: {
    modeles: MODELES_CONSULTATION,
    text: consultationText,
    titres: TITRES_CONSULTATION,
    ressource: { champ: 'consultation_id', nom: 'consultation' },
  },
  examen: {
    modeles: MODELES_EXAMEN,
    text: examenText,
    titres: TITRES_EXAMEN,
    ressource: { champ: 'examen_id', nom: 'examen' },
  },
  participant: {
    modeles: MODELES_PARTICIPANT,
    text: participantText,
    sms: participantSms,
    titres: TITRES_PARTICIPANT,
    ressource: { champ: 'rendez_vous_id', nom: 'rendez_vous' },
  },
  agenda: {
    modeles: MODELES_AGENDA,
    text: agendaText,
    sms: agendaSms,
    titres: TITRES_AGENDA,
    ressource: { champ: 'rendez_vous_id', nom: 'rendez_vous' },
  },
  soir: { modeles: MODELES_SOIR, text: soirText, titres: TITRES_SOIR },
  serie: {
    modeles: MODELES_SERIE,
    text: serieText,
    sms: serieSms,
    titres: TITRES_SERIE,
    ressource: { champ: 'serie_id', nom: 'serie' },
  },
  agenda_serie: {
    modeles: MODELES_AGENDA_SERIE,
    text: agendaSerieText,
    sms: agendaSerieSms,
    titres: TITRES_AGENDA_SERIE,
    ressource: { champ: 'serie_id', nom: 'serie' },
  },
  attente: {
    modeles: MODELES_ATTENTE,
    text: attenteText,
    sms: attenteSms,
    titres: TITRES_ATTENTE,
    ressource: { champ: 'liste_attente_id', nom: 'liste_attente' },
  },
  rappel_patient: {
    modeles: MODELES_RAPPEL_PATIENT,
    text: rappelPatientText,
    sms: rappelPatientSms,
    titres: TITRES_CABINET,
    ressource: { champ: 'rendez_vous_id', nom: 'rendez_vous' },
  },
  desk: {
    modeles: MODELES_DESK,
    text: deskText,
    titres: [],
    ressource: { champ: 'cabinet_id', nom: 'cabinet' },
  },
  libre: { modeles: MODELES_LIBRES, text: libreText, titres: [] },
};

const BY_MODELE = new Map(
  (Object.keys(FAMILLES) as Famille[]).flatMap((famille) =>
    FAMILLES[famille].modeles.map((modele): [Modele, Famille] => [modele, famille]),
  ),
);

export function familleOf({ modele }: Pick<Contenu, 'modele'>): Famille {
  return BY_MODELE.get(modele)!;
}

export function isOf<Name extends Famille>(contenu: Contenu, famille: Name): contenu is Familles[Name] {
  return familleOf(contenu) === famille;
}

/** What is said of a message's family: its functions take whatever is of it. */
function paroleOf(contenu: Contenu): Parole<Contenu> {
  return FAMILLES[familleOf(contenu)] as unknown as Parole<Contenu>;
}

/** The title, the sentence and the severity of a message. */
export function messageText(contenu: Contenu, langue: Langue): MessageText {
  return paroleOf(contenu).text(contenu, langue);
}

/** What a text message says of it, before it is made to fit. */
export function messageSms(contenu: Contenu, langue: Langue): TexteCourt {
  const { sms } = paroleOf(contenu);
  if (sms !== undefined) return sms(contenu, langue);
  const { titre, message } = messageText(contenu, langue);
  return { debut: titre, nom: ` : ${message}`, fin: '' };
}

/** What a message is about, `intervention:12`; empty for what is about the person alone. */
export function sujetOf(contenu: Contenu): string {
  const { ressource } = paroleOf(contenu);
  return ressource?.nom === undefined ? '' : `${ressource.nom}:${contenu.donnees[ressource.champ]}`;
}

/** The field by which a frontend leads to what a message is about, with its value; none for what is about the person alone. */
export function referenceOf(contenu: Contenu): Record<string, unknown> {
  const { ressource } = paroleOf(contenu);
  return ressource === undefined ? {} : { [ressource.champ]: contenu.donnees[ressource.champ] };
}

/** What the system says of a message in its metadata: {@link referenceOf}, and what it adds of interventions. */
const METADATA_RESERVEES: readonly string[] = [
  'modele',
  ...Object.values(FAMILLES).flatMap(({ ressource }) => ressource?.champ ?? []),
  'priorite',
  'etape',
  'niveau',
];

/** Whether the metadata of a message that a person sends may not bear this name. */
export function isReservedMetadata(key: string): boolean {
  return METADATA_RESERVEES.includes(lettersOf(key));
}

/** Whether a title reads like one of the system's, however it is written. */
export function isSystemTitle(titre: string): boolean {
  return TITRES.has(readingOf(titre));
}

const TITRES = new Set(Object.values(FAMILLES).flatMap(({ titres }) => titres.map(readingOf)));

/** Without case, accents, spaces and signs. */
function readingOf(text: string): string {
  return lettersOf(text).replace(/[^\p{L}\p{N}]/gu, '');
}

function lettersOf(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().trim();
}
