import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Contenu } from '../../src/domain/messages';
import { LANGUES } from '../../src/domain/writing';
import { EXEMPLES, EXTREMES } from '../../src/mail/exemples';
import { renderMail } from '../../src/mail/render';
import { MAISON, type Maison } from '../../src/mail/views/maison';
import { type Browser, type Page, startBrowser } from '../../tools/lib/browser';

/** Every mail as a real browser shows it: in each language, on light and dark screens, on telephones and desks. */

const SCREENS = [320, 700].flatMap((width) => [false, true].map((dark) => ({ width, dark })));
const FAULTS = readFileSync(join(__dirname, '..', 'support', 'page-faults.js'), 'utf8');

const options = {
  publicUrl: 'https://regie.exemple.ma',
  timeZone: 'Africa/Casablanca',
  maison: MAISON,
  linkToken: (id: string) => `${id}.signature`,
  desabonnement: 'https://regie.exemple.ma/desabonnement#jeton=abc',
  correlationId: '0f8fad5b-d9cb-469f-a165-70867728950e',
};

let browser: Browser;
let page: Page;
beforeAll(async () => {
  browser = await startBrowser();
  page = await browser.newPage();
});
afterAll(() => browser?.close());

const each = Object.entries<Contenu>({ ...EXEMPLES, ...EXTREMES });

describe.each(each)('a mail of %s', (_, contenu) => {
  test.each(LANGUES)('in %s stays within every screen and can be read on each', async (langue) => {
    const { html } = await renderMail(contenu, langue, options);
    await page.show(html);
    for (const screen of SCREENS) {
      await page.setScreen(screen);
      expect({ screen, faults: await page.evaluate(FAULTS) }).toEqual({ screen, faults: [] });
    }
    // Gmail cuts off what is longer, and the button with it.
    expect(Buffer.byteLength(html)).toBeLessThan(102_000);
  });
});

test('what is asked of the browser finds what leaves the screen, and what cannot be read', async () => {
  await page.setScreen({ width: 320, dark: false });
  await page.show(
    `<body style="margin:0"><p style="color:#999999">Gris</p><p>${'W'.repeat(200)}</p>
     <table width="200" style="table-layout:fixed"><tr><td style="white-space:nowrap">${'dix mots '.repeat(10)}</td></tr></table>`,
  );
  expect(await page.evaluate(FAULTS)).toEqual([
    expect.stringMatching(/^the page is \d{4} wide on 320$/),
    '"Gris" has a contrast of 2.85',
    expect.stringMatching(/^"W{40}" spans 0 to \d{4}/),
    expect.stringMatching(/^"W{40}" leaves its box$/),
    expect.stringMatching(/^"dix mots [^"]*" spans /),
    expect.stringMatching(/^"dix mots [^"]*" leaves its box$/),
  ]);
});

test('a colour of the house that is light, or the darkest, leaves the button readable', async () => {
  for (const couleur of ['#ffd166', '#000000', '#ffffff', '#777777', '#0f766e']) {
    const maison: Maison = { ...MAISON, couleur };
    const { html } = await renderMail(EXEMPLES.assignee, 'fr', { ...options, maison });
    await page.show(html);
    for (const screen of SCREENS) {
      await page.setScreen(screen);
      expect({ couleur, screen, faults: await page.evaluate(FAULTS) }).toEqual({
        couleur,
        screen,
        faults: [],
      });
    }
  }
});

test('Arabic runs from right to left: lines begin at the right, labels stand there, and the button too', async () => {
  const edges = (langue: 'fr' | 'ar') =>
    renderMail(EXEMPLES.relance_pieces, langue, options).then(async ({ html }) => {
      await page.show(html);
      await page.setScreen({ width: 700, dark: false });
      return page.evaluate<Record<string, number>>(`(() => {
        const middle = (element) => { const { left, right } = element.getBoundingClientRect(); return (left + right) / 2; };
        const card = document.querySelector('.card').getBoundingClientRect();
        const title = document.createRange();
        title.selectNodeContents(document.querySelector('h1'));
        const [line] = title.getClientRects();
        return {
          title: Math.round(Math.min(line.left - card.left, card.right - line.right)),
          titleIsRight: Number(line.left + line.right > card.left + card.right),
          labels: Number(middle(document.querySelector('.facts .label')) > middle(document.querySelector('.facts td:last-child'))),
          quantities: Number(middle(document.querySelector('.list td.quantity')) < 350),
          button: Number(middle(document.querySelector('a[href*="/interventions/"]')) > 350),
        };
      })()`);
    });
  const french = await edges('fr');
  expect(french).toEqual({ title: french.title, titleIsRight: 0, labels: 0, quantities: 0, button: 0 });
  // As far from its edge as the other way round.
  expect(await edges('ar')).toEqual({
    title: french.title,
    titleIsRight: 1,
    labels: 1,
    quantities: 1,
    button: 1,
  });
});

test('what Outlook darkens itself has the same colours', async () => {
  const { html } = await renderMail(EXEMPLES.annulee, 'fr', options);
  const colours = `[...document.querySelectorAll('.text > div, .muted > div, .badge, .facts td')]
    .map((each) => [getComputedStyle(each).color, getComputedStyle(each).backgroundColor].join())
    .concat([...document.querySelectorAll('.page, .card')].map((each) => getComputedStyle(each).backgroundColor))`;
  await page.show(html);
  await page.setScreen({ width: 700, dark: true });
  const dark = await page.evaluate(colours);
  await page.setScreen({ width: 700, dark: false });
  expect(await page.evaluate(colours)).not.toEqual(dark);
  await page.evaluate(`document.documentElement.setAttribute('data-ogsc', '')`);
  expect(await page.evaluate(colours)).toEqual(dark);
});
