import { createRandom } from '../../tools/lib/random';
import { fillCabinet } from '../../tools/seed/cabinet';
import { drawCabinet } from '../../tools/seed/cabinet-decor';
import { startTestApi, type TestApi } from '../support/api';
import { exported } from '../support/exports';
import { PASSWORD } from '../support/factories';
import { validate } from '../support/fhir';

/** The invented practice of `npm run seed`, handed out and read by HAPI's validator. */

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
  await api.newPerson('admin');
});
afterAll(() => api.close());

it('the records of all its patients are valid, and hold as many of each kind as there are rows', async () => {
  const decor = drawCabinet(createRandom(1));
  const { secrets, medical, passwords, documents, tokens } = api.app;
  const motDePasse = await passwords.hashUnjudged(PASSWORD);
  const signataires = { motDePasse: PASSWORD, passwords, documents, tokens };
  const options = { secrets, motDePasse, signataires, now: new Date(), timeZone: api.config.timeZone };
  await fillCabinet({ db: api.db, medical }, decor, options);
  const treated: { user_id: number; patient_id: number }[] = await api.database.owner.query(
    'SELECT user_id, patient_id FROM medical.soignants_patient ORDER BY patient_id',
  );
  expect(treated).toHaveLength(decor.patients.length);
  const bundles: fhir4.Bundle[] = [];
  for (const { user_id, patient_id } of treated) {
    const [user] = await api.db.query('SELECT * FROM users WHERE id = $1', [user_id]);
    bundles.push(await exported(api.app, await api.as(user), patient_id));
  }
  expect(await validate(bundles)).toEqual(bundles.map(() => []));

  const resources = bundles.flatMap(({ entry }) => entry!.map(({ resource }) => resource!));
  const expected: Record<string, string> = {
    Patient: 'medical.patients',
    AllergyIntolerance: `medical.elements_dossier WHERE nature = 'allergie'`,
    Coverage: `medical.elements_dossier WHERE nature = 'couverture'`,
    RelatedPerson: `medical.elements_dossier WHERE nature = 'representant'`,
    Consent: `medical.elements_dossier WHERE nature = 'consentement'`,
    MedicationStatement: `medical.elements_dossier WHERE nature = 'traitement'`,
  };
  for (const [type, from] of Object.entries(expected)) {
    const [{ n }] = await api.database.owner.query(`SELECT count(*)::integer AS n FROM ${from}`);
    expect([type, resources.filter(({ resourceType }) => resourceType === type).length]).toEqual([type, n]);
  }
});
