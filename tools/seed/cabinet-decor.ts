import type { Contenus, Nature } from '../../src/domain/cabinet/elements';
import type { Sexe } from '../../src/domain/cabinet/identites';
import type { Random } from '../lib/random';
import type { Personne } from './decor';
import { drawVisites, EXAMENS, type ExamensDecor, type VisiteDecor } from './visites-decor';
import { NOMS } from './vocabulary';

/**
 * A medical practice as plain data, drawn from a number: the same number always gives the same people and the same records.
 * Days are said from when it is filled in. No person of these names is meant.
 */
export interface DecorCabinet {
  nom: string;
  adresse: string;
  telephone: string;
  gerant: Personne;
  medecins: (Personne & { titre: string; specialite: string; inpe: string })[];
  secretaires: Personne[];
  patients: PatientDecor[];
  visites: VisiteDecor[];
  examens: ExamensDecor;
}

interface PatientDecor {
  /** Which of the doctors treats them. */
  medecin: number;
  nom_naissance: string;
  nom_usage: string | null;
  prenoms: string;
  sexe: Sexe;
  date_naissance: string;
  telephone: string | null;
  adresse: string | null;
  profession: string | null;
  /** Of the Moroccan identity card. */
  cin: string | null;
  /** Whether other doctors of the practice may read the record. */
  partage_cabinet: boolean;
  elements: ElementDecor[];
}

/** An entry of a record, and how many days ago it was entered or measured. */
export type ElementDecor = { [N in Nature]: { nature: N; contenu: Contenus[N]; jours: number } }[Nature];

/** Patients who are entered. */
const PATIENTS = 30;

const MEDECINS = [
  ['Nadia', 'Benkassou', 'Médecine générale'],
  ['Rachid', 'Tamsamani', 'Médecine générale'],
  ['Leïla', 'Ouchraa', 'Pédiatrie'],
] as const;

const FEMMES = ['Samira', 'Khadija', 'Amina', 'Zineb', 'Fadwa', 'Ilham', 'Meriem', 'Safaa', 'Hajar', 'Wafae'];
const HOMMES = ['Omar', 'Driss', 'Brahim', 'Lahcen', 'Nabil', 'Tarik', 'Yassir', 'Jalil', 'Ghali', 'Elyas'];
const RUES = [
  'rue des Orangers',
  'avenue Hassan II',
  'rue Ibn Sina',
  'boulevard Moulay Youssef',
  'rue Atlas',
];
const PROFESSIONS = [
  'Institutrice',
  'Mineur',
  'Commerçant',
  'Infirmière',
  'Chauffeur',
  'Comptable',
  'Retraité',
];

/** What is wrong with people, with a code of the CIM-10 where somebody looked for one. */
const DIAGNOSTICS = [
  ['Hypertension artérielle', 'I10'],
  ['Diabète de type 2', 'E11.9'],
  ['Asthme allergique', 'J45.0'],
  ['Lombalgie', 'M54.5'],
  ['Rhinite allergique', 'J30.4'],
  ['Cystite aiguë', 'N30.0'],
  ['Migraine sans aura', 'G43.0'],
  ['Fatigue depuis l’hiver, bilan demandé', null],
  ['Angine', 'J03.9'],
] as const;
const ALLERGIES = [
  ['Pénicilline', 'medicament', 'Urticaire', 'moderee'],
  ['Arachide', 'aliment', 'Œdème des lèvres', 'severe'],
  ['Acariens', 'environnement', 'Rhinite', 'legere'],
  ['Ibuprofène', 'medicament', 'Crise d’asthme', 'severe'],
] as const;
const ANTECEDENTS = [
  ['chirurgical', 'Appendicectomie', 'K35.8', null],
  ['medical', 'Hépatite A dans l’enfance', null, null],
  ['familial', 'Infarctus à 52 ans', 'I21.9', 'Père'],
  ['familial', 'Diabète de type 2', 'E11.9', 'Mère'],
  ['mode_de_vie', 'Dix cigarettes par jour depuis vingt ans', 'F17.2', null],
] as const;
const TRAITEMENTS = [
  ['Metformine 850 mg', 'A10BA02', 'Un comprimé matin et soir'],
  ['Amlodipine 5 mg', 'C08CA01', 'Un comprimé le matin'],
  ['Salbutamol 100 µg, inhalateur', 'R03AC02', 'Deux bouffées si gêne'],
  ['Lévothyroxine 75 µg', 'H03AA01', 'Un comprimé à jeun'],
] as const;

/** A practice of three doctors, and who comes there. */
export function drawCabinet(random: Random): DecorCabinet {
  const patients = Array.from({ length: PATIENTS }, (_, n) => patient(random, n));
  return {
    nom: 'Cabinet médical Ibn Zohr',
    adresse: '18 rue Ibn Zohr\n25000 Khouribga',
    telephone: '+212523490000',
    gerant: compte('gerant', 'Hajar', 'Zerhouli'),
    medecins: MEDECINS.map(([prenom, nom, specialite], index) => ({
      ...compte(`medecin-${index + 1}`, prenom, nom),
      ...{ titre: 'Dr', specialite, inpe: String(101_000_001 + index * 7) },
    })),
    secretaires: [compte('secretaire-1', 'Ilham', 'Mouaqiti'), compte('secretaire-2', 'Safaa', 'Guelmouni')],
    patients,
    visites: drawVisites(random, patients),
    examens: EXAMENS,
  };
}

function compte(account: string, prenom: string, nom: string): Personne {
  return { prenom, nom, email: `${account}@cabinet.example` };
}

function patient(random: Random, n: number): PatientDecor {
  const sexe = n % 2 === 0 ? 'F' : 'M';
  const nom_naissance = random.pick(NOMS);
  const born = random.int(1938, 2024);
  const month = String(random.int(1, 12)).padStart(2, '0');
  const day = String(random.int(1, 28)).padStart(2, '0');
  const adult = born < 2008;
  return {
    medecin: born > 2010 ? 2 : n % 2,
    nom_naissance,
    nom_usage: sexe === 'F' && adult && n % 3 === 0 ? random.pick(NOMS) : null,
    prenoms: random.pick(sexe === 'F' ? FEMMES : HOMMES),
    sexe,
    // Of some who are old no more is known.
    date_naissance: born < 1950 ? (n % 4 === 0 ? `${born}` : `${born}-${month}`) : `${born}-${month}-${day}`,
    telephone: n % 7 === 6 ? null : mobile(random),
    adresse: `${random.int(1, 90)} ${random.pick(RUES)}\n25000 Khouribga`,
    profession: adult ? random.pick(PROFESSIONS) : null,
    cin: adult ? `Q${random.int(100_000, 999_999)}` : null,
    partage_cabinet: n % 9 !== 4,
    elements: record(random, n, { born, adult }),
  };
}

function record(
  random: Random,
  n: number,
  { born, adult }: { born: number; adult: boolean },
): ElementDecor[] {
  const elements: ElementDecor[] = [];
  const add = <N extends Nature>(nature: N, jours: number, contenu: Contenus[N]) =>
    elements.push({ nature, contenu, jours } as ElementDecor);
  add('couverture', 400, {
    ...{
      organisme: n % 3 === 0 ? 'CNOPS' : 'CNSS',
      immatriculation: String(random.int(100_000_000, 999_999_999)),
    },
    ...{ qualite: adult ? 'assure' : 'ayant_droit', taux: 70, date_debut: null, date_fin: null },
  });
  if (!adult) {
    add('representant', 400, {
      ...{ qualite: 'parent', nom: random.pick(NOMS), prenoms: random.pick(FEMMES) },
      ...{
        telephone: mobile(random),
        email: null,
        adresse: null,
        precision: null,
      },
    });
  }
  add('consentement', 399, {
    ...{ objet: 'rappels_sms', decision: n % 5 === 0 ? 'refuse' : 'donne', recueil: 'oral' },
    ...{ par: adult ? null : 'Sa mère', precision: null },
  });
  if (n % 4 === 3) {
    const [substance, categorie, reaction, severite] = random.pick(ALLERGIES);
    const said = { substance, categorie, reaction, severite, certitude: 'confirmee' as const };
    add('allergie', 300, { aucune_connue: false, ...said, date_debut: null });
  } else if (n % 4 !== 2) {
    // Of the others nobody has asked yet.
    add('allergie', 300, {
      ...{ aucune_connue: true, substance: null, categorie: null, reaction: null, severite: null },
      ...{ certitude: null, date_debut: null },
    });
  }
  if (adult) {
    const [type, texte, code, lien] = random.pick(ANTECEDENTS);
    const date_debut = type === 'familial' ? null : String(born + 12);
    add('antecedent', 299, { type, texte, code, lien, date_debut, source_tiers: type === 'familial' });
  }
  const diagnoses = random.int(0, 2);
  for (let count = 0; count < diagnoses; count++) {
    const [texte, code] = random.pick(DIAGNOSTICS);
    add('diagnostic', random.int(2, 290), {
      ...{ texte, code, date_debut: null },
      certitude: count === 0 ? 'confirme' : 'suspecte',
    });
  }
  if (adult && n % 3 === 0) {
    const [medicament, code, posologie] = random.pick(TRAITEMENTS);
    const rest = { motif: null, prescripteur: null, date_debut: null, date_fin: null };
    add('traitement', 280, { medicament, code, posologie, ...rest });
  }
  for (const jours of [270, 90, random.int(2, 20)]) {
    if (!adult) {
      add('constante', jours, measure('poids', random.int(120, 480) / 10, 'kg'));
      continue;
    }
    add('constante', jours, measure('poids', random.int(480, 980) / 10, 'kg'));
    add('constante', jours, {
      ...{ type: 'tension_arterielle', valeur: random.int(108, 158), diastolique: random.int(62, 95) },
      ...{ unite: 'mm[Hg]', precision: null },
    });
  }
  if (adult) add('constante', 270, measure('taille', random.int(152, 188), 'cm'));
  return elements.toSorted((a, b) => b.jours - a.jours);
}

/** Of a range in which all numbers are possible. */
function mobile(random: Random): string {
  return `+21266${random.int(1_000_000, 9_999_999)}`;
}

function measure(type: 'poids' | 'taille', valeur: number, unite: 'kg' | 'cm'): Contenus['constante'] {
  return { type, valeur, diastolique: null, unite, precision: null };
}
