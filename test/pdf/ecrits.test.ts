import { type DonneesCertificat, renderCertificat } from '../../src/pdf/ecrits/certificat';
import { type DonneesOrdonnance, renderOrdonnance } from '../../src/pdf/ecrits/ordonnance';
import { type PdfText, readPdf } from './pdf';

/** What a practice signs, as it is read on paper. */

const commun: Omit<DonneesOrdonnance, 'contenu'> = {
  id: 812_345_678,
  date_signature: '2026-11-29T23:30:00Z',
  fuseau_horaire: 'Africa/Casablanca',
  cabinet: { nom: 'Cabinet des Orangers', coordonnees: ['12, rue de Fès', '20000 Casablanca'] },
  prescripteur: {
    nom: 'Alami',
    prenom: 'Nadia',
    titre: 'Docteur en médecine',
    specialite: 'Médecine générale',
    identifiant: { type: 'INPE', numero: '101112131' },
    adresse: '12, rue de Fès\n20000 Casablanca',
    telephone: '+212 5 22 00 00 00',
    email: 'n.alami@orangers.ma',
  },
  patient: {
    nom_naissance: 'Benali',
    nom_usage: null,
    prenoms: 'Samira',
    sexe: 'F',
    naissance: { date: '1962-03-14', precision: 'jour' },
  },
  langue: 'fr',
};

const ordonnance: DonneesOrdonnance = {
  ...commun,
  contenu: {
    lignes: [
      {
        dci: 'Paracétamol',
        specialite: 'Doliprane',
        dosage: '1 g',
        posologie: '1 comprimé trois fois par jour si douleur',
        mode: 'Voie orale, à distance de 4 heures',
        duree_jours: 5,
        boites: 2,
        renouvellements: 0,
        non_substituable: false,
      },
      {
        dci: 'Lévothyroxine',
        specialite: null,
        dosage: '75 µg',
        posologie: '1 comprimé le matin à jeun',
        mode: 'Voie orale',
        duree_jours: 30,
        boites: null,
        renouvellements: 2,
        non_substituable: true,
      },
    ],
    poids_kg: 61.5,
    taille_cm: 164,
    remarques: 'Contrôle de la TSH dans six semaines.',
  },
};

const certificat: DonneesCertificat = {
  ...commun,
  contenu: {
    type: 'repos',
    texte:
      'Je soussignée certifie avoir examiné ce jour Mme Samira Benali, dont l’état de santé nécessite un repos.',
    texte_ar: 'أشهد أنني فحصت اليوم السيدة سميرة بنعلي، وأن حالتها الصحية تستلزم الراحة.',
    date_debut: '2026-11-29',
    date_fin: '2026-12-01',
    diagnostic: null,
    accord_diagnostic: false,
    remis_a: 'patient',
  },
};

const allText = (pdf: PdfText) => pdf.pages.flatMap(({ lines }) => lines).join('\n');
const drawn = (pdf: PdfText) => pdf.pages.flatMap(({ pieces }) => pieces.map(({ text }) => text.trim()));

describe('an ordonnance on paper', () => {
  it('says every line that a pharmacist has to read', async () => {
    const pdf = readPdf(await renderOrdonnance(ordonnance));
    const text = allText(pdf);
    for (const line of [
      'Cabinet des Orangers',
      // Signed half an hour before midnight in UTC: in Casablanca, which keeps UTC by then, the same day.
      'Ordonnance n° 812345678 · 29/11/2026',
      'Docteur en médecine',
      'INPE : 101112131',
      'Tél. +212 5 22 00 00 00',
      'n.alami@orangers.ma',
      'Nadia Alami',
      'Samira Benali',
      'née le 14/03/1962',
      'Sexe : Féminin',
      'Poids : 61,5 kg',
      'Taille : 164 cm',
      'Paracétamol (Doliprane), 1 g',
      'Posologie : 1 comprimé trois fois par jour si douleur',
      'Mode d’emploi : Voie orale, à distance de 4 heures',
      'pendant 5 jours, qsp 2 boîtes, non renouvelable',
      'Lévothyroxine, 75 µg',
      'pendant 30 jours, à renouveler 2 fois',
      'NON SUBSTITUABLE',
      'Contrôle de la TSH dans six semaines.',
      'Signé électroniquement par Nadia Alami, le 29/11/2026 à 23:30',
      'Page 1 / 1',
    ]) {
      expect(text).toContain(line);
    }
    expect(pdf.lang).toBe('fr-FR');
    expect(pdf.info.Title).toBe('Ordonnance n° 812345678');
    expect(JSON.stringify(pdf.info)).not.toMatch(/Benali|Paracétamol/);
  });

  it('is the same bytes however often it is made', async () => {
    expect(await renderOrdonnance(ordonnance)).toEqual(await renderOrdonnance(ordonnance));
  });

  it('keeps each line whole on a page, and numbers the pages', async () => {
    const many = Array.from({ length: 30 }, () => ordonnance.contenu.lignes[0]!);
    const pdf = readPdf(
      await renderOrdonnance({ ...ordonnance, contenu: { ...ordonnance.contenu, lignes: many } }),
    );
    expect(pdf.pages.length).toBeGreaterThan(2);
    for (const { lines } of pdf.pages) {
      const count = (word: string) => lines.filter((line) => line.includes(word)).length;
      expect(count('Paracétamol')).toBe(count('pendant 5 jours'));
    }
    expect(allText(pdf)).toContain(`Page ${pdf.pages.length} / ${pdf.pages.length}`);
  });

  it('has a copy in Arabic, which says that the French is the original', async () => {
    const pdf = readPdf(await renderOrdonnance({ ...ordonnance, langue: 'ar' }));
    expect(pdf.lang).toBe('ar-MA');
    const text = drawn(pdf).join(' ');
    // Letters as they are drawn are joined; digits and what doctors wrote stand as they are.
    expect(text).toContain('Paracétamol');
    expect(text.normalize('NFKC')).toMatch(/[\u0600-\u06ff]{3}/);
    expect(pdf.fonts.every(({ embedded }) => embedded)).toBe(true);
  });
});

describe('a certificate on paper', () => {
  it('says what was written, for which days, to whom it was handed, and no diagnosis', async () => {
    const text = allText(readPdf(await renderCertificat(certificat)));
    expect(text).toContain('Certificat de repos');
    expect(text.replaceAll('\n', ' ')).toContain('dont l’état de santé nécessite un repos.');
    expect(text).toContain('Du 29/11/2026 au 01/12/2026 inclus');
    expect(text).toContain('remis en main propre');
    expect(text).not.toMatch(/diagnostic/i);
  });

  it('says the diagnosis where the person agreed', async () => {
    const contenu = { ...certificat.contenu, diagnostic: 'Grippe saisonnière', accord_diagnostic: true };
    expect(allText(readPdf(await renderCertificat({ ...certificat, contenu })))).toContain(
      'Avec l’accord de l’intéressé(e), diagnostic : Grippe saisonnière',
    );
  });

  it('has a copy in Arabic', async () => {
    const pdf = readPdf(await renderCertificat({ ...certificat, langue: 'ar' }));
    expect(pdf.lang).toBe('ar-MA');
    expect(drawn(pdf).join(' ').normalize('NFKC')).toMatch(/[\u0600-\u06ff]{3}/);
  });
});
