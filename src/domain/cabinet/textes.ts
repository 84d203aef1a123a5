import { clipLine } from '../lines';
import type { TexteCourt } from '../messages/sms';
import { quandText } from '../rendez-vous/textes';
import { isolated, type Langue, type MessageText } from '../writing';

/**
 * What practices have people told. To patients, that they come, or may come sooner: when, where, and to whom by name; never
 * what for, nor what the doctor is a doctor of. To the desk, in the evening, how many of the day nobody has settled: a number, and nobody's name.
 */

export const MODELES_RAPPEL_PATIENT = ['cabinet_rappel', 'cabinet_offre'] as const;
export const MODELES_DESK = ['cabinet_a_qualifier'] as const;

/** What a reminder says beside when; known where it leaves, and kept nowhere. */
export interface LieuDuRappel {
  adresse: string | null;
  telephone: string | null;
  praticien: string;
  fuseau_horaire: string;
}

export interface ContenuRappelPatient {
  modele: (typeof MODELES_RAPPEL_PATIENT)[number];
  donnees: {
    rendez_vous_id: number;
    debut: string;
    /** Of what is offered to somebody who waits: until when it is kept for them. */
    expire_le?: string | undefined;
    /** Null in the outbox. */
    lieu: LieuDuRappel | null;
  };
}

export interface ContenuDesk {
  modele: (typeof MODELES_DESK)[number];
  donnees: { cabinet_id: number; jour: string; nombre: number };
}

interface Textes {
  rappel: string;
  avec: (quand: string, praticien: string) => string;
  sansLieu: (quand: string) => string;
  a: (adresse: string) => string;
  empeche: (telephone: string) => string;
  offre: string;
  libre: (quand: string, praticien: string | null) => string;
  garde: (limite: string) => string;
  repondre: (telephone: string | null) => string;
  desk: (nombre: number) => string;
  aQualifier: (jour: string) => string;
}

const TEXTES: Record<Langue, Textes> = {
  fr: {
    rappel: 'Rappel de rendez-vous',
    avec: (quand, praticien) => `Vous avez rendez-vous : ${quand}, avec ${praticien}.`,
    sansLieu: (quand) => `Vous avez rendez-vous : ${quand}.`,
    a: (adresse) => `Adresse : ${adresse}.`,
    empeche: (telephone) => `Un empêchement ? Appelez le ${telephone}.`,
    offre: 'Un rendez-vous vous est proposé',
    libre: (quand, praticien) =>
      `Un horaire s’est libéré : ${quand}${praticien === null ? '' : `, avec ${praticien}`}.`,
    garde: (limite) => `Il vous est gardé jusqu’à ${limite}.`,
    repondre: (telephone) =>
      `Répondez depuis votre compte${telephone === null ? '' : `, ou appelez le ${telephone}`}.`,
    desk: (nombre) => (nombre === 1 ? '1 rendez-vous à qualifier' : `${nombre} rendez-vous à qualifier`),
    aQualifier: (jour) => `Le ${jour}, personne n’a encore dit ce qu’ils sont devenus.`,
  },
  en: {
    rappel: 'Appointment reminder',
    avec: (quand, praticien) => `You have an appointment: ${quand}, with ${praticien}.`,
    sansLieu: (quand) => `You have an appointment: ${quand}.`,
    a: (adresse) => `Address: ${adresse}.`,
    empeche: (telephone) => `Unable to come? Call ${telephone}.`,
    offre: 'An appointment is offered to you',
    libre: (quand, praticien) =>
      `A time has become free: ${quand}${praticien === null ? '' : `, with ${praticien}`}.`,
    garde: (limite) => `It is kept for you until ${limite}.`,
    repondre: (telephone) => `Answer from your account${telephone === null ? '' : `, or call ${telephone}`}.`,
    desk: (nombre) => (nombre === 1 ? '1 appointment to settle' : `${nombre} appointments to settle`),
    aQualifier: (jour) => `On ${jour}, nobody has said yet what became of them.`,
  },
  ar: {
    rappel: 'تذكير بموعد',
    avec: (quand, praticien) => `لديكم موعد: ${quand}، مع ${isolated(praticien, 'ar')}.`,
    sansLieu: (quand) => `لديكم موعد: ${quand}.`,
    a: (adresse) => `العنوان: ${isolated(adresse, 'ar')}.`,
    empeche: (telephone) => `تعذّر عليكم الحضور؟ اتصلوا بالرقم ${isolated(telephone, 'ar')}.`,
    offre: 'موعد مقترح عليكم',
    libre: (quand, praticien) =>
      `أصبح موعد متاحًا: ${quand}${praticien === null ? '' : `، مع ${isolated(praticien, 'ar')}`}.`,
    garde: (limite) => `وهو محجوز لكم إلى غاية ${limite}.`,
    repondre: (telephone) =>
      `أجيبوا من حسابكم${telephone === null ? '' : `، أو اتصلوا بالرقم ${isolated(telephone, 'ar')}`}.`,
    desk: (nombre) => `مواعيد في انتظار التحديد: ${nombre}`,
    aQualifier: (jour) => `يوم ${isolated(jour, 'ar')}، لم يُحدَّد بعد ما آلت إليه.`,
  },
};

export const TITRES_CABINET: readonly string[] = Object.values(TEXTES).flatMap(({ rappel, offre }) => [
  rappel,
  offre,
]);

/** As much of an address as stands in a sentence. */
const ADRESSE = { caracteres: 200 };

function quandOf(instant: string, lieu: LieuDuRappel | null, langue: Langue): string {
  const zone = lieu?.fuseau_horaire ?? 'UTC';
  return quandText(instant, { fuseau_horaire: zone, fuseau_lieu: zone }, langue);
}

export function rappelPatientText(contenu: ContenuRappelPatient, langue: Langue): MessageText {
  return contenu.modele === 'cabinet_offre' ? offreText(contenu, langue) : rappelText(contenu, langue);
}

function offreText(
  { donnees: { debut, expire_le = debut, lieu } }: ContenuRappelPatient,
  langue: Langue,
): MessageText {
  const { offre, libre, garde, a, repondre } = TEXTES[langue];
  const adresse = lieu?.adresse ?? null;
  const parts = [
    libre(quandOf(debut, lieu, langue), lieu?.praticien ?? null),
    garde(quandOf(expire_le, lieu, langue)),
    ...(adresse === null ? [] : [a(clipLine(adresse, ADRESSE))]),
    repondre(lieu?.telephone ?? null),
  ];
  return { titre: offre, message: parts.join(' '), type: 'info' };
}

function rappelText({ donnees: { debut, lieu } }: ContenuRappelPatient, langue: Langue): MessageText {
  const { rappel, avec, sansLieu, a, empeche } = TEXTES[langue];
  const quand = quandOf(debut, lieu, langue);
  const parts =
    lieu === null
      ? [sansLieu(quand)]
      : [
          avec(quand, lieu.praticien),
          ...(lieu.adresse === null ? [] : [a(clipLine(lieu.adresse, ADRESSE))]),
          ...(lieu.telephone === null ? [] : [empeche(lieu.telephone)]),
        ];
  return { titre: rappel, message: parts.join(' '), type: 'info' };
}

export function rappelPatientSms(
  { modele, donnees: { debut, expire_le = debut, lieu } }: ContenuRappelPatient,
  langue: Langue,
): TexteCourt {
  const { rappel, offre, garde } = TEXTES[langue];
  const isOffre = modele === 'cabinet_offre';
  return {
    debut: `${isOffre ? offre : rappel} : ${quandOf(debut, lieu, langue)}`,
    nom:
      lieu === null
        ? ''
        : `, ${[lieu.praticien, lieu.adresse && clipLine(lieu.adresse, ADRESSE)].filter(Boolean).join(', ')}`,
    fin: isOffre ? `. ${garde(quandOf(expire_le, lieu, langue))}` : '',
  };
}

export function deskText({ donnees: { nombre, jour } }: ContenuDesk, langue: Langue): MessageText {
  const { desk, aQualifier } = TEXTES[langue];
  return { titre: desk(nombre), message: aQualifier(jour), type: 'warning' };
}
