import { motsDuNom } from './recherche';

/**
 * Whether what is prescribed is something that the patient is known not to bear: by the name of the substance, or by its class.
 * Text is compared with text, without accents, case and plural: a warning that has to be answered, and no engine of
 * interactions (what it does not know it does not find).
 */

export interface AllergieConnue {
  id: number;
  /** As it was written: a substance, a brand or a class. */
  substance: string;
}

/** What is compared of a line. */
export interface Medicament {
  dci: string | null;
  specialite: string | null;
}

export interface Alerte {
  /** The line, counted from 0. */
  ligne: number;
  allergie_id: number;
  substance: string;
  raison: 'substance' | 'classe';
  /** The class that both belong to. */
  classe: string | null;
}

interface Classe {
  nom: string;
  /** Other words for the whole class. */
  aussi: readonly string[];
  substances: readonly string[];
}

/**
 * Classes in which who does not bear one substance is warned of the others. Groups and substances are those of the ATC
 * classification (WHO Collaborating Centre for Drug Statistics Methodology, ATC/DDD Index), its code beside each; the substances
 * are the usual ones, not all.
 */
const CLASSES: readonly Classe[] = [
  {
    // J01C
    nom: 'pénicillines',
    aussi: ['bêta-lactamines', 'bêtalactamines'],
    substances: [
      'pénicilline',
      'benzylpénicilline',
      'phénoxyméthylpénicilline',
      'amoxicilline',
      'ampicilline',
      'oxacilline',
      'cloxacilline',
      'flucloxacilline',
      'pipéracilline',
      'ticarcilline',
      'pivmécillinam',
    ],
  },
  {
    // J01DB to J01DI
    nom: 'céphalosporines',
    aussi: ['bêta-lactamines', 'bêtalactamines'],
    substances: [
      'céfalexine',
      'céfadroxil',
      'céfazoline',
      'céfuroxime',
      'céfaclor',
      'céfixime',
      'cefpodoxime',
      'ceftriaxone',
      'céfotaxime',
      'ceftazidime',
      'céfépime',
    ],
  },
  {
    // J01FA
    nom: 'macrolides',
    aussi: [],
    substances: [
      'érythromycine',
      'azithromycine',
      'clarithromycine',
      'roxithromycine',
      'spiramycine',
      'josamycine',
    ],
  },
  {
    // J01E
    nom: 'sulfamides',
    aussi: ['sulfonamides', 'sulfamidés'],
    substances: ['sulfaméthoxazole', 'cotrimoxazole', 'sulfadiazine', 'sulfasalazine'],
  },
  {
    // J01MA
    nom: 'fluoroquinolones',
    aussi: ['quinolones'],
    substances: ['ciprofloxacine', 'ofloxacine', 'lévofloxacine', 'moxifloxacine', 'norfloxacine'],
  },
  {
    // J01AA
    nom: 'cyclines',
    aussi: ['tétracyclines'],
    substances: ['doxycycline', 'minocycline', 'tétracycline', 'lymécycline'],
  },
  {
    // M01A, N02BA
    nom: 'anti-inflammatoires non stéroïdiens',
    aussi: ['ains', 'salicylés'],
    substances: [
      'ibuprofène',
      'kétoprofène',
      'naproxène',
      'diclofénac',
      'indométacine',
      'piroxicam',
      'méloxicam',
      'célécoxib',
      'acide niflumique',
      'acide tiaprofénique',
      'acide acétylsalicylique',
      'aspirine',
    ],
  },
  {
    // N02A
    nom: 'opioïdes',
    aussi: ['opiacés', 'morphiniques'],
    substances: ['morphine', 'codéine', 'tramadol', 'oxycodone', 'fentanyl', 'buprénorphine'],
  },
  {
    // C09A
    nom: 'inhibiteurs de l’enzyme de conversion',
    aussi: ['iec'],
    substances: ['captopril', 'énalapril', 'lisinopril', 'périndopril', 'ramipril', 'trandolapril'],
  },
];

/** Brands by what they hold, where lines are often written by the brand alone. */
const SPECIALITES: Readonly<Record<string, string>> = {
  clamoxyl: 'amoxicilline',
  augmentin: 'amoxicilline, acide clavulanique',
  extencilline: 'benzylpénicilline',
  oracilline: 'phénoxyméthylpénicilline',
  tazocilline: 'pipéracilline, tazobactam',
  rocephine: 'ceftriaxone',
  oroken: 'céfixime',
  zinnat: 'céfuroxime',
  orelox: 'cefpodoxime',
  zithromax: 'azithromycine',
  rulid: 'roxithromycine',
  rovamycine: 'spiramycine',
  bactrim: 'sulfaméthoxazole, triméthoprime',
  ciflox: 'ciprofloxacine',
  tavanic: 'lévofloxacine',
  aspegic: 'acide acétylsalicylique',
  kardegic: 'acide acétylsalicylique',
  advil: 'ibuprofène',
  nurofen: 'ibuprofène',
  profenid: 'kétoprofène',
  voltarene: 'diclofénac',
  doliprane: 'paracétamol',
  dafalgan: 'paracétamol',
  efferalgan: 'paracétamol',
  topalgic: 'tramadol',
  coversyl: 'périndopril',
  triatec: 'ramipril',
};

/** Two names of one substance. */
const SYNONYMES: Readonly<Record<string, string>> = {
  aspirine: 'acide acetylsalicylique',
  cotrimoxazole: 'sulfamethoxazole',
  acetaminophene: 'paracetamol',
};

/** Which lines hold what the patient is known not to bear; each line and allergy once, the substance before the class. */
export function alertesOf(lignes: readonly Medicament[], allergies: readonly AllergieConnue[]): Alerte[] {
  const known = allergies.map((allergie) => ({ allergie, read: readingOf([allergie.substance]) }));
  return lignes.flatMap(({ dci, specialite }, ligne) => {
    const line = readingOf([dci, specialite].filter((name) => name !== null));
    return known.flatMap(({ allergie: { id, substance }, read }): Alerte[] => {
      const found = { ligne, allergie_id: id, substance };
      if (sameSubstance(line, read)) return [{ ...found, raison: 'substance', classe: null }];
      const classe = read.classes.find((one) => line.classes.includes(one));
      return classe === undefined ? [] : [{ ...found, raison: 'classe', classe }];
    });
  });
}

/** A text as it is compared: the substances that it names, word by word, and the classes that these belong to. */
interface Reading {
  substances: string[][];
  classes: string[];
}

function readingOf(texts: readonly string[]): Reading {
  const written = texts.flatMap(partsOf);
  const brands = written.flatMap((words) => words.flatMap((word) => SPECIALITES[word] ?? []));
  const substances = [...written, ...brands.flatMap(partsOf)].map(unified);
  const classes = CLASSES.filter((classe) => substances.some((words) => isOfClasse(words, classe)));
  return { substances, classes: classes.map(({ nom }) => nom) };
}

/** What stands between commas, slashes and the like: each a substance. */
function partsOf(text: string): string[][] {
  return text
    .split(/[,;/+&]|\set\s/i)
    .map(wordsOf)
    .filter((words) => words.length > 0);
}

/** Forms and doses say nothing of the substance. */
const ASIDE =
  /^(\d.*|mg|g|ml|ug|ui|cp|gel|sirop|comprime|gelule|sachet|injectable|allergie|au|aux|a|la|le|les|l|de|du|des|d)$/;

function wordsOf(text: string): string[] {
  return motsDuNom(text)
    .map(singular)
    .filter((word) => !ASIDE.test(word));
}

function singular(word: string): string {
  return word.length > 3 ? word.replace(/[sx]$/, '') : word;
}

function unified(words: string[]): string[] {
  const synonym = SYNONYMES[words.join(' ')];
  return synonym === undefined ? words : wordsOf(synonym);
}

const WORDS_OF_CLASSES = new Map(
  CLASSES.map(({ nom, aussi, substances }) => [
    nom,
    [nom, ...aussi, ...substances].map((name) => unified(wordsOf(name))),
  ]),
);

function isOfClasse(words: readonly string[], { nom }: Classe): boolean {
  return WORDS_OF_CLASSES.get(nom)!.some((name) => isWithin(name, words));
}

/** Whether one of the substances of either is named whole by one of the other. */
function sameSubstance(line: Reading, known: Reading): boolean {
  return line.substances.some((one) =>
    known.substances.some((other) => isWithin(one, other) || isWithin(other, one)),
  );
}

function isWithin(words: readonly string[], all: readonly string[]): boolean {
  return words.every((word) => all.includes(word));
}
