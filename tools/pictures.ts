import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PDFiumLibrary } from '@hyzyla/pdfium';
import sharp from 'sharp';
import type { Contenu } from '../src/domain/messages';
import { LANGUES, type Langue } from '../src/domain/writing';
import { EXEMPLES } from '../src/mail/exemples';
import { renderMail } from '../src/mail/render';
import { MAISON } from '../src/mail/views/maison';
import { render } from '../src/pdf/render';
import { type Page, startBrowser } from './lib/browser';
import { projectRoot } from './lib/paths';
import { withFewColours } from './lib/png';
import { say, step } from './lib/progress';
import { papier, rapports } from './lib/rapports';
import { ETAPES_RDV, type EtapeRdv, pageRdv } from './lib/rdv';

/**
 * `npm run pictures`: makes the picture of `docs/images` anew that shows what people are sent: every mail, in each language, on
 * light and dark screens, at the widths of a telephone and of a desk; and the pages of every report, as the reader of a browser
 * draws them; and `rdv-*.png`, the steps of a booking.
 */

const FILE = join('docs', 'images', 'mails.png');
/** Of each mail on the sheet. */
const SCALE = 0.2;
const SCREENS = [false, true].flatMap((dark) => [320, 700].map((width) => ({ width, dark })));

async function main(): Promise<void> {
  const browser = await startBrowser();
  try {
    const page = await browser.newPage();
    const rows: string[] = [];
    await step('Taking pictures of the mails', async () => {
      for (const [name, contenu] of Object.entries<Contenu>(EXEMPLES))
        rows.push(await rowOf(page, name, contenu));
    });
    const mails = rows.length;
    await step('Taking pictures of the reports', async () => {
      for (const langue of LANGUES) rows.push(...(await rapportRows(langue)));
    });
    await page.setScreen({ width: 1_310, dark: false });
    await page.show(sheet(rows));
    const picture = await page.picture(1);
    await writeFile(join(projectRoot, FILE), await withFewColours(page, picture));
    await step('Taking pictures of the booking page', async () => {
      for (const [index, etape] of ETAPES_RDV.entries()) await rdvPicture(page, etape, index + 1);
    });
    say(`${FILE} shows ${mails} mails and ${rows.length - mails} reports`);
  } finally {
    await browser.close();
  }
}

/** Of the booking page on a sheet. */
const RDV_SCALE = 0.5;
const RDV_SCREENS = [
  { langue: 'fr', width: 1_000, dark: false },
  { langue: 'ar', width: 320, dark: false },
  { langue: 'en', width: 320, dark: true },
] as const;

/** A step of a booking in each language, on a desk and on telephones. */
async function rdvPicture(page: Page, etape: EtapeRdv, number: number): Promise<void> {
  const pictures: string[] = [];
  for (const { langue, ...screen } of RDV_SCREENS) {
    await page.setScreen(screen);
    await page.show(pageRdv(etape, langue));
    pictures.push(`<img src="data:image/png;base64,${(await page.picture(RDV_SCALE)).toString('base64')}">`);
  }
  await page.setScreen({ width: 870, dark: false });
  await page.show(sheet([`<div>${pictures.join('')}</div>`]));
  const file = join(projectRoot, 'docs', 'images', `rdv-${number}-${etape}.png`);
  await writeFile(file, await withFewColours(page, await page.picture(1)));
}

async function rowOf(page: Page, name: string, contenu: Contenu): Promise<string> {
  const pictures: string[] = [];
  for (const langue of LANGUES) {
    await page.show(await written(contenu, langue));
    for (const screen of SCREENS) {
      await page.setScreen(screen);
      const picture = await page.picture(SCALE);
      pictures.push(`<img src="data:image/png;base64,${picture.toString('base64')}">`);
    }
  }
  return `<h2>${name}</h2><div>${pictures.join('')}</div>`;
}

/** Of each page on the sheet; one is 595 points wide. */
const PAGE_SCALE = 0.34;

async function rapportRows(langue: Langue): Promise<string[]> {
  const library = await PDFiumLibrary.init();
  const rows: string[] = [];
  for (const rapport of await rapports(langue)) {
    const document = await library.loadDocument(await render({ ...rapport, papier: await papier(langue) }));
    const pictures: string[] = [];
    for (const page of document.pages()) {
      const { data, width, height } = await page.render({ scale: PAGE_SCALE, render: 'bitmap' });
      const png = await sharp(data, { raw: { width, height, channels: 4 } })
        .png()
        .toBuffer();
      pictures.push(`<img src="data:image/png;base64,${png.toString('base64')}">`);
    }
    document.destroy();
    rows.push(`<h2>${rapport.genre}, ${langue}</h2><div>${pictures.join('')}</div>`);
  }
  library.destroy();
  return rows;
}

async function written(contenu: Contenu, langue: Langue): Promise<string> {
  const { html } = await renderMail(contenu, langue, {
    publicUrl: 'https://regie.exemple.ma',
    timeZone: 'Africa/Casablanca',
    maison: MAISON,
    linkToken: (id) => id,
    correlationId: '0f8fad5b-d9cb-469f-a165-70867728950e',
  });
  return html;
}

function sheet(rows: readonly string[]): string {
  return `<!doctype html><meta charset="utf-8"><style>
    body { margin: 10px; background: #c3ccd5; font: 600 13px 'DejaVu Sans', sans-serif; color: #1f2d3a; }
    h2 { margin: 8px 0 4px; font: inherit; }
    div { display: flex; gap: 6px; align-items: flex-start; }
  </style>${rows.join('')}`;
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exit(1);
});
