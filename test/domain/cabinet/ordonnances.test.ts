import { certificatFaults, certificatManques } from '../../../src/domain/cabinet/certificats';
import {
  identifiantOf,
  type LigneOrdonnance,
  ordonnanceFaults,
  type Prescripteur,
  prescripteurFaults,
} from '../../../src/domain/cabinet/ordonnances';

const LIGNE: LigneOrdonnance = {
  dci: 'Paracétamol',
  specialite: null,
  dosage: '1 g',
  posologie: '1 comprimé trois fois par jour',
  mode: 'Voie orale',
  duree_jours: 5,
  boites: null,
  renouvellements: 0,
  non_substituable: false,
};
const ordonnance = (lignes: LigneOrdonnance[], poids_kg: number | null = null) => ({
  lignes,
  poids_kg,
  taille_cm: null,
  remarques: null,
});
const ADULT = { date: '1962-03-14', precision: 'jour' } as const;
const champs = (faults: readonly { champ: string }[]) => faults.map(({ champ }) => champ);

describe('an ordonnance to be signed', () => {
  it('says of each line the medicine, the posology, how it is taken, and how long or how many boxes', () => {
    expect(ordonnanceFaults(ordonnance([LIGNE]), ADULT, '2026-11-29')).toEqual([]);
    const bare = { ...LIGNE, dci: null, posologie: null, mode: null, duree_jours: null };
    expect(champs(ordonnanceFaults(ordonnance([LIGNE, bare]), ADULT, '2026-11-29'))).toEqual([
      'lignes.1.dci',
      'lignes.1.posologie',
      'lignes.1.mode',
      'lignes.1.duree_jours',
    ]);
    const branded = { ...LIGNE, dci: null, specialite: 'Doliprane', duree_jours: null, boites: 2 };
    expect(ordonnanceFaults(ordonnance([branded]), ADULT, '2026-11-29')).toEqual([]);
    expect(champs(ordonnanceFaults(ordonnance([]), ADULT, '2026-11-29'))).toEqual(['lignes']);
  });

  it.each([
    ['2011-11-29', 'jour', 0],
    ['2011-11-30', 'jour', 1],
    ['2011-11-01', 'mois', 1],
    ['2011-10-01', 'mois', 0],
    ['2011-01-01', 'annee', 1],
    ['2010-01-01', 'annee', 0],
  ] as const)('says the weight of a child under fifteen: born %s (%s)', (date, precision, faults) => {
    const asked = { date, precision };
    expect(ordonnanceFaults(ordonnance([LIGNE]), asked, '2026-11-29')).toHaveLength(faults);
    expect(ordonnanceFaults(ordonnance([LIGNE], 31), asked, '2026-11-29')).toEqual([]);
  });

  it('says who prescribes, by title and number, and how they are reached', () => {
    const whole: Prescripteur = {
      nom: 'Alami',
      prenom: 'Nadia',
      titre: 'Docteur en médecine',
      specialite: null,
      identifiant: { type: 'INPE', numero: '101112131' },
      adresse: '12, rue de Fès',
      telephone: '+212522000000',
      email: 'n.alami@cabinet.ma',
    };
    expect(prescripteurFaults(whole)).toEqual([]);
    for (const champ of ['titre', 'identifiant', 'adresse', 'telephone', 'email']) {
      expect(champs(prescripteurFaults({ ...whole, [champ]: null }))).toEqual([`prescripteur.${champ}`]);
    }
  });

  it('names the number of the country where somebody works, else another that is known', () => {
    const both = { inpe: '1', rpps: '2', numero_ordre: '3' };
    expect(identifiantOf(both, 'MA')).toEqual({ type: 'INPE', numero: '1' });
    expect(identifiantOf(both, 'FR')).toEqual({ type: 'RPPS', numero: '2' });
    expect(identifiantOf({ ...both, inpe: null, rpps: null }, 'MA')).toEqual({ type: 'Ordre', numero: '3' });
    expect(identifiantOf({ inpe: null, rpps: null, numero_ordre: null }, 'MA')).toBeNull();
  });
});

describe('a certificate', () => {
  const certificat = {
    type: 'repos',
    texte: 'L’état de santé de Mme Benali nécessite un repos de trois jours.',
    texte_ar: null,
    date_debut: '2026-11-29',
    date_fin: '2026-12-01',
    diagnostic: null,
    accord_diagnostic: false,
    remis_a: 'patient',
  } as const;

  it('is written in French, whatever copy stands beside it', () => {
    expect(certificatManques(certificat, false)).toEqual([]);
    expect(champs(certificatFaults({ ...certificat, texte: 'حالة المريضة تستلزم الراحة' }))).toEqual([
      'texte',
    ]);
    // A name in other letters may stand in it.
    expect(certificatFaults({ ...certificat, texte: `${certificat.texte} (بنعلي)` })).toEqual([]);
    expect(champs(certificatManques(certificat, true))).toEqual(['texte_ar']);
  });

  it('says a diagnosis only with the agreement of the person', () => {
    const told = { ...certificat, diagnostic: 'Grippe' };
    expect(champs(certificatFaults(told))).toEqual(['accord_diagnostic']);
    expect(certificatFaults({ ...told, accord_diagnostic: true })).toEqual([]);
  });

  it('is about days where it is of that kind, in their order', () => {
    expect(champs(certificatManques({ ...certificat, date_debut: null, date_fin: null }, false))).toEqual([
      'date_debut',
      'date_fin',
    ]);
    expect(champs(certificatFaults({ ...certificat, date_fin: '2026-11-28' }))).toEqual(['date_fin']);
    const presence = { ...certificat, type: 'presence', date_debut: null, date_fin: null } as const;
    expect(certificatManques(presence, false)).toEqual([]);
    expect(champs(certificatManques({ ...presence, texte: null }, false))).toEqual(['texte']);
  });
});
