import { RAPPORT } from '../../src/domain/limites';
import { type DonneesRapport, renderRapport } from '../../src/pdf/rapports/intervention';
import { type PdfPage, type PdfText, readPdf } from './pdf';

const donnees: DonneesRapport = {
  date_rapport: '2026-12-20T13:12:00Z',
  fuseau_horaire: 'Africa/Casablanca',
  intervention: {
    id: 12,
    titre: 'Réparation fuite hydraulique',
    description: 'Fuite constatée au joint du vérin principal.',
    type_intervention: 'corrective',
    statut: 'terminee',
    priorite: 'critique',
    urgence: true,
    date_creation: '2026-12-20T07:40:00Z',
    date_limite: '2026-12-20T11:40:00Z',
    date_debut: '2026-12-20T08:05:00Z',
    date_fin: '2026-12-20T10:55:00Z',
    rapport: 'Joint remplacé.\n\nEssais concluants.',
    motif_annulation: null,
  },
  planning: { date_planifiee: '2026-12-20T08:00:00Z', duree_estimee: 90 },
  equipement: {
    nom: 'Presse PH-200',
    type: 'Presse',
    modele: 'PH-200 B',
    numero_serie: 'SN-4417',
    localisation: 'Atelier 2',
    site: 'Usine de Casablanca',
  },
  client: { nom: 'Bennani', prenom: 'Salma', email: 'salma@atlas.ma', telephone: '+212 6 12 34 56 78' },
  technicien: {
    nom: 'Alaoui',
    prenom: 'Karim',
    specialite: 'Hydraulique',
    telephone: '+212 6 98 76 54 32',
  },
  pieces: [
    { reference: 'JT-042', designation: 'Joint torique Ø 42', quantite: 2, statut: 'consommee' },
    { reference: 'HUI-46', designation: 'Huile hydraulique', quantite: 3, statut: 'rendue' },
  ],
  commentaires: [{ date: '2026-12-20T08:20:00Z', auteur: 'Karim Alaoui', texte: 'Consignation faite.' }],
  historique: [
    { date: '2026-12-20T07:40:00Z', action: 'creation', auteur: 'Salma Bennani' },
    { date: '2026-12-20T07:55:00Z', action: 'escalade', auteur: null },
    { date: '2026-12-20T10:55:00Z', action: 'fin', auteur: 'Karim Alaoui' },
  ],
  etapes: [],
  temps: [],
  minutes: { trajet: 0, travail: 0, attente: 0 },
  pannes: [],
  reste: { pieces: 0, etapes: 0, temps: 0, commentaires: 0, historique: 0 },
};

async function read(changes: Partial<DonneesRapport> = {}): Promise<PdfText> {
  return readPdf(await renderRapport({ ...donnees, ...changes }));
}

function withIntervention(changes: Partial<DonneesRapport['intervention']>): Partial<DonneesRapport> {
  return { intervention: { ...donnees.intervention, ...changes } };
}

const allText = (pdf: PdfText) => pdf.pages.flatMap(({ lines }) => lines).join('\n');
const pieces = (pdf: PdfText) =>
  pdf.pages.flatMap(({ pieces: drawn }) => drawn.map(({ text }) => text.trim()));
/** What a page says between its head and its foot. */
const body = ({ pieces: drawn, height }: PdfPage) => drawn.filter(({ y }) => y > 60 && y < height - 52);

describe('a report', () => {
  test('says everything there is to say', async () => {
    const text = allText(await read());
    for (const line of [
      "Régie Rapport d'intervention n° 12",
      'Réparation fuite hydraulique',
      'Terminée Priorité critique Urgent Maintenance corrective',
      'ÉQUIPEMENT CLIENT TECHNICIEN',
      'Presse PH-200 Salma Bennani Karim Alaoui',
      'Type : Presse salma@atlas.ma Hydraulique',
      'Modèle : PH-200 B +212 6 12 34 56 78 +212 6 98 76 54 32',
      'N° de série : SN-4417',
      'Localisation : Atelier 2',
      'Site : Usine de Casablanca',
      'Création Date prévue Date limite',
      '20/12/2026 à 07:40 20/12/2026 à 08:00 20/12/2026 à 11:40',
      'Début Fin Respect du délai',
      "20/12/2026 à 08:05 20/12/2026 à 10:55 Tenu, 45 min d'avance",
      "Durée estimée Durée de l'intervention De la création à la fin",
      '1 h 30 2 h 50 3 h 15',
      'Fuite constatée au joint du vérin principal.',
      'Joint remplacé.',
      'Essais concluants.',
      'Référence Désignation Quantité Statut',
      'JT-042 Joint torique Ø 42 2 Consommée',
      'HUI-46 Huile hydraulique 3 Rendue',
      'Karim Alaoui, le 20/12/2026 à 08:20',
      'Consignation faite.',
      'Date Action Auteur',
      '20/12/2026 à 07:40 Création Salma Bennani',
      '20/12/2026 à 07:55 Escalade pour retard Système',
      "20/12/2026 à 10:55 Fin de l'intervention Karim Alaoui",
    ]) {
      expect(text.split('\n')).toContain(line);
    }
  });

  test('says what the parts have cost, to the last decimal', async () => {
    const [used, back] = donnees.pieces;
    const lines = allText(
      await read({
        ...withIntervention({ cout_pieces: '24.6902' }),
        pieces: [{ ...used!, prix_unitaire: '12.3451', montant: '24.6902' }, back!],
      }),
    ).split('\n');
    for (const line of [
      'Référence Désignation Quantité Prix unitaire Montant Statut',
      'JT-042 Joint torique Ø 42 2 12,3451 24,6902 Consommée',
      'HUI-46 Huile hydraulique 3 Rendue',
      'Coût des pièces : 24,6902',
    ]) {
      expect(lines).toContain(line);
    }
    expect(allText(await read(withIntervention({ cout_pieces: '0.0000' })))).not.toContain('Coût');
  });

  test('leaves out what there is not', async () => {
    const text = allText(
      await read({
        ...withIntervention({
          statut: 'ouverte',
          urgence: false,
          date_limite: null,
          date_debut: null,
          date_fin: null,
          rapport: null,
        }),
        planning: null,
        equipement: {
          ...donnees.equipement,
          modele: null,
          numero_serie: null,
          localisation: null,
          site: null,
        },
        client: null,
        technicien: null,
        pieces: [],
        commentaires: [],
        historique: [],
      }),
    );
    expect(text).toContain('Presse PH-200 Non renseigné Non assigné');
    expect(text).toContain('20/12/2026 à 07:40 — —');
    expect(text).not.toMatch(
      /Urgent|Modèle|Pièces|Commentaires|Historique|Compte rendu|null|undefined|NaN|Invalid/,
    );
  });

  test('of a cancelled intervention gives the reason, and no word about a deadline', async () => {
    const text = allText(
      await read(
        withIntervention({ statut: 'annulee', motif_annulation: 'Demande en double', rapport: null }),
      ),
    );
    expect(text).toContain("Motif de l'annulation\nDemande en double");
    expect(text).not.toMatch(/Tenu|Dépassé/);
  });

  test.each([
    ['terminee', '2026-12-20T11:40:00Z', "Tenu, moins d'une minute d'avance"],
    ['terminee', '2026-12-20T11:40:20Z', "Dépassé de moins d'une minute"],
    ['terminee', '2026-12-20T13:45:00Z', 'Dépassé de 2 h 05'],
    ['terminee', '2026-12-22T11:40:00Z', 'Dépassé de 2 j'],
    ['en_cours', null, 'Dépassé de 1 h 32'],
  ] as const)('of one that is %s with its end at %s says: %s', async (statut, date_fin, expected) => {
    expect(pieces(await read(withIntervention({ statut, date_fin }))).join(' ')).toContain(`${expected} `);
  });

  test('of one that can still be in time says what is left', async () => {
    const intervention = withIntervention({
      statut: 'en_cours',
      date_fin: null,
      date_limite: '2026-12-22T14:12:00Z',
    });
    expect(pieces(await read(intervention))).toContain('En cours, reste 2 j 1 h');
  });

  test("is written in the site's time", async () => {
    const text = allText(await read({ fuseau_horaire: 'Asia/Tokyo' }));
    expect(text).toContain('20/12/2026 à 16:40 Création Salma Bennani');
    expect(text).toContain('Régie · établi le 20/12/2026 à 22:12 · fuseau horaire Asia/Tokyo Page 1 / 2');
  });
});

describe('its letters', () => {
  test('are all printed: accents, Greek, Cyrillic, signs', async () => {
    const rapport = 'Œuvre à Noël, ça coûte 12 € : Ελληνικά, кириллица, ñ ß š ł ğ ø, 37° ± ½ × ≥ ← →';
    expect(pieces(await read(withIntervention({ rapport })))).toContain(rapport);
  });

  test('are read back as they were given, whatever other reports were written with', async () => {
    // One glyph each: the letter that Arabic joins to no other, and the sign for just that form of it.
    const [letter, sign] = ['\u0627', '\ufe8d'];
    for (const rapport of [sign, letter, sign]) {
      expect(pieces(await read(withIntervention({ rapport })))).toContain(rapport);
    }
  });

  test('that no font has leave a mark, whatever other reports left out', async () => {
    const [unknown, hidden] = ['漢', '\u{e0001}'];
    const [hiddenFirst, marked, hiddenLast] = [
      await renderRapport({ ...donnees, ...withIntervention({ rapport: hidden }) }),
      await renderRapport({ ...donnees, ...withIntervention({ rapport: unknown }) }),
      await renderRapport({ ...donnees, ...withIntervention({ rapport: hidden }) }),
    ];
    expect(pieces(readPdf(marked))).toContain('\0');
    expect(hiddenLast).toEqual(hiddenFirst);
    expect(pieces(readPdf(hiddenLast))).not.toContain('\0');
  });

  test('come from subsets of DejaVu Sans inside the file', async () => {
    const bytes = await renderRapport(donnees);
    const { fonts } = readPdf(bytes);
    expect(fonts).toHaveLength(2);
    for (const { name, embedded } of fonts) {
      expect(name).toMatch(/^[A-Z]{6}\+DejaVuSans/);
      expect(embedded).toBe(true);
    }
    expect(bytes.length).toBeLessThan(60_000);
  });

  test('are no control characters, and line breaks of every kind break the line', async () => {
    const rapport = 'un\u0000\u0007deux\r\ntrois\rquatre\tcinq';
    const drawn = pieces(await read(withIntervention({ rapport, titre: 'Titre\r\nsur\u0008 une ligne' })));
    expect(drawn).toEqual(
      expect.arrayContaining(['undeux', 'trois', 'quatre    cinq', 'Titre sur une ligne']),
    );
  });
});

describe('a long report', () => {
  const words = Array.from({ length: 2500 }, (_, n) => `mot${n}`);
  const long: Partial<DonneesRapport> = {
    ...withIntervention({ titre: 'Révision générale '.repeat(11).trim(), rapport: words.join(' ') }),
    pieces: Array.from({ length: 80 }, (_, n) => ({
      reference: `REF-${n}`,
      designation: `Pièce${n} ${'longue désignation '.repeat(n % 7)}`.trim(),
      quantite: n,
      statut: 'recue',
    })),
    commentaires: Array.from({ length: 12 }, (_, n) => ({
      date: '2026-12-20T08:20:00Z',
      auteur: `Auteur${n}`,
      texte: `début${n} ${'blabla '.repeat(200)}fin${n}`,
    })),
    historique: Array.from({ length: 100 }, (_, n) => ({
      date: '2026-12-20T08:20:00Z',
      action: `action_${n} ${'et la suite '.repeat(n % 9)}`.trim(),
      auteur: `Personne${n}`,
    })),
  };
  let pdf: PdfText;
  beforeAll(async () => {
    pdf = await read(long);
  });

  test('loses no word and repeats none', () => {
    const drawn = pieces(pdf).join(' ').split(/\s+/);
    expect(drawn.filter((word) => /^mot\d+$/.test(word))).toEqual(words);
    expect(drawn.filter((word) => word === 'désignation')).toHaveLength(
      long.pieces!.reduce((sum, _, n) => sum + (n % 7), 0),
    );
    for (const [prefix, count] of [
      ['REF-', 80],
      ['Pièce', 80],
      ['début', 12],
      ['fin', 12],
      ['Personne', 100],
    ] as const) {
      const found = drawn.filter((word) => new RegExp(`^${prefix}\\d+$`).test(word));
      expect(found).toEqual(Array.from({ length: count }, (_, n) => `${prefix}${n}`));
    }
  });

  test('keeps its text inside the margins of every page', () => {
    expect(pdf.pages.length).toBeGreaterThan(10);
    for (const page of pdf.pages) {
      expect([page.width, page.height]).toEqual([595.28, 841.89]);
      for (const { x, y } of page.pieces) {
        expect(x).toBeGreaterThanOrEqual(48);
        expect(x).toBeLessThan(page.width - 48);
        expect(y).toBeGreaterThan(30);
        expect(y).toBeLessThan(page.height - 30);
      }
      expect(body(page).length).toBeGreaterThan(1);
    }
  });

  test('numbers its pages and names the intervention on each', () => {
    pdf.pages.forEach(({ lines }, index) => {
      expect(lines.at(-1)).toMatch(new RegExp(` Page ${index + 1} / ${pdf.pages.length}$`));
      if (index > 0) expect(lines[0]).toMatch(/^Intervention n° 12 : Révision générale .*…$/);
    });
  });

  test('repeats the headings of a table on each page that the table goes on over', () => {
    const withRows = pdf.pages.filter((page) => page.lines.some((line) => /Personne\d/.test(line)));
    expect(withRows.length).toBeGreaterThan(3);
    for (const { lines } of withRows) {
      const heading = lines.indexOf('Date Action Auteur');
      expect(heading).toBeGreaterThanOrEqual(0);
      expect(heading).toBeLessThan(lines.findIndex((line) => /Personne\d/.test(line)));
    }
  });

  test('breaks a word that is wider than the page', async () => {
    const drawn = pieces(await read(withIntervention({ rapport: 'W'.repeat(500) })));
    const parts = drawn.filter((piece) => /^W+$/.test(piece));
    expect(parts.length).toBeGreaterThan(5);
    expect(parts.join('')).toBe('W'.repeat(500));
  });
});

describe('a report of which there is too much', () => {
  const many = <Row>(count: number, row: (n: number) => Row) =>
    Array.from({ length: count }, (_, n) => row(n));
  const breaks = '\n'.repeat(20_000);
  const hostile: DonneesRapport = {
    ...donnees,
    intervention: {
      ...donnees.intervention,
      titre: breaks + 'T'.repeat(100_000),
      description: `début${'\u2028'.repeat(50_000)}fin`,
      rapport: `début${'\r'.repeat(50_000)}fin`,
      motif_annulation: breaks,
    },
    pieces: many(5_000, (n) => ({ ...donnees.pieces[0]!, designation: `P${n}${breaks}` })),
    commentaires: many(500, (n) => ({
      ...donnees.commentaires[0]!,
      texte: `K${n} ${'\v\f\u0085'.repeat(700)}.`,
    })),
    historique: many(10_000, (n) => ({ ...donnees.historique[0]!, auteur: `H${n}` })),
    reste: { pieces: 0, etapes: 0, temps: 0, commentaires: 7, historique: 0 },
  };

  test('shows as much as its limits say, the latest where it grows with time', async () => {
    const pdf = await read(hostile as Partial<DonneesRapport>);
    const drawn = pieces(pdf).join(' ').split(/\s+/);
    const shown = (prefix: string) => drawn.filter((word) => new RegExp(`^${prefix}\\d+`).test(word));
    expect(shown('P')).toHaveLength(RAPPORT.pieces);
    expect([shown('K').length, shown('K').at(-1)]).toEqual([RAPPORT.commentaires, 'K499']);
    expect([shown('H').length, shown('H').at(-1)]).toEqual([RAPPORT.historique, 'H9999']);
    // Comments of nothing but lines take their sixty, and no more.
    expect(pdf.pages.length).toBeLessThan(120);
  });

  test('says how much it leaves out', async () => {
    const text = allText(await read(hostile as Partial<DonneesRapport>));
    expect(text).toContain("… et 4900 pièces de plus, à lire dans l'application");
    expect(text).toContain("… et 457 commentaires de plus, plus anciens, à lire dans l'application");
    expect(text).toContain("… et 9900 événements de plus, plus anciens, à lire dans l'application");
    expect(allText(await read({ reste: { ...donnees.reste, pieces: 1 } }))).toContain(
      "… et 1 pièce de plus, à lire dans l'application",
    );
    expect(allText(await read())).not.toContain('de plus');
  });
});

describe('the document', () => {
  test('says what it is, who made it, when, and in which language', async () => {
    const { info, lang } = await read();
    expect(info).toMatchObject({
      Title: "Rapport d'intervention n° 12 : Réparation fuite hydraulique",
      Author: 'Régie',
      CreationDate: 'D:20261220131200Z',
    });
    expect(lang).toBe('fr-FR');
  });

  test('is the same, byte for byte, for the same data', async () => {
    const first = await renderRapport(donnees);
    await new Promise((resolve) => setTimeout(resolve, 1100));
    expect(await renderRapport(structuredClone(donnees))).toEqual(first);
    expect(await renderRapport({ ...donnees, date_rapport: '2026-12-20T13:13:00Z' })).not.toEqual(first);
  });
});

const ETAPE = {
  libelle: 'Consignation faite',
  type: 'case',
  min: null,
  max: null,
  unite: null,
  obligatoire: true,
  valeur: true,
  photo: null,
  hors_limites: false,
  date: '2026-12-20T08:10:00Z',
  suite_id: null,
  auteur: 'Karim Alaoui',
} as const;

test('says the steps with their values and who gave them, the time with its sums, and what had failed', async () => {
  const text = allText(
    await read({
      etapes: [
        ETAPE,
        {
          ...ETAPE,
          libelle: 'Pression',
          type: 'nombre',
          min: 140,
          max: 160,
          unite: 'bar',
          obligatoire: false,
          valeur: 120.5,
          hors_limites: true,
          suite_id: 77,
        },
        { ...ETAPE, libelle: 'Photo du joint', type: 'photo', valeur: 4, photo: 'joint.jpg' },
        { ...ETAPE, libelle: 'Remarque', type: 'texte', valeur: null, auteur: null, date: null },
      ],
      temps: [
        {
          nature: 'trajet',
          debut: '2026-12-20T07:45:00Z',
          fin: '2026-12-20T08:05:00Z',
          personne: 'Karim Alaoui',
        },
        {
          nature: 'travail',
          debut: '2026-12-20T08:05:00Z',
          fin: '2026-12-20T10:50:00Z',
          personne: 'Karim Alaoui',
        },
      ],
      minutes: { trajet: 20, travail: 165, attente: 0 },
      pannes: [
        { nature: 'probleme', code: 'FUITE', libelle: 'Fuite' },
        { nature: 'cause', code: 'USURE', libelle: 'Usure du joint' },
      ],
    }),
  );
  // What a cell breaks over lines is one text.
  const said = text.replace(/\s+/g, ' ');
  for (const part of [
    'Panne Problème Cause FUITE · Fuite USURE · Usure du joint',
    'Consignation faite (obligatoire) Oui Karim Alaoui, le 20/12/2026 à 08:10',
    '120,5 bar · hors limites (de 140 à',
    'suite : n° 77',
    'joint.jpg',
    'Remarque (obligatoire) Sans réponse —',
    'Temps passé Trajet Travail Attente 20 min 2 h 45 0 min',
    'Nature Début Fin Durée Par',
    'Trajet 20/12/2026 à 07:45 20/12/2026 à 08:05 20 min Karim Alaoui',
    'Travail 20/12/2026 à 08:05 20/12/2026 à 10:50 2 h 45 Karim Alaoui',
  ]) {
    expect(said).toContain(part);
  }
});

test('shows no more steps and segments than its limits, and says how many there are', async () => {
  const segment = {
    nature: 'travail',
    debut: '2026-12-20T08:05:00Z',
    fin: '2026-12-20T10:50:00Z',
    personne: 'K',
  } as const;
  const text = allText(
    await read({
      etapes: Array(RAPPORT.etapes + 1).fill(ETAPE),
      temps: Array(RAPPORT.temps + 3).fill(segment),
    }),
  );
  expect(text).toContain("… et 1 étape de plus, à lire dans l'application");
  expect(text).toContain("… et 3 segments de plus, à lire dans l'application");
});
