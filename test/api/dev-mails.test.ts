import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Contenu } from '../../src/domain/messages';
import { LANGUES } from '../../src/domain/writing';
import { EXEMPLES, EXTREMES } from '../../src/mail/exemples';
import { renderMail } from '../../src/mail/render';
import { MAISON } from '../../src/mail/views/maison';
import { type Browser, type Page, startBrowser } from '../../tools/lib/browser';
import { startTestApi, type TestApi } from '../support/api';
import {
  makeBooking,
  makeContrat,
  makeIntervention,
  makePiece,
  makeUser,
  makeWebhook,
} from '../support/factories';

/** The page of those who work on the mails, and where the links of the mails lead, both as a real browser has them. */

const FAULTS = readFileSync(join(__dirname, '..', 'support', 'page-faults.js'), 'utf8');

let api: TestApi;
let browser: Browser;
let page: Page;
beforeAll(async () => {
  api = await startTestApi({ DEV_PAGES: 'on' });
  browser = await startBrowser();
  page = await browser.newPage();
});
afterAll(async () => {
  await browser?.close();
  await api?.close();
});

const at = (path: string) => `${api.baseUrl}${path}`;
const read = (path: string) => api.anonymous.send('GET', at(path));

describe('/dev/mails', () => {
  it('shows every mail in each language and scheme, at the width of a telephone and of a desk', async () => {
    await page.open(at('/dev/mails'));
    const frames = await page.evaluate<string[]>(
      `[...document.querySelectorAll('iframe')].map(({ title }) => title)`,
    );
    const names = [...Object.keys(EXEMPLES), ...Object.keys(EXTREMES)];
    expect(frames).toEqual(
      names.flatMap((name) =>
        LANGUES.flatMap((langue) =>
          ['clair, 320', 'clair, 700', 'sombre, 320', 'sombre, 700'].map(
            (rest) => `${name}, ${langue}, ${rest}`,
          ),
        ),
      ),
    );
  });

  it.each([
    ['clair', false],
    ['sombre', true],
  ])('shows a mail as it looks on a screen that is %s, whatever the screen is', async (theme, dark) => {
    const background = `getComputedStyle(document.querySelector('.card')).backgroundColor`;
    await page.setScreen({ width: 320, dark });
    await page.open(at('/dev/mails/relance_pieces?langue=ar'));
    await page.show(
      (
        await renderMail(EXEMPLES.relance_pieces, 'ar', {
          publicUrl: api.config.publicUrl,
          timeZone: api.config.timeZone,
          maison: MAISON,
          linkToken: (id) => id,
        })
      ).html,
    );
    const real = await page.evaluate(background);
    await page.setScreen({ width: 320, dark: !dark });
    await page.open(at(`/dev/mails/relance_pieces?langue=ar&theme=${theme}`));
    expect(await page.evaluate(background)).toBe(real);
    expect(await page.evaluate(FAULTS)).toEqual([]);
    expect(await page.evaluate('document.dir')).toBe('rtl');
  });

  it('shows what a reader without HTML gets, with its subject and thread', async () => {
    const { body, headers } = await read('/dev/mails/terminee?langue=en&forme=texte');
    expect(headers.get('content-type')).toMatch('text/plain');
    expect(body).toMatch(
      /^Subject: Intervention no\. 1284: .*\nContent-Language: en\nReferences: <intervention-1284@\S+>\n\nIntervention finished\n/,
    );
  });

  it('knows no other name or language, and runs no script', async () => {
    for (const path of ['/dev/mails/x', '/dev/mails/assignee?langue=de', '/dev/mails/assignee/x', '/dev']) {
      expect((await read(path)).status).toBe(404);
    }
    const { headers } = await read('/dev/mails/assignee');
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none';(?!.*script)/);
  });

  it('is not there in production', async () => {
    const production = await startTestApi();
    try {
      for (const path of ['/dev/mails', '/dev/mails/', '/dev/mails/assignee', '/api/v1/dev/mails']) {
        const { status, body } = await production.anonymous.send('GET', `${production.baseUrl}${path}`);
        expect([status, body.code]).toEqual([404, 'INTROUVABLE']);
      }
    } finally {
      await production.close();
    }
  });
});

describe('the links of the mails', () => {
  /** Where the mails of every kind lead, in each language, about rows that exist. */
  async function links(): Promise<Set<string>> {
    const found = new Set<string>();
    const { id } = await makeIntervention(api.db);
    const piece = await makePiece(api.db);
    const rows: Record<string, number | string> = {
      intervention_id: id,
      piece_id: piece.id,
      contrat_id: (await makeContrat(api.db)).id,
      webhook_id: (await makeWebhook(api.db)).id,
      user_id: (await makeUser(api.db)).id,
      uid: (await makeBooking(api.db)).uid,
    };
    for (const example of Object.values<Contenu>(EXEMPLES)) {
      const contenu = JSON.parse(JSON.stringify(example, (key, value) => rows[key] ?? value)) as Contenu;
      for (const langue of LANGUES) {
        const { html } = await renderMail(contenu, langue, {
          publicUrl: api.baseUrl,
          timeZone: 'UTC',
          maison: MAISON,
          linkToken: (lien) => `${lien}.${'x'.repeat(43)}`,
        });
        await page.show(html);
        for (const href of await page.evaluate<string[]>(`[...document.links].map(({ href }) => href)`)) {
          found.add(href);
        }
      }
    }
    return found;
  }

  it('lead to what the API has under the same path, or to the page it serves itself', async () => {
    const { client } = await api.newPerson('admin');
    const opened: Record<string, number> = {};
    for (const href of await links()) {
      const url = new URL(href);
      expect(url.origin).toBe(api.baseUrl);
      // Pages of their own, with tests of their own: a calendar, and what somebody has booked.
      if (url.pathname === '/agenda' || url.pathname.startsWith('/rdv/')) continue;
      const kind = `${url.pathname.replace(/(?<=\/)(\d+|uid-[\w-]+)/, ':id')}${url.hash.replace(/=.*/, '=')}`;
      if (url.pathname === '/mot-de-passe') {
        await page.open('about:blank');
        await page.open(href);
        const form = await page.evaluate(
          `[...document.forms].filter(({ hidden }) => !hidden).map(({ id }) => id).join()`,
        );
        // With a token the page asks for the password, without one for the address to send a link to.
        expect(form).toBe(url.hash === '' ? 'demander' : 'choisir');
        opened[kind] = 200;
      } else if (/^\/(bris-de-glace|mon|consultations|examens|cabinets)(\/|$)/.test(url.pathname)) {
        // There, for who belongs to the practice or is the patient, which no administrator is.
        opened[kind] = (await client.get(url.pathname)).status;
      } else if (url.pathname.endsWith('/satisfaction')) {
        // There, for whoever asked for the work, which an administrator did not.
        opened[kind] = (await client.post(url.pathname, {})).status;
      } else {
        const { status, body } = await client.get(url.pathname);
        opened[kind] = status;
        // A list, where it is about several.
        if (!Array.isArray(body)) expect(url.pathname).toMatch(new RegExp(`/(${body.id}|${body.uid})$`));
      }
    }
    expect(opened).toEqual({
      '/interventions/:id': 200,
      '/interventions/:id/satisfaction': 403,
      '/pieces/:id': 200,
      '/rendez-vous': 200,
      '/rendez-vous/:id': 200,
      '/contrats/:id': 200,
      '/webhooks/:id': 200,
      '/users/:id': 200,
      '/documents': 200,
      '/notifications': 200,
      '/bris-de-glace': 403,
      '/mon/acces': 403,
      '/consultations/:id': 403,
      '/examens/:id': 403,
      '/cabinets/:id/a-qualifier': 403,
      '/mot-de-passe': 200,
      '/mot-de-passe#jeton=': 200,
    });
  });
});

it('speaks Arabic from end to end where a password is chosen', async () => {
  await page.open('about:blank');
  await page.open(at('/mot-de-passe?langue=ar#jeton=x'));
  expect(await page.evaluate(`document.documentElement.dir`)).toBe('rtl');
  const refused = await page.evaluate<string>(`(async () => {
    for (const id of ['nouveau', 'encore']) document.getElementById(id).value = 'Presse-Nord-83?';
    document.querySelector('#choisir button').click();
    const list = document.getElementById('erreurs');
    while (list.hidden) await new Promise((resolve) => setTimeout(resolve, 20));
    return list.textContent;
  })()`);
  expect(refused).toBe('لم يعد هذا الرابط صالحًا. اطلب رابطًا جديدًا.');
  expect(await page.evaluate(`[location.search, location.hash].join()`)).toBe('?langue=ar,');
});
