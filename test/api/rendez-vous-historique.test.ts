import { startTestApi, type TestApi } from '../support/api';
import { makeIntervenant, makePrestation } from '../support/factories';
import { makeBooking } from '../support/rendez-vous';

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

describe('the history of an appointment', () => {
  it('says who, from where and what, and to whom it is not theirs to know, no names and nothing of anybody', async () => {
    const admin = await api.newPerson('admin');
    const client = await api.newPerson('client');
    const one = await makeIntervenant(api.db);
    const prestation = await makePrestation(api.db);
    const { id, uid } = await makeBooking(api.db, {
      prestation,
      intervenants: [one],
      debut: '2031-03-04T09:00:00Z',
      demandeur_id: client.user.id,
    });
    const line = (action: string, auteur: number | null, adresse: string | null, avant: object | null) =>
      api.db.query(
        `INSERT INTO historique (entite, entite_id, action, auteur_id, adresse, date, avant, apres)
         VALUES ('rendez_vous', $1, $2, $3, $4, now(), $5, $6)`,
        [
          ...[id, action, auteur, adresse, avant === null ? null : JSON.stringify(avant)],
          JSON.stringify({ statut: 'confirme', sequence: 1, email: 'ada@example.com', reponses: { a: 1 } }),
        ],
      );
    await line('demande', null, '203.0.113.7', null);
    await line('confirmation', admin.user.id, '203.0.113.8', { statut: 'a_valider', motif_annulation: 'x' });
    await line('report', client.user.id, '203.0.113.9', { debut: '2031-03-03T09:00:00Z' });
    await line('expiration', null, null, {});
    const path = `/rendez-vous/${uid}/historique`;
    const told = await admin.client.get(path);
    expect([told.status, told.headers.get('x-total-count')]).toEqual([200, '4']);
    const apres = { statut: 'confirme', sequence: 1 };
    const named = ({ user }: typeof admin) => ({ id: user.id, nom: user.nom, prenom: user.prenom });
    expect(told.body).toMatchObject([
      { action: 'demande', source: 'public', auteur: null, avant: null, apres },
      { action: 'confirmation', source: 'membre', auteur: named(admin), avant: { statut: 'a_valider' } },
      { action: 'report', source: 'client', auteur: named(client), avant: { debut: '2031-03-03T09:00:00Z' } },
      { action: 'expiration', source: 'systeme', auteur: null, avant: null },
    ]);
    const text = JSON.stringify(told.body);
    for (const own of ['ada@example.com', 'reponses', 'motif_annulation', '203.0.113']) {
      expect(text).not.toContain(own);
    }
    const theirs = await client.client.get(path);
    expect(theirs.body.map(({ auteur }: { auteur: unknown }) => auteur)).toEqual([null, null, null, null]);
    expect(theirs.body.map(({ source }: { source: unknown }) => source)).toEqual(
      told.body.map(({ source }: { source: unknown }) => source),
    );
    const page = await admin.client.get(`${path}?limit=2&sort=-date`);
    expect(page.body).toHaveLength(2);
    const stranger = await api.newPerson('client');
    expect((await stranger.client.get(path)).status).toBe(404);
    expect((await admin.client.get('/rendez-vous/nobody/historique')).status).toBe(404);
  });
});
