import type { ContenuCertificat } from '../../src/domain/cabinet/certificats';
import type { Note } from '../../src/domain/cabinet/consultations';
import type { Contenus } from '../../src/domain/cabinet/elements';
import type { LigneOrdonnance } from '../../src/domain/cabinet/ordonnances';
import type { Random } from '../lib/random';

/** Who comes to an invented practice, what is found, and what is written of it, as plain data. */

/** What becomes of an appointment once its hour is over; nobody has said it of one that is `a_qualifier`. */
type Suite = 'honore' | 'absent' | 'a_qualifier';

export interface VisiteDecor {
  /** Which of the patients. */
  patient: number;
  /** Of the days on which one receives: -1 the last one, 0 today, 1 the next one. */
  jour: number;
  /** Which of the slots of that day. */
  rang: number;
  motif: string;
  suite: Suite;
  /** What the doctor writes of it, once it is honoured. */
  consultation: ConsultationDecor;
}

interface ConsultationDecor {
  note: Note;
  constantes: Contenus['constante'][];
  diagnostic: Contenus['diagnostic'];
  /** Or left as a draft. */
  signee: boolean;
  ordonnance: LigneOrdonnance | null;
  certificat: ContenuCertificat | null;
}

/** What a laboratory was asked for, and what came. */
export interface ExamensDecor {
  /** Of whom one is waited for, in so many days. */
  attendu: { patient: number; libelle: string; jours: number };
  /** Of whom one came that is critical, and that nobody has seen. */
  critique: { patient: number; libelle: string; texte: string };
  /** What came of somebody whom nobody knows. */
  aPersonne: { nom: string; prenoms: string; date_naissance: string; libelle: string; texte: string };
}

/** Whose slots they take, and whether they are grown up. */
interface Venant {
  medecin: number;
  cin: string | null;
}

const MOTIFS = [
  ['Maux de tête', 'Céphalées de tension', 'G44.2', 'Paracétamol, revoir dans un mois'],
  ['Toux depuis trois jours', 'Bronchite aiguë', 'J20.9', 'Hydratation, revoir si fièvre'],
  ['Mal de dos', 'Lombalgie', 'M54.5', 'Bouger, éviter de porter'],
  ['Contrôle', 'Examen de routine', 'Z00.0', 'Revoir dans six mois'],
  ['Fièvre', 'Syndrome grippal', null, 'Repos, revoir si elle dure'],
] as const;

/** Of a day, by its place among those on which one receives: which slots are taken, and what becomes of them. */
const JOURNEES: Readonly<Record<number, readonly (readonly [rang: number, suite: Suite])[]>> = {
  [-1]: [
    [0, 'honore'],
    [2, 'honore'],
    [4, 'absent'],
    [6, 'a_qualifier'],
    [8, 'honore'],
  ],
  0: [
    [1, 'honore'],
    [3, 'honore'],
    [7, 'honore'],
    [12, 'honore'],
  ],
  1: [
    [0, 'honore'],
    [5, 'honore'],
    [9, 'honore'],
  ],
  2: [
    [2, 'honore'],
    [6, 'honore'],
  ],
};

/** The visits of a practice, of every doctor who has patients. */
export function drawVisites(random: Random, patients: readonly Venant[]): VisiteDecor[] {
  const visites: VisiteDecor[] = [];
  for (const medecin of new Set(patients.map((one) => one.medecin))) {
    const theirs = [...patients.keys()].filter((index) => patients[index]!.medecin === medecin);
    let next = 0;
    for (const jour of [-1, 0, 1, 2]) {
      for (const [rang, suite] of JOURNEES[jour]!) {
        const patient = theirs[next++ % theirs.length]!;
        const adulte = patients[patient]!.cin !== null;
        const [motif, texte, code, conduite] = random.pick(MOTIFS);
        const said = { motif, texte, code, conduite, adulte, rang };
        visites.push({ patient, jour, rang, motif, suite, consultation: ecrire(random, said) });
      }
    }
  }
  return visites;
}

interface Vu {
  motif: string;
  texte: string;
  code: string | null;
  conduite: string;
  adulte: boolean;
  rang: number;
}

function ecrire(random: Random, { motif, texte, code, conduite, adulte, rang }: Vu): ConsultationDecor {
  const fois = random.int(36, 39);
  return {
    note: {
      motif,
      interrogatoire: 'Depuis quelques jours, sans autre plainte',
      examen: 'Bon état général, auscultation libre',
      conclusion: texte,
      conduite,
    },
    constantes: [
      { type: 'temperature', valeur: fois, diastolique: null, unite: 'Cel', precision: null },
      ...(adulte ? [tension(random)] : []),
    ],
    diagnostic: { texte, code, date_debut: null, certitude: 'confirme' },
    signee: rang !== 8,
    ordonnance: adulte && rang === 0 ? PARACETAMOL : null,
    certificat: rang === 2 ? PRESENCE : null,
  };
}

function tension(random: Random): Contenus['constante'] {
  const measured = { valeur: random.int(108, 152), diastolique: random.int(62, 92) };
  return { type: 'tension_arterielle', ...measured, unite: 'mm[Hg]', precision: null };
}

const PARACETAMOL: LigneOrdonnance = {
  ...{
    dci: 'paracétamol',
    specialite: null,
    dosage: '1 g',
    posologie: 'Un comprimé, trois fois par jour au plus',
  },
  ...{ mode: 'Voie orale', duree_jours: 5, boites: null, renouvellements: 0, non_substituable: false },
};

const PRESENCE: ContenuCertificat = {
  ...{ type: 'presence', texte: 'S’est présenté(e) à ma consultation ce jour.', texte_ar: null },
  ...{ date_debut: null, date_fin: null, diagnostic: null, accord_diagnostic: false, remis_a: 'patient' },
};

export const EXAMENS: ExamensDecor = {
  attendu: { patient: 0, libelle: 'Glycémie à jeun', jours: 3 },
  critique: { patient: 1, libelle: 'Kaliémie', texte: 'Potassium : 6,4 mmol/L' },
  aPersonne: {
    ...{ nom: 'El Amrani', prenoms: 'Ghita', date_naissance: '02/11/79' },
    ...{ libelle: 'Hémoglobine glyquée', texte: 'HbA1c : 6,1 %' },
  },
};
