import type { Planning } from '../../src/db/planification/planning';
import type { WorkingHours } from '../../src/domain/working-time';
import { deriveAfterChanges } from '../../src/services/interventions/cycle/derivation';
import { startTestApi, type TestApi } from '../support/api';
import type { Client } from '../support/client';
import {
  makeEquipement,
  makeIntervention,
  makePlanning,
  makeSite,
  makeTechnicien,
} from '../support/factories';

/** Visits that what came later made impossible: listed as things stand, and told of once. */

let api: TestApi;
let admin: Client;
beforeAll(async () => {
  api = await startTestApi();
  admin = (await api.newPerson('admin')).client;
});
afterAll(() => api.close());

const ZONE = 'Africa/Casablanca';
const HOUR = 3_600_000;
const OFFICE: WorkingHours = Object.fromEntries([1, 2, 3, 4, 5, 6, 7].map((day) => [day, [[480, 1_080]]]));

/** 09:00 so many days ahead. */
const at = (days: number) => {
  const date = new Date(Date.now() + days * 24 * HOUR);
  date.setUTCHours(9, 0, 0, 0);
  return date;
};
const dayOf = (date: Date) => date.toISOString().slice(0, 10);

/** A visit of somebody of office hours on a site of its own, and its responsable. */
async function planned(given: Partial<Planning> = {}) {
  const site = await makeSite(api.db);
  const responsable = await api.newPerson('responsable', { sites: [site.id] });
  const technicien = await makeTechnicien(api.db, { horaires: OFFICE });
  const on = async (technicien_id: number, more: Parameters<typeof makeIntervention>[1] = {}) =>
    makeIntervention(api.db, {
      equipement_id: (await makeEquipement(api.db, { site_id: site.id })).id,
      technicien_id,
      statut: 'planifiee',
      ...more,
    });
  const intervention = await on(technicien.id);
  const visit = await makePlanning(api.db, {
    intervention_id: intervention.id,
    technicien_id: technicien.id,
    date_planifiee: at(3),
    ...given,
  });
  return { site, responsable, technicien, intervention, visit, on };
}

const conflitsOf = async (client: Client, query = '') =>
  (await client.get(`/planning/conflits?${query}`)).body.map(
    ({ id, raisons, avec }: { id: number; raisons: string[]; avec: unknown[] }) => ({ id, raisons, avec }),
  );
const derive = async () => {
  await api.db.query(`UPDATE recalculs SET date_demande = date_demande - interval '2 minutes'`);
  await deriveAfterChanges(api.db, ZONE, new Date());
};
const told = async (userId: number): Promise<string[]> =>
  (
    await api.db.query(
      `SELECT donnees ->> 'conflit' AS conflit FROM messages
       WHERE destinataire_id = $1 AND modele = 'conflit_planning' ORDER BY id`,
      [userId],
    )
  ).map(({ conflit }: { conflit: string }) => conflit);

describe('a visit is in conflict', () => {
  it('since an absence was entered, until it is taken back, and its responsable hears of it once', async () => {
    const { responsable, technicien, visit } = await planned();
    expect(await conflitsOf(responsable.client)).toEqual([]);
    const { body: absence } = await admin.post(`/techniciens/${technicien.id}/absences`, {
      debut: dayOf(at(2)),
      fin: dayOf(at(5)),
    });
    expect(await conflitsOf(responsable.client)).toEqual([{ id: visit.id, raisons: ['absent'], avec: [] }]);
    await derive();
    await derive();
    expect(await told(responsable.user.id)).toEqual(['absent']);
    // Asked for again, it is the same conflict.
    await admin.patch(`/techniciens/${technicien.id}`, { horaires: { ...OFFICE, 1: [[480, 1_140]] } });
    await derive();
    expect(await told(responsable.user.id)).toEqual(['absent']);
    await admin.delete(`/techniciens/${technicien.id}/absences/${absence.id}`);
    expect(await conflitsOf(responsable.client)).toEqual([]);
    // Planned anew, it is told of anew.
    await admin.post(`/techniciens/${technicien.id}/absences`, { debut: dayOf(at(2)), fin: dayOf(at(9)) });
    await api.db.query(
      `UPDATE plannings SET date_planifiee = date_planifiee + interval '1 day' WHERE id = $1`,
      [visit.id],
    );
    await derive();
    expect(await told(responsable.user.id)).toEqual(['absent', 'absent']);
  });

  it('with a holiday, a closing, or other hours that came after it', async () => {
    const { responsable, technicien, visit, site } = await planned();
    const { body: ferie } = await admin.post('/jours-feries', {
      pays: 'MA',
      date: dayOf(at(3)),
      libelle: 'Fête nouvelle',
    });
    expect(await conflitsOf(responsable.client)).toEqual([{ id: visit.id, raisons: ['ferie'], avec: [] }]);
    await derive();
    expect(await told(responsable.user.id)).toEqual(['ferie']);
    await admin.delete(`/jours-feries/${ferie.id}`);
    expect(await conflitsOf(responsable.client)).toEqual([]);

    const fermetures = [{ date_debut: dayOf(at(3)), date_fin: dayOf(at(3)) }];
    await admin.patch(`/sites/${site.id}`, { fermetures });
    await admin.patch(`/techniciens/${technicien.id}`, { horaires: { 1: [[0, 60]] } });
    const found = [{ id: visit.id, raisons: ['hors_horaires', 'ferie'], avec: [] }];
    expect(await conflitsOf(responsable.client)).toEqual(found);
    await derive();
    expect(await told(responsable.user.id)).toEqual(['ferie', 'hors_horaires']);
  });

  it('not with what was forced when it was planned, nor when it is over', async () => {
    const night = new Date(at(3).getTime() - 6 * HOUR);
    const { responsable, visit, technicien } = await planned({
      date_planifiee: night,
      raisons_forcees: ['hors_horaires'],
    });
    expect(await conflitsOf(responsable.client)).toEqual([]);
    await admin.post(`/techniciens/${technicien.id}/absences`, { debut: dayOf(at(2)), fin: dayOf(at(5)) });
    expect(await conflitsOf(responsable.client)).toEqual([{ id: visit.id, raisons: ['absent'], avec: [] }]);
    await api.db.query(`UPDATE plannings SET statut = 'annulee' WHERE id = $1`, [visit.id]);
    expect(await conflitsOf(responsable.client)).toEqual([]);
  });

  it('where somebody of the crew is away, or does no work any more', async () => {
    const other = await makeTechnicien(api.db, { horaires: OFFICE });
    const { responsable, visit } = await planned({ equipiers: [other.id] });
    await api.db.query('UPDATE users SET is_active = false WHERE id = $1', [other.user.id]);
    expect(await conflitsOf(responsable.client)).toEqual([{ id: visit.id, raisons: ['inactif'], avec: [] }]);
  });

  it('with other work of the same person that is in progress, beyond its time or at the same time', async () => {
    const { responsable, technicien, visit, on } = await planned({
      date_planifiee: new Date(Date.now() + 600_000),
    });
    await admin.patch(`/techniciens/${technicien.id}`, {
      horaires: Object.fromEntries([1, 2, 3, 4, 5, 6, 7].map((day) => [day, [[0, 1_440]]])),
    });
    const late = await on(technicien.id, { statut: 'en_cours' });
    const began = new Date(Date.now() - 2 * HOUR);
    await makePlanning(api.db, {
      intervention_id: late.id,
      technicien_id: technicien.id,
      date_planifiee: new Date(Date.now() - 3 * HOUR),
      duree_estimee: 60,
      statut: 'en_cours',
      debut_reel: began,
    });
    // It goes on beyond its end, and reaches nobody else's time yet.
    expect(await conflitsOf(responsable.client)).toEqual([]);
    await derive();
    await api.db.query(`UPDATE plannings SET date_planifiee = now() - interval '10 minutes' WHERE id = $1`, [
      visit.id,
    ]);
    const avec = [
      { intervention_id: late.id, debut: began.toISOString(), fin: expect.stringMatching(/^20\d\d-.*Z$/) },
    ];
    expect(await conflitsOf(responsable.client)).toEqual([
      { id: visit.id, raisons: ['chevauchement'], avec },
    ]);
    await derive();
    await derive();
    expect(await told(responsable.user.id)).toEqual(['chevauchement']);

    // Of work of another site only that it takes the time.
    const elsewhere = await makeEquipement(api.db, { site_id: (await makeSite(api.db)).id });
    await api.db.query('UPDATE interventions SET equipement_id = $2 WHERE id = $1', [late.id, elsewhere.id]);
    expect((await conflitsOf(responsable.client))[0].avec).toEqual([{ ...avec[0], intervention_id: null }]);
    const own = await conflitsOf(await api.as(technicien.user));
    expect(own[0].avec[0].intervention_id).toBe(late.id);
  });
});

describe('the list of conflicts', () => {
  it('is filtered, sorted and paged like any other', async () => {
    const one = await planned();
    const two = await planned({ date_planifiee: at(4) });
    for (const { technicien } of [one, two]) {
      await admin.post(`/techniciens/${technicien.id}/absences`, { debut: dayOf(at(2)), fin: dayOf(at(6)) });
    }
    const ids = async (query: string) => (await conflitsOf(admin, query)).map(({ id }: { id: number }) => id);
    const sites = `site_id=${one.site.id},${two.site.id}`;
    expect(await ids(sites)).toEqual([one.visit.id, two.visit.id]);
    expect(await ids(`${sites}&sort=-date_planifiee`)).toEqual([two.visit.id, one.visit.id]);
    expect(await ids(`site_id=${two.site.id}`)).toEqual([two.visit.id]);
    expect(await ids(`technicien_id=${one.technicien.id}`)).toEqual([one.visit.id]);
    expect(await ids(`${sites}&date_debut=${dayOf(at(4))}`)).toEqual([two.visit.id]);
    expect(await ids(`${sites}&date_fin=${dayOf(at(3))}`)).toEqual([one.visit.id]);
    const first = await admin.get(`/planning/conflits?${sites}&limit=1`);
    expect([first.headers.get('x-total-count'), first.body.length]).toEqual(['2', 1]);
    const next = /<\/api\/v1([^>]+)>; rel="next"/.exec(first.headers.get('link')!)![1]!;
    expect((await admin.get(next)).body[0].id).toBe(two.visit.id);
  });

  it('shows whoever goes there theirs, and to customers nothing', async () => {
    const { technicien, visit } = await planned();
    await admin.post(`/techniciens/${technicien.id}/absences`, { debut: dayOf(at(2)), fin: dayOf(at(5)) });
    const own = await api.as(technicien.user);
    expect((await conflitsOf(own)).map(({ id }: { id: number }) => id)).toEqual([visit.id]);
    const { client } = await api.newPerson('client');
    expect((await client.get('/planning/conflits')).status).toBe(403);
  });
});
