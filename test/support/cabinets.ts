import type { User } from '../../src/db/identite/users';
import type { Fonction, Role } from '../../src/domain/roles';
import type { TestApi } from './api';
import type { Client, Reply } from './client';

/** Medical practices with their people, made through the API as they are made in life. */

export interface Personne {
  user: User;
  client: Client;
}

export interface TestCabinet {
  id: number;
  people: Record<Fonction, Personne>;
}

/** Where people get accounts: an API in this process, or one of its own. */
export type Comptes = Pick<TestApi, 'newPerson'>;

let counter = 0;

/** A practice with one person of each function. */
export async function makeCabinet(api: Comptes, admin: Client, given: object = {}): Promise<TestCabinet> {
  const nom = `Cabinet ${process.pid} ${++counter}`;
  const made = await admin.post('/cabinets', { nom, pays: 'MA', ...given });
  if (made.status !== 201) throw new Error(`No practice: ${JSON.stringify(made.body)}`);
  const { id } = made.body as { id: number };
  const gerant = await addMembre(api, admin, id, 'gerant');
  const people = { gerant } as Record<Fonction, Personne>;
  for (const fonction of ['medecin', 'remplacant', 'secretaire'] as const) {
    people[fonction] = await addMembre(api, gerant.client, id, fonction);
  }
  return { id, people };
}

export async function addMembre(
  api: Comptes,
  by: Client,
  cabinetId: number,
  fonction: Fonction,
  role: Role = 'membre',
): Promise<Personne> {
  const person = await api.newPerson(role);
  const body = { user_id: person.user.id, fonction, date_debut: '2020-01-01' };
  const { status, body: answer } = await by.post(`/cabinets/${cabinetId}/membres`, body);
  if (status !== 201) throw new Error(`No ${fonction}: ${JSON.stringify(answer)}`);
  return person;
}

export const patient = (given: object = {}) => ({
  nom_naissance: 'Benali',
  prenoms: 'Samira',
  sexe: 'F',
  date_naissance: '1962-03-14',
  ...given,
});

export async function makePatient(
  by: Client,
  given: object = {},
): Promise<{ id: number; body: Reply['body'] }> {
  const { status, body } = await by.post('/patients', patient(given));
  if (status !== 201) throw new Error(`No patient: ${JSON.stringify(body)}`);
  return { id: body.id, body };
}

/** A practice in which one receives at any hour, with what can be booked there. */
export interface TestAgenda extends TestCabinet {
  praticien: number;
  /** The slug of a kind of appointment of 30 minutes. */
  prestation: string;
  type: number;
}

const ALL_WEEK = Object.fromEntries([1, 2, 3, 4, 5, 6, 7].map((day) => [day, [['00:00', '24:00']]]));

/** Has the doctor of a practice receive at any hour, in UTC unless the practice says otherwise. */
export async function makeAgenda(
  api: Comptes,
  admin: Client,
  given: object = { fuseau_horaire: 'UTC' },
  type: object = {},
): Promise<TestAgenda> {
  const cabinet = await makeCabinet(api, admin, given);
  const { gerant, medecin } = cabinet.people;
  const praticien = await receive(gerant.client, cabinet.id, medecin.user.id);
  const made = await gerant.client.post(`/cabinets/${cabinet.id}/prestations`, {
    libelle: 'Suivi de grossesse',
    durees: [30],
    praticiens: [praticien],
    ...type,
  });
  if (made.status !== 201) throw new Error(`No kind of appointment: ${JSON.stringify(made.body)}`);
  return { ...cabinet, praticien, prestation: made.body.slug, type: made.body.id };
}

/** Makes a doctor one who receives at any hour. @returns the id of the praticien. */
export async function receive(by: Client, cabinetId: number, userId: number): Promise<number> {
  const { body } = await by.post(`/cabinets/${cabinetId}/praticiens`, {
    user_id: userId,
    titre: 'Dr',
    specialite: 'Gynécologie',
  });
  const set = await by.put(`/cabinets/${cabinetId}/praticiens/${body.id}/horaires`, { horaires: ALL_WEEK });
  if (set.status !== 200) throw new Error(`No hours: ${JSON.stringify(set.body)}`);
  return body.id;
}

/** The body of a booking. */
export const prise = (agenda: TestAgenda, debut: Date | string, given: object = {}) => ({
  praticien_id: agenda.praticien,
  prestation: agenda.prestation,
  debut: new Date(debut).toISOString(),
  ...given,
});

export async function makeRendezVousCabinet(
  by: Client,
  agenda: TestAgenda,
  debut: Date | string,
  given: object,
): Promise<Reply['body']> {
  const { status, body } = await by.post(`/cabinets/${agenda.id}/rendez-vous`, prise(agenda, debut, given));
  if (status !== 201) throw new Error(`No appointment: ${JSON.stringify(body)}`);
  return body;
}

/**
 * Puts a patient on the list of a practice where one receives at any hour.
 * @param days from now when they want to come: on a day that can be booked they are offered a time at once.
 */
export async function makeAttentePatient(
  by: Client,
  agenda: TestAgenda,
  patientId: number,
  { days, ...given }: { days: number; prestation?: string },
): Promise<Reply['body']> {
  const day = new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
  const { status, body } = await by.post(`/cabinets/${agenda.id}/listes-attente`, {
    ...{ patient_id: patientId, prestation: agenda.prestation, date_debut: day, date_fin: day },
    ...given,
  });
  if (status !== 201) throw new Error(`Nobody waits: ${JSON.stringify(body)}`);
  return body;
}

/** Somebody who has not come for so long that their record is due, where a practice keeps them for no longer. */
export async function makeDue(
  owner: { query(statement: string, parameters: unknown[]): Promise<unknown> },
  by: Client,
  given: object = {},
): Promise<number> {
  const { id } = await makePatient(by, given);
  await owner.query(
    `UPDATE medical.patients SET date_creation = date_creation - interval '99 years' WHERE id = $1`,
    [id],
  );
  return id;
}

/** Has a practice keep records for a month after the last act. */
export async function keepForAMonth(gerant: Client, cabinetId: number): Promise<void> {
  const body = { cabinet_id: cabinetId, ancre: 'dernier_acte', duree_mois: 1, source: 'Essai' };
  const { status } = await gerant.put('/conservation/politiques', body);
  if (status !== 200) throw new Error(`Nothing declared: ${status}`);
}
