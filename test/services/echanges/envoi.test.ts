import { pino } from 'pino';
import type { EntityManager } from 'typeorm';
import { type SendingContext, sendDue } from '../../../src/activities/webhooks';
import { Access } from '../../../src/auth/access';
import type { Principal } from '../../../src/auth/principal';
import { createSecrets, type Secrets } from '../../../src/auth/secrets';
import { newSecret } from '../../../src/domain/echanges/signature';
import { ConfirmedUrl } from '../../../src/net/confirmed-url';
import { createOutgoing, type Outgoing } from '../../../src/net/outgoing';
import { type Actor, systemActor } from '../../../src/services/actor';
import { distribute } from '../../../src/services/echanges/distribution';
import {
  claimLivraisons,
  forgottenWebhooks,
  giveUpLate,
  markTried,
  nextDue,
} from '../../../src/services/echanges/envoi';
import {
  readLivraison,
  removeOldLivraisons,
  replayLivraison,
  tryWebhook,
} from '../../../src/services/echanges/livraisons';
import {
  createWebhook,
  openSecret,
  renewSeals,
  rotateSecret,
  updateWebhook,
} from '../../../src/services/echanges/webhooks';
import { createPiece, updatePiece } from '../../../src/services/stock/pieces';
import { People } from '../../../src/threads/people';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import { makeAdmin, makeLivraison } from '../../support/factories';
import { answering, type Receiver, startReceiver } from '../../support/receiver';

/** What becomes of what happens, as far as the receiver and back, with a clock where the test needs one. */

const MINUTE = 60_000;
const DAY = 86_400_000;

let database: TestDatabase;
let receiver: Receiver;
let outgoing: Outgoing;
let secrets: Secrets;
let principal: Principal;
let context: SendingContext;

beforeAll(async () => {
  database = await createTestDatabase();
  ({ principal } = await makeAdmin(database.db));
  secrets = createSecrets([{ id: 'k', key: Buffer.alloc(32, 7) }]);
});
beforeEach(async () => {
  receiver = await startReceiver();
  outgoing = createOutgoing({ privateNetworks: true, ca: receiver.ca, timeout: 1_000 });
  context = {
    db: database.db,
    secrets,
    outgoing,
    people: new People(),
    timeZone: 'Africa/Casablanca',
    logger: pino({ level: 'silent' }),
  };
});
afterEach(async () => {
  outgoing.close();
  await receiver.stop();
  await database.db.query('DELETE FROM webhooks');
});
afterAll(() => database.drop());

const actor = (): Actor => ({ ...systemActor(new Date(), 'essai'), userId: principal.userId });

/** Does something as an admin, in a transaction. */
function asAdmin<Result>(run: (tx: EntityManager, access: Access) => Promise<Result>) {
  const access = new Access(principal);
  return database.db.transaction((tx) => run(tx, access));
}

async function newWebhook(evenements = ['*']) {
  const url = await ConfirmedUrl.of(outgoing, receiver.url, { privateNetworks: true });
  return asAdmin((tx, access) =>
    createWebhook(tx, secrets, access, actor(), { url, evenements, actif: true }),
  );
}

let references = 0;
const newPiece = () =>
  asAdmin((tx, access) =>
    createPiece(tx, access, actor(), {
      reference: `W-${++references}`,
      designation: 'Joint torique',
      stock: 0,
      seuil_alerte: 0,
    } as Parameters<typeof createPiece>[3]),
  );
const rename = (id: number, designation: string) =>
  asAdmin((tx, access) => updatePiece(tx, access, actor(), id, { designation }, null));

async function distributeAll() {
  while ((await distribute(database.db)).read > 0);
}

const send = (webhookId: number, milliseconds = 30) =>
  sendDue(context, webhookId, Date.now() + milliseconds, new AbortController().signal);

const rows = (webhookId: number) =>
  database.db.query('SELECT * FROM livraisons WHERE webhook_id = $1 ORDER BY id', [webhookId]);
const webhookRow = async (webhookId: number) =>
  (await database.db.query('SELECT * FROM webhooks WHERE id = $1', [webhookId]))[0];
/**
 * Has everything of a webhook due, as after its wait. By a second: a column of milliseconds rounds, so that `now()` may be read
 * back as later than now.
 */
const hurry = (webhookId: number) =>
  database.db.query(
    `UPDATE livraisons SET prochain_essai = now() - interval '1 second' WHERE webhook_id = $1 AND statut = 'a_livrer'`,
    [webhookId],
  );

describe('what happens', () => {
  it('is told as ids alone, signed, with the id of the event as that of the message', async () => {
    const { id, secret } = await newWebhook();
    const piece = await newPiece();
    await distributeAll();
    await send(id);
    const [delivery] = receiver.received;
    expect(receiver.verify(secret, delivery!)).toEqual({
      id: delivery!.headers['webhook-id'],
      evenement: 'piece.creee',
      date: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      ressource: 'piece',
      id_ressource: piece.id,
      version: 1,
    });
    expect(delivery!.headers['webhook-id']).toMatch(/^evt_\d+$/);
    expect(delivery!.body).not.toContain('Joint');
    expect(receiver.received).toHaveLength(1);
    expect(await rows(id)).toMatchObject([
      { statut: 'livree', tentatives: 1, reponse_statut: 204, erreur: null, essais: [{ statut: 204 }] },
    ]);
    expect(await nextDue(database.db, id)).toBeNull();
  });

  it('is told to those who ask for it, by its name, by its domain or by all, and once to each', async () => {
    const [named, domain, all, other] = await Promise.all([
      newWebhook(['piece.creee']),
      newWebhook(['piece.*', 'piece.creee']),
      newWebhook(),
      newWebhook(['intervention.*', 'piece.modifiee']),
    ]);
    await newPiece();
    await distributeAll();
    await distributeAll();
    for (const { id } of [named, domain, all]) expect(await rows(id)).toHaveLength(1);
    expect(await rows(other.id)).toEqual([]);
  });

  it('is told from when a webhook is there and on', async () => {
    await newPiece();
    const { id } = await newWebhook();
    await distributeAll();
    expect(await rows(id)).toEqual([]);
    const off = await asAdmin((tx, access) => updateWebhook(tx, access, actor(), id, { actif: false }, null));
    await newPiece();
    await asAdmin((tx, access) => updateWebhook(tx, access, actor(), id, { actif: true }, off.version));
    await distributeAll();
    expect(await rows(id)).toEqual([]);
  });

  it('to one person alone is told to no webhook', async () => {
    const { id } = await newWebhook();
    await database.db.query(
      `INSERT INTO notifications (titre, message, type, destinataire_id) VALUES ('t', 'm', 'info', $1)`,
      [principal.userId],
    );
    await distributeAll();
    expect(await rows(id)).toEqual([]);
  });

  it('becomes one delivery also when two hand it on, of whom one was believed dead', async () => {
    const { id } = await newWebhook();
    await newPiece();
    await Promise.all([distribute(database.db), distribute(database.db), distribute(database.db)]);
    await distributeAll();
    expect(await rows(id)).toHaveLength(1);
  });
});

describe('the order', () => {
  it('of one resource is kept, and a delivery that fails holds back that resource alone', async () => {
    const { id } = await newWebhook();
    const [stuck, free] = [await newPiece(), await newPiece()];
    for (const name of ['un', 'deux', 'trois']) {
      await rename(stuck.id, name);
      await rename(free.id, name);
    }
    await distributeAll();
    receiver.answer((response, { id_ressource }) =>
      answering(id_ressource === stuck.id ? 500 : 204)(response, receiver.received[0]!),
    );
    await send(id, 400);
    const told = (pieceId: number) =>
      receiver.received
        .filter(({ id_ressource }) => id_ressource === pieceId)
        .map(({ headers }) => headers['webhook-id']);
    const expected = async (pieceId: number) =>
      (await rows(id))
        .filter((row: { id_ressource: number }) => row.id_ressource === pieceId)
        .toSorted(
          (a: { evenement_id: number }, b: { evenement_id: number }) => a.evenement_id - b.evenement_id,
        )
        .map((row: { identifiant: string }) => row.identifiant);
    const [inOrder, blocked] = [await expected(free.id), await expected(stuck.id)];
    expect(inOrder).toHaveLength(4);
    expect(told(free.id)).toEqual(inOrder);
    expect(told(stuck.id)).toEqual(blocked.slice(0, 1));

    receiver.answer(answering(204));
    await hurry(id);
    await send(id, 400);
    expect(told(stuck.id)).toEqual([blocked[0], ...blocked]);
    const [first, again] = receiver.received.filter(({ headers }) => headers['webhook-id'] === blocked[0]);
    expect(again!.body).toBe(first!.body);
  });
});

describe('a try that fails', () => {
  it.each([
    [
      'an error',
      answering(500, 'Erreur\u0000\u001b[31m interne'),
      { erreur: 'refus', reponse_statut: 500, reponse_extrait: 'Erreur[31m interne' },
    ],
    [
      'a redirect, which is not followed',
      answering(302, '', { Location: '/regie' }),
      { erreur: 'redirection', reponse_statut: 302 },
    ],
    ['no answer', () => {}, { erreur: 'delai', reponse_statut: null }],
    [
      'half an answer',
      (response) => response.writeHead(200, { 'content-length': '10' }).write('abc'),
      { erreur: 'delai', reponse_statut: null },
    ],
    [
      'a connection that breaks',
      (response) => response.destroy(),
      { erreur: 'connexion', reponse_statut: null },
    ],
  ] satisfies [string, Parameters<Receiver['answer']>[0], object][])(
    'is noted: %s',
    async (_, answer, expected) => {
      const { id } = await newWebhook();
      await newPiece();
      await distributeAll();
      receiver.answer(answer);
      const before = Date.now();
      await send(id);
      const after = Date.now();
      expect(await rows(id)).toMatchObject([{ statut: 'a_livrer', tentatives: 1, ...expected }]);
      expect(receiver.received).toHaveLength(1);
      const due = (await nextDue(database.db, id))!.getTime();
      expect(due - before).toBeGreaterThan(2_000);
      expect(due - after).toBeLessThan(6_000);
    },
  );

  it('is noted of a certificate that nobody vouches for, and of a port where nobody is', async () => {
    const { id } = await newWebhook();
    await newPiece();
    await distributeAll();
    const strict = createOutgoing({ privateNetworks: true });
    await sendDue({ ...context, outgoing: strict }, id, Date.now() + 10, new AbortController().signal);
    expect(await rows(id)).toMatchObject([{ erreur: 'tls', reponse_statut: null }]);
    await receiver.stop();
    await hurry(id);
    await send(id, 10);
    strict.close();
    expect(await rows(id)).toMatchObject([
      { erreur: 'connexion', essais: [{ erreur: 'tls' }, { erreur: 'connexion' }] },
    ]);
  });

  it('waits for as long as a busy receiver asks', async () => {
    const { id } = await newWebhook();
    await newPiece();
    await distributeAll();
    receiver.answer(answering(429, '', { 'Retry-After': '1800' }));
    await send(id);
    const wait = (await nextDue(database.db, id))!.getTime() - Date.now();
    expect(Math.round(wait / MINUTE)).toBe(30);
  });

  it('is the last one when its day is over', async () => {
    const { id } = await newWebhook();
    await newPiece();
    await distributeAll();
    await database.db.query(
      `UPDATE livraisons SET date_debut = now() - interval '25 hours' WHERE webhook_id = $1`,
      [id],
    );
    receiver.answer(answering(500));
    await send(id);
    expect(await rows(id)).toMatchObject([
      { statut: 'abandonnee', tentatives: 1, date_fin: expect.any(Date) },
    ]);
  });
});

describe('a webhook that keeps failing', () => {
  /** Has deliveries fail so many days ago. */
  async function failOn(webhookId: number, ...daysAgo: number[]) {
    for (const days of daysAgo) {
      const livraison = await makeLivraison(database.db, {
        webhook_id: webhookId,
        statut: 'a_livrer',
        date_fin: null,
        tentatives: 1,
      });
      await markTried(
        database.db,
        { webhookId, fuseau: 'Africa/Casablanca' },
        { ...livraison, tentatives_avant: 0 },
        { debut: new Date(), duree: 5, statut: 500, erreur: null, extrait: null, retryAfter: null },
        new Date(Date.now() - days * DAY),
        0.5,
      );
    }
  }
  const told = () =>
    database.db.query(
      `SELECT titre, message FROM notifications WHERE destinataire_id = $1 AND metadata->>'modele' = 'webhook_desactive'`,
      [principal.userId],
    );

  it('is switched off after three days, what waits is given up, and administrators are told once', async () => {
    const { id } = await newWebhook();
    await failOn(id, 3, 2, 1);
    expect(await webhookRow(id)).toMatchObject({ actif: true, motif_desactivation: null });
    await failOn(id, 0);
    expect(await webhookRow(id)).toMatchObject({ actif: false, motif_desactivation: 'echecs' });
    for (const { statut } of await rows(id)) expect(statut).toBe('abandonnee');
    const before = await told();
    expect(before).toEqual([
      { titre: 'Webhook désactivé', message: expect.stringContaining(new URL(receiver.url).host) },
    ]);
    const mails = await database.db.query(
      `SELECT modele FROM messages WHERE evenement LIKE 'webhook:${id}:%'`,
    );
    expect(mails.length).toBeGreaterThan(0);
    const [line] = await database.db.query(
      `SELECT apres FROM historique WHERE entite = 'webhook' AND entite_id = $1 AND action = 'desactivation'`,
      [id],
    );
    expect(line.apres).toMatchObject({ actif: false, motif: 'echecs' });
  });

  it('is not, when something was taken meanwhile', async () => {
    const { id } = await newWebhook();
    await failOn(id, 3, 2, 1);
    await newPiece();
    await distributeAll();
    await send(id);
    expect(await webhookRow(id)).toMatchObject({ echec_depuis: null, dernier_succes: expect.any(Date) });
    await failOn(id, 0);
    expect(await webhookRow(id)).toMatchObject({ actif: true });
  });

  it('is switched off at once by an answer of 410, and told nothing more', async () => {
    const { id } = await newWebhook();
    await newPiece();
    await distributeAll();
    receiver.answer(answering(410));
    await send(id);
    expect(await webhookRow(id)).toMatchObject({ actif: false, motif_desactivation: 'parti' });
    expect(await rows(id)).toMatchObject([{ statut: 'abandonnee', reponse_statut: 410 }]);
    await newPiece();
    await distributeAll();
    await send(id);
    expect(receiver.received).toHaveLength(1);
  });

  it('grows no pile: what never had its turn within a day is given up unasked', async () => {
    const { id } = await newWebhook();
    const piece = await newPiece();
    await rename(piece.id, 'autre');
    await distributeAll();
    await database.db.query(
      `UPDATE livraisons SET date_debut = now() - interval '25 hours' WHERE webhook_id = $1`,
      [id],
    );
    const statuts = async () => (await rows(id)).map(({ statut }: { statut: string }) => statut);
    await giveUpLate(database.db, id, new Date());
    expect(await statuts()).toEqual(['a_livrer', 'a_livrer']);
    await failOn(id, 0);
    await giveUpLate(database.db, id, new Date());
    expect((await statuts()).slice(0, 2)).toEqual(['abandonnee', 'abandonnee']);
    expect(receiver.received).toEqual([]);
  });
});

describe('secrets', () => {
  it('of before the last rotation sign for a day beside the new one', async () => {
    const { id, secret: former } = await newWebhook();
    const { secret: present, version } = await asAdmin((tx, access) =>
      rotateSecret(tx, secrets, access, actor(), id, null),
    );
    expect(version).toBe(2);
    await newPiece();
    await distributeAll();
    await send(id);
    const [delivery] = receiver.received;
    expect(String(delivery!.headers['webhook-signature']).split(' ')).toHaveLength(2);
    for (const secret of [present, former]) receiver.verify(secret, delivery!);
    expect(() => receiver.verify(newSecret(), delivery!)).toThrow();

    await database.db.query(
      `UPDATE webhooks SET secret_precedent_fin = now() - interval '1 second' WHERE id = $1`,
      [id],
    );
    await newPiece();
    await distributeAll();
    await send(id);
    const last = receiver.received.at(-1)!;
    receiver.verify(present, last);
    expect(() => receiver.verify(former, last)).toThrow();
  });

  it('stand nowhere in the database, nor in its history', async () => {
    const { id, secret } = await newWebhook();
    await asAdmin((tx, access) => rotateSecret(tx, secrets, access, actor(), id, null));
    const row = await webhookRow(id);
    const raw = Buffer.from(secret.slice(6), 'base64');
    for (const sealed of [row.secret, row.secret_precedent]) {
      expect(sealed.includes(raw)).toBe(false);
      expect(sealed.includes(secret)).toBe(false);
    }
    const lines = await database.db.query(`SELECT avant, apres FROM historique WHERE entite = 'webhook'`);
    expect(JSON.stringify(lines)).not.toMatch(/whsec_/);
    // Of another webhook it cannot be opened.
    expect(() => secrets.open('webhook', String(id + 1), row.secret)).toThrow();
  });
});

describe('keys of ours', () => {
  const former = { id: 'k', key: Buffer.alloc(32, 7) };
  const present = { id: 'k2', key: Buffer.alloc(32, 8) };

  it('that are new take over the secrets, and forget those whose day is over', async () => {
    const { id, secret } = await newWebhook();
    const other = await newWebhook();
    await asAdmin((tx, access) => rotateSecret(tx, secrets, access, actor(), other.id, null));
    await database.db.query(
      `UPDATE webhooks SET secret_precedent_fin = now() - interval '1 second' WHERE id = $1`,
      [other.id],
    );
    await renewSeals(database.db, createSecrets([present, former]));
    const row = await webhookRow(id);
    expect(openSecret(createSecrets([present]), id, row.secret)).toBe(secret);
    expect(() => openSecret(createSecrets([former]), id, row.secret)).toThrow();
    expect(await webhookRow(other.id)).toMatchObject({ secret_precedent: null, secret_precedent_fin: null });
    await renewSeals(database.db, createSecrets([present, former]));
    expect((await webhookRow(id)).secret).toEqual(row.secret);
  });

  it('that are gone are why nothing is sent, which is said, and mended by a new secret', async () => {
    const { id } = await newWebhook();
    await newPiece();
    await distributeAll();
    const lost = { ...context, secrets: createSecrets([present]) };
    await sendDue(lost, id, Date.now() + 10, new AbortController().signal);
    expect(await rows(id)).toMatchObject([{ statut: 'a_livrer', erreur: 'secret', reponse_statut: null }]);
    await renewSeals(database.db, lost.secrets);
    expect(receiver.received).toEqual([]);
    await asAdmin((tx, access) => rotateSecret(tx, lost.secrets, access, actor(), id, null));
    await hurry(id);
    await sendDue(lost, id, Date.now() + 10, new AbortController().signal);
    expect(await rows(id)).toMatchObject([{ statut: 'livree' }]);
  });
});

describe('what somebody asks for', () => {
  it('is sent again under the same id, out of turn, and holds nothing back', async () => {
    const { id } = await newWebhook();
    const piece = await newPiece();
    await distributeAll();
    await send(id);
    const [first] = await rows(id);
    await asAdmin((tx, access) => replayLivraison(tx, access, actor(), first.id));
    await rename(piece.id, 'autre');
    await distributeAll();
    receiver.answer((response, { evenement }) =>
      answering(evenement === 'piece.creee' ? 500 : 204)(response, receiver.received[0]!),
    );
    await send(id, 200);
    const sent = receiver.received.map(({ headers, evenement }) => [headers['webhook-id'], evenement]);
    expect(sent[0]![0]).toBe(first.identifiant);
    expect(sent.filter(([identifiant]) => identifiant === first.identifiant)).toHaveLength(2);
    expect(sent.map(([, evenement]) => evenement)).toContain('piece.modifiee');
    // Its plan begins anew.
    expect((await rows(id))[0]).toMatchObject({ statut: 'a_livrer', tentatives: 2, tentatives_avant: 1 });
  });

  it('as a trial goes out once, from a webhook that is switched off too, and says nothing of it', async () => {
    const { id } = await newWebhook();
    await asAdmin((tx, access) => updateWebhook(tx, access, actor(), id, { actif: false }, null));
    receiver.answer(answering(500));
    const trial = await asAdmin((tx, access) => tryWebhook(tx, access, actor(), id));
    await send(id);
    expect(receiver.received).toMatchObject([
      { evenement: 'webhook.essai', ressource: 'webhook', id_ressource: id },
    ]);
    expect(await readLivraison(database.db, new Access(principal), trial.id)).toMatchObject({
      statut: 'abandonnee',
      reponse: { statut: 500 },
      prochain_essai: null,
    });
    expect(await webhookRow(id)).toMatchObject({ echec_depuis: null, motif_desactivation: null });
  });
});

it('claims what is due for one sender alone, and for another once the first is long gone', async () => {
  const { id } = await newWebhook();
  await newPiece();
  await distributeAll();
  const [claimed] = await claimLivraisons(database.db, id, 4);
  expect(claimed).toMatchObject({ tentatives: 1 });
  expect(await claimLivraisons(database.db, id, 4)).toEqual([]);
  await database.db.query(
    `UPDATE livraisons SET reservee_jusqua = now() - interval '1 second' WHERE webhook_id = $1`,
    [id],
  );
  const [again] = await claimLivraisons(database.db, id, 4);
  expect(again).toMatchObject({ id: claimed!.id, identifiant: claimed!.identifiant, tentatives: 2 });
  // Whoever was believed dead and comes back writes nothing over what the other one does.
  await markTried(
    database.db,
    { webhookId: id, fuseau: 'UTC' },
    claimed!,
    { debut: new Date(), duree: 1, statut: 500, erreur: null, extrait: null, retryAfter: null },
    new Date(),
    0.5,
  );
  expect(await rows(id)).toMatchObject([{ tentatives: 2, reponse_statut: null, essais: [] }]);
});

it('knows which webhooks nobody sends anything from', async () => {
  const { id } = await newWebhook();
  await newPiece();
  await distributeAll();
  const found = (overdue: number) => forgottenWebhooks(database.db, overdue, 0, 10);
  expect(await found(20)).toEqual([]);
  await database.db.query(
    `UPDATE livraisons SET prochain_essai = now() - interval '21 seconds' WHERE webhook_id = $1`,
    [id],
  );
  expect(await found(20)).toEqual([{ id }]);
  await claimLivraisons(database.db, id, 1);
  expect(await found(20)).toEqual([]);
});

it('forgets what became of deliveries after a month, and never what is still to be delivered', async () => {
  const { id } = await newWebhook();
  const days = (count: number) => new Date(Date.now() - count * DAY);
  const [old, recent, waiting] = [
    await makeLivraison(database.db, { webhook_id: id, date_fin: days(31) }),
    await makeLivraison(database.db, { webhook_id: id, date_fin: days(29) }),
    await makeLivraison(database.db, {
      webhook_id: id,
      statut: 'a_livrer',
      date_fin: null,
      date_creation: days(60),
    }),
  ];
  await removeOldLivraisons(database.db);
  expect((await rows(id)).map((row: { id: number }) => row.id)).toEqual([recent.id, waiting.id]);
  expect(old.id).toBeLessThan(recent.id);
});
