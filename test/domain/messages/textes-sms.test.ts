import { MODELES_AVIS } from '../../../src/domain/identite/textes';
import { MODELES_INTERVENTION } from '../../../src/domain/interventions/textes';
import { type Contenu, messageSms } from '../../../src/domain/messages';
import { decoupage, texteSms } from '../../../src/domain/messages/sms';
import { LANGUES } from '../../../src/domain/writing';

const INTERVENTION = {
  intervention_id: 123456,
  titre: 'Fenêtre bloquée au 3ᵉ étage, façade « sud » '.repeat(10),
  priorite: 'critique' as const,
  urgence: true,
  equipement: { nom: 'Fenêtre', localisation: null },
  technicien: { nom: 'Alaoui', prenom: 'Karim' },
  date_planifiee: '2026-11-30T08:00:00Z',
  echeance: '2026-11-30T08:00:00Z',
  fuseau_horaire: 'Europe/Paris',
  motif: 'Le client habite 3 rue des Fleurs',
};

const CONTENUS: Contenu[] = [
  ...MODELES_INTERVENTION.map((modele): Contenu => ({ modele, donnees: INTERVENTION })),
  ...MODELES_AVIS.map(
    (modele): Contenu => ({
      modele,
      donnees: { date: '2026-11-30T08:00:00Z', adresse: '203.0.113.9', auteur: null, session: null },
    }),
  ),
  {
    modele: 'stock_bas',
    donnees: {
      piece_id: 1,
      reference: 'JNT-100',
      designation: 'Joint torique '.repeat(30),
      stock: 2,
      disponible: 1,
      seuil_alerte: 5,
    },
  },
];

test.each(LANGUES)(
  'in %s each event fits into the segments that are paid for, whatever it is about',
  (langue) => {
    for (const contenu of CONTENUS) {
      for (const segments of [1, 2]) {
        const texte = texteSms(messageSms(contenu, langue), segments);
        expect(decoupage(texte).segments.length).toBeLessThanOrEqual(segments);
        if (langue !== 'ar') expect([texte, decoupage(texte).encodage]).toEqual([texte, 'GSM-7']);
      }
    }
  },
);

test.each(LANGUES)('in %s each event says what it is, and which one, in one segment', (langue) => {
  const texts = CONTENUS.map((contenu) => texteSms(messageSms(contenu, langue), 1));
  expect(new Set(texts).size).toBe(CONTENUS.length);
  for (const [rank, { modele }] of CONTENUS.entries()) {
    if ((MODELES_INTERVENTION as readonly string[]).includes(modele)) expect(texts[rank]).toContain('123456');
    expect(texts[rank]).not.toMatch(/Alaoui|Fleurs|203\.0/);
  }
});

test('the time is that of the site', () => {
  const contenu: Contenu = {
    modele: 'assignee',
    donnees: { ...INTERVENTION, titre: 'Pompe', urgence: false },
  };
  expect(texteSms(messageSms(contenu, 'fr'), 1)).toBe('Intervention assignée no 123456 Pompe, 30/11 09:00');
  expect(texteSms(messageSms(contenu, 'en'), 1)).toBe('Intervention assigned no. 123456 Pompe, 30/11 09:00');
  expect(texteSms(messageSms(contenu, 'ar'), 1)).toBe('أُسند إليك تدخل رقم 123456 Pompe, 30/11 09:00');
});

test('a link is never told by text message', () => {
  const lien = { id: '0b9c1f0e', date_expiration: '2026-12-01T08:00:00Z' };
  const donnees = { date: '2026-11-30T08:00:00Z', adresse: null, auteur: null, lien };
  for (const modele of ['invitation', 'reinitialisation'] as const) {
    expect(texteSms(messageSms({ modele, donnees }, 'fr'), 2)).not.toContain('0b9c1f0e');
  }
});
