import type { WorkingHours } from '../../src/domain/working-time';
import { deriveAfterChanges } from '../../src/services/interventions/cycle/derivation';
import type { Client } from '../support/client';
import { eventually } from '../support/eventually';
import { makeEquipement, makeSite, makeTechnicien } from '../support/factories';
import { startTestSystem, type TestSystem } from '../support/system';

/** Several people at one visit, work in segments, and many who want the same people at the same moment. */

let system: TestSystem;
let admin: Client;
beforeAll(async () => {
  system = await startTestSystem();
  admin = (await system.newPerson('admin')).client;
});
afterAll(() => system.close());

const OFFICE: WorkingHours = Object.fromEntries(
  [1, 2, 3, 4, 5, 6, 7].map((day) => [
    day,
    [
      [480, 720],
      [840, 1_080],
    ],
  ]),
);
/** 09:00 on a day of a month in which no holiday is shipped. */
const DAY = '2031-02-04';
const AT_NINE = `${DAY}T09:00:00.000Z`;

async function open(site_id: number): Promise<number> {
  const equipement = await makeEquipement(system.db, { site_id });
  const { body } = await admin.post('/interventions/', {
    titre: 'Essai',
    description: 'Une intervention pour un essai',
    type_intervention: 'corrective',
    equipement_id: equipement.id,
  });
  return body.id;
}

async function team() {
  const site = await makeSite(system.db);
  const person = () => makeTechnicien(system.db, { horaires: OFFICE });
  const [lead, one, other] = [await person(), await person(), await person()];
  return { site, lead, one, other };
}

const assign = (id: number, body: object, client = admin) => client.put(`/interventions/${id}/assign`, body);

describe('a crew', () => {
  it('sees where it goes, when, and may say something of it; the rest is for the one who leads', async () => {
    const { site, lead, one, other } = await team();
    const id = await open(site.id);
    const planned = await assign(id, {
      technicien_id: lead.id,
      date_planifiee: AT_NINE,
      duree_estimee: 300,
      equipiers: [one.id],
    });
    const segments = [
      { debut: AT_NINE, fin: `${DAY}T12:00:00.000Z` },
      { debut: `${DAY}T14:00:00.000Z`, fin: `${DAY}T16:00:00.000Z` },
    ];
    expect(planned.body).toMatchObject({ equipiers: [one.id], planning: { segments } });

    const crew = await system.as(one.user);
    for (const path of [
      `/planning/technicien/${one.id}?date_debut=${DAY}&date_fin=${DAY}`,
      `/planning?technicien_id=${one.id}`,
    ]) {
      expect((await crew.get(path)).body).toMatchObject([
        { technicien_id: lead.id, equipiers: [one.id], segments, intervention: { titre: 'Essai' } },
      ]);
    }
    const listed = async (client: Client) =>
      (await client.get('/interventions/mes-interventions')).body.map((row: { id: number }) => row.id);
    expect(await listed(crew)).toContain(id);
    expect((await crew.get(`/interventions/${id}`)).body).toMatchObject({ id, technicien_id: lead.id });
    expect(
      (await crew.post(`/interventions/${id}/commentaires`, { texte: 'J’apporte l’échelle.' })).status,
    ).toBe(201);
    expect((await crew.put(`/interventions/${id}/statut`, { statut: 'en_cours' })).status).toBe(403);
    expect((await (await system.as(other.user)).get(`/interventions/${id}`)).status).toBe(404);

    const taken = await assign(await open(site.id), {
      technicien_id: one.id,
      date_planifiee: segments[1]!.debut,
    });
    expect(taken.body).toMatchObject({
      code: 'CONFLIT_PLANNING',
      conflits: [{ technicien_id: one.id, intervention_id: id, ...segments[1] }],
    });
    expect(taken.body.voulu).toBeUndefined();
    // Between the segments nobody is busy, and nobody at work.
    const lunch = { technicien_id: one.id, date_planifiee: `${DAY}T12:30:00Z`, duree_estimee: 60 };
    expect((await assign(await open(site.id), lunch)).body.code).toBe('HORS_DISPONIBILITE');
    expect((await assign(await open(site.id), { ...lunch, force: true })).status).toBe(200);
    const forced = await assign(await open(site.id), { ...lunch, force: true });
    expect([forced.status, forced.body.code]).toEqual([409, 'CONFLIT_PLANNING']);
  });

  it('is named without the one who leads, each once, at most ten', async () => {
    const { site, lead, one } = await team();
    const id = await open(site.id);
    const faults = [[lead.id], [one.id, one.id], Array.from({ length: 11 }, (_, n) => n + 1), [999_999]];
    for (const equipiers of faults) {
      const { status, body } = await assign(id, {
        technicien_id: lead.id,
        date_planifiee: AT_NINE,
        equipiers,
      });
      expect([equipiers.length, status, body.erreurs[0].champ]).toEqual([equipiers.length, 422, 'equipiers']);
    }
  });

  it('is not among those of whom the best is chosen to lead', async () => {
    const { site, one } = await team();
    const id = await open(site.id);
    const { status, body } = await assign(id, { equipiers: [one.id] });
    expect([status, body.equipiers]).toEqual([200, [one.id]]);
    expect(body.affectation.technicien_id).toBe(body.technicien_id);
    expect(body.technicien_id).not.toBe(one.id);
  });

  it('is one fewer when somebody leaves, and whoever arranges the work hears of it', async () => {
    const { site, lead, one, other } = await team();
    const responsable = await system.newPerson('responsable', { sites: [site.id] });
    const id = await open(site.id);
    await assign(id, { technicien_id: lead.id, date_planifiee: AT_NINE, equipiers: [one.id, other.id] });
    await admin.patch(`/users/${one.user.id}`, { is_active: false });
    const left = await eventually(
      async () => (await admin.get(`/interventions/${id}`)).body,
      ({ equipiers }: { equipiers: number[] }) => equipiers.length === 1,
    );
    expect(left).toMatchObject({ equipiers: [other.id], technicien_id: lead.id, statut: 'planifiee' });
    expect((await admin.get(`/planning?intervention_id=${id}`)).body[0].equipiers).toEqual([other.id]);
    const told = await system.db.query(
      `SELECT modele, donnees -> 'depart' ->> 'raison' AS raison FROM messages WHERE destinataire_id = $1 ORDER BY id`,
      [responsable.user.id],
    );
    expect(told).toEqual([{ modele: 'equipier_parti', raison: 'compte_desactive' }]);
    const busy = await system.db.query('SELECT id FROM occupations WHERE ressource_id = $1', [one.user.id]);
    expect(busy).toEqual([]);
  });
});

it('two works of one person in progress are a conflict of both, of which the responsable hears once', async () => {
  const site = await makeSite(system.db);
  // Around the clock.
  const [lead, other] = [await makeTechnicien(system.db), await makeTechnicien(system.db)];
  const responsable = await system.newPerson('responsable', { sites: [site.id] });
  const ids = [await open(site.id), await open(site.id)];
  for (const [index, id] of ids.entries()) {
    const date_planifiee = new Date(Date.now() + (index + 1) * 3_600_000).toISOString();
    await assign(id, { technicien_id: lead.id, date_planifiee, duree_estimee: 60 });
    await admin.put(`/interventions/${id}/statut`, { statut: 'en_cours' });
  }
  const found = (await responsable.client.get('/planning/conflits')).body;
  expect(found).toMatchObject(
    ids.map((id, index) => ({
      intervention_id: id,
      raisons: ['chevauchement'],
      avec: [{ intervention_id: ids[1 - index] }],
      debut_reel: expect.any(String),
    })),
  );
  const told = () =>
    system.db.query(
      `SELECT (donnees ->> 'intervention_id')::integer AS id FROM messages
       WHERE destinataire_id = $1 AND modele = 'conflit_planning' ORDER BY 1`,
      [responsable.user.id],
    );
  for (let time = 0; time < 2; time++) await deriveAfterChanges(system.db, 'Africa/Casablanca', new Date());
  expect(await told()).toEqual(ids.map((id) => ({ id })));
  // Begun before its time it is under way all the same: whoever takes it over keeps the time, and nobody is kept any more.
  expect((await assign(ids[1]!, { technicien_id: other.id })).status).toBe(200);
  expect((await responsable.client.get('/planning/conflits')).body).toEqual([]);
});

it('of 40 who want one slot at the same moment one gets it, and the others are told what is in the way', async () => {
  const { site, lead } = await team();
  const ids: number[] = [];
  for (let n = 0; n < 40; n++) ids.push(await open(site.id));
  const wanted = { technicien_id: lead.id, date_planifiee: AT_NINE, duree_estimee: 60 };
  // Whoever is told that it takes too long asks again, as a client does.
  const insist = async (id: number, tries = 10): ReturnType<typeof assign> => {
    const reply = await assign(id, wanted);
    return reply.status === 503 && tries > 1 ? insist(id, tries - 1) : reply;
  };
  const replies = await Promise.all(ids.map((id) => insist(id)));
  const codes = replies.map(({ status, body }) => `${status} ${body.code ?? ''}`);
  expect(codes.filter((code) => code === '200 ')).toHaveLength(1);
  expect(codes.filter((code) => code === '409 CONFLIT_PLANNING')).toHaveLength(39);
  const winner = replies.find(({ status }) => status === 200)!.body.id;
  for (const { status, body } of replies) {
    if (status === 409) expect(body.conflits).toMatchObject([{ intervention_id: winner, debut: AT_NINE }]);
  }
});
