import type { DataSource } from 'typeorm';
import type { Technicien } from '../../src/db/identite/techniciens';
import type { Intervention } from '../../src/db/interventions/interventions';
import { startTestApi, type TestApi } from '../support/api';
import {
  makeEquipement,
  makeIntervention,
  makePlanning,
  makeSite,
  makeTechnicien,
} from '../support/factories';

const hour = 3_600_000;
const day = 24 * hour;
/** A Wednesday morning, an hour before work begins. */
const NOW = new Date('2026-06-17T07:00:00Z');
/** Work at the usual hours: the load is told in percent of them. */
const USUAL = { horaires: null };
const ago = (milliseconds: number) => new Date(NOW.getTime() - milliseconds);

let api: TestApi;
beforeEach(async () => {
  api = await startTestApi({ REGIE_TIME_ZONE: 'UTC' });
  api.app.clock = () => NOW;
});
afterEach(() => api.close());

/** Somebody whose token is of the same moment as the clock. */
const signedIn = async (...person: Parameters<TestApi['newPerson']>) =>
  (await api.newPerson(...person)).client;
const stats = async (...person: Parameters<TestApi['newPerson']>) =>
  (await (await signedIn(...person)).get('/dashboard/stats')).body;

/** Finished so many milliseconds ago, `heures` after it was created, on time or not. */
function makeFinished(
  db: DataSource,
  technicien: Technicien,
  since: number,
  heures: number,
  given: Partial<Intervention> = {},
) {
  return makeIntervention(db, {
    technicien_id: technicien.id,
    statut: 'terminee',
    rapport: 'Fait.',
    date_fin: ago(since),
    date_creation: ago(since + heures * hour),
    date_limite: NOW,
    ...given,
  });
}

it('answers zeros, and null where there is nothing to take a mean of, before anything is there', async () => {
  expect(await stats('admin')).toEqual({
    interventions: { total: 0, ouvertes: 0, en_cours: 0, terminees_semaine: 0, critiques: 0 },
    equipements: { total: 0, operationnels: 0, en_panne: 0, maintenance_due: 0 },
    techniciens: { total: 0, disponibles: 0, en_intervention: 0, charge_moyenne: null },
    kpi: {
      temps_moyen_resolution: null,
      temps_moyen_resolution_heures: null,
      taux_respect_delais: null,
      satisfaction_client: null,
    },
  });
});

it('answers the figures of seed 004', async () => {
  const { db } = api;
  const [first, second] = [await makeTechnicien(db, USUAL), await makeTechnicien(db, USUAL)];
  await makeTechnicien(db, { disponibilite: false });
  await makeTechnicien(db, {}, { is_active: false });
  await makeEquipement(db, { frequence_entretien: 30, derniere_maintenance: ago(31 * day) });
  await makeEquipement(db, {
    frequence_entretien: 30,
    derniere_maintenance: ago(29 * day),
    statut: 'en_panne',
  });
  const equipement_id = (await makeEquipement(db, { statut: 'en_maintenance' })).id;

  await makeIntervention(db, { equipement_id, priorite: 'critique' });
  const running = await makeIntervention(db, {
    equipement_id,
    technicien_id: first.id,
    statut: 'en_cours',
    priorite: 'critique',
  });
  await makeIntervention(db, {
    equipement_id,
    statut: 'annulee',
    motif_annulation: 'Doublon',
    priorite: 'critique',
  });
  const finished = (since: number, heures: number, given: Partial<Intervention> = {}) =>
    makeFinished(db, second, since, heures, { equipement_id, ...given });
  await finished(hour, 3, { satisfaction_note: 5 });
  // Monday, just after midnight; late.
  await finished(2 * day + 6.9 * hour, 5.5, {
    satisfaction_note: 4,
    date_limite: ago(3 * day),
    depasse_le: ago(3 * day),
  });
  await finished(2 * day + 7.1 * hour, 2);
  await finished(89 * day, 6.3);
  // Too long ago for the key figures.
  await finished(91 * day, 1_000, {
    satisfaction_note: 1,
    date_limite: ago(100 * day),
    depasse_le: ago(100 * day),
  });

  // Forty hours of work are ahead of each; the first has 20 of them booked, a part of them before now.
  await makePlanning(db, {
    technicien_id: first.id,
    intervention_id: running.id,
    statut: 'en_cours',
    date_planifiee: ago(4 * hour),
    duree_estimee: 14 * 60,
  });
  await makePlanning(db, { technicien_id: first.id, date_planifiee: ago(-2 * day), duree_estimee: 10 * 60 });
  await makePlanning(db, {
    technicien_id: first.id,
    date_planifiee: ago(-5 * day),
    duree_estimee: 10 * 60,
    statut: 'annulee',
  });
  await makePlanning(db, { technicien_id: first.id, date_planifiee: ago(-20 * day), duree_estimee: 10 * 60 });

  const { body } = await (await signedIn('responsable')).get('/dashboard/stats');
  expect(body).toMatchObject({
    interventions: { ouvertes: 1, en_cours: 1, terminees_semaine: 2, critiques: 2 },
    equipements: { en_panne: 1, maintenance_due: 1 },
    techniciens: { total: 3, disponibles: 2, en_intervention: 1, charge_moyenne: 25 },
    kpi: {
      temps_moyen_resolution: '4.2 heures',
      temps_moyen_resolution_heures: 4.2,
      taux_respect_delais: 75,
      satisfaction_client: 4.5,
    },
  });
});

it('shows a responsable their sites, a technicien their own, and a client nothing', async () => {
  const { db } = api;
  const [here, elsewhere] = [await makeSite(db), await makeSite(db)];
  const technicien = await makeTechnicien(db, USUAL);
  const colleague = await makeTechnicien(db, USUAL);
  const on = async (site_id: number) => (await makeEquipement(db, { site_id })).id;
  const [machine, other] = [await on(here.id), await on(elsewhere.id)];
  await makeIntervention(db, { equipement_id: machine });
  await makeFinished(db, technicien, hour, 2, { equipement_id: machine });
  await makeFinished(db, technicien, hour, 4, { equipement_id: other });
  await makeFinished(db, colleague, hour, 9, { equipement_id: other });
  await makePlanning(db, {
    technicien_id: colleague.id,
    date_planifiee: NOW,
    duree_estimee: 240,
    intervention_id: (await makeIntervention(db, { equipement_id: other })).id,
  });

  expect(await stats('admin')).toMatchObject({
    interventions: { total: 5 },
    kpi: { temps_moyen_resolution_heures: 5 },
  });
  expect(await stats('responsable', { sites: [here.id] })).toMatchObject({
    interventions: { total: 2, ouvertes: 1, terminees_semaine: 1 },
    equipements: { total: 1 },
    techniciens: { total: 2, charge_moyenne: 5 },
    kpi: { temps_moyen_resolution_heures: 2 },
  });
  const own = (await (await api.as(technicien.user)).get('/dashboard/stats')).body;
  expect(own).toMatchObject({
    interventions: { total: 2, ouvertes: 0, terminees_semaine: 2 },
    techniciens: { total: 1, disponibles: 1, charge_moyenne: 0 },
    kpi: { temps_moyen_resolution_heures: 3 },
  });
  expect((await (await signedIn('client')).get('/dashboard/stats')).status).toBe(403);
  expect((await api.anonymous.get('/dashboard/stats')).status).toBe(401);
});
