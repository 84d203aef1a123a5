import {
  type DonneesIntervention,
  interventionText,
  MODELES_INTERVENTION,
} from '../../src/domain/interventions/textes';
import type { Contenu } from '../../src/domain/messages';
import { isolated, LANGUES, type Langue } from '../../src/domain/writing';
import { EXEMPLES, EXTREMES } from '../../src/mail/exemples';
import { renderMail } from '../../src/mail/render';
import { MAISON, type Maison } from '../../src/mail/views/maison';
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
  maison: MAISON,
  linkToken: (id: string) => `${id}.signature`,
  correlationId: 'req-3f0c9b2e',
};

const FACTS: Record<Langue, [label: string, value: string][]> = {
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
  ar: [
    ['التدخل', '\u2068Réparation fuite hydraulique\u2069 (رقم 12)'],
    ['المعدة', 'Presse hydraulique PH-200'],
    ['المكان', 'Atelier 2'],
    ['التقني', 'Karim Alaoui'],
    ['الموعد', 'الأحد 20 دجنبر 2026 على الساعة 08:00'],
    ['المدة المقدرة', '1 س 30 د'],
    ['يجب أن ينتهي قبل', 'الاثنين 21 دجنبر 2026 على الساعة 16:00'],
  ],
};

const COLON = { fr: ' : ', en: ': ', ar: ': ' };
const BADGES = {
  fr: 'Priorité critique Urgent',
  en: 'Critical priority Urgent',
  ar: 'أولوية حرجة عاجل',
};

test.each(LANGUES)(
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
      expect(text).toContain(`${label}${COLON[langue]}${isolated(value, langue)}`);
    }
    expect(visible).toContain(BADGES[langue]);
  },
);

test.each([
  ['fr', 'ltr', '[Urgent] Intervention n° 12 : Réparation fuite hydraulique'],
  ['en', 'ltr', '[Urgent] Intervention no. 12: Réparation fuite hydraulique'],
  ['ar', 'rtl', '[عاجل] التدخل رقم 12: \u2068Réparation fuite hydraulique\u2069'],
] as const)(
  'for a reader of %s the document says so, runs %s, and its subject names the intervention: %s',
  async (langue, dir, sujet) => {
    const mail = await renderMail({ modele: 'terminee', donnees }, langue, options);
    expect(mail.sujet).toBe(sujet);
    expect(mail.html).toMatch(new RegExp(`^<!doctype html>\\s*<html lang="${langue}" dir="${dir}"`));
    expect(mail.html).toContain(`<title>${sujet}</title>`);
  },
);

test('all mails about one intervention have the subject and the root of one thread, and say first what happened', async () => {
  const other = { ...donnees, intervention_id: 13 };
  for (const langue of LANGUES) {
    const mails = await Promise.all(
      MODELES_INTERVENTION.map((modele) => renderMail({ modele, donnees }, langue, options)),
    );
    expect(new Set(mails.map(({ sujet }) => sujet)).size).toBe(1);
    expect(new Set(mails.map(({ fil }) => fil))).toEqual(new Set(['<intervention-12@regie.example.ma>']));
    mails.forEach(({ html }, n) => {
      const { titre } = interventionText({ modele: MODELES_INTERVENTION[n]!, donnees }, langue);
      // The first text of the document is what a mailbox shows beside the subject.
      const body = html.slice(html.indexOf('<body')).replaceAll('&#x27;', "'");
      expect(body).toMatch(new RegExp(`^<body[^>]*>\\s*<div[^>]*>${titre}`));
    });
  }
  const { fil } = await renderMail({ modele: 'assignee', donnees: other }, 'fr', options);
  expect(fil).toBe('<intervention-13@regie.example.ma>');
});

test('a kind of mail that can be switched off says where, in both its forms', async () => {
  const desabonnement = 'https://regie.example.ma/desabonnement#jeton=abc';
  const { html, text } = await renderMail({ modele: 'demarree', donnees }, 'fr', {
    ...options,
    desabonnement,
  });
  const footer = html.slice(html.indexOf('merci de ne pas y répondre'));
  expect(footer).toContain('href="https://regie.example.ma/desabonnement#jeton&#x3D;abc"');
  expect(text).toContain(`Ne plus recevoir ce type de message : ${desabonnement}\n`);
});

test('the house signs with its name and colour, and a logo that travels with the mail', async () => {
  const maison: Maison = {
    nom: 'Ateliers du Nord',
    couleur: '#ffd166',
    logo: { type: 'image/png', contenu: 'iVBORw0KGgo=', largeur: 120, hauteur: 40 },
  };
  const { html, text, images } = await renderMail({ modele: 'demarree', donnees }, 'fr', {
    ...options,
    maison,
  });
  expect(html).toContain('src="cid:logo@regie" alt="Ateliers du Nord"');
  // Black on a light colour; the stripe and the button are of it.
  expect(html.match(/#ffd166/g)!.length).toBeGreaterThanOrEqual(2);
  expect(html).toContain('color:#000000');
  expect(html).not.toMatch(/c0ffee|babbed/);
  expect(text).toContain('par Ateliers du Nord, merci');
  expect(images).toEqual([{ cid: 'logo@regie', type: 'image/png', contenu: 'iVBORw0KGgo=' }]);
});

test.each(Object.entries<Contenu>({ ...EXEMPLES, ...EXTREMES }))(
  'a mail of %s says in plain text whatever it says in HTML, and nothing else',
  async (_, contenu) => {
    for (const langue of LANGUES) {
      const { html, text } = await renderMail(contenu, langue, options);
      // The heads of the columns of parts, which a line of plain text does without.
      const heads = { fr: 'Désignation Quantité', en: 'Part Quantity', ar: 'القطعة الكمية' }[langue].split(
        ' ',
      );
      const url = /https:\/\/regie\.example\.ma\S+$/gm;
      const shown = wordsOf(visibleText(html).replaceAll('&#x27;', "'"));
      const said = wordsOf(text.replace(url, ''));
      expect(shown.filter((word) => !said.includes(word) && !heads.includes(word))).toEqual([]);
      expect(said.filter((word) => !shown.includes(word))).toEqual([]);
    }
  },
);

/** Without the signs that join and isolate them. */
function wordsOf(text: string): string[] {
  return [...new Set(text.replace(/[\u2068\u2069]/g, '').match(/[\p{L}\p{N}\p{M}]+/gu))];
}

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

test('a stock that runs low leads to its part', async () => {
  const { sujet, html, text } = await renderMail(
    {
      modele: 'stock_bas',
      donnees: {
        piece_id: 7,
        reference: '<b>JNT</b>',
        designation: 'Joint torique',
        stock: 5,
        disponible: 2,
        seuil_alerte: 3,
      },
    },
    'fr',
    options,
  );
  expect(sujet).toBe('Pièce <b>JNT</b> : Joint torique');
  expect(html).toContain('&lt;b&gt;JNT&lt;/b&gt;');
  expect([...html.matchAll(/href="([^"]*)"/g)].map(([, href]) => href)).toEqual([
    'https://regie.example.ma/pieces/7',
  ]);
  expect(text).toContain('Disponible : 2\n');
});

test('a contract that is about to end leads to it', async () => {
  const contenu = {
    modele: 'contrat_fin',
    donnees: {
      contrat_id: 3,
      reference: 'C-2027-014',
      client: 'Salma <b>Alaoui</b>',
      site: null,
      date_fin: '2027-12-31',
      visites_incluses: 12,
      visites_faites: 7,
    },
  } as const;
  const { sujet, html, text } = await renderMail(contenu, 'fr', options);
  expect(sujet).toBe('Contrat C-2027-014 : Salma <b>Alaoui</b>');
  expect(html).toContain('Salma &lt;b&gt;Alaoui&lt;/b&gt;');
  expect([...html.matchAll(/href="([^"]*)"/g)].map(([, href]) => href)).toEqual([
    'https://regie.example.ma/contrats/3',
  ]);
  expect(text).toContain('Visites faites : 7 / 12\n');
  expect((await renderMail(contenu, 'en', options)).text).toContain('ends on 2027-12-31');
});

test('a webhook that was switched off leads to it, and names the host alone', async () => {
  const { sujet, html, text } = await renderMail(
    {
      modele: 'webhook_desactive',
      donnees: {
        webhook_id: 7,
        hote: 'si.exemple.ma<b>',
        motif: 'echecs',
        depuis: '2026-11-26T08:00:00Z',
        fuseau_horaire: 'UTC',
      },
    },
    'fr',
    options,
  );
  expect(sujet).toBe('Webhook vers si.exemple.ma<b>');
  expect(html).toContain('si.exemple.ma&lt;b&gt;');
  expect([...html.matchAll(/href="([^"]*)"/g)].map(([, href]) => href)).toEqual([
    'https://regie.example.ma/webhooks/7',
  ]);
  expect(text).toContain('En échec depuis : jeudi 26 novembre 2026 à 08:00\n');
});

test('files that are not what was filed are named with what does not fit, and those beyond counted', async () => {
  const { sujet, html, text } = await renderMail(
    {
      modele: 'documents_alteres',
      donnees: {
        nombre: 22,
        documents: [{ document_id: 7, nom: '<b>plan</b>.pdf', anomalie: 'cle_perdue' }],
      },
    },
    'fr',
    options,
  );
  expect(sujet).toBe('Documents altérés : 22');
  expect(html).toContain('&lt;b&gt;plan&lt;/b&gt;.pdf');
  expect([...html.matchAll(/href="([^"]*)"/g)].map(([, href]) => href)).toEqual([
    'https://regie.example.ma/documents',
  ]);
  expect(text).toContain('clé absente : 7 · <b>plan</b>.pdf\n');
  expect(text).toContain('Autres : 21\n');
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
      '<bdi>Visite reportée.</bdi><br /><bdi>Nouvelle date à convenir.</bdi><br /><bdi>&lt;b&gt;Merci&lt;/b&gt;</bdi>',
    );
    expect(text).toContain('Motif : Visite reportée.\n    Nouvelle date à convenir.\n    <b>Merci</b>\n');
  });
});

test('a hundred mails are written at once', async () => {
  const mails = await Promise.all(
    Array.from({ length: 100 }, (_, n) =>
      renderMail(
        { modele: 'assignee', donnees: { ...donnees, intervention_id: n } },
        LANGUES[n % 3]!,
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
