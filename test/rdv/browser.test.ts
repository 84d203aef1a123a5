import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { RendezVous } from '../../src/db/rendez-vous/rendez-vous';
import { LANGUES } from '../../src/domain/writing';
import { systemActor } from '../../src/services/actor';
import { inscrireSansCompte } from '../../src/services/rendez-vous/attente-sans-compte';
import { jetonDe, ouvrirLien } from '../../src/services/rendez-vous/jetons';
import { type Browser, type Page, startBrowser } from '../../tools/lib/browser';
import { startTestApi, type TestApi } from '../support/api';
import { makeBooking, makeIntervenant, makePrestation } from '../support/factories';

/** The pages on which people book, as a real browser shows them and as somebody with a keyboard alone uses them. */

const FAULTS = readFileSync(join(__dirname, '..', 'support', 'page-faults.js'), 'utf8');
const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

let api: TestApi;
let browser: Browser;
let page: Page;
beforeAll(async () => {
  api = await startTestApi({ RDV_PREUVE_BITS: '10', RDV_CADRES: 'http://127.0.0.1:9' });
  await api.db.query(
    `UPDATE parametres SET nom = 'Maison Zellige', couleur = '#0f5e6e', coordonnees = ARRAY['12, rue des Orangers, Rabat']`,
  );
  browser = await startBrowser();
});
beforeEach(async () => {
  page = await browser.newPage();
  await page.setVisitor({ timeZone: 'Africa/Casablanca', scripts: true });
});
afterAll(async () => {
  await browser?.close();
  await api?.close();
});

let waitingPeople = 0;
/** Somebody who waits for it, and the token of their link: what is free is offered to them at once. */
async function waiting(prestation: string): Promise<string> {
  const today = Date.now();
  const day = (n: number) => new Date(today + n * 86_400_000).toISOString().slice(0, 10);
  const { jeton } = await api.db.transaction((tx) =>
    inscrireSansCompte(
      {
        tx,
        secrets: api.app.secrets,
        actor: systemActor(new Date(), 'essai'),
        timeZone: api.config.timeZone,
      },
      {
        prestation,
        ...{ date_debut: day(2), date_fin: day(30), heure_debut: null, heure_fin: null },
        ...{ duree: null, intervenant_id: null, reponses: { sujet: 'Un local' } },
        participants: [
          {
            nom: 'Amal Idrissi',
            email: `attend-${++waitingPeople}@example.com`,
            telephone: null,
            langue: 'fr',
            fuseau_horaire: 'Africa/Casablanca',
          },
        ],
      },
    ),
  );
  return jeton;
}

/** Somebody who can be met on every working day, and what they are met for. */
async function offered(given: Parameters<typeof makePrestation>[1] = {}) {
  const day = [
    [540, 720],
    [840, 1_080],
  ];
  const horaires = { 1: day, 2: day, 3: day, 4: day, 5: day, 6: day, 7: day } as never;
  const people = await Promise.all(
    ['Nadia El Fassi', 'Youssef Amrani'].map((nom_public) =>
      makeIntervenant(api.db, { nom_public, fuseau_horaire: 'Africa/Casablanca', pays: 'BE', horaires }),
    ),
  );
  return makePrestation(api.db, {
    nom: 'Premier conseil',
    description: 'Un échange pour comprendre votre projet et vous orienter. Venez comme vous êtes.',
    intervenants: people.map(({ id }) => id),
    durees: [30, 60],
    lieu: { type: 'adresse', valeur: '12, rue des Orangers, Rabat' },
    questions: [
      { nom: 'sujet', libelle: 'Votre projet en quelques mots', type: 'texte_long', obligatoire: true },
      {
        nom: 'connu',
        libelle: 'Comment nous avez-vous connus ?',
        type: 'choix',
        obligatoire: false,
        choix: ['Un ami', 'La presse'],
      },
      { nom: 'accord', libelle: 'J’accepte d’être rappelé', type: 'case', obligatoire: false },
    ],
    ...given,
  });
}

/** What axe-core finds, each as its rule and the element. */
const accessibility = async (): Promise<string[]> => {
  await page.evaluate(`${AXE}; null`);
  return page.evaluate<string[]>(
    `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
      violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html.slice(0, 160))))`,
  );
};

/** Goes from one element that takes the keyboard to the next until one answers to the selector. */
async function tabTo(selector: string): Promise<void> {
  for (let n = 0; n < 80; n++) {
    if (await page.evaluate<boolean>(`document.activeElement.matches(${JSON.stringify(selector)})`)) return;
    await page.press('Tab');
  }
  throw new Error(`The keyboard does not reach ${selector}`);
}

const url = () => page.evaluate<string>('location.pathname + location.search');
const text = (selector: string) =>
  page.evaluate<string>(`document.querySelector(${JSON.stringify(selector)})?.innerText ?? ''`);

/** Where the pictures of a run go, for somebody who wants to look. */
const { RDV_PICTURES } = process.env;
async function look(name: string): Promise<void> {
  if (RDV_PICTURES !== undefined) await writeFile(join(RDV_PICTURES, `${name}.png`), await page.picture(1));
}

describe('somebody with a keyboard alone, in Arabic, on 320 pixels', () => {
  it('books, moves and cancels', async () => {
    const { slug } = await offered();
    await page.setScreen({ width: 320, dark: false });
    await page.open(`${api.baseUrl}/rdv/${slug}?langue=ar`);
    const step = async (name: string) => {
      await look(`ar-${name}`);
      expect({ name, faults: await page.evaluate(FAULTS), found: await accessibility() }).toEqual({
        name,
        faults: [],
        found: [],
      });
      expect(await page.evaluate('document.documentElement.dir + document.documentElement.lang')).toBe(
        'rtlar',
      );
    };
    await step('1-creneau');
    await tabTo('a.jour:not([aria-current])');
    await page.press('Enter', { leads: true });
    await tabTo('button.heure');
    await page.press('Enter', { leads: true });
    expect(await text('.garde')).not.toBe('');
    await step('2-coordonnees');
    await tabTo('#c-nom');
    await page.type('أمل الإدريسي');
    await tabTo('#c-email');
    await page.type('amal@example.com');
    await tabTo('#envoyer');
    await page.press('Enter', { leads: true });
    // A question was left out: it is said first, with a link to it, and what was typed is still there.
    expect(await page.evaluate('document.activeElement.id')).toBe('probleme');
    await step('3-erreur');
    await tabTo('#probleme a');
    await page.press('Enter');
    await tabTo('#c-q_sujet');
    await page.type('متجر صغير');
    await tabTo('#envoyer');
    await page.press('Enter', { leads: true });
    expect(await url()).toMatch(/^\/rdv\/gestion\/[\w-]{43}\?langue=ar&fait=oui$/);
    await step('4-fait');

    await tabTo('a[href*="deplacer=oui"]');
    await page.press('Enter', { leads: true });
    await step('5-deplacer');
    await tabTo('a.heure');
    await page.press('Enter', { leads: true });
    await step('6-deplacer-confirmer');
    await tabTo('button[value="reporter"]');
    await page.press('Enter', { leads: true });
    expect(await url()).toMatch(/fait=deplace$/);
    await step('7-deplace');

    await tabTo('a[href*="annuler=oui"]');
    await page.press('Enter', { leads: true });
    await step('8-annuler');
    await tabTo('button[value="annuler"]');
    await page.press('Enter', { leads: true });
    await step('9-annule');
    const [row] = await api.db.query(
      `SELECT b.statut, b.sequence, p.langue, p.jeton_hash, b.reponses FROM rendez_vous b
       JOIN participants p ON p.rendez_vous_id = b.id WHERE p.nom = 'أمل الإدريسي'`,
    );
    expect(row).toEqual({
      statut: 'annule',
      sequence: 2,
      langue: 'ar',
      jeton_hash: null,
      reponses: { sujet: 'متجر صغير', accord: false },
    });
  });
});

/** The page of an appointment as a row, for whoever booked it; those who came to it are asked for what they thought. */
async function linkOf(given: Partial<RendezVous>): Promise<string> {
  const prestation = await makePrestation(api.db, { nom: 'Bilan', avis: true });
  const participants = [{ rang: 1, statut: given.statut === 'honore' ? 'present' : 'attendu' } as const];
  const booked = await makeBooking(api.db, { prestation, participants, ...given });
  const { id } = booked.participants[0]!;
  const jeton = jetonDe(api.app.secrets, { id, uid: booked.uid });
  await api.db.transaction((tx) => ouvrirLien(tx, id, jeton, booked.fin));
  return `${api.baseUrl}/rdv/gestion/${jeton.jeton}`;
}

test('whoever came says with the keyboard alone what they thought, and reads that it was heard', async () => {
  await page.setScreen({ width: 320, dark: false });
  await page.open(`${await linkOf({ statut: 'honore', debut: new Date(Date.now() - 7_200_000) })}?langue=ar`);
  await tabTo('#note-1');
  for (const _ of [2, 3, 4]) await page.press('ArrowDown');
  await tabTo('#commentaire');
  await page.type('شكرًا');
  await tabTo('button[value="avis"]');
  await page.press('Enter', { leads: true });
  expect(await text('h1')).toBe('شكرًا على رأيك');
  expect(await api.db.query('SELECT note, commentaire FROM participants WHERE note IS NOT NULL')).toEqual([
    { note: 4, commentaire: 'شكرًا' },
  ]);
});

describe('every step', () => {
  it.each(LANGUES)(
    'in %s stays within every screen, can be read on each, and axe-core finds nothing',
    async (langue) => {
      const { slug } = await offered({
        nom: 'Atelier des premières démarches administratives',
        places: 6,
        liste_attente: true,
      });
      const [waits, left] = [await waiting(slug), await waiting(slug)];
      await api.anonymous.post(`/public/attente/${left}`, { acte: 'quitter' });
      const base = `${api.baseUrl}/rdv`;
      await page.open(`${base}/${slug}?langue=${langue}`);
      const time = await page.evaluate<string>('document.querySelector("button.heure").value');
      const form = `${base}/${slug}?langue=${langue}&debut=${encodeURIComponent(time)}`;
      const unconfirmed = {
        statut: 'a_valider',
        attente: 'email',
        expire_le: new Date(Date.now() + 1_800_000),
      } as const;
      const over = { statut: 'honore', debut: new Date(Date.now() - 7_200_000) } as const;
      const steps = {
        courrier: `${await linkOf(unconfirmed)}?langue=${langue}`,
        confirmation: `${await linkOf(unconfirmed)}?langue=${langue}&code=${'a'.repeat(43)}`,
        indisponible: `${await linkOf({ statut: 'refuse', annule_par: 'systeme' })}?langue=${langue}`,
        avis: `${await linkOf(over)}?langue=${langue}`,
        prestations: `${base}?langue=${langue}`,
        creneau: `${base}/${slug}?langue=${langue}`,
        vide: `${base}/${slug}?langue=${langue}&du=2029-01-01`,
        coordonnees: form,
        introuvable: `${base}/rien?langue=${langue}`,
        annule: `${base}/gestion/annule?langue=${langue}`,
        attente: `${base}/attente/${waits}?langue=${langue}`,
        quittee: `${base}/attente/${left}?langue=${langue}`,
      };
      for (const [name, address] of Object.entries(steps)) {
        await page.open(address);
        for (const screen of [320, 1_100].flatMap((width) =>
          [false, true].map((dark) => ({ width, dark })),
        )) {
          await page.setScreen(screen);
          if (langue !== 'ar')
            await look(`${langue}-${name}-${screen.width}-${screen.dark ? 'sombre' : 'clair'}`);
          const seen = { faults: await page.evaluate(FAULTS), found: await accessibility() };
          expect({ name, screen, ...seen }).toEqual({ name, screen, faults: [], found: [] });
        }
      }
    },
  );
});

test('what is offered to somebody who waits is taken with the keyboard alone, once', async () => {
  const { slug } = await offered({ liste_attente: true });
  const jeton = await waiting(slug);
  await page.open(`${api.baseUrl}/rdv/attente/${jeton}?langue=ar`);
  expect(await text('h1')).toBe('توفّر وقت لك');
  await tabTo('button[value="accepter"]');
  await page.press('Enter', { leads: true });
  expect(await url()).toMatch(/^\/rdv\/gestion\/[\w-]{43}\?langue=ar&fait=oui$/);
  await page.open(`${api.baseUrl}/rdv/attente/${jeton}?langue=ar`);
  expect(await page.evaluate<number>('document.querySelectorAll("button[name=acte]").length')).toBe(0);
});

test('without scripts a form is enough: what is booked is shown once more first', async () => {
  const { slug } = await offered();
  await page.setVisitor({ timeZone: 'Africa/Casablanca', scripts: false });
  await page.open(`${api.baseUrl}/rdv/${slug}?langue=fr`);
  const press = async (selector: string) => {
    await page.evaluate(`document.querySelector(${JSON.stringify(selector)}).focus()`);
    await page.press('Enter', { leads: true });
  };
  const fill = async (selector: string, value: string) => {
    await page.evaluate(`document.querySelector(${JSON.stringify(selector)}).focus()`);
    await page.type(value);
  };
  await press('button.heure');
  await fill('#c-nom', 'Sans Script');
  await fill('#c-email', 'sans@example.com');
  await fill('#c-q_sujet', 'Un essai');
  await press('#envoyer');
  expect([await text('#probleme'), await text('#formulaire h2')]).toEqual(['', 'Une dernière vérification']);
  // Nobody reads as fast as this.
  await press('#envoyer');
  expect(await text('#probleme')).toContain('Confirmez encore une fois');
  await new Promise((resolve) => setTimeout(resolve, 3_100));
  await press('#envoyer');
  expect(await text('h1')).toBe('C’est noté');
  expect(await api.db.query(`SELECT count(*)::int AS n FROM participants WHERE nom = 'Sans Script'`)).toEqual(
    [{ n: 1 }],
  );
});

test('what was taken meanwhile is said, with buttons that book what is free', async () => {
  const { slug } = await offered({ mode: 'collectif', questions: [], durees: [30] });
  await page.open(`${api.baseUrl}/rdv/${slug}?langue=en`);
  const time = await page.evaluate<string>('document.querySelector("button.heure").value');
  await page.open(`${api.baseUrl}/rdv/${slug}?langue=en&debut=${encodeURIComponent(time)}`);
  await api.db.query(
    `UPDATE intervenants SET absences = jsonb_build_array(jsonb_build_object('id', 1, 'date_debut', $1::text, 'date_fin', $1::text, 'remplacant_id', null, 'motif', null))
    WHERE id IN (SELECT intervenant_id FROM prestations_intervenants pi JOIN prestations f ON f.id = pi.prestation_id WHERE f.slug = $2)`,
    [time.slice(0, 10), slug],
  );
  await tabTo('#c-nom');
  await page.type('Late Comer');
  await tabTo('#c-email');
  await page.type('late@example.com');
  await tabTo('#envoyer');
  await page.press('Enter', { leads: true });
  expect(await text('#probleme .fort')).not.toBe('');
  await look('en-pris');
  expect(await accessibility()).toEqual([]);
  await tabTo('#probleme button');
  const chosen = await page.evaluate<string>('document.activeElement.value');
  await page.press('Enter', { leads: true });
  expect(await text('h1')).toBe('You are booked');
  expect(await page.evaluate<number>('Date.parse(document.querySelector("time").dateTime)')).toBe(
    Date.parse(chosen),
  );
});

test('a scanner that follows every link of every page changes nothing', async () => {
  const { slug } = await offered();
  const state = () =>
    api.db.query(
      `SELECT (SELECT json_agg(b ORDER BY b.id) FROM rendez_vous b) AS r, (SELECT json_agg(p ORDER BY p.id) FROM participants p) AS p,
         (SELECT json_agg(s ORDER BY s.id) FROM seances s) AS s, (SELECT count(*) FROM historique) AS h`,
    );
  await page.open(`${api.baseUrl}/rdv/${slug}?langue=fr`);
  const time = await page.evaluate<string>('document.querySelector("button.heure").value');
  const form = new URLSearchParams({
    acte: 'retenir',
    debut: time,
    langue: 'fr',
    visiteur: 'scanner-0123456789',
  });
  const held = await fetch(`${api.baseUrl}/rdv/${slug}`, { method: 'POST', body: form, redirect: 'manual' });
  expect(held.status).toBe(303);
  await page.open(new URL(held.headers.get('location')!, api.baseUrl).href);
  for (const [id, value] of [
    ['#c-nom', 'Scannée'],
    ['#c-email', 's@example.com'],
    ['#c-q_sujet', 'x'],
  ] as const) {
    await tabTo(id);
    await page.type(value);
  }
  await tabTo('#envoyer');
  await page.press('Enter', { leads: true });
  const booked = await url();
  const before = await state();
  const [seen, queue] = [new Set<string>(), [booked, `/rdv/${slug}`, '/rdv']];
  while (queue.length > 0 && seen.size < 120) {
    const next = queue.shift()!;
    if (seen.has(next)) continue;
    seen.add(next);
    await fetch(api.baseUrl + next, { method: 'HEAD' });
    const answer = await fetch(api.baseUrl + next);
    expect({ next, status: answer.status }).toEqual({ next, status: 200 });
    if (!answer.headers.get('content-type')!.includes('html')) continue;
    const links = [...(await answer.text()).matchAll(/(?:href|action)="(\/[^"]*)/g)].map(
      ([, path]) => path!.replaceAll('&amp;', '&').replaceAll('&#x3D;', '=').split('#')[0]!,
    );
    // Of the many pages of days, those of the appointment first.
    queue.unshift(...links.filter((path) => path.includes('/gestion/')).slice(0, 40));
    queue.push(...links);
  }
  expect([...seen].some((path) => path.includes('annuler=oui'))).toBe(true);
  expect([...seen].some((path) => path.includes('deplacer=oui'))).toBe(true);
  expect([...seen].some((path) => path.endsWith('.ics'))).toBe(true);
  expect(await state()).toEqual(before);
});

test('a page weighs less than 100 kB with all that it loads', async () => {
  const { slug } = await offered({ durees: [15], pas: 15 });
  await page.open(`${api.baseUrl}/rdv/${slug}?langue=ar`);
  const loaded = await page.evaluate<[string, number][]>(
    `[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')].map((e) => [e.name, e.decodedBodySize])`,
  );
  expect(loaded.every(([name]) => name.startsWith(api.baseUrl))).toBe(true);
  expect(loaded.length).toBeGreaterThanOrEqual(3);
  expect(loaded.reduce((sum, [, size]) => sum + size, 0)).toBeLessThan(100_000);
});

describe('another page', () => {
  const framed = async (origin: string | null) => {
    const { slug } = await offered();
    const server = createServer((_, response) => {
      response.setHeader('Content-Type', 'text/html');
      response.end(`<iframe id="f" src="${api.baseUrl}/rdv/${slug}?langue=fr" width="400" height="500"></iframe>
        <script>addEventListener('message', ({ data }) => { if (data.type === 'rdv:hauteur') document.title = 'rdv'; })</script>`);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const own = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    api.config.rdv.cadres = origin === null ? [] : [own];
    await page.open(own);
    await new Promise((resolve) => setTimeout(resolve, 500));
    const title = await page.evaluate<string>('document.title');
    server.close();
    return title;
  };
  it('shows it in a frame when the house has named it, and is told how high it is', async () => {
    expect(await framed('named')).toBe('rdv');
  });
  it('does not otherwise', async () => {
    expect(await framed(null)).toBe('');
  });
});
