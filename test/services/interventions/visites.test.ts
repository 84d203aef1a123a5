import type { Ordre } from '../../../src/domain/interventions/ordres';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import { makeContrat, makeEquipement, makeSite } from '../../support/factories';
import { type InventedTime, inventTime } from '../../support/invented-time';

/** A preventive intervention that ends is a visit of the contract that holds on that day, for as long as it stays ended. */

let database: TestDatabase;
let time: InventedTime;
beforeAll(async () => {
  database = await createTestDatabase();
  time = await inventTime(database);
});
afterAll(() => database.drop());

const at = (instant: string) => Date.parse(instant);

async function begun(equipement_id: number, instant: string, given: object = {}): Promise<number> {
  const id = await time.begin({ equipement_id, type_intervention: 'preventive', ...given }, at(instant));
  await database.db.query(`UPDATE interventions SET statut = 'planifiee' WHERE id = $1`, [id]);
  await order(id, { type: 'statut', statut: 'en_cours' }, instant);
  return id;
}
const order = (id: number, ordre: Ordre, instant: string) => time.order(id, ordre, at(instant));
const finish = (id: number, instant: string) =>
  order(id, { type: 'statut', statut: 'terminee', rapport: 'Fait.' }, instant);
const reopen = (id: number, instant: string) => order(id, { type: 'statut', statut: 'en_cours' }, instant);
const visitsOf = async (contratId: number): Promise<number> => {
  const [{ faites }] = await database.db.query(
    `SELECT count(*)::integer AS faites FROM visites_contrats v JOIN interventions i ON i.id = v.intervention_id
     WHERE v.contrat_id = $1 AND i.statut = 'terminee'`,
    [contratId],
  );
  return faites;
};

it('counts from its end, not while it goes on, and not once it is reopened and cancelled', async () => {
  const site = await makeSite(database.db);
  const contrat = await makeContrat(database.db, { site_id: site.id, visites_incluses: 5 });
  const machine = await makeEquipement(database.db, { site_id: site.id });
  const id = await begun(machine.id, '2026-12-01T10:00:00Z');
  expect(await visitsOf(contrat.id)).toBe(0);
  await finish(id, '2026-12-01T12:00:00Z');
  expect(await visitsOf(contrat.id)).toBe(1);
  await reopen(id, '2026-12-01T13:00:00Z');
  expect(await visitsOf(contrat.id)).toBe(0);
  await finish(id, '2026-12-01T14:00:00Z');
  expect(await visitsOf(contrat.id)).toBe(1);
  await reopen(id, '2026-12-01T15:00:00Z');
  await order(id, { type: 'statut', statut: 'annulee', motif: 'Inutile' }, '2026-12-01T16:00:00Z');
  expect(await visitsOf(contrat.id)).toBe(0);

  const repair = await begun(machine.id, '2026-12-02T10:00:00Z', { type_intervention: 'corrective' });
  await finish(repair, '2026-12-02T12:00:00Z');
  expect(await visitsOf(contrat.id)).toBe(0);
});

it('counts for the contract of the day on which it ended, by the calendar of the site', async () => {
  const site = await makeSite(database.db, { fuseau_horaire: 'Europe/Paris' });
  const [before, after] = [
    await makeContrat(database.db, { site_id: site.id, date_debut: '2026-01-01', date_fin: '2026-12-31' }),
    await makeContrat(database.db, { site_id: site.id, date_debut: '2027-01-01', date_fin: '2027-12-31' }),
  ];
  const machine = await makeEquipement(database.db, { site_id: site.id });
  const id = await begun(machine.id, '2026-12-31T10:00:00Z');
  // Half past eleven in the evening in Paris, and half past twelve.
  await finish(id, '2026-12-31T22:30:00Z');
  expect([await visitsOf(before.id), await visitsOf(after.id)]).toEqual([1, 0]);
  await reopen(id, '2026-12-31T22:40:00Z');
  await finish(id, '2026-12-31T23:30:00Z');
  expect([await visitsOf(before.id), await visitsOf(after.id)]).toEqual([0, 1]);
});
