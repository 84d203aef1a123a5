import { startTestApi, type TestApi } from '../support/api';
import type { Client } from '../support/client';
import { makeIntervenant, makePrestation, makeSalle, makeSite } from '../support/factories';
import { seanceFaults } from '../support/rendez-vous-invariants';

/** Many who want the same at once: as many get it as there are places, and everybody else is told what else is free. */

let api: TestApi;
let clients: Client[];

beforeAll(async () => {
  api = await startTestApi();
  clients = await Promise.all(Array.from({ length: 10 }, async () => (await api.newPerson('client')).client));
});
afterAll(() => api.close());

const DAY = new Date(Date.now() + 14 * 86_400_000).toISOString().slice(0, 10);
const ALL_DAY = Object.fromEntries([1, 2, 3, 4, 5, 6, 7].map((day) => [day, [[0, 1_440]]]));
const somebody = async () =>
  (await makeIntervenant(api.db, { fuseau_horaire: 'UTC', pays: 'BE', horaires: ALL_DAY } as never)).id;

interface Reply {
  status: number;
  body: { code?: string; alternatives?: { debut: string }[] };
}

/** Fifty bookings at once of one start, of these prestations in turn. */
const rush = (slugs: readonly string[], hour = '09') =>
  Promise.all(
    Array.from(
      { length: 50 },
      (_, index): Promise<Reply> =>
        clients[index % clients.length]!.post('/rendez-vous', {
          prestation: slugs[index % slugs.length],
          debut: `${DAY}T${hour}:00:00Z`,
          participants: [{ nom: 'Samira', email: `s${index}@exemple.ma` }],
        }),
    ),
  );

function expectWinners(replies: readonly Reply[], winners: number): void {
  const lost = replies.filter(({ status }) => status !== 201);
  expect(replies.length - lost.length).toBe(winners);
  expect(new Set(lost.map(({ status, body }) => `${status} ${body.code}`))).toEqual(
    new Set(['409 CRENEAU_PRIS']),
  );
  for (const { body } of lost) expect(body.alternatives).toHaveLength(3);
}

describe('fifty at once', () => {
  it('for one slot: as many as there are people', async () => {
    const one = await makePrestation(api.db, { intervenants: [await somebody()] });
    expectWinners(await rush([one.slug]), 1);
    const three = await makePrestation(api.db, {
      intervenants: [await somebody(), await somebody(), await somebody()],
    });
    expectWinners(await rush([three.slug]), 3);
  });

  it('for the seats of a workshop: as many as it has', async () => {
    const { slug } = await makePrestation(api.db, { intervenants: [await somebody()], places: 7 });
    expectWinners(await rush([slug]), 7);
  });

  it('for one room, by people who need others first', async () => {
    const site = await makeSite(api.db, { fuseau_horaire: 'UTC', pays: 'BE' });
    await makeSalle(api.db, { site_id: site.id, etiquettes: ['course'] });
    const given = { site_id: site.id, salles: [{ etiquettes: ['course'], nombre: 1 }] };
    const [first, second] = [await somebody(), await somebody()];
    const slugs = [
      (await makePrestation(api.db, { ...given, intervenants: [first] })).slug,
      (await makePrestation(api.db, { ...given, intervenants: [second] })).slug,
    ];
    expectWinners(await rush(slugs), 1);
  });

  it('for two people together, named in opposite orders', async () => {
    const [first, second, third] = [await somebody(), await somebody(), await somebody()];
    const teams = [
      [first, second],
      [third, second, first],
      [second, third],
    ];
    const slugs = await Promise.all(
      teams.map(
        async (intervenants) => (await makePrestation(api.db, { mode: 'collectif', intervenants })).slug,
      ),
    );
    expectWinners(await rush(slugs), 1);
  });

  it('under a cap and by turns: no more than it allows', async () => {
    const intervenants = await Promise.all(Array.from({ length: 6 }, () => somebody()));
    const { slug } = await makePrestation(api.db, {
      mode: 'tour_de_role',
      intervenants,
      plafonds: { par_jour: 4 },
    });
    const replies = await rush([slug]);
    const codes = replies.map(({ status, body }) => body.code ?? status);
    expect(codes.filter((code) => code === 201)).toHaveLength(4);
    expect(new Set(codes)).toEqual(new Set([201, 'PLAFOND']));
  });

  it('for the first seats of a workshop that two people give: two workshops, both full', async () => {
    const intervenants = [await somebody(), await somebody()];
    const { slug, id } = await makePrestation(api.db, { intervenants, places: 6 });
    expectWinners(await rush([slug]), 12);
    const seances = await api.db.query('SELECT prises FROM seances WHERE prestation_id = $1', [id]);
    expect(seances).toEqual([{ prises: 6 }, { prises: 6 }]);
  });

  it('for a time that is asked for, or held: as many as there are people', async () => {
    const asked = await makePrestation(api.db, {
      intervenants: [await somebody()],
      confirmation: 'a_valider',
    });
    expectWinners(await rush([asked.slug]), 1);
    const { slug } = await makePrestation(api.db, { intervenants: [await somebody(), await somebody()] });
    // One of each caller: of ten who hold again and again two have it in the end, and nobody twice.
    const holds = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        clients[index % clients.length]!.post('/retenues', { prestation: slug, debut: `${DAY}T09:00:00Z` }),
      ),
    );
    const codes = new Set(holds.map(({ status, body }) => `${status} ${body.code ?? ''}`));
    expect(codes).toEqual(new Set(['201 ', '409 CRENEAU_PRIS']));
    const held = await api.db.query(
      `SELECT DISTINCT b.appelant FROM rendez_vous b JOIN prestations f ON f.id = b.prestation_id
       WHERE f.slug = $1 AND b.statut = 'retenu'`,
      [slug],
    );
    expect(held).toHaveLength(2);
    // What they hold nobody else can book.
    expect(new Set((await rush([slug])).map(({ status }) => status)).has(201)).toBe(true);
    const [{ standing }] = await api.db.query(
      `SELECT count(*)::integer AS standing FROM rendez_vous b JOIN prestations f ON f.id = b.prestation_id
       WHERE f.slug = $1 AND b.statut IN ('retenu', 'confirme')`,
      [slug],
    );
    expect(standing).toBe(2);
  });

  it('who move what they have to one time: one of them has it, the others keep theirs', async () => {
    const { slug, id } = await makePrestation(api.db, { intervenants: [await somebody()] });
    const own = await Promise.all(clients.map((client, index) => bookAt(client, slug, 10 + index)));
    const moves = await Promise.all(
      clients.flatMap((client, index) =>
        Array.from({ length: 5 }, () =>
          client.put(`/rendez-vous/${own[index]!.uid}/reporter`, { debut: `${DAY}T08:00:00Z` }),
        ),
      ),
    );
    const [winner] = await api.db.query(
      `SELECT uid FROM rendez_vous WHERE prestation_id = $1 AND debut = $2 AND statut = 'confirme'`,
      [id, `${DAY}T08:00:00Z`],
    );
    // The one who has it may move it there once more; everybody else is refused.
    const others = own.filter(({ uid }) => uid !== winner.uid);
    const rank = own.findIndex(({ uid }) => uid === winner.uid);
    expect(moves.slice(rank * 5, rank * 5 + 5).map(({ status }) => status)).toEqual(Array(5).fill(200));
    expect(moves.filter(({ body }) => body.code === 'CRENEAU_PRIS')).toHaveLength(45);
    for (const { uid, debut } of others) {
      const [row] = await api.db.query('SELECT debut, sequence FROM rendez_vous WHERE uid = $1', [uid]);
      expect(row).toEqual({ debut: new Date(debut), sequence: 0 });
    }
  });

  it('who change one appointment as they saw it: one of them does, the others are told that it has changed', async () => {
    const { slug } = await makePrestation(api.db, { intervenants: [await somebody()] });
    const { uid } = await bookAt(clients[0]!, slug, 9);
    const moves = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        clients[0]!.put(
          `/rendez-vous/${uid}/reporter`,
          { debut: `${DAY}T${10 + (index % 8)}:00:00Z` },
          { 'If-Match': '"0"' },
        ),
      ),
    );
    const statuses = moves.map(({ status, body }) => body.code ?? status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => status === 'VERSION_PERIMEE')).toHaveLength(49);
  });

  it('who say yes and no to one request: it is one of them, and its time is taken or free', async () => {
    const { slug } = await makePrestation(api.db, {
      intervenants: [await somebody()],
      confirmation: 'a_valider',
    });
    const admin = (await api.newPerson('admin')).client;
    const { uid } = await bookAt(clients[0]!, slug, 9);
    const said = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        admin.put(`/rendez-vous/${uid}/${index % 2 === 0 ? 'confirmer' : 'refuser'}`, {}),
      ),
    );
    const [done, ...more] = said.filter(({ status }) => status === 200);
    expect(more).toEqual([]);
    expect(said.filter(({ body }) => body.code === 'TRANSITION_INVALIDE')).toHaveLength(49);
    const again = await clients[1]!.post('/rendez-vous', {
      ...{
        prestation: slug,
        debut: `${DAY}T09:00:00Z`,
        participants: [{ nom: 'Ali', email: 'ali@exemple.ma' }],
      },
    });
    expect(again.status).toBe(done!.body.statut === 'confirme' ? 409 : 201);
  });

  it('leave every occupation with its appointment, and none beside', async () => {
    expect(await seanceFaults(api.db)).toEqual([]);
  });
});

async function bookAt(
  client: Client,
  prestation: string,
  hour: number,
): Promise<{ uid: string; debut: string }> {
  const { status, body } = await client.post('/rendez-vous', {
    prestation,
    debut: `${DAY}T${String(hour).padStart(2, '0')}:00:00Z`,
    participants: [{ nom: 'Samira', email: 'samira@exemple.ma' }],
  });
  expect(status).toBe(201);
  return body;
}
