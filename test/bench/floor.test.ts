import { ONE, TECHNICIEN_PAGE } from '../../bench/bare/statements';
import { presentIntervention } from '../../src/api/interventions/present';
import type { Intervention } from '../../src/db/interventions/interventions';
import type { InterventionRow } from '../../src/services/interventions/interventions';
import { startTestApi, type TestApi } from '../support/api';
import type { Client } from '../support/client';
import { makeEquipement, makeIntervention, makeTechnicien } from '../support/factories';

/** What the bench compares ours with answers the same: otherwise it would refuse to measure. */

let api: TestApi;
let admin: Client;
beforeAll(async () => {
  api = await startTestApi();
  admin = (await api.newPerson('admin')).client;
});
afterAll(() => api.close());

const wire = (rows: InterventionRow[]) => JSON.parse(JSON.stringify(rows.map(presentIntervention)));

it('one intervention, whatever it has, and a page of a list', async () => {
  const technicien = await makeTechnicien(api.db);
  const equipement = await makeEquipement(api.db);
  const given: Partial<Intervention> = {
    ...{ equipement_id: equipement.id, priorite: 'haute', statut: 'terminee', rapport: 'Joint remplacé' },
    date_fin: new Date(),
  } as const;
  const ids: number[] = [];
  const annulee: Partial<Intervention> = {
    statut: 'annulee',
    motif_annulation: 'Doublon',
    rapport: null,
    date_fin: null,
  };
  for (const more of [
    annulee,
    { technicien_id: technicien.id },
    { technicien_id: technicien.id, arret: true },
  ]) {
    ids.push((await makeIntervention(api.db, { ...given, ...more })).id);
  }
  await api.db.query(
    `UPDATE interventions SET cout_pieces = 1234.5, satisfaction_note = 4,
       satisfaction_commentaire = 'Bien', duree_prevue = 90, suite_de = $2 WHERE id = $1`,
    [ids[2], ids[0]],
  );
  await api.db.query(
    `INSERT INTO plannings (intervention_id, technicien_id, date_planifiee, duree_estimee, statut)
     VALUES ($1, $2, '2026-12-01T08:00:00Z', 60, 'realisee')`,
    [ids[1], technicien.id],
  );
  for (const id of ids) {
    const { body } = await admin.get(`/interventions/${id}`);
    expect(wire(await api.db.query(ONE.text, [id]))).toEqual([body]);
  }
  const { body } = await admin.get(
    `/interventions?technicien_id=${technicien.id}&statut=terminee&priorite=haute,critique&sort=-date_limite`,
  );
  expect(body).toHaveLength(2);
  expect(wire(await api.db.query(TECHNICIEN_PAGE.text, [technicien.id]))).toEqual(body);
});
