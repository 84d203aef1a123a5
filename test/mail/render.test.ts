import {
  type DonneesIntervention,
  interventionText,
  MODELES_INTERVENTION,
} from '../../src/domain/interventions/textes';
import type { Langue } from '../../src/domain/writing';
import { renderMail } from '../../src/mail/render';
import { elements, visibleText } from './reading';

const donnees: DonneesIntervention = {
  intervention_id: 12,
  titre: 'Réparation fuite hydraulique',
  priorite: 'critique',
  urgence: true,
  equipement: { nom: 'Presse hydraulique PH-200', localisation: 'Atelier 2' },
  technicien: { nom: 'Alaoui', prenom: 'Karim' },
  date_planifiee: '2026-12-20T08:00:00Z',
  duree_estimee: 90,
  date_limite: '2026-12-21T16:00:00Z',
  fuseau_horaire: 'Africa/Casablanca',
};
const options = {
  publicUrl: 'https://regie.example.ma',
  timeZone: 'Africa/Casablanca',
  linkToken: (id: string) => `${id}.signature`,
  correlationId: 'req-3f0c9b2e',
};

const FACTS: Record<'fr' | 'en', [label: string, value: string][]> = {
  fr: [
    ['Intervention', 'Réparation fuite hydraulique (n° 12)'],
    ['Équipement', 'Presse hydraulique PH-200'],
    ['Localisation', 'Atelier 2'],
    ['Technicien', 'Karim Alaoui'],
    ['Date prévue', 'dimanche 20 décembre 2026 à 08:00'],
    ['Durée estimée', '1 h 30'],
    ['À terminer avant le', 'lundi 21 décembre 2026 à 16:00'],
  ],
  en: [
    ['Intervention', 'Réparation fuite hydraulique (no. 12)'],
    ['Equipment', 'Presse hydraulique PH-200'],
    ['Location', 'Atelier 2'],
    ['Technician', 'Karim Alaoui'],
    ['Planned for', 'Sunday 20 December 2026 at 08:00'],
    ['Estimated duration', '1 h 30 min'],
    ['To be finished by', 'Monday 21 December 2026 at 16:00'],
  ],
};

test.each(['fr', 'en'] as const)(
  'a mail in %s holds every fact it was given, as HTML and as plain text',
  async (langue) => {
    const { html, text } = await renderMail({ modele: 'replanifiee', donnees }, langue, options);
    const visible = visibleText(html);
    const { titre, message } = interventionText({ modele: 'replanifiee', donnees }, langue);
    for (const said of [titre, message, options.correlationId]) {
      expect(visible).toContain(said);
      expect(text).toContain(said);
    }
    for (const [label, value] of FACTS[langue]) {
      expect(visible).toContain(`${label} ${value}`);
      expect(text).toContain(`${label}${langue === 'fr' ? ' : ' : ': '}${value}`);
    }
    expect(visible).toContain(langue === 'fr' ? 'Priorité critique Urgent' : 'Critical priority Urgent');
  },
);

test.each([
  ['fr', 'fr', '[Urgent] Intervention terminée : Réparation fuite hydraulique'],
  ['en', 'en', '[Urgent] Intervention finished: Réparation fuite hydraulique'],
  ['ar', 'fr', '[Urgent] Intervention terminée : Réparation fuite hydraulique'],
] as const)(
  'for a reader of %s the document says it is in %s, and the subject is: %s',
  async (langue, lang, sujet) => {
    const mail = await renderMail({ modele: 'terminee', donnees }, langue, options);
    expect(mail.sujet).toBe(sujet);
    expect(mail.html).toMatch(new RegExp(`^<!doctype html>\\s*<html lang="${lang}"`));
    expect(mail.html).toContain(`<title>${sujet}</title>`);
  },
);

test('a fact that is not known takes no row', async () => {
  const unknown = {
    ...donnees,
    urgence: false,
    technicien: null,
    date_planifiee: null,
    duree_estimee: null,
    date_limite: null,
  };
  const { html, text } = await renderMail({ modele: 'assignee', donnees: unknown }, 'fr', {
    ...options,
    correlationId: undefined,
  });
  for (const body of [visibleText(html), text]) {
    expect(body).toContain('Localisation');
    expect(body).not.toMatch(
      /Technicien|Date prévue|Durée|terminer avant|Motif|Pièces|Référence|Urgent|null/,
    );
  }
});

test('parts are listed with reference and quantity', async () => {
  const pieces = [
    { reference: 'JT-042', designation: 'Joint torique Ø 42', quantite: 2 },
    { reference: 'FX-10', designation: 'Flexible', quantite: 1 },
  ];
  const { html, text } = await renderMail(
    { modele: 'attente_pieces', donnees: { ...donnees, pieces } },
    'fr',
    options,
  );
  expect(visibleText(html)).toContain('Quantité Joint torique Ø 42 JT-042 2 Flexible FX-10 1');
  expect(text).toContain('- 2 × Joint torique Ø 42 (JT-042)\n- 1 × Flexible (FX-10)\n');
});

test.each(MODELES_INTERVENTION)('the action of %s leads to the right page', async (modele) => {
  const { html, text } = await renderMail({ modele, donnees }, 'fr', options);
  const page = 'https://regie.example.ma/interventions/12';
  const url = modele === 'terminee' ? `${page}/satisfaction` : page;
  expect([...html.matchAll(/href="([^"]*)"/g)].map(([, href]) => href)).toEqual([url]);
  expect(text).toContain(` : ${url}\n`);
});

test('nothing is loaded from elsewhere when the mail is opened', async () => {
  const { html } = await renderMail({ modele: 'assignee', donnees }, 'fr', options);
  expect(html).not.toMatch(/<(link|script|img|iframe)\b|@import|url\(/i);
});

describe('what people typed', () => {
  const attack = `<script>alert(1)</script><img src=x onerror="alert('é')">"'{{titre}} & </td>`;
  const hostile: DonneesIntervention = {
    ...donnees,
    titre: attack,
    equipement: { nom: attack, localisation: attack },
    technicien: { nom: attack, prenom: attack },
    motif: attack,
    rapport: attack,
    pieces: [{ reference: attack, designation: attack, quantite: 1 }],
  };

  test.each(MODELES_INTERVENTION)(
    'is shown in a mail of %s and never becomes part of the document',
    async (modele) => {
      const harmless = await renderMail({ modele, donnees: withText(hostile, 'x') }, 'fr', options);
      const { html, text } = await renderMail({ modele, donnees: hostile }, 'fr', options);
      // The document has the same elements, with the same attributes, whatever the text says.
      expect(elements(html)).toEqual(elements(harmless.html));
      expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
      expect(visibleText(html)).toContain(`Intervention ${attack.replace(/\s+/g, ' ')}`);
      expect(text).toContain(`Équipement : ${attack}`);
    },
  );

  test('keeps its line breaks', async () => {
    const motif = 'Visite reportée.\r\nNouvelle date à convenir.\n<b>Merci</b>';
    const { html, text } = await renderMail(
      { modele: 'annulee', donnees: { ...donnees, motif } },
      'fr',
      options,
    );
    expect(html).toContain(
      'Visite reportée.<br />Nouvelle date à convenir.<br />&lt;b&gt;Merci&lt;/b&gt;</td>',
    );
    expect(text).toContain('Motif : Visite reportée.\n    Nouvelle date à convenir.\n    <b>Merci</b>\n');
  });
});

test('a hundred mails are written at once', async () => {
  const langues: Langue[] = ['fr', 'en'];
  const mails = await Promise.all(
    Array.from({ length: 100 }, (_, n) =>
      renderMail(
        { modele: 'assignee', donnees: { ...donnees, intervention_id: n } },
        langues[n % 2]!,
        options,
      ),
    ),
  );
  mails.forEach(({ html }, n) => {
    expect(html).toContain(`/interventions/${n}"`);
  });
});

function withText(source: DonneesIntervention, value: string): DonneesIntervention {
  return {
    ...source,
    titre: value,
    equipement: { nom: value, localisation: value },
    technicien: { nom: value, prenom: value },
    motif: value,
    rapport: value,
    pieces: [{ reference: value, designation: value, quantite: 1 }],
  };
}
