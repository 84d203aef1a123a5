import { z } from 'zod';
import { inPractices } from '../../../src/api/http/medical';
import { type Route, route } from '../../../src/api/http/route';
import { idParam } from '../../../src/api/http/schemas';
import { Access } from '../../../src/auth/access';
import { openCabinets } from '../../../src/db/medical';
import { type AccesFault, verifyAcces } from '../../../src/services/cabinet/acces-verification';
import { DossierRefuse, openDossier } from '../../../src/services/cabinet/dossiers';
import { readPatient } from '../../../src/services/cabinet/patients';
import { startTestApi, type TestApi } from '../../support/api';
import { addMembre, makeCabinet, makePatient, type Personne, type TestCabinet } from '../../support/cabinets';
import { holdRows } from '../../support/locks';

/** Records that are not shared, opened with a reason: by whom, for how long, and what is known of it afterwards. */

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

const MOTIF = { motif: 'Malaise en salle d’attente, son médecin est absent' };
const unshared = () => makePatient(cabinet.people.medecin.client, { partage_cabinet: false });
const breakGlass = (by: Personne, id: number) => by.client.post(`/patients/${id}/bris-de-glace`, MOTIF);

interface Line {
  id: number;
  user_id: number;
  action: string;
  finalite: string;
  requete: string;
  bris_de_glace_id: number | null;
}
const lines = (patientId: number): Promise<Line[]> =>
  api.database.owner.query('SELECT * FROM medical.acces_dossier WHERE patient_id = $1 ORDER BY id', [
    patientId,
  ]);

/** Over the services, as a route of records would. */
function opens({ user }: Personne, patientId: number): Promise<boolean> {
  return api.app.medical.transaction(async (tx) => {
    await openCabinets(tx, { userId: user.id, cabinets: [cabinet.id], administre: false });
    const appartenances = [{ cabinetId: cabinet.id, fonction: 'medecin' }];
    const access = new Access({
      userId: user.id,
      role: 'membre',
      sessionId: null,
      cleApiId: null,
      appartenances,
    } as never);
    try {
      await openDossier({ tx, access, secrets: api.app.secrets }, patientId, 'read');
      return true;
    } catch (error) {
      if (error instanceof DossierRefuse) return false;
      throw error;
    }
  });
}

async function faults(): Promise<AccesFault[]> {
  const found: AccesFault[] = [];
  await verifyAcces(api.app.medical, api.app.secrets, (fault) => found.push(fault));
  return found;
}

describe('a break-glass', () => {
  it('opens the record to a doctor of the practice for an hour, with a reason, and to nobody else', async () => {
    const { id } = await unshared();
    expect(await opens(colleague, id)).toBe(false);
    const before = Date.now();
    const made = await breakGlass(colleague, id);
    expect([made.status, made.body]).toEqual([
      201,
      {
        id: expect.any(Number),
        cabinet_id: cabinet.id,
        patient_id: id,
        user_id: colleague.user.id,
        auteur: { nom: colleague.user.nom, prenom: colleague.user.prenom },
        motif: MOTIF.motif,
        date_debut: expect.any(String),
        date_fin: expect.any(String),
        etat: 'ouvert',
        averti_le: null,
        revue: null,
      },
    ]);
    const end = new Date(made.body.date_fin).getTime();
    expect(end - new Date(made.body.date_debut).getTime()).toBe(3_600_000);
    expect(end).toBeGreaterThanOrEqual(before + 3_600_000);
    expect(await opens(colleague, id)).toBe(true);
    expect(await opens(cabinet.people.remplacant, id)).toBe(false);
  });

  it('is refused where the record is open already, to whoever treats nobody there, and of nobody', async () => {
    const { id } = await unshared();
    const shared = await makePatient(cabinet.people.medecin.client);
    const told = async (by: Personne, patientId: number) => {
      const { status, body } = await breakGlass(by, patientId);
      return [status, body.code];
    };
    expect(await told(cabinet.people.medecin, id)).toEqual([409, 'DEJA_EXISTANT']);
    expect(await told(colleague, shared.id)).toEqual([409, 'DEJA_EXISTANT']);
    expect(await told(cabinet.people.secretaire, id)).toEqual([403, 'INTERDIT']);
    expect(await told(cabinet.people.gerant, id)).toEqual([403, 'INTERDIT']);
    expect(await told(other.people.medecin, id)).toEqual([404, 'INTROUVABLE']);
    expect(await told(colleague, 999_999_999)).toEqual([404, 'INTROUVABLE']);
    expect((await colleague.client.post(`/patients/${id}/bris-de-glace`, { motif: 'court' })).status).toBe(
      422,
    );
    await breakGlass(colleague, id);
    expect(await told(colleague, id)).toEqual([409, 'DEJA_EXISTANT']);
  });

  it('is one, of two that are asked for at one moment', async () => {
    const { id } = await unshared();
    const held = await holdRows(api.database.owner, 'SELECT FROM medical.patients WHERE id = $1 FOR UPDATE', [
      id,
    ]);
    const both = [breakGlass(colleague, id), breakGlass(colleague, id)];
    await held.awaitedBy(2, null);
    await held.release();
    const statuses = (await Promise.all(both)).map(({ status }) => status);
    expect(statuses.sort()).toEqual([201, 409]);
  });

  it('answers who asks again under the same key with the same one', async () => {
    const { id } = await unshared();
    const ask = () =>
      colleague.client.post(`/patients/${id}/bris-de-glace`, MOTIF, { 'Idempotency-Key': `bris-${id}` });
    const [one, two] = [await ask(), await ask()];
    expect([one.status, two.status, two.body]).toEqual([201, 201, one.body]);
    const kept = await api.database.owner.query(
      'SELECT reponse FROM idempotence WHERE reponse IS NOT NULL AND reponse::text LIKE $1',
      ['%Malaise%'],
    );
    expect(kept).toEqual([]);
  });

  it('marks in the log whatever is read of the patient meanwhile, and nothing before, after or of others', async () => {
    const { id } = await unshared();
    const beside = await makePatient(cabinet.people.medecin.client);
    await colleague.client.get(`/patients/${id}`);
    const { body: bris } = await breakGlass(colleague, id);
    await colleague.client.get(`/patients/${id}`);
    await cabinet.people.remplacant.client.get(`/patients/${id}`);
    await colleague.client.get(`/patients/${beside.id}`);
    expect((await colleague.client.post(`/bris-de-glace/${bris.id}/fermeture`)).status).toBe(200);
    await colleague.client.get(`/patients/${id}`);
    const told = (await lines(id))
      .slice(1)
      .map(({ user_id, action, finalite, bris_de_glace_id }) => [
        user_id,
        action,
        finalite,
        bris_de_glace_id,
      ]);
    const { id: me } = colleague.user;
    expect(told).toEqual([
      [me, 'lecture', 'TREAT', null],
      [me, 'bris_de_glace', 'ETREAT', bris.id],
      [me, 'lecture', 'ETREAT', bris.id],
      [cabinet.people.remplacant.user.id, 'lecture', 'TREAT', null],
      [me, 'ecriture', 'TREAT', null],
      [me, 'lecture', 'TREAT', null],
    ]);
    expect((await lines(beside.id)).map(({ finalite }) => finalite)).toEqual(['TREAT', 'TREAT']);
    const log = (await cabinet.people.gerant.client.get(`/patients/${id}/acces?action=bris_de_glace`)).body;
    expect(log).toEqual([expect.objectContaining({ bris_de_glace_id: bris.id, finalite: 'ETREAT' })]);
    expect(await faults()).toEqual([]);
  });

  it('closes by its row, at its time or earlier, by whoever opened it or runs the practice', async () => {
    const { id } = await unshared();
    const { body: bris } = await breakGlass(colleague, id);
    expect((await cabinet.people.remplacant.client.post(`/bris-de-glace/${bris.id}/fermeture`)).status).toBe(
      404,
    );
    const closed = await cabinet.people.gerant.client.post(`/bris-de-glace/${bris.id}/fermeture`);
    expect([closed.status, closed.body.etat]).toEqual([200, 'a_revoir']);
    expect(await opens(colleague, id)).toBe(false);
    const again = await breakGlass(colleague, id);
    expect(again.status).toBe(201);
    await api.database.owner.query(
      `UPDATE medical.bris_de_glace SET date_debut = now() - interval '61 minutes', date_fin = now() WHERE id = $1`,
      [again.body.id],
    );
    expect(await opens(colleague, id)).toBe(false);
    const longer = api.database.owner.query(
      `UPDATE medical.bris_de_glace SET date_fin = date_fin + interval '1 hour' WHERE id = $1`,
      [again.body.id],
    );
    await expect(longer).rejects.toThrow('not kept open any longer');
  });
});

describe('its review', () => {
  it('is for whoever runs the practice, once, and never for whoever opened the record', async () => {
    const { id } = await unshared();
    const { body: bris } = await breakGlass(colleague, id);
    const review = (by: Personne) =>
      by.client.post(`/bris-de-glace/${bris.id}/revue`, {
        conclusion: 'justifie',
        commentaire: 'Urgence avérée',
      });
    expect((await review(colleague)).status).toBe(403);
    expect((await review(other.people.gerant)).status).toBe(404);
    const done = await review(cabinet.people.gerant);
    expect([done.status, done.body.etat, done.body.revue]).toEqual([
      200,
      'revu',
      {
        auteur: { nom: cabinet.people.gerant.user.nom, prenom: cabinet.people.gerant.user.prenom },
        date: expect.any(String),
        conclusion: 'justifie',
        commentaire: 'Urgence avérée',
      },
    ]);
    expect((await review(cabinet.people.gerant)).body.code).toBe('DEJA_EXISTANT');
  });

  it('is not for a doctor who runs the practice and opened it; the database holds it too', async () => {
    const { id } = await unshared();
    const made = await cabinet.people.gerant.client.post(`/cabinets/${cabinet.id}/membres`, {
      user_id: colleague.user.id,
      fonction: 'gerant',
      date_debut: '2020-01-01',
    });
    expect(made.status).toBe(201);
    const { body: bris } = await breakGlass(colleague, id);
    const refused = await colleague.client.post(`/bris-de-glace/${bris.id}/revue`, {
      conclusion: 'justifie',
    });
    expect([refused.status, refused.body.code]).toEqual([403, 'INTERDIT']);
    const behind = api.database.owner.query(
      `UPDATE medical.bris_de_glace SET revue_par = user_id, revue_le = now(), conclusion = 'justifie' WHERE id = $1`,
      [bris.id],
    );
    await expect(behind).rejects.toThrow('bris_de_glace_revue_par_autrui');
    const end = { date_fin: '2020-12-31' };
    await cabinet.people.gerant.client.patch(`/cabinets/${cabinet.id}/membres/${made.body.id}`, end);
  });

  it('is listed for whoever runs the practice and for whoever opened the record, with the reason', async () => {
    const { id } = await unshared();
    const { body: bris } = await breakGlass(colleague, id);
    const seen = async (by: Personne) =>
      (await by.client.get(`/bris-de-glace?patient_id=${id}&etat=ouvert,a_revoir`)).body.map(
        (row: { id: number; motif: string }) => [row.id, row.motif],
      );
    expect(await seen(cabinet.people.gerant)).toEqual([[bris.id, MOTIF.motif]]);
    expect(await seen(colleague)).toEqual([[bris.id, MOTIF.motif]]);
    expect(await seen(cabinet.people.remplacant)).toEqual([]);
    expect(await seen(other.people.gerant)).toEqual([]);
    expect((await cabinet.people.secretaire.client.get('/bris-de-glace')).status).toBe(403);
  });
});

describe('a refused attempt', () => {
  /** A route of records, as those of the practice are. */
  const ROUTE: Route = route({
    method: 'get',
    path: '/patients/:id/essai',
    tag: 'Essai',
    summary: 'Essai',
    access: ['read', 'Dossier'],
    medical: { acces: { action: 'lecture', categories: ['essai'] } },
    params: idParam,
    answer: { status: 200, description: 'Essai', schema: z.object({ id: z.int() }) },
    handle: async ({ app, tx, access, params }) => {
      const { patient } = await openDossier({ tx, access, secrets: app.secrets }, params.id, 'read');
      return {
        body: await readPatient({ tx, access, secrets: app.secrets }, params.id),
        patients: [patient],
      };
    },
  });

  it('is on record of the patient, though the request was taken back, and answered like before when it cannot be', async () => {
    const { id } = await unshared();
    const { id: userId } = colleague.user;
    const [session] = await api.database.owner.query('SELECT id FROM sessions WHERE user_id = $1 LIMIT 1', [
      userId,
    ]);
    const principal = { userId, role: 'membre', sessionId: session.id, cleApiId: null } as never;
    const actor = {
      userId,
      cleApiId: null,
      correlationId: 'essai',
      adresse: null,
      now: new Date(),
    } as never;
    const ask = () =>
      inPractices(api.app, principal, actor, () => {}, {
        route: ROUTE,
        read: (access) =>
          ({
            app: api.app,
            route: ROUTE,
            access,
            actor,
            params: { id },
            query: {},
            idempotencyKey: null,
          }) as never,
      }).then(
        () => null,
        ({ code }) => code,
      );
    expect(await ask()).toBe('DOSSIER_NON_PARTAGE');
    const refus = (await lines(id)).filter(({ action }) => action === 'refus');
    expect(refus).toEqual([
      expect.objectContaining({ user_id: userId, requete: 'GET /patients/:id/essai', finalite: 'TREAT' }),
    ]);
    await api.database.owner.query(
      `ALTER TABLE medical.acces_dossier ADD CONSTRAINT sans_refus CHECK (action <> 'refus') NOT VALID`,
    );
    expect(await ask()).toBe('DOSSIER_NON_PARTAGE');
    await api.database.owner.query('ALTER TABLE medical.acces_dossier DROP CONSTRAINT sans_refus');
    expect((await lines(id)).filter(({ action }) => action === 'refus')).toHaveLength(1);
    await breakGlass(colleague, id);
    expect(await ask()).toBeNull();
    expect((await lines(id)).at(-1)).toMatchObject({ action: 'lecture', finalite: 'ETREAT' });
    expect(await faults()).toEqual([]);
  });
});
