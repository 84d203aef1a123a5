import { startTestApi, type TestApi } from '../support/api';
import { makeCabinet, makePatient, type TestCabinet } from '../support/cabinets';
import type { Client } from '../support/client';
import { entreesDe, note } from '../support/dossiers';
import { PASSWORD } from '../support/factories';
import { statementsDuring } from '../support/queries';

/** A record at a glance. */

let api: TestApi;
let cabinet: TestCabinet;
let doctor: Client;
beforeAll(async () => {
  api = await startTestApi();
  cabinet = await makeCabinet(api, (await api.newPerson('admin')).client);
  doctor = cabinet.people.medecin.client;
});
afterAll(() => api.close());

async function see(patient_id: number, given: object = {}): Promise<number> {
  return (await doctor.post('/consultations', { patient_id, ...note('Samira'), ...given })).body.id;
}

it('shows alerts, allergies, treatments, antecedents, the last vital signs and the last five consultations', async () => {
  const { id } = await makePatient(doctor);
  const read = async () => (await doctor.get(`/patients/${id}/dossier`)).body;
  expect(await read()).toEqual({
    patient_id: id,
    alertes: [{ type: 'allergies_non_renseignees', id: null }],
    etat_allergies: 'non_renseignees',
    ...{ allergies: [], traitements: [], antecedents: [], constantes: [], imc: null, consultations: [] },
  });
  const path = `/patients/${id}`;
  await doctor.post(`${path}/allergies`, { aucune_connue: true });
  expect(await read()).toMatchObject({ etat_allergies: 'aucune_connue', allergies: [], alertes: [] });
  const made: Record<string, { id: number }> = {};
  for (const [segment, { body }] of Object.entries(entreesDe('Samira'))) {
    made[segment] = (await doctor.post(`${path}/${segment}`, body)).body;
  }
  const wrong = await doctor.post(`${path}/traitements`, { medicament: 'Autre' });
  await doctor.patch(`${path}/traitements/${wrong.body.id}`, { statut: 'erreur' });
  for (const [type, valeur, jour] of [
    ['taille', 174, '2020-01-01'],
    ['poids', 80, '2021-01-01'],
    ['poids', 72, '2026-01-01'],
    ['poids', 75, '2025-01-01'],
  ]) {
    await doctor.post(`${path}/constantes`, { type, valeur, date_effet: `${jour}T08:00:00Z` });
  }
  const ids: number[] = [];
  for (let month = 1; month <= 7; month++) ids.push(await see(id, { date: `2026-0${month}-10T09:00:00Z` }));
  await doctor.post(`/consultations/${ids[6]}/signature`, { mot_de_passe: PASSWORD });
  await doctor.post(`/consultations/${ids[6]}/addenda`, { texte: 'Résultats normaux' });
  await doctor.patch(`/consultations/${ids[5]}`, { statut: 'abandonnee' }, { 'If-Match': '"1"' });
  const shown = await read();
  expect(shown).toMatchObject({
    etat_allergies: 'connues',
    allergies: [{ id: made.allergies!.id, substance: 'Samira V', severite: 'severe' }],
    traitements: [{ id: made.traitements!.id, statut: 'actif' }],
    antecedents: [{ id: made.antecedents!.id, texte: 'Infarctus Samira' }],
    imc: 23.8,
  });
  expect(shown.constantes.map(({ type, valeur }: Record<string, unknown>) => [type, valeur])).toEqual([
    ['tension_arterielle', 128],
    ['poids', 72],
    ['taille', 174],
  ]);
  const [a, b, c, d] = [ids[4], ids[3], ids[2], ids[1]];
  expect(shown.consultations.map((one: { id: number }) => one.id)).toEqual([ids[6], a, b, c, d]);
  expect(shown.consultations[0]).toMatchObject({
    statut: 'signee',
    conclusion: 'Bronchite Samira',
    addenda: [{ texte: 'Résultats normaux' }],
  });
  expect(shown.alertes).toEqual([
    { type: 'allergie_severe', id: made.allergies!.id },
    ...[a, b, c, d].map((one) => ({ type: 'brouillon_non_signe', id: one })),
  ]);
  // Somebody else reads what is signed, and nobody's drafts.
  const other = (await cabinet.people.remplacant.client.get(`${path}/dossier`)).body;
  expect(other.consultations.map((one: { id: number }) => one.id)).toEqual([ids[6]]);
  expect(other.consultations[0].notes_personnelles).toBeNull();
});

it('takes one line of the log and as many statements however long the record is', async () => {
  const few = await makePatient(doctor);
  const many = await makePatient(doctor);
  for (const { id, times } of [
    { id: few.id, times: 1 },
    { id: many.id, times: 8 },
  ]) {
    for (let n = 0; n < times; n++) {
      const consultation_id = await see(id);
      const measure = { type: 'poids', valeur: 70 + n, consultation_id };
      await doctor.post(`/patients/${id}/constantes`, measure);
      await doctor.post(`/patients/${id}/antecedents`, { type: 'medical', texte: `Asthme ${n}` });
    }
  }
  const lines = async (id: number) =>
    Number(
      (
        await api.database.owner.query('SELECT count(*) FROM medical.acces_dossier WHERE patient_id = $1', [
          id,
        ])
      )[0].count,
    );
  const counts: number[] = [];
  for (const { id } of [few, many]) {
    await doctor.get(`/patients/${id}/dossier`);
    const before = await lines(id);
    counts.push((await statementsDuring(() => doctor.get(`/patients/${id}/dossier`))).length);
    expect((await lines(id)) - before).toBe(1);
  }
  expect(counts[0]).toBe(counts[1]);
  expect(counts[0]).toBeGreaterThan(5);
});
