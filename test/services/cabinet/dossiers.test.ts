import { Access } from '../../../src/auth/access';
import { openCabinets } from '../../../src/db/medical';
import type { Fonction } from '../../../src/domain/roles';
import { openDossier } from '../../../src/services/cabinet/dossiers';
import { startTestApi, type TestApi } from '../../support/api';
import { addMembre, makeCabinet, makePatient, type Personne, type TestCabinet } from '../../support/cabinets';

/** Whose record opens for whom. */

let api: TestApi;
let cabinet: TestCabinet;
let other: TestCabinet;
let colleague: Personne;
beforeAll(async () => {
  api = await startTestApi();
  const admin = (await api.newPerson('admin')).client;
  cabinet = await makeCabinet(api, admin);
  other = await makeCabinet(api, admin);
  colleague = await addMembre(api, cabinet.people.gerant.client, cabinet.id, 'medecin');
});
afterAll(() => api.close());

/** What somebody is told who opens the record of a patient; null when it opens. */
function refusal(
  { user }: Personne,
  fonction: Fonction,
  patientId: number,
  cabinetId = cabinet.id,
): Promise<string | null> {
  const principal = {
    ...{ userId: user.id, role: 'membre', sessionId: null, cleApiId: null },
    appartenances: [{ cabinetId, fonction }],
  };
  return api.app.medical.transaction(async (tx) => {
    await openCabinets(tx, { userId: user.id, cabinets: [cabinetId], administre: false });
    const access = new Access(principal as never);
    for (const action of ['read', 'update'] as const) {
      try {
        const { patient } = await openDossier({ tx, access, secrets: api.app.secrets }, patientId, action);
        expect(patient).toMatchObject({ id: patientId, cabinet_id: cabinetId });
      } catch (error) {
        return (error as { code: string }).code;
      }
    }
    return null;
  });
}

describe('a record', () => {
  it('that is shared opens for every doctor of the practice, for nobody else there, and for nobody elsewhere', async () => {
    const { id } = await makePatient(cabinet.people.secretaire.client);
    expect(await refusal(cabinet.people.medecin, 'medecin', id)).toBeNull();
    expect(await refusal(cabinet.people.remplacant, 'remplacant', id)).toBeNull();
    expect(await refusal(cabinet.people.secretaire, 'secretaire', id)).toBe('INTERDIT');
    expect(await refusal(cabinet.people.gerant, 'gerant', id)).toBe('INTERDIT');
    expect(await refusal(other.people.medecin, 'medecin', id, other.id)).toBe('INTROUVABLE');
  });

  it('that is not shared opens for those who treat the patient: who entered them, and no other doctor', async () => {
    const { id } = await makePatient(cabinet.people.medecin.client, { partage_cabinet: false });
    expect(await refusal(cabinet.people.medecin, 'medecin', id)).toBeNull();
    expect(await refusal(colleague, 'medecin', id)).toBe('DOSSIER_NON_PARTAGE');
    expect(await refusal(cabinet.people.secretaire, 'secretaire', id)).toBe('INTERDIT');
    expect(await refusal(other.people.medecin, 'medecin', id, other.id)).toBe('INTROUVABLE');
  });

  it('that was opened for somebody with a reason is open for them alone, and until the time is over', async () => {
    const { id } = await makePatient(cabinet.people.medecin.client, { partage_cabinet: false });
    const { owner } = api.database;
    await owner.query(
      `INSERT INTO medical.bris_de_glace (id, cabinet_id, patient_id, user_id, motif, date_debut, date_fin)
       VALUES (1, $1, $2, $3, '\\x', now() - interval '1 minute', now() + interval '59 minutes')`,
      [cabinet.id, id, colleague.user.id],
    );
    expect(await refusal(colleague, 'medecin', id)).toBeNull();
    expect(await refusal(cabinet.people.remplacant, 'remplacant', id)).toBe('DOSSIER_NON_PARTAGE');
    await owner.query('UPDATE medical.bris_de_glace SET date_fin = now() WHERE id = 1');
    expect(await refusal(colleague, 'medecin', id)).toBe('DOSSIER_NON_PARTAGE');
  });
});
