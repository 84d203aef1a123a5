import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Dialogue, type Exchange } from './dialogue';
import type { DemoSystem } from './running-system';
import { moved, movedDay } from './seed-dates';
import { Transcript } from './transcript';
import { workSheet } from './work-sheet';

export interface StoryOptions extends DemoSystem {
  /** Receives the transcript, several lines at a time. */
  print(text: string): void;
  coloured?: boolean;
}

export interface Story {
  /** Everything that was asked and answered, in order. */
  exchanges: Exchange[];
  interventionId: number;
  /** Page of its workflow. */
  webUi: string;
  /** Where its report has been saved. */
  rapportFile: string;
}

interface Tokens {
  access_token: string;
  refresh_token: string;
}

interface Created {
  id: number;
}

/** How long the report may take after the work is finished, in milliseconds. */
const RAPPORT_DEADLINE = 20_000;
const technicienPassword = 'SecurePass123!';
const customerPassword = 'SecurePass456!';

/**
 * Plays the requests of the specification (seed 004 §4) in their order, their dates moved to today, then drives the
 * intervention to its end. What has to be unique gets a suffix when an earlier run has taken it.
 * @throws at the first answer that is not a success.
 */
export async function playStory(options: StoryOptions): Promise<Story> {
  const { url, email, password, saveDir } = options;
  const transcript = new Transcript(options.print, options.coloured ?? false);
  const dialogue = new Dialogue(url, transcript);

  const admin = await signIn(dialogue, email, password);
  const suffix = await freeSuffix(dialogue, admin);
  const technicien = await createTechnicien(dialogue, admin, suffix);
  const equipementId = await createEquipement(dialogue, admin, suffix);
  const interventionId = await report(dialogue, admin, equipementId);
  await assign(dialogue, admin, interventionId, technicien.id);
  await upload(dialogue, admin, interventionId);
  const technicienToken = await readNotifications(dialogue, technicien.email);
  await dialogue.say('Statistics of the dashboard', 'GET', '/dashboard/stats', { token: admin });
  await work(dialogue, interventionId, admin, technicienToken, suffix);
  await rate(dialogue, admin, interventionId, equipementId, suffix);
  const rapportFile = await saveRapport(dialogue, admin, interventionId, saveDir);
  const webUi = await readWorkflow(dialogue, admin, interventionId);

  transcript.block('Where to look', [
    ['The workflow', webUi],
    ...(options.mailUrl ? ([['The mails', options.mailUrl]] as const) : []),
    ['The report (PDF)', rapportFile],
    ['All requests', `${url}/docs`],
  ]);
  return { exchanges: dialogue.exchanges, interventionId, webUi, rapportFile };
}

/** Signs in, and exchanges the tokens for new ones as a client does every quarter of an hour. */
async function signIn(dialogue: Dialogue, email: string, password: string): Promise<string> {
  const tokens = await dialogue.say<Tokens>('Sign in', 'POST', '/auth/login', { body: { email, password } });
  const refreshed = await dialogue.say<Tokens>('Refresh the tokens', 'POST', '/auth/refresh', {
    token: tokens.refresh_token,
  });
  return refreshed.access_token;
}

/** Empty as long as the specification's own values are free. */
async function freeSuffix(dialogue: Dialogue, token: string): Promise<string> {
  const lists = await Promise.all(
    [
      '/users/?q=nouveau@example.com',
      '/users/?q=client@example.com',
      '/equipements/?q=PH001-2023-001',
      '/pieces/?q=JNT-DN25',
    ].map((path) => dialogue.look(path, token)),
  );
  const free = lists.every(({ body }) => Array.isArray(body) && body.length === 0);
  return free ? '' : `-${Date.now().toString(36)}`;
}

async function createTechnicien(
  dialogue: Dialogue,
  token: string,
  suffix: string,
): Promise<{ id: number; email: string }> {
  await dialogue.say('List the techniciens', 'GET', '/users/?role=technicien&limit=20&offset=0', { token });
  const email = `nouveau${suffix}@example.com`;
  const user = await dialogue.say<Created>('Create a user', 'POST', '/users/', {
    token,
    body: { email, password: technicienPassword, nom: 'Nouveau', prenom: 'User', role: 'technicien' },
  });
  const technicien = await dialogue.say<Created>('Say what they are able to do', 'POST', '/techniciens/', {
    token,
    body: {
      user_id: user.id,
      specialite: 'Hydraulique',
      competences: ['hydraulique', 'pneumatique'],
      niveau_experience: 'senior',
      // Whatever weekday the dates of the story fall on.
      horaires: Object.fromEntries([1, 2, 3, 4, 5, 6, 7].map((day) => [day, [[0, 1_440]]])),
    },
  });
  return { id: technicien.id, email };
}

async function createEquipement(dialogue: Dialogue, token: string, suffix: string): Promise<number> {
  const { id } = await dialogue.say<Created>('Create a piece of equipment', 'POST', '/equipements/', {
    token,
    body: {
      nom: 'Presse hydraulique PH-001',
      type: 'Presse',
      modele: 'HPX-2000',
      numero_serie: `PH001-2023-001${suffix}`,
      localisation: 'Atelier A',
      date_installation: '2023-03-15T00:00:00Z',
      frequence_entretien: '30',
      derniere_maintenance: moved('2024-11-15T00:00:00Z'),
    },
  });
  await dialogue.say(
    'List the equipment of a place',
    'GET',
    '/equipements/?localisation=Atelier A&limit=50',
    {
      token,
    },
  );
  return id;
}

async function report(dialogue: Dialogue, token: string, equipementId: number): Promise<number> {
  const { id } = await dialogue.say<Created>('Report a fault', 'POST', '/interventions/', {
    token,
    body: {
      titre: 'Réparation fuite hydraulique',
      description: 'Fuite détectée au niveau du circuit principal',
      type_intervention: 'corrective',
      priorite: 'haute',
      urgence: true,
      date_limite: moved('2024-12-20T16:00:00Z'),
      equipement_id: equipementId,
    },
  });
  return id;
}

async function assign(dialogue: Dialogue, token: string, id: number, technicienId: number): Promise<void> {
  await dialogue.say('Send somebody', 'PUT', `/interventions/${id}/assign`, {
    token,
    body: {
      technicien_id: technicienId,
      date_planifiee: moved('2024-12-20T09:00:00Z'),
      duree_estimee: 240,
      // The story goes on though tomorrow were a public holiday.
      force: true,
    },
  });
  const week = `date_debut=${movedDay('2024-12-19')}&date_fin=${movedDay('2024-12-25')}`;
  await dialogue.say("The technicien's week", 'GET', `/planning/technicien/${technicienId}?${week}`, {
    token,
  });
}

async function upload(dialogue: Dialogue, token: string, id: number): Promise<void> {
  const form = new FormData();
  form.set('file', await workSheet(id));
  form.set('intervention_id', String(id));
  form.set('type_document', 'rapport_intervention');
  await dialogue.say('File a document', 'POST', '/documents/upload', { token, body: form });
}

/** @returns the technicien's access token. */
async function readNotifications(dialogue: Dialogue, email: string): Promise<string> {
  const { access_token: token } = await dialogue.say<Tokens>(
    'The technicien signs in',
    'POST',
    '/auth/login',
    {
      body: { email, password: technicienPassword },
    },
  );
  await dialogue.say('What the technicien was told', 'GET', '/notifications/?lue=false&limit=10', { token });
  return token;
}

/** From the technicien's arrival to the end of the work. */
async function work(
  dialogue: Dialogue,
  id: number,
  admin: string,
  technicien: string,
  suffix: string,
): Promise<void> {
  const move = (title: string, body: Record<string, unknown>) =>
    dialogue.say(title, 'PUT', `/interventions/${id}/statut`, { token: technicien, body });
  await move('The technicien begins', { statut: 'en_cours' });
  const piece = await dialogue.say<Created>('A part that has to be ordered', 'POST', '/pieces/', {
    token: admin,
    body: { reference: `JNT-DN25${suffix}`, designation: 'Joint de vanne DN25', stock: 0 },
  });
  await move('The part is missing: the clock stops', {
    statut: 'attente_pieces',
    pieces: [{ piece_id: piece.id, quantite: 1 }],
  });
  await dialogue.say('The part has come: the work goes on', 'POST', `/interventions/${id}/pieces/recues`, {
    token: admin,
  });
  await move('Done', {
    statut: 'terminee',
    rapport: 'Joint de la vanne DN25 remplacé, circuit purgé et mis en pression : plus de fuite.',
  });
}

/** Those whose equipment it is say what they think of the work; nobody does so for them. */
async function rate(
  dialogue: Dialogue,
  admin: string,
  id: number,
  equipementId: number,
  suffix: string,
): Promise<void> {
  const email = `client${suffix}@example.com`;
  const customer = await dialogue.say<Created>('A customer', 'POST', '/users/', {
    token: admin,
    body: { email, password: customerPassword, nom: 'Bennis', prenom: 'Salma', role: 'client' },
  });
  await dialogue.say('Whose equipment it is', 'PATCH', `/equipements/${equipementId}`, {
    token: admin,
    body: { client_id: customer.id },
  });
  const { access_token: token } = await dialogue.say<Tokens>('The customer signs in', 'POST', '/auth/login', {
    body: { email, password: customerPassword },
  });
  await dialogue.say('A rating', 'POST', `/interventions/${id}/satisfaction`, {
    token,
    body: { note: 5, commentaire: 'Rapide et propre.' },
  });
}

/** Waits until the workflow has filed the report, then saves it. */
async function saveRapport(dialogue: Dialogue, token: string, id: number, folder: string): Promise<string> {
  const path = `/interventions/${id}/rapport`;
  for (let waited = 0; (await dialogue.look(path, token)).status === 404; waited += 200) {
    if (waited > RAPPORT_DEADLINE) break; // asked for once more below, where its absence is shown
    await sleep(200);
  }
  const pdf = await dialogue.say<Buffer>('The report', 'GET', path, { token });
  const file = join(folder, `rapport-intervention-${id}.pdf`);
  await mkdir(folder, { recursive: true });
  await writeFile(file, pdf);
  return file;
}

async function readWorkflow(dialogue: Dialogue, token: string, id: number): Promise<string> {
  const { web_ui } = await dialogue.say<{ web_ui: string }>(
    'The workflow behind it',
    'GET',
    `/interventions/${id}/workflow`,
    {
      token,
    },
  );
  return web_ui;
}
