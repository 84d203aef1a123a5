import { dayAfter, dayAt, endOf } from '../../src/domain/local-time';
import { startTestApi, type TestApi } from '../support/api';
import type { Client, Reply } from '../support/client';
import { makeEquipement, makeSite } from '../support/factories';
import { holdRows } from '../support/locks';
import { queriesDuring, statementsDuring } from '../support/queries';

/** What a creation costs, and what it does about what changes at the same moment. */

let api: TestApi;
let client: Client;
beforeAll(async () => {
  api = await startTestApi();
  ({ client } = await api.newPerson('admin'));
});
afterAll(() => api.close());

const body = (equipementId: number, given: object = {}) => ({
  titre: 'Fuite au vérin',
  description: 'Constatée ce matin',
  type_intervention: 'corrective',
  priorite: 'normale',
  equipement_id: equipementId,
  ...given,
});

describe('a creation', () => {
  it('takes five statements, and seven under an Idempotency-Key', async () => {
    const { id } = await makeEquipement(api.db);
    const statements = (headers = {}) =>
      statementsDuring(async () =>
        expect((await client.post('/interventions', body(id), headers)).status).toBe(201),
      );
    const plain = await statements();
    expect(plain).toHaveLength(5);
    expect(plain.map((text) => /^\w+/.exec(text.trim())![0])).toEqual([
      'SELECT',
      'START',
      'WITH',
      'WITH',
      'COMMIT',
    ]);
    expect(await statements({ 'Idempotency-Key': 'compte' })).toHaveLength(7);
  });

  it('is answered as it is read afterwards', async () => {
    const site = await makeSite(api.db);
    const { id } = await makeEquipement(api.db, { site_id: site.id, localisation: 'Atelier 3' });
    const given = body(id, { competences_requises: ['hydraulique'], urgence: true });
    const created = await client.post('/interventions', given);
    const read = await client.get(`/interventions/${created.body.id}`);
    expect(created.body).toEqual(read.body);
    expect(created.headers.get('etag')).toBe(read.headers.get('etag'));
  });

  it('records its event in the chain of the audit, with its secrets masked', async () => {
    const { id } = await makeEquipement(api.db);
    const queries = await queriesDuring(() => client.post('/interventions', body(id)));
    expect(queries.some(({ text }) => /INSERT INTO historique/.test(text))).toBe(true);
    const [row] = await api.db.query(
      `SELECT h.*, i.createur_id FROM historique h JOIN interventions i ON i.id = h.entite_id
       WHERE h.entite = 'intervention' AND h.action = 'creation' ORDER BY h.id DESC LIMIT 1`,
    );
    expect(row).toMatchObject({
      auteur_id: row.createur_id,
      cle_api_id: null,
      avant: null,
      apres: { titre: 'Fuite au vérin', statut: 'ouverte', equipement_id: id },
      numero_evenement: 1,
      cause: 'creation',
    });
    expect(row.empreinte).toHaveLength(32);
    expect(row.rang).toBeGreaterThan(0);
  });

  it('that finds no equipment writes nothing', async () => {
    const before = await api.db.query('SELECT count(*) FROM interventions');
    const reply = await client.post('/interventions', body(999_999));
    expect([reply.status, reply.body.code]).toEqual([422, 'VALIDATION']);
    expect(reply.body.erreurs[0].champ).toBe('equipement_id');
    expect(await api.db.query('SELECT count(*) FROM interventions')).toEqual(before);
  });
});

describe('a creation that had to wait for somebody who changes the equipment', () => {
  const waiting = async (
    id: number,
    statement: string,
    parameters: unknown[],
    create: () => Promise<Reply>,
  ) => {
    const held = await holdRows(api.database.owner, 'SELECT id FROM equipements WHERE id = $1 FOR UPDATE', [
      id,
    ]);
    const creation = create();
    await held.awaitedBy(1, null);
    await held.change(statement, parameters);
    await held.commit();
    return creation;
  };

  it('is refused to a client whose it is not any more', async () => {
    const owner = await api.newPerson('client');
    const other = await api.newPerson('client');
    const { id } = await makeEquipement(api.db, { client_id: owner.user.id });
    const reply = await waiting(
      id,
      'UPDATE equipements SET client_id = $2 WHERE id = $1',
      [id, other.user.id],
      () => owner.client.post('/interventions', body(id)),
    );
    expect([reply.status, reply.body.erreurs?.[0].champ]).toEqual([422, 'equipement_id']);
  });

  it('counts by the zone of the site where it is by then', async () => {
    const [here, there] = [
      await makeSite(api.db, { fuseau_horaire: 'Africa/Casablanca' }),
      await makeSite(api.db, { fuseau_horaire: 'Asia/Tokyo' }),
    ];
    const { id } = await makeEquipement(api.db, { site_id: here.id });
    const day = dayAfter(dayAt(Date.now(), 'Asia/Tokyo'), 30);
    const reply = await waiting(id, 'UPDATE equipements SET site_id = $2 WHERE id = $1', [id, there.id], () =>
      client.post('/interventions', body(id, { date_limite: day })),
    );
    expect(reply.status).toBe(201);
    const end = endOf(day, 'Asia/Tokyo');
    expect(Math.abs(new Date(reply.body.date_limite).getTime() - end.getTime())).toBeLessThanOrEqual(1_000);
  });

  it('is refused to who has been signed out meanwhile', async () => {
    const { user, client: leaving } = await api.newPerson('admin');
    const { id } = await makeEquipement(api.db);
    const reply = await waiting(
      id,
      'UPDATE sessions SET date_revocation = now() WHERE user_id = $1',
      [user.id],
      () => leaving.post('/interventions', body(id)),
    );
    expect([reply.status, reply.body.code]).toEqual([401, 'NON_AUTHENTIFIE']);
  });
});
