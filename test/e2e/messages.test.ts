import type { User } from '../../src/db/identite/users';
import type { Client } from '../support/client';
import { makeEquipement, makePiece, makeSite, makeTechnicien, makeUser } from '../support/factories';
import { mailsTo } from '../support/mailbox';
import { eventually, startTestSystem, type TestSystem } from '../support/system';

/** What people receive in the course of a life: an email and a notification each, once. */

let system: TestSystem;
let admin: Client;
beforeAll(async () => {
  system = await startTestSystem();
  admin = (await system.newPerson('admin')).client;
});
afterAll(() => system.close());

const hour = (n: number) => new Date(Date.now() + n * 3_600_000).toISOString();

interface Cast {
  id: number;
  technicien: Awaited<ReturnType<typeof makeTechnicien>>;
  customer: User;
  responsable: User;
}

async function cast(): Promise<Cast> {
  const site = await makeSite(system.db);
  const customer = await makeUser(system.db, { role: 'client', prenom: 'Salma' });
  const responsable = await makeUser(system.db, { role: 'responsable', sites: [site.id] });
  const technicien = await makeTechnicien(system.db);
  const equipement = await makeEquipement(system.db, { client_id: customer.id, site_id: site.id });
  const created = await admin.post('/interventions/', {
    titre: 'Réparation fuite hydraulique',
    description: 'Fuite détectée au niveau du circuit principal',
    type_intervention: 'corrective',
    priorite: 'haute',
    equipement_id: equipement.id,
  });
  return { id: created.body.id, technicien, customer, responsable };
}

/** The kinds of message written to a person, in order, once none of them waits: each was sent, or had become pointless. */
async function sentTo(user: User): Promise<string[]> {
  const rows: { modele: string; statut: string }[] = await eventually(
    () =>
      system.db.query('SELECT modele, statut FROM messages WHERE destinataire_id = $1 ORDER BY id', [
        user.id,
      ]),
    (found) => found.every(({ statut }: { statut: string }) => statut !== 'a_envoyer'),
  );
  return rows.map(({ modele }) => modele);
}

async function ask(id: number, body: object): Promise<void> {
  const reply = await admin.put(`/interventions/${id}/statut`, body);
  expect(reply.status).toBe(200);
}

describe('messages', () => {
  it('tell each person what concerns them at every step, by email and in the application', async () => {
    const { id, technicien, customer, responsable } = await cast();
    const piece = await makePiece(system.db);
    const plan = { technicien_id: technicien.id, date_planifiee: hour(20), duree_estimee: 60 };
    await admin.put(`/interventions/${id}/assign`, plan);
    await admin.put(`/interventions/${id}/assign`, { ...plan, date_planifiee: hour(30) });
    await ask(id, { statut: 'en_cours' });
    await ask(id, { statut: 'attente_pieces', pieces: [{ piece_id: piece.id, quantite: 2 }] });
    await admin.post(`/interventions/${id}/pieces/recues`);
    await ask(id, { statut: 'terminee', rapport: 'Joint remplacé.' });

    expect(await sentTo(technicien.user)).toEqual(['assignee', 'replanifiee', 'pieces_recues']);
    expect(await sentTo(customer)).toEqual([
      'replanifiee',
      'demarree',
      'attente_pieces',
      'pieces_recues',
      'terminee',
    ]);
    expect(await sentTo(responsable)).toEqual(['attente_pieces']);

    for (const person of [technicien.user, customer, responsable]) {
      const mails = await mailsTo(person.email);
      const kinds = await sentTo(person);
      expect(mails).toHaveLength(kinds.length);
      const inbox = await (await system.as(person)).get('/notifications/');
      expect(inbox.body).toHaveLength(kinds.length);
    }
  });

  it('are French, in HTML and in text, and link to where the work can be rated', async () => {
    const { id, technicien, customer } = await cast();
    await admin.put(`/interventions/${id}/assign`, {
      technicien_id: technicien.id,
      date_planifiee: hour(60),
    });
    await ask(id, { statut: 'en_cours' });
    await ask(id, { statut: 'terminee', rapport: 'Joint remplacé.' });
    const mails = await eventually(
      () => mailsTo(customer.email),
      (found) => found.length === 2,
    );
    const last = mails.at(-1)!;
    expect(last.text).toMatch(/^Intervention terminée/);
    for (const content of [last.html, last.text]) {
      expect(content).toContain(`${system.config.publicUrl}/interventions/${id}/satisfaction`);
      expect(content).toContain('Réparation fuite hydraulique');
    }
    const assigned = (await (await system.as(technicien.user)).get('/notifications/?lue=false')).body[0];
    expect(assigned).toMatchObject({
      titre: 'Nouvelle intervention assignée',
      message: "L'intervention 'Réparation fuite hydraulique' vous a été assignée",
      type: 'info',
      lue: false,
      metadata: { intervention_id: id, priorite: 'haute' },
    });
  });

  it('tell of a withdrawal, a reopening and a cancellation', async () => {
    const { id, technicien, customer } = await cast();
    const plan = { technicien_id: technicien.id, date_planifiee: hour(90) };
    await admin.put(`/interventions/${id}/assign`, plan);
    await ask(id, { statut: 'ouverte' });
    await admin.put(`/interventions/${id}/assign`, plan);
    await ask(id, { statut: 'en_cours' });
    await ask(id, { statut: 'terminee', rapport: 'Fait.' });
    await ask(id, { statut: 'en_cours' });
    await ask(id, { statut: 'annulee', motif: 'Machine remplacée.' });
    expect(await sentTo(technicien.user)).toEqual(['assignee', 'retiree', 'assignee', 'rouverte', 'annulee']);
    expect(await sentTo(customer)).toEqual(['demarree', 'terminee', 'rouverte', 'annulee']);
  });

  it('carry the id of the request that caused them', async () => {
    const { id, technicien } = await cast();
    const body = { technicien_id: technicien.id, date_planifiee: hour(120) };
    await admin.put(`/interventions/${id}/assign`, body, { 'X-Request-Id': 'demande-42' });
    const [mail] = await eventually(
      () => mailsTo(technicien.user.email),
      (found) => found.length === 1,
    );
    expect(mail!.headers['x-correlation-id']).toBe('demande-42');
  });
});
