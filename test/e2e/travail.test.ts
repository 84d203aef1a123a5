import { ROUTES } from '../../src/api/routes';
import { readPdf } from '../pdf/pdf';
import type { Client, Reply } from '../support/client';
import { makeCodePanne, makeIntervention, makePiece } from '../support/factories';
import { eventually, startTestSystem, type TestSystem } from '../support/system';

/** The work itself: what holds its end, the time that it takes, what had failed, and that it is closed once it is over. */

let system: TestSystem;
let admin: Client;
beforeAll(async () => {
  system = await startTestSystem();
  admin = (await system.newPerson('admin')).client;
});
afterAll(() => system.close());

const HOUR = 3_600_000;
const ago = (hours: number) => new Date(Date.now() - hours * HOUR).toISOString();
const fields = ({ status, body: { code, erreurs } }: Reply) => [
  status,
  code,
  erreurs?.map(({ champ }: { champ: string }) => champ),
];

async function newTechnicien() {
  const person = await system.newPerson('technicien');
  const [{ id }] = await system.db.query('SELECT id FROM techniciens WHERE user_id = $1', [person.user.id]);
  return { ...person, id: id as number };
}

/** Work under way, of this technicien or one of its own. */
async function underWay(given: object = {}, by?: Awaited<ReturnType<typeof newTechnicien>>) {
  const technicien = by ?? (await newTechnicien());
  const { id } = await makeIntervention(system.db, {
    technicien_id: technicien.id,
    statut: 'en_cours',
    date_debut: new Date(Date.now() - 10 * HOUR),
    workflow_demarre: false,
    ...given,
  });
  const path = `/interventions/${id}`;
  const finish = (body: object = {}) =>
    admin.put(`${path}/statut`, { statut: 'terminee', rapport: 'Fait.', ...body });
  return { id, path, technicien, client: technicien.client, finish };
}

describe('obligatory steps', () => {
  it('without an answer hold the end of the work, each by its name, and nothing else', async () => {
    const { path, client, finish } = await underWay();
    const { body: etapes } = await admin.post(`${path}/etapes`, {
      etapes: [
        { libelle: 'Consignation', type: 'case', obligatoire: true },
        { libelle: 'Pression', type: 'nombre', obligatoire: true },
        { libelle: 'Remarque', type: 'texte' },
      ],
    });
    const at = (index: number) => `${path}/etapes/${etapes[index].id}`;
    const [first, second] = [`etapes.${etapes[0].id}`, `etapes.${etapes[1].id}`];
    const refused = await finish();
    expect(fields(refused)).toEqual([422, 'VALIDATION', [first, second]]);
    expect(refused.body.erreurs[1].message).toContain('« Pression »');
    await client.put(at(0), { valeur: false });
    await client.put(at(1), { valeur: 0 });
    expect(fields(await finish())).toEqual([422, 'VALIDATION', [first]]);
    await client.put(at(0), { valeur: true });
    expect((await finish()).status).toBe(200);
  });

  it('hold no cancellation', async () => {
    const { path } = await underWay();
    await admin.post(`${path}/etapes`, {
      etapes: [{ libelle: 'Consignation', type: 'case', obligatoire: true }],
    });
    const cancelled = await admin.put(`${path}/statut`, { statut: 'annulee', motif: 'Doublon' });
    expect(cancelled.status).toBe(200);
  });
});

describe('time', () => {
  it('is written, corrected, summed and removed by whose it is', async () => {
    const { path, client, technicien } = await underWay();
    const add = (body: object) => client.post(`${path}/temps`, body);
    const way = await add({ nature: 'trajet', debut: ago(5), fin: ago(4.5) });
    expect([way.status, way.body]).toEqual([
      201,
      expect.objectContaining({ nature: 'trajet', technicien_id: technicien.id, version: 1 }),
    ]);
    const work = await add({ nature: 'travail', debut: ago(4.5), fin: ago(3) });
    await add({ nature: 'attente', debut: ago(3), fin: ago(2.75) });
    const at = `${path}/temps/${work.body.id}`;
    const changed = await client.put(at, { fin: ago(3.5) }, { 'If-Match': '"1"' });
    expect([changed.status, changed.body.version]).toEqual([200, 2]);
    expect((await client.put(at, { fin: ago(3.6) }, { 'If-Match': '"1"' })).status).toBe(412);
    const read = await admin.get(`${path}/temps`);
    expect(read.body.minutes).toEqual({ trajet: 30, travail: 60, attente: 15 });
    expect(read.body.segments.map(({ nature }: { nature: string }) => nature)).toEqual([
      'trajet',
      'travail',
      'attente',
    ]);
    // Neither for who arranges the work, nor of somebody else.
    expect((await admin.post(`${path}/temps`, { nature: 'travail' })).status).toBe(403);
    expect((await admin.delete(at)).status).toBe(403);
    expect((await (await newTechnicien()).client.delete(at)).status).toBe(404);
    expect((await client.delete(at)).status).toBe(204);
    expect(fields(await client.delete(at)).slice(0, 2)).toEqual([404, 'INTROUVABLE']);
    const actions = await system.db.query(
      `SELECT action FROM historique WHERE entite = 'temps' AND entite_id = $1 ORDER BY id`,
      [work.body.id],
    );
    expect(actions.map(({ action }: { action: string }) => action)).toEqual([
      'creation',
      'modification',
      'suppression',
    ]);
  });

  it('refuses what lies in the future, ends before it starts, or is longer than a day', async () => {
    const { path, client } = await underWay();
    for (const [debut, fin, champ] of [
      [ago(-1), null, 'debut'],
      [ago(1), ago(-1), 'fin'],
      [ago(1), ago(2), 'fin'],
      [ago(26), ago(1), 'fin'],
      [ago(25), null, 'debut'],
    ]) {
      const reply = await client.post(`${path}/temps`, { nature: 'travail', debut, fin });
      expect(fields(reply)).toEqual([422, 'VALIDATION', [champ]]);
    }
  });

  it('of one person never overlaps, over all interventions, and one segment runs at most', async () => {
    const one = await underWay();
    const other = await underWay({}, one.technicien);
    const add = (path: string, body: object) => one.client.post(`${path}/temps`, body);
    const first = await add(one.path, { nature: 'travail', debut: ago(3), fin: ago(2) });
    const refused = await add(other.path, { nature: 'travail', debut: ago(2.5), fin: ago(1) });
    expect(fields(refused).slice(0, 2)).toEqual([409, 'CONFLIT_PLANNING']);
    expect(refused.body.conflits).toEqual([
      expect.objectContaining({ id: first.body.id, intervention_id: one.id, nature: 'travail' }),
    ]);
    // What touches does not overlap, and somebody else's time is their own.
    expect((await add(other.path, { nature: 'travail', debut: ago(2.1), fin: ago(1) })).status).toBe(409);
    const touching = { nature: 'attente', debut: first.body.fin, fin: ago(1.5) };
    expect((await add(other.path, touching)).status).toBe(201);
    const running = await add(other.path, { nature: 'travail' });
    expect([running.status, running.body.fin]).toEqual([201, null]);
    expect((await add(one.path, { nature: 'travail' })).status).toBe(409);
    expect((await add(one.path, { nature: 'travail', debut: ago(1), fin: ago(0.5) })).status).toBe(201);
    const stopped = await one.client.put(`${other.path}/temps/${running.body.id}`, {
      fin: new Date(Date.now() + 1_000).toISOString(),
    });
    expect(stopped.status).toBe(200);
    // Of work that somebody else has by now it is not said which.
    const [{ id: elsewhere }] = [await newTechnicien()];
    await system.db.query('UPDATE interventions SET technicien_id = $1 WHERE id = $2', [elsewhere, other.id]);
    const hidden = await add(one.path, { nature: 'travail', debut: ago(1.8), fin: ago(1.6) });
    expect(hidden.body.conflits).toEqual([expect.objectContaining({ intervention_id: null })]);
    // It is theirs all the same.
    const path = `${other.path}/temps/${running.body.id}`;
    expect((await one.client.put(path, { nature: 'attente' })).status).toBe(200);
    expect((await one.client.delete(path)).status).toBe(204);
  });

  it('is taken once by twenty requests at the same moment', async () => {
    const one = await underWay();
    const other = await underWay({}, one.technicien);
    const replies = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        one.client.post(`${index % 2 === 0 ? one.path : other.path}/temps`, { nature: 'travail' }),
      ),
    );
    const statuses = replies.map(({ status }) => status).sort();
    expect(statuses).toEqual([201, ...Array(19).fill(409)]);
  });

  it('stops running when the work is over', async () => {
    const { path, client, finish } = await underWay();
    await client.post(`${path}/temps`, { nature: 'travail', debut: ago(2) });
    expect((await finish()).status).toBe(200);
    const { body } = await admin.get(`${path}/temps`);
    expect([body.segments[0].fin, body.minutes.travail]).toEqual([expect.stringMatching(/Z$/), 120]);
  });
});

describe('the codes of what fails', () => {
  it('are three trees: a parent is of the same tree, makes no circle, and branches are short', async () => {
    const make = async (nature: string, parent_id: number | null) =>
      admin.post('/codes-panne', { nature, code: `X${Math.random()}`, libelle: 'Code', parent_id });
    const root = (await make('cause', null)).body;
    expect(fields(await make('probleme', root.id))[2]).toEqual(['parent_id']);
    expect(fields(await make('cause', 999_999))[2]).toEqual(['parent_id']);
    let last = root;
    for (let level = 2; level <= 5; level++) last = (await make('cause', last.id)).body;
    expect(fields(await make('cause', last.id))[2]).toEqual(['parent_id']);
    const circle = await admin.patch(`/codes-panne/${root.id}`, { parent_id: last.id });
    expect(fields(circle)[2]).toEqual(['parent_id']);
    expect(fields(await admin.delete(`/codes-panne/${root.id}`)).slice(0, 2)).toEqual([409, 'DEPENDANCES']);
    expect((await admin.delete(`/codes-panne/${last.id}`)).status).toBe(204);
    const same = await admin.post('/codes-panne', {
      nature: 'cause',
      code: root.code.toLowerCase(),
      libelle: 'x',
    });
    expect(fields(same).slice(0, 2)).toEqual([409, 'DEJA_EXISTANT']);
    const listed = await admin.get(`/codes-panne?nature=cause&parent_id=${root.id}&actif=true`);
    expect(listed.body).toHaveLength(1);
    // Two that are made each other's parent at the same moment: one of them is told.
    const [a, b] = [(await make('remede', null)).body, (await make('remede', null)).body];
    const crossed = await Promise.all([
      admin.patch(`/codes-panne/${a.id}`, { parent_id: b.id }),
      admin.patch(`/codes-panne/${b.id}`, { parent_id: a.id }),
    ]);
    expect(crossed.map(({ status }) => status).sort()).toEqual([200, 422]);
  });

  it('are chosen when the work is finished, active ones of their own trees, and are read with it', async () => {
    const { db } = system;
    const probleme = await makeCodePanne(db);
    const cause = await makeCodePanne(db, { nature: 'cause' });
    const gone = await makeCodePanne(db, { nature: 'remede', actif: false });
    const { path, finish } = await underWay();
    const wrong = { probleme_id: cause.id, cause_id: 999_999, remede_id: gone.id };
    expect(fields(await finish({ pannes: wrong }))).toEqual([
      422,
      'VALIDATION',
      ['pannes.probleme_id', 'pannes.cause_id', 'pannes.remede_id'],
    ]);
    const early = await admin.put(`${path}/statut`, {
      statut: 'attente_pieces',
      motif_attente: 'x',
      pannes: {},
    });
    expect(fields(early)[2]).toEqual(['pannes']);
    const pannes = { probleme_id: probleme.id, cause_id: cause.id };
    const chosen = { ...pannes, remede_id: null };
    expect((await finish({ pannes })).body.pannes).toEqual(chosen);
    expect((await admin.get(path)).body.pannes).toEqual(chosen);
    expect((await admin.delete(`/codes-panne/${cause.id}`)).status).toBe(409);
  });
});

it('all of it stands in the report', async () => {
  const { path, client, technicien, finish } = await underWay();
  const { body: etapes } = await admin.post(`${path}/etapes`, {
    etapes: [
      { libelle: 'Pression', type: 'nombre', min: 140, max: 160, unite: 'bar' },
      { libelle: 'Remarque', type: 'texte' },
    ],
  });
  await client.put(`${path}/etapes/${etapes[0].id}`, { valeur: 120.5 });
  await client.put(`${path}/etapes/${etapes[1].id}`, { valeur: 'Joint à commander' });
  await client.post(`${path}/temps`, { nature: 'trajet', debut: ago(4), fin: ago(3.5) });
  await client.post(`${path}/temps`, { nature: 'travail', debut: ago(3.5), fin: ago(1) });
  const probleme = await makeCodePanne(system.db, { libelle: 'Fuite au vérin' });
  expect((await finish({ pannes: { probleme_id: probleme.id } })).status).toBe(200);
  const report = await eventually(
    () => admin.get(`${path}/rapport`),
    ({ status }: Reply) => status === 200,
  );
  const { pages } = await readPdf(Buffer.from(report.bytes));
  const said = pages
    .flatMap(({ lines }) => lines)
    .join(' ')
    .replace(/\s+/g, ' ');
  for (const part of [
    'Fuite au vérin',
    '120,5 bar · hors limites',
    'Joint à commander',
    `${technicien.user.prenom} ${technicien.user.nom}`,
    'Trajet Travail Attente 30 min 2 h 30 0 min',
  ]) {
    expect(said).toContain(part);
  }
});

describe('closed', () => {
  /** What may still be done to an intervention that is over, and why. */
  const STILL_OPEN = new Set([
    // The move that reopens it is judged by its own rule.
    'PUT /interventions/:id/statut',
    'POST /interventions/:id/commentaires',
    'POST /interventions/:id/satisfaction',
    // Of the document that is made of it.
    'POST /interventions/:id/rapport',
  ]);
  const BODIES: Record<string, object> = {
    'PUT /interventions/:id': { titre: 'Autre', description: 'Une autre description' },
    'PATCH /interventions/:id': { titre: 'Autre' },
    'PUT /interventions/:id/assign': {},
    'POST /interventions/:id/pieces': [{ piece_id: 1, quantite: 1 }],
    'PUT /interventions/:id/pieces/:besoin_id': { quantite: 2 },
    'DELETE /interventions/:id/pieces/:besoin_id': {},
    'POST /interventions/:id/pieces/recues': {},
    'POST /interventions/:id/etapes': { etapes: [{ libelle: 'Consignation', type: 'case' }] },
    'PUT /interventions/:id/etapes/:etape_id': { valeur: true },
    'DELETE /interventions/:id/etapes/:etape_id': {},
    'POST /interventions/:id/temps': { nature: 'travail' },
    'PUT /interventions/:id/temps/:temps_id': { nature: 'attente' },
    'DELETE /interventions/:id/temps/:temps_id': {},
  };
  const WRITES = ROUTES.filter(
    ({ method, path }) => method !== 'get' && path.startsWith('/interventions/:id'),
  )
    .map(({ method, path }) => `${method.toUpperCase()} ${path}`)
    .filter((name) => !STILL_OPEN.has(name));

  it('means closed for everything that belongs to it: no route that writes forgets it', async () => {
    // A route that is not known here fails until somebody says what is sent to it.
    expect(Object.keys(BODIES).sort()).toEqual([...WRITES].sort());
    for (const statut of ['terminee', 'annulee'] as const) {
      const { path, client, finish } = await underWay();
      const { body: etapes } = await admin.post(`${path}/etapes`, {
        etapes: [{ libelle: 'Consignation', type: 'case' }],
      });
      const { id: piece_id } = await makePiece(system.db);
      const { body: besoins } = await admin.post(`${path}/pieces`, [{ piece_id, quantite: 1 }]);
      const time = await client.post(`${path}/temps`, { nature: 'travail', debut: ago(2), fin: ago(1) });
      if (statut === 'terminee') await finish();
      else await admin.put(`${path}/statut`, { statut: 'annulee', motif: 'Doublon' });
      for (const name of WRITES) {
        const [method, route] = name.split(' ') as [string, string];
        const url = route
          .replace('/interventions/:id', path)
          .replace(':etape_id', etapes[0].id)
          .replace(':besoin_id', besoins[0].id)
          .replace(':temps_id', time.body.id);
        const by = route.includes('/temps') ? client : admin;
        const { status, body } = await by.send(method, url, {
          body: JSON.stringify(BODIES[name]),
          headers: { 'content-type': 'application/json' },
        });
        expect([statut, name, status, body.code]).toEqual([statut, name, 409, 'CLOTUREE']);
      }
      expect((await client.post(`${path}/commentaires`, { texte: 'Vu.' })).status).toBe(201);
    }
  });

  it('opens again with the intervention', async () => {
    const { path, client, finish } = await underWay();
    await finish();
    expect((await client.post(`${path}/temps`, { nature: 'travail' })).body.code).toBe('CLOTUREE');
    expect((await admin.put(`${path}/statut`, { statut: 'en_cours' })).status).toBe(200);
    expect((await client.post(`${path}/temps`, { nature: 'travail' })).status).toBe(201);
  });
});
