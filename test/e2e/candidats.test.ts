import { dayAfter } from '../../src/domain/local-time';
import type { Client } from '../support/client';
import { makeEquipement, makeSite, makeTechnicien, makeUser } from '../support/factories';
import { eventually, startTestSystem, type TestSystem } from '../support/system';

/** Whoever is chosen when nobody is named, and what becomes of critical work when nobody can be. */

let system: TestSystem;
let admin: Client;
beforeAll(async () => {
  system = await startTestSystem();
  admin = (await system.newPerson('admin')).client;
});
afterAll(() => system.close());

const today = new Date().toISOString().slice(0, 10);
const inDays = (days: number, time = '09:00') => `${dayAfter(today, days)}T${time}:00.000Z`;
type Given = Parameters<typeof makeTechnicien>[1];

/** A site by the clocks of UTC, and those who work there alone. */
async function siteWith(...techniciens: Given[]) {
  const site = await makeSite(system.db, { fuseau_horaire: 'UTC', pays: 'ZZ' });
  const ids: number[] = [];
  for (const given of techniciens) {
    ids.push((await makeTechnicien(system.db, given, { sites: [site.id] })).id);
  }
  return { site, ids };
}

async function report(siteId: number, given: object = {}): Promise<number> {
  const { status, body } = await admin.post('/interventions', {
    titre: 'Fuite',
    description: 'La presse fuit depuis ce matin',
    type_intervention: 'corrective',
    equipement_id: (await makeEquipement(system.db, { site_id: siteId })).id,
    competences_requises: ['haute tension'],
    ...given,
  });
  expect(status).toBe(201);
  return body.id;
}
const assign = (id: number, body: object = {}, headers: Record<string, string> = {}) =>
  admin.put(`/interventions/${id}/assign`, body, headers);

const until = (day: string | null): Given => ({
  competences: [],
  habilitations: [{ competence: 'Haute tension', valide_du: null, valide_jusqu_au: day }],
});

describe('whoever is named', () => {
  it('is qualified on each day of the visit, unless it is forced, which the history keeps', async () => {
    const { site, ids } = await siteWith(until(dayAfter(today, 4)), { competences: ['soudure'] });
    const [licensed, welder] = ids as [number, number];
    const id = await report(site.id);
    const plan = { technicien_id: licensed, date_planifiee: inDays(4), duree_estimee: 60 };
    const refusal = async (body: object) => {
      const reply = await assign(id, body);
      return [reply.status, reply.body.code, reply.body.raisons];
    };
    expect((await assign(id, plan)).status).toBe(200);
    // Midnight is on the next day.
    for (const moved of [inDays(5), inDays(4, '23:30')])
      expect(await refusal({ ...plan, date_planifiee: moved })).toEqual([
        409,
        'HORS_DISPONIBILITE',
        ['habilitation_expiree'],
      ]);
    expect(await refusal({ technicien_id: welder })).toEqual([409, 'HORS_DISPONIBILITE', ['competence']]);
    const open = await report(site.id);
    expect((await assign(open, { technicien_id: welder })).body).toMatchObject({
      code: 'HORS_DISPONIBILITE',
      exclusions: { competence: 1 },
    });
    expect((await assign(open, { technicien_id: welder, force: true })).body.statut).toBe('planifiee');
    expect((await assign(id, { technicien_id: welder, force: true })).body.technicien_id).toBe(welder);
    const { body: events } = await admin.get(`/interventions/${id}/historique?sort=-id&limit=1`);
    expect(events[0].apres).toMatchObject({ force: true, raisons: ['competence'] });
  });

  it('may go along without what the work asks for', async () => {
    const { site, ids } = await siteWith(until(null), { competences: [] });
    const [licensed, helper] = ids as [number, number];
    const plan = { technicien_id: licensed, equipiers: [helper], date_planifiee: inDays(3) };
    expect((await assign(await report(site.id), plan)).status).toBe(200);
  });
});

describe('whoever is chosen', () => {
  it('is qualified on the day, and the answer says who else was thought of', async () => {
    const { site, ids } = await siteWith(until(dayAfter(today, 4)), until(null), { competences: [] });
    const first = await assign(await report(site.id), { date_planifiee: inDays(4) });
    expect([first.status, first.body.technicien_id]).toEqual([200, ids[0]]);
    expect(first.body.affectation).toEqual({
      technicien_id: ids[0],
      date_planifiee: inDays(4),
      raison: expect.stringMatching(/haute tension.*2 technicien\(s\) possible\(s\)/),
      candidats: [
        {
          technicien_id: ids[0],
          date_planifiee: inDays(4),
          couts: { trajet_minutes: 0, charge: 0, niveau: 0 },
        },
        {
          technicien_id: ids[1],
          date_planifiee: inDays(4),
          couts: { trajet_minutes: 0, charge: 0, niveau: 0 },
        },
        { technicien_id: ids[2], exclu: 'competence', couts: { trajet_minutes: 0, charge: 0, niveau: 0 } },
      ],
      exclusions: { competence: 1 },
    });
    // A day later the first one's licence has ended.
    const second = await assign(await report(site.id), { date_planifiee: inDays(5) });
    expect(second.body).toMatchObject({
      technicien_id: ids[1],
      affectation: { exclusions: { competence: 1, habilitation_expiree: 1 } },
    });
  });

  it('is the one that asking without acting had said, and whoever repeats the order is told the same', async () => {
    const { site, ids } = await siteWith(until(null), { ...until(null), niveau_experience: 'expert' });
    const id = await report(site.id, { priorite: 'critique' });
    const { body: foretold } = await admin.get(`/interventions/${id}/candidats?date_planifiee=${inDays(2)}`);
    expect(foretold.technicien_id).toBe(ids[1]);
    const key = { 'Idempotency-Key': `choix-${id}` };
    const reply = await assign(id, { date_planifiee: inDays(2) }, key);
    expect(reply.body.affectation).toEqual(foretold);
    expect((await assign(id, { date_planifiee: inDays(2) }, key)).body).toEqual(reply.body);
  });

  it('is there together with those who go along', async () => {
    const { site, ids } = await siteWith(until(null), until(null), {
      competences: [],
      absences: [{ debut: inDays(3, '00:00'), fin: inDays(4, '00:00') }],
    });
    const helper = ids[2]!;
    const alone = await assign(await report(site.id), { date_planifiee: inDays(3) });
    expect(alone.body).toMatchObject({ technicien_id: ids[0], equipiers: [] });
    const away = await assign(await report(site.id), {
      date_planifiee: inDays(3, '14:00'),
      equipiers: [helper],
    });
    expect([away.status, away.body.exclusions]).toEqual([409, { absent: 2 }]);
    const crew = await assign(await report(site.id), { date_planifiee: inDays(4), equipiers: [helper] });
    expect(crew.body).toMatchObject({ technicien_id: ids[1], equipiers: [helper] });
    // The one who helps is taken, and with them everybody who would go with them.
    const taken = await assign(await report(site.id), { date_planifiee: inDays(4), equipiers: [helper] });
    expect([taken.body.code, taken.body.exclusions]).toEqual(['CONFLIT_PLANNING', { creneau_pris: 2 }]);
  });
});

describe('critical work that nobody can take', () => {
  it('is told at once, and not once more by its deadlines, and goes on as any other when somebody takes it', async () => {
    const { site, ids } = await siteWith({ competences: [] });
    const responsable = await makeUser(system.db, { role: 'responsable', sites: [site.id] });
    const id = await report(site.id, { priorite: 'critique' });
    const refused = await Promise.all([assign(id), assign(id), assign(id)]);
    expect(refused.map(({ status }) => status)).toEqual([409, 409, 409]);
    const told = () =>
      system.db.query(
        `SELECT modele FROM messages WHERE destinataire_id = $1 AND evenement LIKE 'intervention:' || $2 || ':%' ORDER BY id`,
        [responsable.id, id],
      );
    expect(await told()).toEqual([{ modele: 'sans_candidat' }]);
    const notified = await system.as(responsable);
    const [notification] = (await notified.get('/notifications')).body;
    expect(notification).toMatchObject({
      type: 'error',
      message: "Aucun technicien ne peut prendre l'intervention 'Fuite' : sans la compétence requise (1)",
      metadata: { intervention_id: id, modele: 'sans_candidat' },
    });
    // Its workflow has seen it.
    await eventually(
      async () => (await admin.get(`/interventions/${id}/workflow`)).body,
      ({ statut, echeances }) =>
        statut === 'RUNNING' && echeances.every(({ etape }: { etape: string }) => etape !== 'affectation'),
    );

    await admin.patch(`/techniciens/${ids[0]}`, { competences: ['haute tension'] });
    const taken = await assign(id);
    expect(taken.body).toMatchObject({ statut: 'planifiee', technicien_id: ids[0], niveau_escalade: 0 });
    // Withdrawn, it waits anew; that nobody can take it is told anew.
    await admin.put(`/interventions/${id}/statut`, { statut: 'ouverte' });
    await admin.patch(`/techniciens/${ids[0]}`, { competences: [] });
    expect((await assign(id)).status).toBe(409);
    expect(
      (await told()).filter(({ modele }: { modele: string }) => modele === 'sans_candidat'),
    ).toHaveLength(2);
  });
});
