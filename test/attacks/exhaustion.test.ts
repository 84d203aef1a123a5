import { MAIL, PAR_INTERVENTION, RAPPORT } from '../../src/domain/limites';
import { countLines } from '../../src/domain/lines';
import { readRapportData } from '../../src/services/interventions/rapport-donnees';
import type { RunningProcess } from '../../tools/lib/processes';
import { readPdf } from '../pdf/pdf';
import type { Client, Reply } from '../support/client';
import { eventually } from '../support/eventually';
import { makeEquipement, makePiece, makeTechnicien, makeUser } from '../support/factories';
import { bringTo } from '../support/life';
import { type ProcessSystem, prepareSystem } from '../support/processes';

/**
 * Whatever people can add one by one, and a machine later works through whole: it is bounded on its way in, and what lies
 * there from before, or got in some other way, on its way out. The worker is a process of its own, and has to live.
 */

let system: ProcessSystem;
let worker: RunningProcess;
let admin: Client;
let adminId: number;
let customer: Client;
let customerId: number;
let died: string | null = null;
beforeAll(async () => {
  system = await prepareSystem();
  [worker] = await Promise.all([system.startWorker(), system.startApi()]);
  void worker.exited.then((reason) => {
    died = String(reason);
  });
  const user = await makeUser(system.db);
  adminId = user.id;
  admin = await system.as(user);
  const client = await makeUser(system.db, { role: 'client' });
  customerId = client.id;
  customer = await system.as(client);
});
afterEach(() => {
  expect(died).toBeNull();
});
afterAll(() => system.close());

let day = 1;
/** An intervention under way, of which the technicien is free. */
async function underWay(given: { equipementId?: number } = {}): Promise<number> {
  const equipementId = given.equipementId ?? (await makeEquipement(system.db, { client_id: customerId })).id;
  const { id: technicienId } = await makeTechnicien(system.db);
  const date = new Date(Date.now() + day++ * 86_400_000);
  return bringTo('en_cours', { client: admin, equipementId, technicienId, date });
}

const finish = (id: number) =>
  admin.put(`/interventions/${id}/statut`, { statut: 'terminee', rapport: 'Fait.' });
const pdfOf = async (id: number) => {
  const reply = await eventually(
    () => admin.get(`/interventions/${id}/rapport`),
    ({ status }) => status === 200,
  );
  return readPdf(reply.bytes);
};
const statuses = (replies: Reply[]) => replies.map(({ status }) => status);
const commentOf = (id: number, texte: string) => admin.post(`/interventions/${id}/commentaires`, { texte });
/** Comments as they were taken before anybody counted. */
const insertComments = (id: number, count: number, texte: string) =>
  system.owner.query(
    `INSERT INTO commentaires (intervention_id, auteur_id, texte) SELECT $1, $2, $3 FROM generate_series(1, $4::integer)`,
    [id, adminId, texte, count],
  );

describe('line breaks', () => {
  const breaks = ['\n', '\r\n', '\r', '\v', '\f', '\u0085', '\u2028', '\u2029'];

  it('in any text of several lines are folded, and counted', async () => {
    const id = await underWay();
    for (const lineBreak of breaks) {
      expect((await commentOf(id, lineBreak.repeat(900))).status).toBe(422);
      const folded = await commentOf(id, `a${lineBreak.repeat(900)}b`);
      expect([folded.status, folded.body.texte]).toEqual([201, 'a\n\nb']);
    }
    const lines = `a\n`.repeat(900);
    const equipement_id = (await makeEquipement(system.db)).id;
    const body = { titre: 'Fuite', description: lines, type_intervention: 'corrective', equipement_id };
    const refused = [
      await commentOf(id, lines),
      await admin.post('/interventions', body),
      await admin.patch(`/interventions/${id}`, { description: lines }),
      await admin.put(`/interventions/${id}/statut`, { statut: 'annulee', motif: lines }),
      await admin.put(`/interventions/${id}/statut`, { statut: 'terminee', rapport: lines }),
      await customer.post(`/interventions/${id}/satisfaction`, { note: 1, commentaire: lines }),
      await admin.post('/notifications', { destinataire_id: adminId, titre: 'Fuite', message: lines }),
    ];
    expect(statuses(refused)).toEqual(refused.map(() => 422));
    for (const { body: problem } of refused)
      expect(problem.erreurs[0].message).toMatch(/^Au plus \d+ lignes$/);
  });

  it('in a text of one line are spaces', async () => {
    const equipement_id = (await makeEquipement(system.db)).id;
    const created = await admin.post('/interventions', {
      titre: `Fuite${'\u2028'.repeat(150)}au${'\r\n'.repeat(10)}circuit`,
      description: 'Fuite au circuit principal',
      type_intervention: 'corrective',
      equipement_id,
    });
    expect([created.status, created.body.titre]).toEqual([201, 'Fuite au circuit']);
  });

  it('of fifty comments of two thousand characters, and a normal end, harm nobody', async () => {
    const id = await underWay();
    await insertComments(id, 50, `x${'\n'.repeat(1_998)}x`);
    const other = await underWay();
    const start = performance.now();
    expect((await finish(id)).status).toBe(200);
    const orders = [
      await admin.put(`/interventions/${other}/statut`, {
        statut: 'attente_pieces',
        pieces: [{ piece_id: (await makePiece(system.db)).id, quantite: 1 }],
      }),
      await admin.post(`/interventions/${other}/pieces/recues`, {}),
    ];
    expect(statuses(orders)).toEqual([200, 200]);
    expect(performance.now() - start).toBeLessThan(60_000);
    const { pages } = await pdfOf(id);
    expect(pages.length).toBeLessThan(100);
  });
});

describe('a word without an end', () => {
  it.each([
    ['wide letters', 'W'.repeat(20_000)],
    ['marks on one letter', `Z${'\u0301'.repeat(19_999)}`],
    ['letters of a script that the font has not', '漢'.repeat(20_000)],
    ['letters that are two characters', '😀'.repeat(10_000)],
  ])('of %s is set like any other text', async (_, rapport) => {
    const id = await underWay();
    const done = await admin.put(`/interventions/${id}/statut`, { statut: 'terminee', rapport });
    expect(done.status).toBe(200);
    const start = performance.now();
    expect((await pdfOf(id)).pages.length).toBeLessThan(60);
    expect(performance.now() - start).toBeLessThan(60_000);
  });
});

describe('ten thousand', () => {
  it('rows of history, refusals among them, are a hundred lines of its life', async () => {
    const id = await underWay();
    await system.owner.query(
      `INSERT INTO historique (entite, entite_id, action, date, apres)
       SELECT 'intervention', $1::integer, CASE WHEN n % 2 = 0 THEN 'refus' ELSE 'modification' END, now(), NULL
       FROM generate_series(1, 10000) n`,
      [id],
    );
    expect((await finish(id)).status).toBe(200);
    const lines = (await pdfOf(id)).pages.flatMap((page) => page.lines);
    expect(lines.filter((line) => /à \d\d:\d\d Modification/.test(line)).length).toBeLessThanOrEqual(
      RAPPORT.historique,
    );
    expect(lines.some((line) => /[Rr]efus/.test(line))).toBe(false);
    expect(lines.join('\n')).toMatch(/… et \d+ événements de plus, plus anciens, à lire dans l'application/);
    expect(lines.some((line) => /Fin de l'intervention/.test(line))).toBe(true);
  });

  it('parts are a hundred lines of the report, and fifty of the mail', async () => {
    const id = await underWay();
    const piece = await makePiece(system.db, { designation: `Joint ${'\n'.repeat(150)}torique` });
    await system.owner.query(
      `INSERT INTO besoins_pieces (intervention_id, piece_id, quantite, statut)
       SELECT $1, $2, 1, 'annulee' FROM generate_series(1, 10000)`,
      [id, piece.id],
    );
    expect((await finish(id)).status).toBe(200);
    const lines = (await pdfOf(id)).pages.flatMap((page) => page.lines);
    expect(lines.filter((line) => line.startsWith(piece.reference)).length).toBe(RAPPORT.pieces);
    expect(lines.join('\n')).toContain("… et 9900 pièces de plus, à lire dans l'application");
  });

  it('comments of a hundred thousand characters are never read whole', async () => {
    const id = await underWay();
    await insertComments(id, 1_000, 'é'.repeat(100_000));
    expect((await finish(id)).status).toBe(200);
    const donnees = await readRapportData(system.db, id, 'Africa/Casablanca');
    expect(donnees!.commentaires).toHaveLength(RAPPORT.commentaires);
    expect(donnees!.reste.commentaires).toBe(1_000 - RAPPORT.commentaires);
    expect(JSON.stringify(donnees).length).toBeLessThan(
      RAPPORT.commentaires * (RAPPORT.texte.caracteres + 300) + 60_000,
    );
    await pdfOf(id);
  });
});

describe('one more than there may be', () => {
  it('comments is refused, from whoever comes at the same moment too, and nothing of it is kept', async () => {
    const id = await underWay();
    await insertComments(id, PAR_INTERVENTION.commentaires - 5, 'Vu.');
    const replies = await Promise.all(Array.from({ length: 20 }, () => commentOf(id, 'Vu.')));
    expect(replies.filter(({ status }) => status === 201)).toHaveLength(5);
    const refused = replies.filter(({ status }) => status !== 201);
    expect(refused.map(({ status, body }) => [status, body.code])).toEqual(
      refused.map(() => [409, 'LIMITE_ATTEINTE']),
    );
    expect(refused[0]!.body).toMatchObject({
      detail: `Au plus ${PAR_INTERVENTION.commentaires} commentaires ici`,
      limite: PAR_INTERVENTION.commentaires,
    });
    // A comment that comes with an order is one more, too; the order can be given without.
    const withComment = { statut: 'terminee', rapport: 'Fait.', commentaire: 'Vu.' };
    expect((await admin.put(`/interventions/${id}/statut`, withComment)).status).toBe(409);
    expect((await finish(id)).status).toBe(200);
    const [{ count }] = await system.db.query(
      'SELECT count(*)::integer AS count FROM commentaires WHERE intervention_id = $1',
      [id],
    );
    expect(count).toBe(PAR_INTERVENTION.commentaires);
  });

  it('parts is refused with its order', async () => {
    const id = await underWay();
    const piece = await makePiece(system.db);
    await system.owner.query(
      `INSERT INTO besoins_pieces (intervention_id, piece_id, quantite, statut)
       SELECT $1, $2, 1, 'consommee' FROM generate_series(1, $3::integer)`,
      [id, piece.id, PAR_INTERVENTION.besoins - 1],
    );
    const others = [await makePiece(system.db), await makePiece(system.db)];
    const needs = (count: number) => others.slice(0, count).map((one) => ({ piece_id: one.id, quantite: 1 }));
    const wait = (count: number) =>
      admin.put(`/interventions/${id}/statut`, { statut: 'attente_pieces', pieces: needs(count) });
    const added = await admin.post(`/interventions/${id}/pieces`, needs(2));
    for (const refused of [await wait(2), added]) {
      expect([refused.status, refused.body.code]).toEqual([409, 'LIMITE_ATTEINTE']);
    }
    expect((await wait(1)).status).toBe(200);
    // More of the same is no other need.
    expect((await admin.post(`/interventions/${id}/pieces`, needs(1))).status).toBe(201);
  });

  it('documents is refused', async () => {
    const { id } = await makeEquipement(system.db);
    await system.owner.query(
      `INSERT INTO documents (nom, type_document, cle_stockage, taille, mime_type, checksum, equipement_id)
       SELECT 'n' || n, 'note', 'documents/nulle-part-' || $1::integer || '-' || n, 1, 'text/plain', 'x', $1::integer
       FROM generate_series(1, $2::integer) n`,
      [id, PAR_INTERVENTION.documents],
    );
    const form = new FormData();
    form.set('equipement_id', String(id));
    form.set('type_document', 'note');
    form.set('file', new Blob(['Une note'], { type: 'text/plain' }), 'note.txt');
    const refused = await admin.send('POST', '/documents/upload', { body: form });
    expect([refused.status, refused.body.code]).toEqual([409, 'LIMITE_ATTEINTE']);
  });

  it('events leaves the end of the work, and nothing else', async () => {
    const id = await underWay();
    await system.owner.query(
      `INSERT INTO historique (entite, entite_id, action, date, numero_evenement)
       SELECT 'intervention', $1, 'modification', now(), n FROM generate_series(100, $2::integer + 99) n`,
      [id, PAR_INTERVENTION.evenements],
    );
    await system.owner.query('UPDATE interventions SET numero_evenement = $2::integer + 99 WHERE id = $1', [
      id,
      PAR_INTERVENTION.evenements,
    ]);
    const refused = [
      await admin.patch(`/interventions/${id}`, { titre: 'Encore un titre' }),
      await admin.patch(`/interventions/${id}`, { priorite: 'critique' }),
      await admin.put(`/interventions/${id}/statut`, {
        statut: 'attente_pieces',
        pieces: [{ piece_id: (await makePiece(system.db)).id, quantite: 1 }],
      }),
    ];
    expect(refused.map(({ status, body }) => [status, body.code])).toEqual(
      refused.map(() => [409, 'LIMITE_ATTEINTE']),
    );
    expect((await finish(id)).status).toBe(200);
    const rated = await customer.post(`/interventions/${id}/satisfaction`, { note: 2 });
    expect([rated.status, rated.body.code]).toEqual([409, 'LIMITE_ATTEINTE']);
  });
});

describe('an email', () => {
  it('is sent, with as much as it shows of names and texts, however long they are', async () => {
    const customer = await makeUser(system.db, { role: 'client', nom: 'N', prenom: 'P' });
    const equipement = await makeEquipement(system.db, { client_id: customer.id });
    const id = await underWay({ equipementId: equipement.id });
    await system.db.query('UPDATE equipements SET nom = $2, localisation = $3 WHERE id = $1', [
      equipement.id,
      'E'.repeat(200_000),
      `L${'\n'.repeat(50_000)}L`,
    ]);
    const text = `${'a\n'.repeat(499)}fin`;
    expect(
      (await admin.put(`/interventions/${id}/statut`, { statut: 'terminee', rapport: text })).status,
    ).toBe(200);
    const [row] = await eventually(
      (): Promise<{ statut: string; erreur: string | null }[]> =>
        system.db.query(
          `SELECT statut, erreur FROM messages WHERE destinataire_id = $1 AND modele = 'terminee'`,
          [customer.id],
        ),
      ([message]) => message?.statut === 'envoye',
    );
    expect(row!.erreur).toBeNull();
    expect(countLines(text)).toBeGreaterThan(MAIL.texte.lignes);
  });

  it('that cannot be written is given up after three tries, and keeps none of those beside it', async () => {
    const people = await Promise.all(Array.from({ length: 12 }, () => makeUser(system.db)));
    await system.db.query(
      `INSERT INTO messages (evenement, destinataire_id, canal, modele, donnees, correlation_id, message_id)
       SELECT 'essai:poison:' || id, id, 'email', 'escalade', '{}', 'test', '<poison-' || id || '@regie>'
       FROM unnest($1::integer[]) id`,
      [people.map(({ id }) => id)],
    );
    const good = await makeUser(system.db);
    await system.db.query(
      `INSERT INTO messages (evenement, destinataire_id, canal, modele, donnees, correlation_id, message_id)
       VALUES ('essai:bon', $1, 'email', 'demarree', $2, 'test', '<bon-1@regie>')`,
      [
        good.id,
        JSON.stringify({
          intervention_id: 1,
          titre: 'Presse arrêtée',
          priorite: 'haute',
          urgence: false,
          equipement: { nom: 'Presse', localisation: null },
          fuseau_horaire: 'Africa/Casablanca',
        }),
      ],
    );
    const read = (pattern: string): Promise<{ statut: string; tentatives: number }[]> =>
      system.db.query('SELECT statut, tentatives FROM messages WHERE evenement LIKE $1', [pattern]);
    await eventually(
      () => read('essai:bon'),
      ([message]) => message!.statut === 'envoye',
    );
    const poisoned = await eventually(
      () => read('essai:poison:%'),
      (rows) => rows.every(({ statut }) => statut === 'abandonne'),
    );
    expect(poisoned.map(({ tentatives }) => tentatives)).toEqual(poisoned.map(() => 3));
    const metrics = await admin.get('/health/metrics');
    expect(metrics.bytes.toString()).toMatch(/^outbox_messages_given_up 12$/m);
  });
});
