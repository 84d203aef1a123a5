import {
  type ContenuAvis,
  type ContenuLien,
  compteText,
  type DonneesAvis,
  type DonneesLien,
  MODELES_AVIS,
  MODELES_LIEN,
  type ModeleAvis,
  maskedEmail,
} from '../../src/domain/identite/textes';
import { isOf } from '../../src/domain/messages';
import { LANGUES } from '../../src/domain/writing';
import { renderMail } from '../../src/mail/render';
import { MAISON } from '../../src/mail/views/maison';
import { elements, visibleText } from './reading';

const options = {
  publicUrl: 'https://regie.example.ma',
  timeZone: 'Africa/Casablanca',
  maison: MAISON,
  linkToken: (id: string) => `${id}.signature`,
  correlationId: 'req-3f0c9b2e',
};
const lien: DonneesLien = {
  date: '2026-12-20T08:00:00.000Z',
  adresse: '203.0.113.7',
  auteur: { nom: 'Alaoui', prenom: 'Karim' },
  lien: { id: '3d0e1f2a-0000-4000-8000-000000000001', date_expiration: '2026-12-20T08:30:00.000Z' },
};
const avis: DonneesAvis = {
  date: '2026-12-20T08:00:00.000Z',
  adresse: '203.0.113.7',
  auteur: null,
  session: {
    date_creation: '2026-12-19T17:15:00.000Z',
    adresse: '198.51.100.4',
    agent: 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0',
  },
};
const auteur = { nom: 'Alaoui', prenom: 'Karim' };
const nouvel_email = 'k…@exemple.ma';
const cle = { nom: 'Capteurs atelier 2', role: 'technicien', date_expiration: null } as const;

/** What only some notices tell. */
const PARTICULARS: Partial<Record<ModeleAvis, Partial<DonneesAvis>>> = {
  cle_api_creee: { cle },
  adresse_changee: { nouvel_email },
};
const CONTENUS: (ContenuLien | ContenuAvis)[] = [
  ...MODELES_LIEN.map((modele) => ({ modele, donnees: lien })),
  ...MODELES_AVIS.map((modele) => ({ modele, donnees: { ...avis, ...PARTICULARS[modele] } })),
];
const each = CONTENUS.map((contenu) => [contenu.modele, contenu] as const);
const eachWithAction = each.filter(([modele]) => modele !== 'adresse_changee');

test.each(each)(
  'a mail of %s says the same as HTML and as plain text, in each language',
  async (_, contenu) => {
    for (const langue of LANGUES) {
      const { sujet, html, text } = await renderMail(contenu, langue, options);
      const { titre, message } = compteText(contenu, langue);
      expect(sujet).toBe(titre);
      if (langue !== 'ar') expect(titre).toMatch(/^[A-ZÀ-Ý].*\p{L}$/u);
      for (const said of [titre, message, options.correlationId]) {
        expect(visibleText(html)).toContain(said);
        expect(text).toContain(said);
      }
      expect(text).not.toMatch(/undefined|null|NaN|\[object/);
    }
    expect(new Set(LANGUES.map((langue) => compteText(contenu, langue).message)).size).toBe(3);
  },
);

test.each(eachWithAction)('the action of %s leads to where a password is chosen', async (_, contenu) => {
  for (const langue of LANGUES) {
    const { html, text } = await renderMail(contenu, langue, options);
    const page = `https://regie.example.ma/mot-de-passe${langue === 'ar' ? '?langue=ar' : ''}`;
    const url = isOf(contenu, 'lien') ? `${page}#jeton=${lien.lien.id}.signature` : page;
    const links = [...html.matchAll(/href="([^"]*)"/g)].map(([, href]) => href!.replaceAll('&#x3D;', '='));
    expect(links).toEqual([url]);
    expect(text).toContain(`${url}\n`);
  }
});

test('a link says until when it works, and that nothing happens without it', async () => {
  const { html, text } = await renderMail({ modele: 'reinitialisation', donnees: lien }, 'fr', options);
  for (const body of [visibleText(html), text]) {
    expect(body).toMatch(/Lien valable jusqu'au\s?:? dimanche 20 décembre 2026 à 08:30/);
    expect(body).toMatch(/Depuis l'adresse\s?:? 203\.0\.113\.7/);
    expect(body).toContain("Vous n'avez rien demandé ? Ne faites rien");
  }
});

test('an invitation names who invites, and not where they are', async () => {
  const { html, text } = await renderMail({ modele: 'invitation', donnees: lien }, 'en', options);
  for (const body of [visibleText(html), text]) {
    expect(body).toContain('Karim Alaoui has opened an account for you in Régie.');
    expect(body).not.toContain('203.0.113.7');
  }
});

test('a notice says when, from where and with what, and what to do if it was somebody else', async () => {
  const { html, text } = await renderMail({ modele: 'mot_de_passe_change', donnees: avis }, 'fr', options);
  for (const body of [visibleText(html), text]) {
    expect(body).toMatch(/Date\s?:? dimanche 20 décembre 2026 à 08:00/);
    expect(body).toMatch(/Depuis l'adresse\s?:? 203\.0\.113\.7/);
    expect(body).toMatch(/Appareil\s?:? Firefox, Linux/);
    expect(body).toContain("Ce n'était pas vous ? Demandez aussitôt un nouveau mot de passe");
  }
});

test('that a session was ended tells it apart from the others of the person', async () => {
  const { text } = await renderMail({ modele: 'session_compromise', donnees: avis }, 'fr', options);
  expect(text).toContain('Session ouverte le : samedi 19 décembre 2026 à 17:15');
  expect(text).toContain("Ouverte depuis l'adresse : 198.51.100.4");
});

test('a key says its role and that it never expires', async () => {
  const { text } = await renderMail({ modele: 'cle_api_creee', donnees: { ...avis, cle } }, 'fr', options);
  expect(text).toMatch(/Clé : Capteurs atelier 2\nRôle : technicien\nExpiration : jamais\n/);
});

test('another address is told with who changed it, and without a link that would help only whoever reads there', async () => {
  const contenu = { modele: 'adresse_changee', donnees: { ...avis, auteur, nouvel_email } } as const;
  const { html, text } = await renderMail(contenu, 'fr', options);
  for (const body of [visibleText(html), text]) {
    expect(body).toContain("Karim Alaoui a changé l'adresse de votre compte.");
    expect(body).toContain('Vous vous connectez désormais avec la nouvelle, k…@exemple.ma.');
    expect(body).toMatch(/Date\s?:? dimanche 20 décembre 2026 à 08:00/);
    expect(body).toContain("Vous ne l'avez pas voulu ? Prévenez aussitôt votre administrateur");
  }
  expect(html + text).not.toMatch(/href=|https:\/\/regie/);
});

test.each([
  ['karim.alaoui@exemple.ma', 'k…@exemple.ma'],
  ['k@exemple.ma', 'k…@exemple.ma'],
  ['𝒦arim@exemple.ma', '𝒦…@exemple.ma'],
])('%s is masked as %s', (email, masked) => {
  expect(maskedEmail(email)).toBe(masked);
});

test('what people typed, or what they signed in with, never becomes part of the document', async () => {
  const attack = `<script>alert(1)</script>"'{{titre}} & </td>`;
  const render = (value: string) =>
    renderMail(
      {
        modele: 'cle_api_creee',
        donnees: {
          ...avis,
          auteur: { nom: value, prenom: value },
          session: { ...avis.session!, agent: value },
          cle: { ...cle, nom: value },
        },
      },
      'fr',
      options,
    );
  const { html } = await render(attack);
  expect(elements(html)).toEqual(elements((await render('x')).html));
  expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
});
