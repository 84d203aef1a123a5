import { createSecrets } from '../../src/auth/secrets';
import { createRandom } from '../../tools/lib/random';
import { drawDecor } from '../../tools/seed/decor';
import { fill } from '../../tools/seed/fill';
import { OFFRES } from '../../tools/seed/rendez-vous';
import { startTestApi, type TestApi } from '../support/api';
import type { Client } from '../support/client';

/** The consulting house of the invented site: written through the use cases, so that everything of it can be booked. */

let api: TestApi;
let admin: Client;

beforeAll(async () => {
  api = await startTestApi();
  admin = (await api.newPerson('admin')).client;
});
afterAll(() => api.close());

const run = () =>
  fill(api.db, drawDecor(1, createRandom(1)), {
    secrets: createSecrets(api.config.dataKeys),
    motDePasse: 'x',
    now: new Date(),
    timeZone: api.config.timeZone,
    trajets: api.config.trajets,
  });

it('is there with everything that can be booked, and is made once', async () => {
  await run();
  await expect(run()).rejects.toThrow('The site is there already');
  const people = await admin.get('/intervenants');
  expect(people.body).toHaveLength(5);
  expect((await admin.get('/salles')).body).toHaveLength(2);
  const today = Date.now();
  const day = (days: number) => new Date(today + days * 86_400_000).toISOString().slice(0, 10);
  const all = (await admin.get('/rendez-vous?limit=200')).body as {
    statut: string;
    debut: string;
    prestation: { slug: string };
    participants: { avis: object | null }[];
  }[];
  const [past, ahead] = [
    all.filter(({ debut }) => Date.parse(debut) < today),
    all.filter(({ debut }) => Date.parse(debut) > today),
  ];
  expect(new Set(past.map(({ statut }) => statut))).toEqual(new Set(['honore', 'absent', 'annule']));
  expect(past.some(({ participants }) => participants[0]!.avis !== null)).toBe(true);
  expect(new Set(ahead.map(({ statut }) => statut))).toEqual(new Set(['confirme']));
  expect(new Set(ahead.map(({ prestation }) => prestation.slug))).toEqual(
    new Set(OFFRES.map(({ slug }) => slug)),
  );
  expect(ahead.filter(({ prestation }) => prestation.slug === 'atelier-consignation')).toHaveLength(4);
  // Of what lies behind nobody is told any more.
  expect(
    await api.db.query(
      `SELECT 1 FROM rendez_vous WHERE debut < now() AND suivi_le IS NOT NULL
       UNION ALL SELECT 1 FROM messages m JOIN participants p ON p.id = m.participant_id
         JOIN rendez_vous b ON b.id = p.rendez_vous_id WHERE b.debut < now()`,
    ),
  ).toEqual([]);
  const { body: figures } = await admin.get(
    `/rapports-rendez-vous/par-intervenant?debut=${day(-28)}&fin=${day(-1)}`,
  );
  expect(figures.lignes).toHaveLength(5);
  expect(figures.total.note_moyenne).toBeGreaterThan(3);
  for (const { slug, places } of OFFRES) {
    const slots = await admin.get(`/creneaux?prestation=${slug}&debut=${day(1)}&fin=${day(14)}`);
    const days = Object.values(slots.body as Record<string, { places_restantes?: number }[]>).flat();
    const most = days.reduce((found, one) => Math.max(found, one.places_restantes ?? 0), 0);
    expect([slug, slots.status, most || undefined]).toEqual([slug, 200, places === 1 ? undefined : places]);
  }
});
