import { randomBytes } from 'node:crypto';
import { Client } from './client';
import type { FuzzSystem } from './system';

/** Somebody who can sign in. */
export interface Account {
  id: number;
  email: string;
  password: string;
}

/** Two of each role that sees its own rows only: what one of them has, the other must not get. */
export interface World {
  admin: Account;
  clients: [Account, Account];
  techniciens: [Account, Account];
}

type Role = 'responsable' | 'technicien' | 'client';

/** A company in miniature, so that requests find something: people, equipment, parts, interventions in every state. */
export async function makeWorld({ apiUrl, admin: { email, password } }: FuzzSystem): Promise<World> {
  const admin = await Client.signIn(apiUrl, email, password);
  const { id } = await admin.send('GET', '/auth/me');
  await makePerson(admin, 'responsable', 'Amrani');
  const world: World = {
    admin: { id, email, password },
    clients: [await makePerson(admin, 'client', 'Bennis'), await makePerson(admin, 'client', 'Chraibi')],
    techniciens: [
      await makePerson(admin, 'technicien', 'Daoudi'),
      await makePerson(admin, 'technicien', 'Fassi'),
    ],
  };
  const piece = await admin.send('POST', '/pieces', {
    reference: 'JNT-042',
    designation: 'Joint torique',
    stock: 3,
  });
  for (const side of [0, 1] as const) {
    const client = world.clients[side];
    const technicien = await makeTechnicien(admin, world.techniciens[side]);
    const equipement = await makeEquipement(admin, client);
    const reporter = await Client.signIn(apiUrl, client.email, client.password);
    const worker = await Client.signIn(apiUrl, technicien.email, technicien.password);
    await makeInterventions({ admin, reporter, worker }, equipement, technicien.ficheId, piece.id);
  }
  return world;
}

async function makePerson(admin: Client, role: Role, nom: string): Promise<Account> {
  const email = `${nom.toLowerCase()}@example.com`;
  const password = `Aa1-${randomBytes(15).toString('base64url')}`;
  const { id } = await admin.send('POST', '/users', { email, password, nom, prenom: 'Salma', role });
  return { id, email, password };
}

/** A run may plan visits at any hour. */
const AROUND_THE_CLOCK = Object.fromEntries([1, 2, 3, 4, 5, 6, 7].map((day) => [day, [[0, 1_440]]]));

async function makeTechnicien(admin: Client, account: Account): Promise<Account & { ficheId: number }> {
  const { id: ficheId } = await admin.send('POST', '/techniciens', {
    user_id: account.id,
    specialite: 'Hydraulique',
    competences: ['hydraulique'],
    niveau_experience: 'senior',
    horaires: AROUND_THE_CLOCK,
  });
  return { ...account, ficheId };
}

async function makeEquipement(admin: Client, { id }: Account): Promise<number> {
  const equipement = await admin.send('POST', '/equipements', {
    nom: 'Presse hydraulique',
    type: 'Presse',
    numero_serie: `PH-${id}`,
    localisation: 'Atelier A',
    client_id: id,
    compteurs: [{ nom: 'Heures', unite: 'h', valeur: 1_200 }],
  });
  return equipement.id;
}

interface People {
  admin: Client;
  reporter: Client;
  worker: Client;
}

/** One in each state, in the order that `schemathesis.toml` knows; with a comment, a document, and in the end a rating. */
async function makeInterventions(
  { admin, reporter, worker }: People,
  equipementId: number,
  technicienId: number,
  pieceId: number,
): Promise<void> {
  const report = async () => {
    const { id } = await reporter.send('POST', '/interventions', {
      titre: 'Fuite hydraulique',
      description: 'Fuite au niveau du circuit principal',
      type_intervention: 'corrective',
      equipement_id: equipementId,
    });
    return id;
  };
  const plan = async () => {
    const id = await report();
    await admin.send('PUT', `/interventions/${id}/assign`, {
      technicien_id: technicienId,
      duree_estimee: 60,
    });
    return id;
  };
  const move = (id: number, body: { statut: string; [field: string]: unknown }) =>
    worker.send('PUT', `/interventions/${id}/statut`, body);
  const start = async () => {
    const id = await plan();
    await move(id, { statut: 'en_cours' });
    return id;
  };
  const finish = async () => {
    const id = await start();
    await move(id, { statut: 'terminee', rapport: 'Joint remplacé, circuit purgé.' });
    return id;
  };

  const open = await report();
  await reporter.send('POST', `/interventions/${open}/commentaires`, { texte: 'Avant midi de préférence.' });
  await plan();
  const running = await start();
  await worker.send('POST', '/documents/upload', documentOf(running));
  const waiting = await start();
  await move(waiting, { statut: 'attente_pieces', pieces: [{ piece_id: pieceId, quantite: 5 }] });
  await finish();
  const rated = await finish();
  await reporter.send('POST', `/interventions/${rated}/satisfaction`, { note: 4 });
  const cancelled = await report();
  await reporter.send('PUT', `/interventions/${cancelled}/statut`, {
    statut: 'annulee',
    motif: 'Réparé entre-temps',
  });
}

function documentOf(interventionId: number): FormData {
  const form = new FormData();
  form.set('file', new File(['Pression : 180 bar\n'], 'releve.txt', { type: 'text/plain' }));
  form.set('intervention_id', String(interventionId));
  form.set('type_document', 'releve');
  return form;
}
