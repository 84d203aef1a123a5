import { closeRefusals } from '../../src/services/refus';
import { readPdf } from '../pdf/pdf';
import type { Client, Reply } from '../support/client';
import { makeEquipement } from '../support/factories';
import { eventually, startTestSystem, type TestSystem } from '../support/system';

/** Being refused, again and again, in order to be read by somebody, or to fill a disk. */

let system: TestSystem;
let admin: Client;
beforeAll(async () => {
  system = await startTestSystem();
  admin = (await system.newPerson('admin')).client;
});
afterAll(() => system.close());

const WORD = 'Gagnez-un-voyage';

/** A stranger whose name is a message, and an intervention of a customer that they cannot see. */
async function strangerAndRecord() {
  const owner = await system.newPerson('client');
  const equipement = await makeEquipement(system.db, { client_id: owner.user.id });
  const { body } = await owner.client.post('/interventions', {
    titre: 'Fuite',
    description: 'La presse fuit depuis ce matin',
    type_intervention: 'corrective',
    equipement_id: equipement.id,
  });
  const stranger = await system.newPerson('client', { nom: WORD });
  return { owner: owner.client, stranger, id: body.id as number };
}

describe('a refusal', () => {
  it('stands neither in the history of what it was about nor in its report', async () => {
    const { owner, stranger, id } = await strangerAndRecord();
    const refused = await Promise.all([
      stranger.client.put(`/interventions/${id}/assign`, {}),
      stranger.client.patch(`/interventions/${id}`, { priorite: 'basse' }),
      stranger.client.post(`/interventions/${id}/pieces/recues`, {}),
    ]);
    expect(refused.map(({ status }: Reply) => status)).toEqual([403, 403, 403]);
    const history = await owner.get(`/interventions/${id}/historique`);
    expect(history.body.map(({ action }: { action: string }) => action)).toEqual(['creation']);

    const technicien = await system.newPerson('technicien');
    const [{ id: technicienId }] = await system.db.query('SELECT id FROM techniciens WHERE user_id = $1', [
      technicien.user.id,
    ]);
    for (const [step, body] of [
      ['assign', { technicien_id: technicienId }],
      ['statut', { statut: 'en_cours' }],
      ['statut', { statut: 'terminee', rapport: 'Joint changé.' }],
    ] as const) {
      const { status } = await admin.put(`/interventions/${id}/${step}`, body);
      expect([step, status]).toEqual([step, 200]);
    }
    const rapport = await eventually(
      () => owner.get(`/interventions/${id}/rapport`),
      ({ status }) => status === 200,
    );
    const text = readPdf(rapport.bytes)
      .pages.flatMap(({ lines }) => lines)
      .join('\n');
    expect(text).toContain('Joint changé.');
    expect(text).not.toContain(WORD);
    expect(text).not.toMatch(/refus/i);
  });

  it('is told of in no history even where it was filed under its object by an earlier version', async () => {
    const { owner, stranger, id } = await strangerAndRecord();
    await system.db.query(
      `INSERT INTO historique (entite, entite_id, action, auteur_id, date) VALUES ('intervention', $1, 'refus', $2, now())`,
      [id, stranger.user.id],
    );
    const history = await owner.get(`/interventions/${id}/historique`);
    expect(history.body.map(({ action }: { action: string }) => action)).toEqual(['creation']);
    expect(history.headers.get('x-total-count')).toBe('1');
  });

  it('is a line of the audit once a minute, caller and route, and one more that counts', async () => {
    const { user, client } = await system.newPerson('technicien');
    const ask = async (times: number, path: string) => {
      for (let n = 0; n < times; n++) expect((await client.delete(path)).status).toBe(403);
    };
    const minute = new Date('2026-11-02T10:15:00Z').getTime();
    system.app.clock = () => new Date(minute + 5_000);
    await ask(40, '/pieces/7');
    await ask(1, '/equipements/3');
    system.app.clock = () => new Date(minute + 65_000);
    await ask(2, '/pieces/8');
    await closeRefusals(system.db, new Date(minute + 70_000));
    system.app.clock = () => new Date();

    const lines = await admin.get(`/audit?action=refus&auteur_id=${user.id}&sort=id`);
    expect(lines.body.map(({ entite, entite_id, apres }: never) => ({ entite, entite_id, apres }))).toEqual([
      { entite: 'piece', entite_id: null, apres: { requete: 'DELETE /pieces/:id', id: 7 } },
      { entite: 'equipement', entite_id: null, apres: { requete: 'DELETE /equipements/:id', id: 3 } },
      { entite: 'piece', entite_id: null, apres: { requete: 'DELETE /pieces/:id', id: 8 } },
      {
        entite: 'piece',
        entite_id: null,
        apres: { requete: 'DELETE /pieces/:id', nombre: 40, minute: '2026-11-02T10:15:00+00:00' },
      },
    ]);
    // What is not over is still being counted; closing again repeats nothing.
    await closeRefusals(system.db, new Date(minute + 75_000));
    expect((await admin.get(`/audit?action=refus&auteur_id=${user.id}`)).body).toHaveLength(4);
    await closeRefusals(system.db, new Date(minute + 130_000));
    expect((await admin.get(`/audit?action=refus&auteur_id=${user.id}`)).body).toHaveLength(5);
  });
});
