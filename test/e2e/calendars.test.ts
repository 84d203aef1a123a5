import { Connection, Client as Temporal } from '@temporalio/client';
import { dayAfter } from '../../src/domain/local-time';
import type { Client } from '../support/client';
import { makeEquipement, makeSite, makeTechnicien } from '../support/factories';
import { anotherRound } from '../support/rounds';
import { eventually, startTestSystem, type TestSystem } from '../support/system';

/** Visits and deadlines of a site that is closed, and what a change of its calendar does to work under way. */

let system: TestSystem;
let admin: Client;
beforeAll(async () => {
  system = await startTestSystem();
  admin = (await system.newPerson('admin')).client;
});
afterAll(() => system.close());

const today = new Date().toISOString().slice(0, 10);
const inDays = (n: number) => dayAfter(today, n);

async function report(siteId: number, priorite = 'normale'): Promise<number> {
  const { body } = await admin.post('/interventions', {
    titre: 'Fuite',
    description: 'La presse fuit depuis ce matin',
    type_intervention: 'corrective',
    priorite,
    equipement_id: (await makeEquipement(system.db, { site_id: siteId })).id,
  });
  return body.id;
}
const assign = (id: number, body: object) => admin.put(`/interventions/${id}/assign`, body);
const refusal = ({ status, body }: { status: number; body: { code?: string; raisons?: string[] } }) => [
  status,
  body.code,
  body.raisons,
];

describe('a site that is closed', () => {
  it('has no visit on a public holiday, unless it is forced, which the history says', async () => {
    const site = await makeSite(system.db, { fuseau_horaire: 'UTC', pays: 'LU' });
    const ferie = { pays: 'LU', date: inDays(2), libelle: 'Fête nationale', demi_journee: 'matin' };
    expect((await admin.post('/jours-feries', ferie)).status).toBe(201);
    const technicien = await makeTechnicien(system.db);
    const id = await report(site.id);
    const at = (time: string) => ({
      technicien_id: technicien.id,
      date_planifiee: `${inDays(2)}T${time}:00Z`,
    });
    expect(refusal(await assign(id, at('11:30')))).toEqual([409, 'HORS_DISPONIBILITE', ['ferie']]);
    expect((await assign(id, at('12:00'))).status).toBe(200);
    expect((await assign(id, { ...at('09:00'), force: true })).status).toBe(200);
    const [event] = await system.db.query(
      `SELECT apres FROM historique WHERE entite = 'intervention' AND entite_id = $1 ORDER BY id DESC LIMIT 1`,
      [id],
    );
    expect(event.apres).toMatchObject({ force: true, raisons: ['ferie'] });
  });

  it('is passed over when somebody is looked for', async () => {
    const fermetures = [{ date_debut: inDays(0), date_fin: inDays(3) }];
    const site = await makeSite(system.db, { fuseau_horaire: 'UTC', fermetures });
    await makeTechnicien(system.db);
    const chosen = await assign(await report(site.id), {});
    expect([chosen.status, chosen.body.planning.date_planifiee]).toEqual([200, `${inDays(4)}T00:00:00.000Z`]);
    const never = [{ date_debut: inDays(0), date_fin: inDays(90) }];
    await admin.patch(`/sites/${site.id}`, { fermetures: never });
    expect(refusal(await assign(await report(site.id), {}))).toEqual([409, 'HORS_DISPONIBILITE', ['ferie']]);
  });

  it('gives its hours to whoever has none of their own', async () => {
    const evening = [[1_200, 1_320] as const];
    const horaires = { 1: evening, 2: evening, 3: evening, 4: evening, 5: evening, 6: evening, 7: evening };
    const site = await makeSite(system.db, { fuseau_horaire: 'UTC', horaires });
    const technicien = await makeTechnicien(system.db, { horaires: null });
    const id = await report(site.id);
    const at = (time: string) => ({
      technicien_id: technicien.id,
      date_planifiee: `${inDays(1)}T${time}:00Z`,
    });
    expect(refusal(await assign(id, at('10:00')))).toEqual([409, 'HORS_DISPONIBILITE', ['hors_horaires']]);
    expect((await assign(id, at('20:30'))).status).toBe(200);
  });
});

it('a change of a calendar moves the deadlines to come through their workflows, and tells nobody anything', async () => {
  const { address, namespace, taskQueue } = system.config.temporal;
  const connection = await Connection.connect({ address });
  const schedule = new Temporal({ connection, namespace }).schedule.getHandle(`reconciliation-${taskQueue}`);
  const site = await makeSite(system.db, { fuseau_horaire: 'UTC' });
  const [moving, aroundTheClock] = [await report(site.id), await report(site.id, 'critique')];
  const rowOf = async (id: number) =>
    (
      await system.db.query(
        'SELECT date_limite, echeances, workflow_demarre, version FROM interventions WHERE id = $1',
        [id],
      )
    )[0];
  for (const id of [moving, aroundTheClock]) {
    await eventually(
      () => rowOf(id),
      ({ workflow_demarre }) => workflow_demarre,
    );
  }
  // Long enough ago not to be left to whoever has just reported it.
  await system.database.owner.query(
    `UPDATE interventions SET date_creation = date_creation - interval '1 minute' WHERE id = ANY($1)`,
    [[moving, aroundTheClock]],
  );
  const before = [await rowOf(moving), await rowOf(aroundTheClock)];
  const told = () => system.db.query(`SELECT id FROM messages WHERE modele = 'escalade'`);
  const toldBefore = await told();

  const fermetures = [{ date_debut: inDays(0), date_fin: inDays(13) }];
  expect((await admin.patch(`/sites/${site.id}`, { fermetures })).status).toBe(200);
  await system.db.query(`UPDATE recalculs SET date_demande = date_demande - interval '2 minutes'`);
  await anotherRound(schedule);
  const after = await eventually(
    () => rowOf(moving),
    ({ date_limite }) => date_limite > before[0].date_limite,
  );
  await connection.close();

  expect(after.date_limite.toISOString().slice(0, 10) > inDays(14)).toBe(true);
  expect(after.echeances[0].date).toBeGreaterThan(before[0].echeances[0].date);
  expect(await rowOf(aroundTheClock)).toEqual(before[1]);
  expect(await told()).toEqual(toldBefore);
  const changes = await system.db.query(
    `SELECT action FROM historique WHERE entite = 'intervention' AND entite_id = $1 ORDER BY id`,
    [moving],
  );
  expect(changes).toEqual([{ action: 'creation' }, { action: 'recalcul' }]);
});
