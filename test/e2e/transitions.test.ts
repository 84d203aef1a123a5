import { isLive, STATUTS, type Statut } from '../../src/domain/interventions/interventions';
import type { Client } from '../support/client';
import { makeEquipement, makePiece, makeTechnicien } from '../support/factories';
import { eventually, startTestSystem, type TestSystem } from '../support/system';

/** Every move of contract §4, asked for over HTTP and carried out by the workflow: the allowed and the refused. */

let system: TestSystem;
let admin: Client;
let pieceId: number;
beforeAll(async () => {
  system = await startTestSystem();
  admin = (await system.newPerson('admin')).client;
  pieceId = (await makePiece(system.db)).id;
});
afterAll(() => system.close());

const ALLOWED: Record<Statut, Statut[]> = {
  ouverte: ['annulee'],
  planifiee: ['en_cours', 'ouverte', 'annulee'],
  en_cours: ['attente_pieces', 'terminee', 'annulee'],
  attente_pieces: ['en_cours', 'annulee'],
  terminee: ['en_cours'],
  annulee: [],
};

/** How each state is reached from a new intervention. */
const PATHS: Record<Statut, ('assign' | Statut)[]> = {
  ouverte: [],
  planifiee: ['assign'],
  en_cours: ['assign', 'en_cours'],
  attente_pieces: ['assign', 'en_cours', 'attente_pieces'],
  terminee: ['assign', 'en_cours', 'terminee'],
  annulee: ['annulee'],
};

const body = (statut: Statut) => ({
  statut,
  ...(statut === 'terminee' ? { rapport: 'Joint remplacé.' } : {}),
  ...(statut === 'annulee' ? { motif: 'Signalée deux fois.' } : {}),
  ...(statut === 'attente_pieces' ? { pieces: [{ piece_id: pieceId, quantite: 1 }] } : {}),
});

const assign = async (id: number) =>
  admin.put(`/interventions/${id}/assign`, {
    technicien_id: (await makeTechnicien(system.db)).id,
    date_planifiee: new Date(Date.now() + 3_600_000).toISOString(),
    duree_estimee: 60,
  });

async function interventionIn(statut: Statut): Promise<number> {
  const equipement = await makeEquipement(system.db);
  const created = await admin.post('/interventions/', {
    titre: 'Essai',
    description: 'Une intervention pour un essai',
    type_intervention: 'corrective',
    equipement_id: equipement.id,
  });
  const { id } = created.body;
  for (const step of PATHS[statut]) {
    const reply =
      step === 'assign' ? await assign(id) : await admin.put(`/interventions/${id}/statut`, body(step));
    expect(reply.status).toBe(200);
  }
  return id;
}

const events = async (id: number) =>
  (
    await system.db.query(
      `SELECT count(*)::integer AS n FROM historique WHERE entite = 'intervention' AND entite_id = $1`,
      [id],
    )
  )[0].n;

async function expectMove(from: Statut, to: Statut): Promise<void> {
  const id = await interventionIn(from);
  const before = await events(id);
  const reply = await admin.put(`/interventions/${id}/statut`, body(to));
  expect([reply.status, reply.body.statut]).toEqual([200, to]);
  expect((await admin.get(`/interventions/${id}`)).body.statut).toBe(to);
  expect(await events(id)).toBe(before + 1);
}

describe.each([...STATUTS])('from %s', (from) => {
  for (const to of ALLOWED[from]) {
    it(`goes to ${to}`, () => expectMove(from, to));
  }

  it('goes nowhere else, is told what is allowed, and nothing is written', async () => {
    const id = await interventionIn(from);
    const before = await events(id);
    for (const to of STATUTS.filter((statut) => !ALLOWED[from].includes(statut))) {
      const reply = await admin.put(`/interventions/${id}/statut`, body(to));
      expect([to, reply.status, reply.body.code]).toEqual([to, 409, 'TRANSITION_INVALIDE']);
      expect([...reply.body.transitions_autorisees].sort()).toEqual([...ALLOWED[from]].sort());
    }
    expect((await admin.get(`/interventions/${id}`)).body.statut).toBe(from);
    expect(await events(id)).toBe(before);
  });

  it(`is ${isLive(from) ? '' : 'not '}assigned`, async () => {
    const id = await interventionIn(from);
    const reply = await assign(id);
    const then = from === 'ouverte' ? 'planifiee' : from;
    if (isLive(from)) expect([reply.status, reply.body.statut]).toEqual([200, then]);
    else expect([reply.status, reply.body.code]).toEqual([409, 'CLOTUREE']);
  });
});

describe.each(['terminee', 'annulee'] as const)('once it is %s', (statut) => {
  let id: number;
  let besoin: number;
  beforeAll(async () => {
    id = await interventionIn('attente_pieces');
    besoin = (await admin.get(`/interventions/${id}/pieces`)).body[0].id;
    if (statut === 'terminee') await admin.put(`/interventions/${id}/statut`, { statut: 'en_cours' });
    const reply = await admin.put(`/interventions/${id}/statut`, body(statut));
    expect([reply.status, reply.body.statut]).toEqual([200, statut]);
  });

  const later = () => new Date(Date.now() + 86_400_000).toISOString();
  const WRITES: [string, () => ReturnType<Client['get']>][] = [
    ['its title', () => admin.patch(`/interventions/${id}`, { titre: 'Un autre titre' })],
    ['its title, the same', () => admin.put(`/interventions/${id}`, { titre: 'Essai' })],
    ['its description', () => admin.patch(`/interventions/${id}`, { description: 'Une autre description' })],
    ['its skills', () => admin.patch(`/interventions/${id}`, { competences_requises: ['soudure'] })],
    ['its priority', () => admin.patch(`/interventions/${id}`, { priorite: 'critique' })],
    ['its urgency', () => admin.put(`/interventions/${id}`, { urgence: true })],
    ['its deadline', () => admin.patch(`/interventions/${id}`, { date_limite: later() })],
    ['its deadline, given back', () => admin.patch(`/interventions/${id}`, { date_limite: null })],
    ['title and priority', () => admin.patch(`/interventions/${id}`, { titre: 'Autre', priorite: 'basse' })],
    ['its technicien', () => assign(id)],
    ['its technicien, chosen', () => admin.put(`/interventions/${id}/assign`, {})],
    ['its parts', () => admin.post(`/interventions/${id}/pieces/recues`)],
    ['a part of it', () => admin.post(`/interventions/${id}/pieces/recues`, { besoins: [besoin] })],
  ];

  it.each(WRITES)('%s is closed, and nothing is written', async (_, write) => {
    const [row, before] = [(await admin.get(`/interventions/${id}`)).body, await events(id)];
    const reply = await write();
    expect(reply.body).toMatchObject({
      status: 409,
      code: 'CLOTUREE',
      statut,
      transitions_autorisees: ALLOWED[statut],
    });
    expect((await admin.get(`/interventions/${id}`)).body).toEqual(row);
    expect(await events(id)).toBe(before);
  });

  it('a comment and a document are still added', async () => {
    const comment = await admin.post(`/interventions/${id}/commentaires`, { texte: 'Le client a rappelé.' });
    expect(comment.status).toBe(201);
    const form = new FormData();
    form.set('intervention_id', String(id));
    form.set('type_document', 'rapport');
    form.set('file', new Blob(['après la visite']), 'apres.txt');
    const filed = await admin.send('POST', '/documents/upload', { body: form });
    expect([filed.status, filed.body.erreurs]).toEqual([201, undefined]);
  });
});

it('what is finished is changed once it has been reopened, and not while others finish it', async () => {
  const id = await interventionIn('terminee');
  await admin.put(`/interventions/${id}/statut`, { statut: 'en_cours' });
  expect((await admin.patch(`/interventions/${id}`, { titre: 'Un titre juste' })).status).toBe(200);

  const [, changed] = await Promise.all([
    admin.put(`/interventions/${id}/statut`, body('terminee')),
    admin.patch(`/interventions/${id}`, { titre: 'Au même moment' }),
  ]);
  // Either it came first, and is in the report, or it came too late.
  const order: { action: string }[] = await system.db.query(
    `SELECT action FROM historique WHERE entite = 'intervention' AND entite_id = $1 ORDER BY id DESC LIMIT 2`,
    [id],
  );
  expect([changed.status, order.map(({ action }) => action)]).toEqual(
    changed.status === 200 ? [200, ['fin', 'modification']] : [409, ['fin', 'modification']],
  );
  expect((await admin.get(`/interventions/${id}`)).body.titre).toBe(
    changed.status === 200 ? 'Au même moment' : 'Un titre juste',
  );
});

describe('what goes with a move', () => {
  it('withdraws the technicien and frees their time', async () => {
    const id = await interventionIn('planifiee');
    const reply = await admin.put(`/interventions/${id}/statut`, { statut: 'ouverte' });
    expect(reply.body).toMatchObject({
      statut: 'ouverte',
      technicien_id: null,
      technicien: null,
      planning: null,
    });
  });

  it('asks for a report, a reason, a part', async () => {
    const id = await interventionIn('en_cours');
    const ask = async (statut: Statut) => {
      const reply = await admin.put(`/interventions/${id}/statut`, { statut });
      return [
        reply.status,
        reply.body.code,
        reply.body.erreurs?.map((fault: { champ: string }) => fault.champ),
      ];
    };
    expect(await ask('terminee')).toEqual([422, 'VALIDATION', ['rapport']]);
    expect(await ask('annulee')).toEqual([422, 'VALIDATION', ['motif']]);
    expect(await ask('attente_pieces')).toEqual([422, 'VALIDATION', ['pieces']]);
    expect((await admin.get(`/interventions/${id}`)).body.statut).toBe('en_cours');
  });

  it('refuses a part that does not exist, naming it, and keeps nothing', async () => {
    const id = await interventionIn('en_cours');
    const reply = await admin.put(`/interventions/${id}/statut`, {
      statut: 'attente_pieces',
      pieces: [
        { piece_id: pieceId, quantite: 1 },
        { piece_id: 999_999, quantite: 1 },
      ],
    });
    expect([reply.status, reply.body.erreurs]).toEqual([
      422,
      [expect.objectContaining({ champ: 'pieces.1.piece_id' })],
    ]);
    expect((await admin.get(`/interventions/${id}/pieces`)).body).toEqual([]);
  });

  it('sets parts aside, waits for the last one, uses them up at the end', async () => {
    const inStock = await makePiece(system.db, { stock: 5 });
    const toOrder = await makePiece(system.db, { stock: 1 });
    const id = await interventionIn('en_cours');
    await admin.put(`/interventions/${id}/statut`, {
      statut: 'attente_pieces',
      pieces: [
        { piece_id: inStock.id, quantite: 2 },
        { piece_id: toOrder.id, quantite: 3 },
      ],
    });
    const needs = (await admin.get(`/interventions/${id}/pieces`)).body;
    expect(needs.map((need: { statut: string }) => need.statut)).toEqual(['reservee', 'demandee']);
    expect((await admin.get(`/pieces/${inStock.id}`)).body).toMatchObject({
      stock: 5,
      reserve: 2,
      disponible: 3,
    });

    const first = await admin.post(`/interventions/${id}/pieces/recues`, { besoins: [needs[0].id] });
    expect(first.body.statut).toBe('attente_pieces');
    const last = await admin.post(`/interventions/${id}/pieces/recues`, { besoins: [needs[1].id] });
    expect(last.body.statut).toBe('en_cours');
    const again = await admin.post(`/interventions/${id}/pieces/recues`, { besoins: [needs[1].id] });
    expect(again.status).toBe(422);
    await admin.put(`/interventions/${id}/statut`, body('terminee'));
    const used = (await admin.get(`/interventions/${id}/pieces`)).body;
    expect(used.map((need: { statut: string }) => need.statut)).toEqual(['consommee', 'consommee']);
    expect((await admin.get(`/pieces/${inStock.id}`)).body).toMatchObject({ stock: 3, reserve: 0 });
  });

  it('gives parts back to the stock when it is called off', async () => {
    const piece = await makePiece(system.db, { stock: 5 });
    const id = await interventionIn('en_cours');
    await admin.put(`/interventions/${id}/statut`, {
      statut: 'attente_pieces',
      pieces: [{ piece_id: piece.id, quantite: 2 }],
    });
    await admin.put(`/interventions/${id}/statut`, body('annulee'));
    expect((await admin.get(`/pieces/${piece.id}`)).body).toMatchObject({ stock: 5, reserve: 0 });
  });

  it('refuses a version that is no longer the current one', async () => {
    const id = await interventionIn('planifiee');
    const { version } = (await admin.get(`/interventions/${id}`)).body;
    const late = await admin.put(
      `/interventions/${id}/statut`,
      { statut: 'en_cours' },
      { 'If-Match': `"${version - 1}"` },
    );
    expect([late.status, late.body.code]).toEqual([412, 'VERSION_PERIMEE']);
    const now = await admin.put(
      `/interventions/${id}/statut`,
      { statut: 'en_cours' },
      { 'If-Match': `"${version}"` },
    );
    expect(now.status).toBe(200);
  });

  it('lets a client cancel only what is still open, and rate only what is done', async () => {
    const { user, client } = await system.newPerson('client');
    const equipement = await makeEquipement(system.db, { client_id: user.id });
    const report = {
      titre: 'Fuite',
      description: 'Une fuite au circuit principal',
      type_intervention: 'corrective',
      equipement_id: equipement.id,
    };
    const mine = (await client.post('/interventions/', report)).body.id;
    expect((await client.put(`/interventions/${mine}/statut`, body('annulee'))).status).toBe(200);

    const other = (await client.post('/interventions/', report)).body.id;
    await assign(other);
    expect((await client.put(`/interventions/${other}/statut`, body('annulee'))).status).toBe(403);
    expect((await client.post(`/interventions/${other}/satisfaction`, { note: 5 })).body.code).toBe(
      'TRANSITION_INVALIDE',
    );
    await admin.put(`/interventions/${other}/statut`, body('en_cours'));
    await admin.put(`/interventions/${other}/statut`, body('terminee'));
    const rated = await client.post(`/interventions/${other}/satisfaction`, {
      note: 5,
      commentaire: 'Rapide',
    });
    expect([rated.status, rated.body.satisfaction]).toEqual([201, { note: 5, commentaire: 'Rapide' }]);
  });

  it('ends the workflow of what is cancelled', async () => {
    const id = await interventionIn('annulee');
    await eventually(
      async () => (await admin.get(`/interventions/${id}/workflow`)).body.statut,
      (statut) => statut === 'COMPLETED',
    );
  });
});

describe('choosing by itself', () => {
  it('sends whoever has the skill, at the next free time, and says why', async () => {
    const skilled = await makeTechnicien(system.db, { competences: ['frigoriste'] });
    const id = await interventionIn('ouverte');
    await admin.patch(`/interventions/${id}`, { competences_requises: ['frigoriste'] });
    const reply = await admin.put(`/interventions/${id}/assign`, {});
    expect(reply.body).toMatchObject({
      statut: 'planifiee',
      technicien_id: skilled.id,
      affectation: { technicien_id: skilled.id, date_planifiee: reply.body.planning.date_planifiee },
    });
    expect(reply.body.affectation.raison).toMatch('frigoriste');
    expect(reply.body.affectation.candidats[0]).toMatchObject({ technicien_id: skilled.id });
  });
});
