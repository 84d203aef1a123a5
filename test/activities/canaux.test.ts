import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import pino from 'pino';
import type { ActivityContext } from '../../src/activities/context';
import { messageActivities } from '../../src/activities/messages';
import { createSecrets } from '../../src/auth/secrets';
import type { User } from '../../src/db/identite/users';
import { createMailRenderer } from '../../src/mail/renderer';
import { createMailTransport, type MailTransport } from '../../src/mail/transport';
import { MAISON } from '../../src/mail/views/maison';
import { createOutgoing, type Outgoing } from '../../src/net/outgoing';
import { createSmsTransport, type SmsTransport } from '../../src/net/sms';
import { recordWord } from '../../src/services/messages/numeros';
import { vapidKeys } from '../../src/services/messages/push';
import { People } from '../../src/threads/people';
import { testConfig } from '../support/api';
import { type Certificate, selfSigned } from '../support/certificates';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { eventually } from '../support/eventually';
import { makeTechnicien, makeUser } from '../support/factories';
import { openPostOffice, type PostOffice } from '../support/post-office';
import { openPushService, type PushService } from '../support/push-service';
import { openSmsGateway, type SmsGateway } from '../support/sms-gateway';

/** What leaves by text message and by web push, through a gateway and a push service of our own. */

let database: TestDatabase;
let gateway: SmsGateway;
let pushes: PushService;
let certificate: Certificate;
let sms: SmsTransport;
let outgoing: Outgoing;
let stop: () => Promise<void>;
let postOffice: PostOffice;
let mail: MailTransport;
const mails = createMailRenderer();

beforeAll(async () => {
  certificate = selfSigned('push.example.com', '127.0.0.1');
  [postOffice, database, gateway, pushes] = await Promise.all([
    openPostOffice(),
    createTestDatabase(),
    openSmsGateway(),
    openPushService(certificate),
  ]);
  const { url, jeton } = gateway;
  sms = createSmsTransport({
    url,
    jeton,
    expediteur: 'Regie',
    dossier: null,
    statuts: 'https://regie.example/statuts',
  })!;
  outgoing = createOutgoing({ privateNetworks: true, ca: certificate.cert });
  // Long enough for a mail that is held.
  mail = createMailTransport({
    smtpUrl: `${postOffice.url}?socketTimeout=120000`,
    from: 'regie@localhost',
    sendTimeout: 120_000,
  });
  stop = work({});
});
afterAll(async () => {
  await stop();
  sms.close();
  outgoing.close();
  mail.close();
  mails.close();
  await Promise.all([postOffice.close(), gateway.close(), pushes.close()]);
  await database.drop();
});

/** Delivers what is in the outbox. @returns what stops it. */
function work(different: Partial<ActivityContext>): () => Promise<void> {
  const { db, url } = database;
  const context = {
    db,
    databaseUrl: url,
    secrets: createSecrets(testConfig(url).dataKeys),
    people: new People(),
    mail,
    mails,
    maison: async () => MAISON,
    sms,
    smsSegments: 2,
    telephonePays: 'MA',
    outgoing,
    pushContact: 'mailto:admin@regie.local',
    publicUrl: 'http://localhost',
    timeZone: 'Africa/Casablanca',
    logger: pino({ level: 'silent' }),
    ...different,
  } as unknown as ActivityContext;
  const environment = new MockActivityEnvironment();
  const running = environment.run(messageActivities(context).deliverMessages);
  return async () => {
    environment.cancel();
    await running.catch(() => {});
  };
}

let next = 20_000_000;
const newNumber = () => `+2126${++next}`;

async function tell(
  user: User,
  canal: 'sms' | 'push' | 'email',
  { modele = 'demarree', titre = 'Presse arrêtée', sujet = `intervention:${++next}` } = {},
): Promise<string> {
  const id = randomUUID();
  const donnees = {
    intervention_id: Number(sujet.split(':')[1]),
    titre,
    priorite: 'haute',
    urgence: false,
    equipement: { nom: 'Presse', localisation: null },
    technicien: { nom: 'Alaoui', prenom: 'Karim' },
    fuseau_horaire: 'Africa/Casablanca',
  };
  await database.db.query(
    `INSERT INTO messages (evenement, destinataire_id, canal, sujet, modele, donnees, correlation_id, message_id)
     VALUES ($1, $2, $3, $4, $5, $6, 'essai', $7)`,
    [id, user.id, canal, sujet, modele, donnees, `<${id}@regie>`],
  );
  await database.db.query(`SELECT pg_notify('messages', $1)`, [canal]);
  return `${id}@regie`;
}

interface Marked {
  statut: string;
  tentatives: number;
  erreur: string | null;
  numero: string | null;
  segments: number | null;
}

function read(cle: string): Promise<Marked> {
  return database.db
    .query('SELECT statut, tentatives, erreur, numero, segments FROM messages WHERE message_id = $1', [
      `<${cle}>`,
    ])
    .then(([row]) => row);
}

const untilMarked = (cle: string, statut = 'envoye') =>
  eventually(
    () => read(cle),
    (row) => row.statut === statut,
  );
const untilTried = (cle: string, times = 1) =>
  eventually(
    () => read(cle),
    (row) => row.tentatives >= times && row.erreur !== null,
  );
const sentTo = (number: string) => gateway.sent.filter(({ a }) => a === number);

async function subscribed(user: User, browsers = 1) {
  const { publicKey } = await vapidKeys(database.db, createSecrets(testConfig(database.url).dataKeys));
  const session = randomUUID();
  await database.db.query(
    `INSERT INTO sessions (id, user_id, date_creation, date_expiration) VALUES ($1, $2, now(), now() + interval '1 day')`,
    [session, user.id],
  );
  const subscriptions = Array.from({ length: browsers }, () => pushes.subscribe(publicKey));
  for (const { endpoint, p256dh, auth } of subscriptions) {
    await database.db.query(
      'INSERT INTO abonnements_push (user_id, session_id, endpoint, p256dh, auth) VALUES ($1, $2, $3, $4, $5)',
      [user.id, session, endpoint, p256dh, auth],
    );
  }
  return { session, endpoints: subscriptions.map(({ endpoint }) => endpoint) };
}

const receivedAt = (endpoint: string) =>
  pushes.received.filter(({ path }) => path === new URL(endpoint).pathname);

describe('a text message', () => {
  it('goes to the number of its person, short, under the key of its event', async () => {
    const user = await makeUser(database.db, { telephone: newNumber() });
    const cle = await tell(user, 'sms', { titre: 'Fenêtre bloquée '.repeat(40), sujet: 'intervention:12' });
    expect(await untilMarked(cle)).toMatchObject({ numero: user.telephone, segments: 2, tentatives: 1 });
    const [one] = sentTo(user.telephone!);
    expect(one).toMatchObject({
      cle,
      de: 'Regie',
      encodage: 'GSM-7',
      segments: 2,
      statuts: 'https://regie.example/statuts',
    });
    expect(one!.texte).toMatch(/^Intervention démarrée no 12 Fenetre bloquée .+\.\.\.$/);
  });

  it('goes to a number of before as it is read today, and of whoever has none to that of the technicien', async () => {
    const user = await makeUser(database.db, { telephone: '06 61 00 00 01' });
    await untilMarked(await tell(user, 'sms'));
    expect(sentTo('+212661000001')).toHaveLength(1);
    const technicien = await makeTechnicien(database.db, { telephone: '+212661000004' });
    await untilMarked(await tell(technicien.user, 'sms'));
    expect(sentTo('+212661000004')).toHaveLength(1);
  });

  it.each([
    ['no number', { telephone: null }],
    ['a number that is none', { telephone: 'poste 12' }],
    ['a fixed line', { telephone: '+212522000000' }],
    ['an account that is closed', { telephone: '+212661000002', is_active: false }],
  ])('to %s is for nobody', async (_, given) => {
    const user = await makeUser(database.db, given);
    const cle = await tell(user, 'sms');
    expect(await untilMarked(cle, 'sans_objet')).toMatchObject({ tentatives: 1 });
  });

  it('does not go to a number that answered STOP, and does after START', async () => {
    const user = await makeUser(database.db, { telephone: newNumber() });
    await recordWord(database.db, user.telephone!, true, new Date(Date.now() - 2_000));
    await untilMarked(await tell(user, 'sms'), 'sans_objet');
    expect(sentTo(user.telephone!)).toEqual([]);
    await recordWord(database.db, user.telephone!, false, new Date());
    await untilMarked(await tell(user, 'sms'));
    expect(sentTo(user.telephone!)).toHaveLength(1);
  });

  it('whose answer was lost is sent again under its key, and leaves once', async () => {
    const user = await makeUser(database.db, { telephone: newNumber() });
    gateway.behave(user.telephone!, 'cut', { status: 503 });
    const cle = await tell(user, 'sms');
    expect(await untilMarked(cle)).toMatchObject({ tentatives: 3 });
    expect(gateway.requests.filter(({ a }) => a === user.telephone).map((one) => one.cle)).toEqual([
      cle,
      cle,
      cle,
    ]);
    expect(sentTo(user.telephone!)).toHaveLength(1);
  });

  it('goes, when it is sent again, where it went at first', async () => {
    const user = await makeUser(database.db, { telephone: newNumber() });
    gateway.behave(user.telephone!, 'cut');
    const cle = await tell(user, 'sms');
    await untilTried(cle);
    await database.db.query('UPDATE users SET telephone = $2 WHERE id = $1', [user.id, newNumber()]);
    await untilMarked(cle);
    expect(new Set(gateway.requests.filter((one) => one.cle === cle).map(({ a }) => a))).toEqual(
      new Set([user.telephone]),
    );
  });

  it('that the gateway refuses for good is given up, and a number that nobody has is tried no more', async () => {
    const user = await makeUser(database.db, { telephone: newNumber() });
    gateway.behave(user.telephone!, { status: 422, code: 'numero_invalide' });
    expect(await untilMarked(await tell(user, 'sms'), 'abandonne')).toMatchObject({ tentatives: 1 });
    await untilMarked(await tell(user, 'sms'), 'sans_objet');
    expect(gateway.requests.filter(({ a }) => a === user.telephone)).toHaveLength(1);

    const other = await makeUser(database.db, { telephone: newNumber() });
    gateway.behave(other.telephone!, { status: 400, code: 'texte_refuse' });
    await untilMarked(await tell(other, 'sms'), 'abandonne');
    await untilMarked(await tell(other, 'sms'));
  });

  it('that is refused since the token is wrong waits until it is right', async () => {
    const wrong = createSmsTransport({
      url: gateway.url,
      jeton: 'faux',
      expediteur: 'Regie',
      dossier: null,
      statuts: '',
    })!;
    await expect(
      wrong.send({
        cle: 'a',
        a: '+212661000009',
        texte: 'a',
        decoupage: { encodage: 'GSM-7', segments: ['a'] },
        correlationId: 'é\n',
      }),
    ).rejects.toThrow(/^The gateway answered 401$/);
    wrong.close();
  });

  it('holds no mail up while the gateway is dead', async () => {
    const people = await Promise.all(
      Array.from({ length: 15 }, () => makeUser(database.db, { telephone: newNumber() })),
    );
    for (const { telephone } of people) gateway.behave(telephone!, 'silence', 'silence', 'silence');
    // The first mail of a process is slow to write.
    await untilMarked(await tell(people[0]!, 'email'));
    const texts = [];
    for (const user of people) texts.push(await tell(user, 'sms'));
    await eventually(
      async () => gateway.requests.filter(({ a }) => people.some((p) => p.telephone === a)),
      (all) => all.length >= 10,
    );
    const before = Date.now();
    await untilMarked(await tell(people[0]!, 'email'));
    expect(Date.now() - before).toBeLessThan(9_000);
    expect((await Promise.all(texts.map(read))).every(({ statut }) => statut === 'a_envoyer')).toBe(true);
    await database.db.query(
      `UPDATE messages SET statut = 'abandonne' WHERE canal = 'sms' AND statut = 'a_envoyer'`,
    );
  });
});

describe('a message that takes long to leave', () => {
  it('is not begun again, though its claim ran out, and its claim is kept', async () => {
    const slow = await makeUser(database.db);
    const held = postOffice.hold(slow.email);
    const cle = await tell(slow, 'email');
    await held.arrived;
    // As after a while in which the database was away.
    await database.db.query('UPDATE messages SET prochain_essai = now() WHERE message_id = $1', [`<${cle}>`]);
    const another = await makeUser(database.db);
    await untilMarked(await tell(another, 'email'));
    await untilMarked(await tell(another, 'email'));
    const claim = (): Promise<{ tentatives: number; kept: boolean }[]> =>
      database.db.query(
        'SELECT tentatives, prochain_essai > now() AS kept FROM messages WHERE message_id = $1',
        [`<${cle}>`],
      );
    expect(await claim()).toEqual([{ tentatives: 1, kept: false }]);
    await eventually(claim, ([row]) => row!.kept);
    held.accept();
    expect(await untilMarked(cle)).toMatchObject({ tentatives: 1 });
    expect(postOffice.received.filter((id) => id === `<${cle}>`)).toHaveLength(1);
  });
});

describe('the file outbox of development', () => {
  it('holds one file a message, however often it is sent', async () => {
    const dossier = await mkdtemp(join(tmpdir(), 'sms-'));
    const files = createSmsTransport({ url: null, jeton: null, expediteur: 'Regie', dossier, statuts: '' })!;
    const one = {
      cle: '../../etc/passwd@regie',
      a: '+212661000003',
      texte: 'Bonjour',
      decoupage: { encodage: 'GSM-7', segments: ['Bonjour'] },
      correlationId: 'essai',
    } as const;
    for (let times = 0; times < 2; times++)
      await files.send({ ...one, decoupage: { encodage: 'GSM-7', segments: ['Bonjour'] } });
    const names = await readdir(dossier);
    expect(names).toEqual([expect.stringMatching(/^[0-9a-f]{32}\.json$/)]);
    expect(JSON.parse(await readFile(join(dossier, names[0]!), 'utf8'))).toEqual({
      cle: one.cle,
      de: 'Regie',
      a: one.a,
      texte: 'Bonjour',
      encodage: 'GSM-7',
      segments: 1,
    });
    await rm(dossier, { recursive: true });
  });

  it('is none where neither a gateway nor a folder is named', () => {
    expect(
      createSmsTransport({ url: null, jeton: null, expediteur: 'Regie', dossier: null, statuts: '' }),
    ).toBeNull();
  });
});

describe('a push message', () => {
  it('says its title, what it is about and nothing of anybody, to every browser of its person', async () => {
    const user = await makeUser(database.db);
    const { endpoints } = await subscribed(user, 2);
    const cle = await tell(user, 'push', {
      sujet: 'intervention:77',
      titre: 'Chez M. Bennani, 3 rue des Fleurs',
    });
    await untilMarked(cle);
    const [{ id }] = await database.db.query('SELECT id FROM messages WHERE message_id = $1', [`<${cle}>`]);
    for (const endpoint of endpoints) {
      const [one, ...others] = receivedAt(endpoint);
      expect(others).toEqual([]);
      expect(one!.payload).toEqual({
        id,
        titre: 'Intervention démarrée',
        modele: 'demarree',
        sujet: 'intervention:77',
      });
      expect(one!.bytes).toBeLessThan(500);
      expect(one).toMatchObject({ urgency: 'normal', ttl: 43_200 });
      expect(one!.topic).toMatch(/^[\w-]{32}$/);
    }
  });

  it('is urgent where the event is, and takes the place of the former one about the same', async () => {
    const user = await makeUser(database.db);
    const { endpoints } = await subscribed(user);
    await untilMarked(await tell(user, 'push', { modele: 'escalade', sujet: 'intervention:78' }));
    await untilMarked(await tell(user, 'push', { sujet: 'intervention:78' }));
    await untilMarked(await tell(user, 'push', { sujet: 'intervention:79' }));
    const [first, second, third] = receivedAt(endpoints[0]!);
    expect(first).toMatchObject({ urgency: 'high', ttl: 86_400 });
    expect(second!.topic).toBe(first!.topic);
    expect(third!.topic).not.toBe(first!.topic);
  });

  it.each([404, 410])('to a browser that is no more (%i) ends its subscription', async (status) => {
    const user = await makeUser(database.db);
    const { endpoints } = await subscribed(user, 2);
    pushes.answer(endpoints[0]!, status);
    await untilMarked(await tell(user, 'push'));
    const left = await database.db.query('SELECT endpoint FROM abonnements_push WHERE user_id = $1', [
      user.id,
    ]);
    expect(left).toEqual([{ endpoint: endpoints[1] }]);
    pushes.answer(endpoints[1]!, status);
    await untilMarked(await tell(user, 'push'), 'sans_objet');
  });

  it('is sent again to that browser alone which could not be reached', async () => {
    const user = await makeUser(database.db);
    const { endpoints } = await subscribed(user, 3);
    pushes.answer(endpoints[1]!, 503, 429);
    expect(await untilMarked(await tell(user, 'push'))).toMatchObject({ tentatives: 3 });
    expect(endpoints.map((endpoint) => receivedAt(endpoint).length)).toEqual([1, 1, 1]);
  });

  it('that the service took, and said nothing, comes once more with the id by which a browser knows it', async () => {
    const user = await makeUser(database.db);
    const { endpoints } = await subscribed(user, 2);
    pushes.answer(endpoints[0]!, 0);
    expect(await untilMarked(await tell(user, 'push'))).toMatchObject({ tentatives: 2 });
    const [first, again, ...others] = receivedAt(endpoints[0]!);
    expect(others).toEqual([]);
    expect(again!.payload).toEqual(first!.payload);
    expect(receivedAt(endpoints[1]!)).toHaveLength(1);
  });

  it('whose token is not believed is given up, and the subscription stays', async () => {
    const user = await makeUser(database.db);
    const { endpoints } = await subscribed(user);
    pushes.answer(endpoints[0]!, 403);
    expect(await untilMarked(await tell(user, 'push'))).toMatchObject({ tentatives: 1 });
    expect(receivedAt(endpoints[0]!)).toEqual([]);
    await untilMarked(await tell(user, 'push'));
    expect(receivedAt(endpoints[0]!)).toHaveLength(1);
  });

  it('is for nobody without a browser, after the session has ended there, and for a closed account', async () => {
    const user = await makeUser(database.db);
    await untilMarked(await tell(user, 'push'), 'sans_objet');
    const { session, endpoints } = await subscribed(user);
    await database.db.query('UPDATE sessions SET date_revocation = now() WHERE id = $1', [session]);
    await untilMarked(await tell(user, 'push'), 'sans_objet');
    await database.db.query('UPDATE sessions SET date_revocation = NULL WHERE id = $1', [session]);
    await database.db.query('UPDATE users SET is_active = false WHERE id = $1', [user.id]);
    await untilMarked(await tell(user, 'push'), 'sans_objet');
    expect(receivedAt(endpoints[0]!)).toEqual([]);
  });

  it('does not go where its address leads into the house by now', async () => {
    const user = await makeUser(database.db);
    const { endpoints } = await subscribed(user);
    await stop();
    const guarded = createOutgoing({ privateNetworks: false, ca: certificate.cert });
    const stopGuarded = work({ outgoing: guarded });
    const row = await untilTried(await tell(user, 'push'));
    expect(row.erreur).toContain('is not a public address');
    expect(receivedAt(endpoints[0]!)).toEqual([]);
    await stopGuarded();
    guarded.close();
    stop = work({});
  });
});
