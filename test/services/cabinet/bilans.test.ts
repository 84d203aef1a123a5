import { EN_MASSE, semaineDue } from '../../../src/domain/cabinet/bilan';
import { tellBilans } from '../../../src/services/cabinet/bilans';
import { startTestApi, type TestApi } from '../../support/api';
import { addMembre, makeCabinet, makePatient, type TestCabinet } from '../../support/cabinets';

/** What those who run a practice are told of a week: numbers, by its own clocks, and nobody's name. */

let api: TestApi;
let cabinet: TestCabinet;
beforeEach(async () => {
  api = await startTestApi();
  const admin = (await api.newPerson('admin')).client;
  cabinet = await makeCabinet(api, admin, { fuseau_horaire: 'Africa/Casablanca' });
});
afterEach(() => api.close());

const HOUR = 3_600_000;
/** What the tests themselves read, by night or by day, is of no week but the present one. */
const NOW = new Date();
const semaine = () => semaineDue(NOW.getTime(), 'Africa/Casablanca');

/** That somebody read a patient, at an instant of that week. */
async function read(patient: number, user: number, date: number, action = 'lecture'): Promise<void> {
  await api.database.owner.query(
    `INSERT INTO medical.acces_dossier (cabinet_id, patient_id, user_id, fonctions, action, categories, requete, nombre,
       finalite, correlation_id, date)
     VALUES ($1, $2, $3, '{medecin}', $4, '{}', 'essai', 1, 'TREAT', 'essai', $5)`,
    [cabinet.id, patient, user, action, new Date(date)],
  );
}

const tell = () => tellBilans({ medical: api.app.medical, db: api.db }, NOW);
const told = (): Promise<{ destinataire_id: number; donnees: Record<string, unknown> }[]> =>
  api.db.query(
    `SELECT destinataire_id, donnees FROM messages WHERE modele = 'bilan_acces' ORDER BY destinataire_id`,
  );

it('counts emergencies, refusals, namesakes, masses and nights, and names nobody', async () => {
  const { medecin, secretaire, gerant } = cabinet.people;
  const namesake = await makePatient(secretaire.client, { nom_naissance: medecin.user.nom.toUpperCase() });
  const unshared = await makePatient(secretaire.client, {
    nom_naissance: 'Kanarienvogel',
    partage_cabinet: false,
  });
  const { body: bris } = await medecin.client.post(`/patients/${unshared.id}/bris-de-glace`, {
    motif: 'Malaise au cabinet',
  });
  const week = semaine();
  const [monday] = week.jours;
  const noon = monday!.debut + 12 * HOUR;
  await read(namesake.id, medecin.user.id, noon);
  await read(unshared.id, medecin.user.id, noon, 'refus');
  await read(unshared.id, secretaire.user.id, monday!.debut + 2 * HOUR);
  await read(unshared.id, secretaire.user.id, monday!.debut + 6 * HOUR);
  await read(unshared.id, secretaire.user.id, monday!.fin - 1);
  await read(unshared.id, secretaire.user.id, week.debut - 1);
  await api.database.owner.query('UPDATE medical.bris_de_glace SET date_debut = $1, date_fin = $1', [
    new Date(noon),
  ]);
  expect(await tell()).toBe(1);
  const [{ destinataire_id, donnees }] = (await told()) as [Awaited<ReturnType<typeof told>>[0]];
  expect(destinataire_id).toBe(gerant.user.id);
  expect(donnees).toMatchObject({
    cabinet_id: cabinet.id,
    du: week.du,
    au: week.au,
    refus: 1,
    bris_de_glace: [bris.id],
    a_revoir: 1,
    homonymes: [{ user_id: medecin.user.id, nombre: 1 }],
    en_masse: [],
    de_nuit: [{ user_id: secretaire.user.id, nombre: 2 }],
  });
  const [notification] = await api.db.query(
    `SELECT row_to_json(n)::text AS text FROM notifications n WHERE destinataire_id = $1`,
    [gerant.user.id],
  );
  for (const text of [JSON.stringify(donnees), notification.text]) {
    expect(text).not.toMatch(/Kanarienvogel|Malaise/i);
    expect(text).not.toContain(medecin.user.nom);
  }
});

it('tells of whoever read more patients on one day than one receives', async () => {
  const { medecin } = cabinet.people;
  const { id } = await makePatient(medecin.client);
  const noon = semaine().jours[2]!.debut + 12 * HOUR;
  await api.database.owner.query(
    `INSERT INTO medical.patients (id, cabinet_id, nom_naissance, prenoms, sexe, date_naissance, precision_naissance,
       statut_identite, recherche)
     SELECT 800000000 + n, cabinet_id, nom_naissance, prenoms, sexe, date_naissance, precision_naissance, statut_identite,
       recherche FROM medical.patients, generate_series(1, ${EN_MASSE}) n WHERE id = $1`,
    [id],
  );
  await api.database.owner.query(
    `INSERT INTO medical.acces_dossier (cabinet_id, patient_id, user_id, fonctions, action, categories, requete, nombre,
       finalite, correlation_id, date)
     SELECT cabinet_id, id, $1, '{medecin}', 'lecture', '{}', 'essai', 1, 'TREAT', 'essai', $2 FROM medical.patients`,
    [medecin.user.id, new Date(noon)],
  );
  await tell();
  expect((await told())[0]!.donnees.en_masse).toEqual([{ user_id: medecin.user.id, nombre: EN_MASSE + 1 }]);
});

it('tells everybody who runs the practice, once a week, also when that could not be written down', async () => {
  const second = await addMembre(api, cabinet.people.gerant.client, cabinet.id, 'gerant');
  const { id } = await makePatient(cabinet.people.medecin.client);
  await read(id, cabinet.people.medecin.user.id, semaine().debut);
  expect(await tell()).toBe(1);
  expect(await tell()).toBe(0);
  await api.database.owner.query('DELETE FROM medical.bilans_acces');
  await tell();
  const ids = [cabinet.people.gerant.user.id, second.user.id].sort((a, b) => a - b);
  expect((await told()).map(({ destinataire_id }) => destinataire_id)).toEqual(ids);
});

it('tells nobody of a week in which nobody read anything', async () => {
  expect(await tell()).toBe(0);
  expect(await told()).toEqual([]);
  const [{ count }] = await api.database.owner.query('SELECT count(*)::integer FROM medical.bilans_acces');
  expect(count).toBe(1);
});
