import type { Role } from '../../src/domain/roles';
import type { Purge } from '../../src/services/cabinet/purges';
import { keepForAMonth, makeCabinet, makeDue } from '../support/cabinets';
import { eventually } from '../support/eventually';
import { makeUser } from '../support/factories';
import { holdRows } from '../support/locks';
import { closeAll, type ProcessSystem, prepareSystem } from '../support/processes';

/** The destruction of a record whose worker is killed in the middle of it: never half, never twice, and done in the end. */

const WORD = 'Wendehals';

type Row = Pick<Purge, 'statut' | 'raison_arret' | 'bilan'>;

let system: ProcessSystem;
beforeAll(async () => {
  system = await prepareSystem();
});
afterAll(() => closeAll(() => system.close()));

/** All that the engine knows of a workflow. */
async function toldOf(workflowId: string): Promise<string> {
  const handle = system.temporal.workflow.getHandle(workflowId);
  const [{ events }, { raw }] = await Promise.all([handle.fetchHistory(), handle.describe()]);
  // What it carries is written in base64 there.
  return JSON.stringify([events, raw]).replace(/"data":"([\w+/=]+)"/g, (_, data) =>
    Buffer.from(data, 'base64').toString(),
  );
}

it('is whole or nothing, is done by the next worker, and the engine knows ids alone', async () => {
  const { db, owner, temporal } = system;
  await system.startApi();
  const newPerson = async (role: Role) => {
    const user = await makeUser(db, { role });
    return { user, client: await system.as(user) };
  };
  const cabinet = await makeCabinet({ newPerson }, (await newPerson('admin')).client);
  const { gerant, medecin } = cabinet.people;
  await keepForAMonth(gerant.client, cabinet.id);
  const identifiants = [{ type: 'cin', valeur: WORD }];
  const due = () => makeDue(owner, medecin.client, { nom_naissance: WORD, identifiants });
  const signed = async (patient_id: number): Promise<number> => {
    const { id } = (await gerant.client.post('/conservation/purges', { patient_id })).body;
    expect((await medecin.client.post(`/conservation/purges/${id}/signature`, undefined)).status).toBe(200);
    return id;
  };
  const [patient, kept] = [await due(), await due()];
  const [purge, stopped] = [await signed(patient), await signed(kept)];
  const worker = await system.startWorker();
  await system.reconcile();
  const described = (id: number) => temporal.workflow.getHandle(`purge-${id}`).describe();
  await eventually(
    () =>
      described(purge).then(
        ({ status }) => status.name,
        () => null,
      ),
    (status) => status === 'RUNNING',
  );
  // It waits for its thirty days; nobody does here: another run finds that they are over.
  await temporal.workflow.getHandle(`purge-${purge}`).terminate();
  await temporal.workflow.getHandle(`purge-${stopped}`).terminate();
  await owner.query('UPDATE medical.purges SET execution_le = now()');
  const motif = { patient_id: kept, motif: 'Expertise' };
  expect((await medecin.client.post('/conservation/retenues', motif)).status).toBe(201);

  const rows = () =>
    owner.query('SELECT * FROM medical.identifiants_patient WHERE patient_id = $1', [patient]);
  const before = await rows();
  const held = await holdRows(
    owner,
    'SELECT id FROM medical.identifiants_patient WHERE patient_id = $1 FOR UPDATE',
    [patient],
  );
  await system.reconcile();
  await held.awaitedBy(1, 'regie-worker-medical');
  await system.killWorker(worker);
  await held.release();
  expect(await rows()).toEqual(before);
  const keys = () => owner.query('SELECT FROM medical.cles_patient WHERE patient_id = $1', [patient]);
  expect(await keys()).toHaveLength(1);

  await system.startWorker();
  const purgeOf = async (id: number): Promise<Row> => {
    const [row] = await owner.query('SELECT * FROM medical.purges WHERE id = $1', [id]);
    return row;
  };
  const done = await eventually(
    () => purgeOf(purge),
    ({ statut }) => statut === 'faite',
  );
  expect(done.bilan!.detruites).toMatchObject({ cles_patient: 1, identifiants_patient: 1 });
  expect([await rows(), await keys()]).toEqual([[], []]);
  expect((await medecin.client.get(`/patients/${patient}`)).status).toBe(404);
  await eventually(
    () => purgeOf(stopped),
    ({ raison_arret }) => raison_arret === 'retenue',
  );
  expect((await medecin.client.get(`/patients/${kept}`)).status).toBe(200);
  const told = await toldOf(`purge-${purge}`);
  expect(told).not.toContain(WORD);
  expect(told).toContain(`Purge ${purge}`);

  // What patients ask by right has its clocks there, and no name.
  const right = { patient_id: kept, nature: 'acces', demande: `Copie pour ${WORD}` };
  const { id: demande } = (await medecin.client.post('/demandes-droits', right)).body;
  await system.reconcile();
  const statusOf = () =>
    temporal.workflow
      .getHandle(`demande-droits-${demande}`)
      .describe()
      .then(
        ({ status }) => status.name,
        () => null,
      );
  await eventually(statusOf, (status) => status === 'RUNNING');
  const reponse = { statut: 'retiree', reponse: `${WORD} n’en veut plus` };
  expect((await medecin.client.post(`/demandes-droits/${demande}/reponse`, reponse)).status).toBe(200);
  await system.reconcile();
  await eventually(statusOf, (status) => status === 'COMPLETED');
  const clocks = await toldOf(`demande-droits-${demande}`);
  expect(clocks).not.toContain(WORD);
  expect(clocks).toContain('pas avant 48 h');
});
