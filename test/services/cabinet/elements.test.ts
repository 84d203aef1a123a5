import { Access } from '../../../src/auth/access';
import { openCabinets } from '../../../src/db/medical';
import { openDossier } from '../../../src/services/cabinet/dossiers';
import {
  allergiesConnues,
  type DossierOuvert,
  lireDerniers,
  lireElements,
} from '../../../src/services/cabinet/elements';
import { startTestApi, type TestApi } from '../../support/api';
import { makeCabinet, makePatient, type TestCabinet } from '../../support/cabinets';
import { entreesDe } from '../../support/dossiers';

/** What others who have opened a record read of it. */

let api: TestApi;
let cabinet: TestCabinet;
beforeAll(async () => {
  api = await startTestApi();
  cabinet = await makeCabinet(api, (await api.newPerson('admin')).client);
});
afterAll(() => api.close());

function inDossier<Result>(
  patientId: number,
  run: (dossier: DossierOuvert) => Promise<Result>,
): Promise<Result> {
  const { user } = cabinet.people.medecin;
  const principal = {
    ...{ userId: user.id, role: 'membre', sessionId: null, cleApiId: null },
    appartenances: [{ cabinetId: cabinet.id, fonction: 'medecin' }],
  };
  return api.app.medical.transaction(async (tx) => {
    await openCabinets(tx, { userId: user.id, cabinets: [cabinet.id], administre: false });
    const access = new Access(principal as never);
    return run({ tx, ...(await openDossier({ tx, access, secrets: api.app.secrets }, patientId, 'read')) });
  });
}

it('reads kinds of entries together, those that hold or all of them, and of vital signs the last of each', async () => {
  const { client } = cabinet.people.medecin;
  const { id } = await makePatient(client);
  for (const [segment, { body }] of Object.entries(entreesDe('Samira'))) {
    await client.post(`/patients/${id}/${segment}`, body);
  }
  const weigh = async (valeur: number, jour: string) =>
    (
      await client.post(`/patients/${id}/constantes`, {
        type: 'poids',
        valeur,
        date_effet: `${jour}T08:00:00Z`,
      })
    ).body;
  await weigh(70, '2026-03-01');
  await weigh(71, '2026-05-01');
  await weigh(72, '2026-04-01');
  const wrong = await weigh(17, '2026-06-01');
  await client.patch(`/patients/${id}/constantes/${wrong.id}`, { statut: 'erreur' });
  await inDossier(id, async (dossier) => {
    const found = await lireElements(dossier, ['antecedent', 'constante']);
    expect(found.map(({ nature }) => nature)).toEqual([
      'antecedent',
      ...Array.from({ length: 5 }, () => 'constante'),
    ]);
    expect(found[0]).toMatchObject({
      patient_id: id,
      statut: 'actif',
      contenu: { texte: 'Infarctus Samira' },
    });
    const holding = await lireElements(dossier, ['constante'], { statut: 'actif' });
    expect(holding.map(({ contenu }) => contenu.valeur)).toEqual([128, 71, 72, 70]);
    const last = await lireDerniers(dossier, 'constante', ['poids', 'tension_arterielle', 'taille']);
    expect(last.map(({ contenu }) => contenu.valeur)).toEqual([128, 71]);
  });
});

it('knows allergies, that there are none, or that nobody has asked', async () => {
  const { client } = cabinet.people.medecin;
  const { id } = await makePatient(client);
  const known = () =>
    inDossier(id, async (dossier) => {
      const { etat, allergies } = await allergiesConnues(dossier);
      return [etat, ...allergies.map(({ contenu }) => contenu.substance)];
    });
  expect(await known()).toEqual(['non_renseignees']);
  await client.post(`/patients/${id}/allergies`, { aucune_connue: true });
  expect(await known()).toEqual(['aucune_connue']);
  await client.post(`/patients/${id}/allergies`, { substance: 'Latex' });
  expect(await known()).toEqual(['connues', 'Latex']);
});
