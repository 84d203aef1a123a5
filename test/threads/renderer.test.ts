import { join } from 'node:path';
import { createMailRenderer } from '../../src/mail/renderer';
import { MAISON } from '../../src/mail/views/maison';
import { PAPIER_USUEL } from '../../src/pdf/papier';
import { createRapportRenderer } from '../../src/pdf/renderer';
import { createRenderer, type Renderer, RenderFailed } from '../../src/threads/renderer';

/** What makes a document may exhaust its own thread, and nothing else. */

const opened: { close(): void }[] = [];
const opening = <R extends { close(): void }>(renderer: R): R => {
  opened.push(renderer);
  return renderer;
};
const echo = (
  options: { timeLimit?: number; maxWaiting?: number } = {},
): Renderer<string, { task: string }> =>
  opening(
    createRenderer({
      file: join(__dirname, 'echo-thread.cjs'),
      maxWaiting: 10,
      timeLimit: 20_000,
      maxHeap: 16,
      ...options,
    }),
  );
afterAll(() => {
  for (const renderer of opened) renderer.close();
});

describe('a document', () => {
  it.each([
    ['fails in itself', 'fail', /as asked/],
    ['takes more memory than its thread has', 'grow', /memory/],
  ])('that %s ends its thread alone: the next one is made', async (_, task, message) => {
    const renderer = echo();
    const failing = renderer.render(task);
    const next = renderer.render('next');
    await expect(failing).rejects.toThrow(RenderFailed);
    await expect(failing).rejects.toThrow(message);
    expect((await next).task).toBe('next');
  });

  it('that takes more time than it may ends its thread alone: the next one is made', async () => {
    const renderer = echo({ timeLimit: 1_500 });
    const failing = renderer.render('hang');
    const next = renderer.render('next');
    await expect(failing).rejects.toThrow(RenderFailed);
    expect((await next).task).toBe('next');
  });

  it('that too many wait for is no failure of its own', async () => {
    const renderer = echo({ maxWaiting: 0 });
    const first = renderer.render('a');
    await expect(renderer.render('b')).rejects.toMatchObject({ code: 'SERVICE_INDISPONIBLE' });
    await first;
  });
});

it('the thread of reports and that of emails make what they are for', async () => {
  const rapports = opening(createRapportRenderer());
  const mails = opening(createMailRenderer());
  const intervention = {
    id: 1,
    titre: 'Fuite',
    description: 'Fuite au circuit principal',
    type_intervention: 'corrective',
    statut: 'terminee',
    priorite: 'normale',
    urgence: false,
    date_creation: '2026-12-20T07:40:00Z',
    date_limite: null,
    date_debut: null,
    date_fin: '2026-12-20T10:55:00Z',
    rapport: 'Fait.',
    motif_annulation: null,
  } as const;
  const donnees = {
    date_rapport: '2026-12-20T13:12:00Z',
    fuseau_horaire: 'Africa/Casablanca',
    intervention,
    planning: null,
    equipement: {
      nom: 'Presse',
      type: 'Presse',
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
    etapes: [],
    temps: [],
    minutes: { trajet: 0, travail: 0, attente: 0 },
    pannes: [],
    reste: { pieces: 0, etapes: 0, temps: 0, commentaires: 0, historique: 0 },
  };
  const commande = { genre: 'intervention', papier: PAPIER_USUEL, donnees } as const;
  const pdf = await rapports.render(commande);
  expect(Buffer.from(pdf).subarray(0, 5).toString()).toBe('%PDF-');
  // Left to itself pdfkit takes more than 128 MB for one word like this.
  const endless = { ...intervention, rapport: 'W'.repeat(20_000) };
  const long = await rapports.render({ ...commande, donnees: { ...donnees, intervention: endless } });
  expect(long.length).toBeGreaterThan(pdf.length);
  const mail = await mails.render({
    contenu: {
      modele: 'invitation',
      donnees: {
        date: '2026-12-20T07:40:00Z',
        adresse: null,
        auteur: null,
        lien: { id: 'x', date_expiration: '2026-12-27T07:40:00Z' },
      },
    },
    langue: 'fr',
    token: 'jeton-de-test',
    publicUrl: 'https://regie.exemple.ma',
    timeZone: 'Africa/Casablanca',
    maison: MAISON,
  });
  expect(mail.text).toContain('https://regie.exemple.ma/mot-de-passe#jeton=jeton-de-test');
});
