import { randomUUID } from 'node:crypto';
import { MockActivityEnvironment } from '@temporalio/testing';
import pino from 'pino';
import type { ActivityContext } from '../../src/activities/context';
import { messageActivities } from '../../src/activities/messages';
import { createSecrets } from '../../src/auth/secrets';
import type { RendezVous } from '../../src/db/rendez-vous/rendez-vous';
import { createMailRenderer } from '../../src/mail/renderer';
import { createMailTransport, type MailTransport } from '../../src/mail/transport';
import { MAISON } from '../../src/mail/views/maison';
import { createSmsTransport, type SmsTransport } from '../../src/net/sms';
import { systemActor } from '../../src/services/actor';
import { annoncer, type Etat, type EvenementRendezVous } from '../../src/services/rendez-vous/annonces';
import { annoncerSerie } from '../../src/services/rendez-vous/annonces-series';
import { codeDe, hashJeton, jetonDe } from '../../src/services/rendez-vous/jetons';
import { direAttente } from '../../src/services/rendez-vous/offres';
import { suivreRendezVous } from '../../src/services/rendez-vous/suivi';
import { People } from '../../src/threads/people';
import { testConfig } from '../support/api';
import { expectSound } from '../support/calendar-readers';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { eventually } from '../support/eventually';
import { makeAttente, makeBooking, makeIntervenant, makePrestation, makeSite } from '../support/factories';
import { partsOf, unfolded, valueIn } from '../support/mail-parts';
import { openPostOffice, type PostOffice } from '../support/post-office';
import { openSmsGateway, type SmsGateway } from '../support/sms-gateway';

/** What leaves of appointments, to a mail server and a gateway of our own: to people who need no account. */

let database: TestDatabase;
let postOffice: PostOffice;
let gateway: SmsGateway;
let mail: MailTransport;
let sms: SmsTransport;
let stop: () => Promise<void>;
const mails = createMailRenderer();

beforeAll(async () => {
  [postOffice, database, gateway] = await Promise.all([
    openPostOffice(),
    createTestDatabase(),
    openSmsGateway(),
  ]);
  mail = createMailTransport({ smtpUrl: postOffice.url, from: FROM });
  const { url, jeton } = gateway;
  sms = createSmsTransport({
    url,
    jeton,
    expediteur: 'Regie',
    dossier: null,
    statuts: 'https://r.example/s',
  })!;
  const context = {
    db: database.db,
    databaseUrl: database.url,
    secrets: createSecrets(testConfig(database.url).dataKeys),
    people: new People(),
    mail,
    mails,
    maison: async () => MAISON,
    sms,
    smsSegments: 3,
    telephonePays: 'MA',
    publicUrl: 'https://regie.example',
    mailFrom: FROM,
    timeZone: 'Africa/Casablanca',
    logger: pino({ level: 'silent' }),
  } as unknown as ActivityContext;
  const environment = new MockActivityEnvironment();
  const running = environment.run(messageActivities(context).deliverMessages);
  stop = async () => {
    environment.cancel();
    await running.catch(() => {});
  };
});
afterAll(async () => {
  await stop();
  mail.close();
  sms.close();
  mails.close();
  await Promise.all([postOffice.close(), gateway.close()]);
  await database.drop();
});

const FROM = 'Maison Alaoui <rendez-vous@maison.example>';
const MINUTE = 60_000;

/** Changes the row as the acts do, and tells of it in the same transaction. */
async function tell(
  { id }: Pick<RendezVous, 'id'>,
  evenement: EvenementRendezVous,
  changes: Record<string, unknown> = {},
): Promise<void> {
  await database.db.transaction(async (tx) => {
    const etat = async (): Promise<Etat> =>
      (
        await tx.query(
          'SELECT statut, debut, fin, intervenants, salles, places, sequence FROM rendez_vous WHERE id = $1',
          [id],
        )
      )[0];
    const before = await etat();
    const names = Object.keys(changes);
    if (names.length > 0) {
      const set = names.map((name, n) => `${name} = $${n + 2}`).join(', ');
      await tx.query(`UPDATE rendez_vous SET ${set} WHERE id = $1`, [id, ...Object.values(changes)]);
    }
    await annoncer(tx, systemActor(new Date(), 'essai'), {
      rendezVousId: id,
      evenement,
      avant: names.length === 0 ? null : before,
    });
  });
}

const moved = (from: Date, sequence: number) => {
  const debut = new Date(from.getTime() + sequence * 3_600_000);
  return { debut, fin: new Date(debut.getTime() + 30 * MINUTE), sequence };
};

/** The mails to an address, in the order in which they came, once there are so many. */
const mailsTo = (address: string, count: number): Promise<string[]> =>
  eventually(
    async () =>
      postOffice.contents.filter((content) => new RegExp(`^To:.*${address}`, 'im').test(unfolded(content))),
    (all) => all.length >= count,
  );

const textOf = (content: string) => partsOf(content).find(({ type }) => type.startsWith('text/plain'))!.body;

it('keeps one event for life in the calendar of whoever comes: created, moved twice, cancelled', async () => {
  const booked = await makeBooking(database.db, { debut: new Date('2031-03-01T09:00:00Z') });
  const { email } = booked.participants[0]!;
  await tell(booked, 'confirmation');
  await tell(booked, 'report', moved(booked.debut, 1));
  await tell(booked, 'report', moved(booked.debut, 2));
  await tell(booked, 'annulation', { statut: 'annule', sequence: 3, motif_annulation: 'Grippe' });
  const received = await mailsTo(email!, 4);
  expect(received).toHaveLength(4);
  const seen = received.map((content) => {
    const parts = partsOf(content).filter(({ type }) => type.startsWith('text/calendar'));
    const [inline, attached] = parts;
    expect(parts).toHaveLength(2);
    expect(attached!.disposition).toMatch(/^attachment; filename="?invitation\.ics/);
    expect(attached!.body).toBe(inline!.body);
    const method = valueIn(inline!.body, 'METHOD')!;
    for (const { type } of parts)
      expect(type).toMatch(new RegExp(`^text/calendar; method=${method}; charset=utf-8`, 'i'));
    return {
      method,
      uid: valueIn(inline!.body, 'UID'),
      sequence: valueIn(inline!.body, 'SEQUENCE'),
      organizer: valueIn(inline!.body, 'ORGANIZER'),
      start: valueIn(inline!.body, 'DTSTART'),
    };
  });
  const uid = `rendez-vous-${booked.uid}`;
  const organizer = 'mailto:rendez-vous@maison.example';
  expect(seen).toEqual([
    { method: 'REQUEST', uid, organizer, sequence: '0', start: '20310301T090000Z' },
    { method: 'REQUEST', uid, organizer, sequence: '1', start: '20310301T100000Z' },
    { method: 'REQUEST', uid, organizer, sequence: '2', start: '20310301T110000Z' },
    { method: 'CANCEL', uid, organizer, sequence: '3', start: '20310301T110000Z' },
  ]);
  const calendars = received.map(
    (content) => partsOf(content).find(({ type }) => type.startsWith('text/calendar'))!.body,
  );
  expect(expectSound(calendars).map(({ methode, evenements: [one] }) => [methode, one!.sequence])).toEqual([
    ['REQUEST', 0],
    ['REQUEST', 1],
    ['REQUEST', 2],
    ['CANCEL', 3],
  ]);
  expect(textOf(received[3]!)).toContain('Grippe');
  expect(textOf(received[3]!)).not.toContain('/rdv/gestion/');
});

it('tells of a series in one mail: every date with its own link, and a calendar file of its own', async () => {
  const serieId = randomUUID();
  const who = [{ nom: 'Samira', email: 'serie@exemple.ma', telephone: null, langue: 'fr' }];
  const intervenant = await makeIntervenant(database.db);
  const prestation = await makePrestation(database.db, { intervenants: [intervenant.id] });
  const common = { prestation, intervenant, participants: who, serie_id: serieId };
  const booked = await Promise.all(
    [1, 8, 15].map((day) =>
      makeBooking(database.db, { ...common, debut: new Date(Date.UTC(2031, 3, day, 9)) }),
    ),
  );
  const say = (evenement: 'confirmation' | 'annulation', which: typeof booked) =>
    database.db.transaction((tx) =>
      annoncerSerie(tx, systemActor(new Date(), 'essai'), {
        ...{ serieId, evenement },
        rendezVous: which.map(({ id }) => ({ id, avant: null, partis: [] })),
        sautees: evenement === 'confirmation' ? [new Date('2031-04-22T09:00:00Z')] : [],
      }),
    );
  await say('confirmation', booked);
  await say('confirmation', booked);
  const [mail] = await mailsTo('serie@exemple.ma', 1);
  const text = textOf(mail!);
  expect(text).toMatch(/rendez-vous réservés : 3/);
  expect(text).toMatch(/Dates non disponibles : mardi 22 avril 2031/);
  const links = [...text.matchAll(/avril 2031.*: (https:\/\/regie\.example\/rdv\/gestion\/[\w-]{43})/g)].map(
    ([, link]) => link!,
  );
  expect(new Set(links).size).toBe(3);
  const files = partsOf(mail!).filter(({ type }) => type.startsWith('text/calendar'));
  expect(files.map(({ disposition }) => /filename="?([\w.-]+)/.exec(disposition)?.[1])).toEqual([
    'invitation-1.ics',
    'invitation-2.ics',
    'invitation-3.ics',
  ]);
  expect(
    files.map(({ body }) => ['METHOD', 'UID', 'SEQUENCE', 'URL'].map((name) => valueIn(body, name))),
  ).toEqual(booked.map(({ uid }, n) => ['REQUEST', `rendez-vous-${uid}`, '0', links[n]]));
  const [row] = await database.db.query('SELECT jeton_hash FROM participants WHERE id = $1', [
    booked[1]!.participants[0]!.id,
  ]);
  expect(row.jeton_hash.equals(hashJeton(links[1]!.slice(-43)))).toBe(true);
  const read = expectSound(files.map(({ body }) => body));
  expect(read.map(({ evenements }) => evenements.length)).toEqual([1, 1, 1]);

  const later = booked.slice(1);
  await database.db.query(`UPDATE rendez_vous SET statut = 'annule', sequence = 1 WHERE id = ANY($1)`, [
    later.map(({ id }) => id),
  ]);
  await say('annulation', later);
  const [, gone] = await mailsTo('serie@exemple.ma', 2);
  expect(textOf(gone!)).not.toContain('/rdv/gestion/');
  expect(
    partsOf(gone!)
      .filter(({ type }) => type.startsWith('text/calendar; method=CANCEL'))
      .map(({ body }) => [valueIn(body, 'UID'), valueIn(body, 'SEQUENCE')]),
  ).toEqual(later.map(({ uid }) => [`rendez-vous-${uid}`, '1']));
  const [agenda] = await database.db.query('SELECT email FROM users WHERE id = $1', [intervenant.user_id]);
  const received = await mailsTo(agenda.email, 2);
  expect(received).toHaveLength(2);
  expect(partsOf(received[0]!).filter(({ type }) => type.startsWith('text/calendar'))).toHaveLength(3);
});

it('offers a time by a mail with a link of its own, and not any more once the offer is over', async () => {
  const intervenant = await makeIntervenant(database.db);
  const prestation = await makePrestation(database.db, {
    intervenants: [intervenant.id],
    liste_attente: true,
  });
  const offer = async (expire_le: Date) => {
    const attente = await makeAttente(database.db, { prestation_id: prestation.id });
    const debut = new Date(Date.UTC(2031, 4, 6, 9 + attente.id));
    await database.db.transaction(async (tx) => {
      const hold = await makeHold(debut, attente.id, expire_le);
      await tx.query(
        `UPDATE listes_attente SET statut = 'proposee', rendez_vous_id = $2, offre_expire_le = $3 WHERE id = $1`,
        [attente.id, hold.id, expire_le],
      );
      const fin = new Date(debut.getTime() + 30 * MINUTE);
      await direAttente({ tx, actor: systemActor(new Date(), 'essai') }, attente.id, 'attente_offre', {
        ...{ debut, fin, expire_le },
        intervenants: [intervenant.id],
        salles: [],
      });
    });
    return attente;
  };
  const makeHold = (debut: Date, liste_attente_id: number, expire_le: Date) =>
    makeBooking(database.db, {
      ...{ prestation, intervenant, debut, liste_attente_id, expire_le },
      statut: 'retenu',
      appelant: `attente ${liste_attente_id}`,
      participants: [],
    });
  const open = await offer(new Date(Date.now() + 30 * MINUTE));
  const [mail] = await mailsTo(open.contact, 1);
  const text = textOf(mail!);
  expect(text).toContain('Un créneau s’est libéré pour vous');
  const [, jeton] = /https:\/\/regie\.example\/rdv\/attente\/([\w-]{43})/.exec(text)!;
  const [row] = await database.db.query('SELECT jeton_hash FROM participants WHERE liste_attente_id = $1', [
    open.id,
  ]);
  expect(row.jeton_hash.equals(hashJeton(jeton!))).toBe(true);
  // Nothing is in anybody's calendar before they say yes.
  expect(partsOf(mail!).filter(({ type }) => type.startsWith('text/calendar'))).toEqual([]);
  const over = await offer(new Date(Date.now() - MINUTE));
  await eventually(
    () =>
      database.db.query(
        `SELECT m.statut FROM messages m JOIN participants p ON p.id = m.participant_id WHERE p.liste_attente_id = $1`,
        [over.id],
      ),
    (rows: { statut: string }[]) => rows.length === 1 && rows[0]!.statut === 'sans_objet',
  );
});

it('writes one link into every mail to one person, of which the database keeps the digest alone', async () => {
  const booked = await makeBooking(database.db);
  const { email, id } = booked.participants[0]!;
  await tell(booked, 'confirmation');
  await tell(booked, 'report', moved(booked.debut, 1));
  const links = (await mailsTo(email!, 2)).map(
    (content) => /https:\/\/regie\.example\/rdv\/gestion\/([\w-]{43})/.exec(textOf(content))![1]!,
  );
  expect(links[1]).toBe(links[0]);
  const [row] = await database.db.query(
    'SELECT jeton_hash, jeton_expire_le FROM participants WHERE id = $1',
    [id],
  );
  expect(row.jeton_hash.equals(hashJeton(links[0]!))).toBe(true);
  expect(row.jeton_expire_le > booked.fin).toBe(true);
  const stored = JSON.stringify(
    await database.db.query('SELECT donnees FROM messages WHERE participant_id = $1', [id]),
  );
  expect(stored).not.toContain(links[0]);
  await tell(booked, 'annulation', { statut: 'annule', sequence: 2 });
  const [after] = await database.db.query('SELECT jeton_hash FROM participants WHERE id = $1', [id]);
  expect(after.jeton_hash).toBeNull();
});

it('has whoever booked without an account confirm by a link that no other mail bears, and asks who came what they thought', async () => {
  const booked = await makeBooking(database.db, {
    ...{ statut: 'a_valider', attente: 'email', expire_le: new Date(Date.now() + 1_800_000) },
  });
  const { id, email } = booked.participants[0]!;
  await tell(booked, 'a_confirmer');
  const [first] = await mailsTo(email!, 1);
  const secrets = createSecrets(testConfig(database.url).dataKeys);
  const { jeton } = jetonDe(secrets, { id, uid: booked.uid });
  const link = `https://regie.example/rdv/gestion/${jeton}`;
  expect(textOf(first!)).toContain(`${link}?code=${codeDe(secrets, { id, uid: booked.uid })}`);
  expect(partsOf(first!).some(({ type }) => type.startsWith('text/calendar'))).toBe(false);
  await tell(booked, 'confirmation', { statut: 'confirme', attente: null, expire_le: null });
  const second = (await mailsTo(email!, 2))[1]!;
  expect([textOf(second).includes(link), textOf(second).includes('code=')]).toEqual([true, false]);

  const [fin, debut] = [new Date(Date.now() - 60_000), new Date(Date.now() - 3_600_000)];
  await database.db.query(
    `UPDATE rendez_vous SET statut = 'honore', debut = $2, fin = $3,
       prestation_id = $4 WHERE id = $1`,
    [booked.id, debut, fin, (await makePrestation(database.db, { avis: true })).id],
  );
  await database.db.query(`UPDATE participants SET statut = 'present' WHERE id = $1`, [id]);
  await database.db.transaction((tx) => suivreRendezVous(tx, booked.id, new Date()));
  const third = (await mailsTo(email!, 3))[2]!;
  expect(textOf(third)).toContain(link);
  expect(partsOf(third).some(({ type }) => type.startsWith('text/calendar'))).toBe(false);
});

it('tells everybody in their own language, by the clocks of the place first and by their own where they differ', async () => {
  const site = await makeSite(database.db, { fuseau_horaire: 'Europe/Paris' });
  const intervenant = await makeIntervenant(database.db);
  const prestation = await makePrestation(database.db, {
    site_id: site.id,
    intervenants: [intervenant.id],
    lieu: { type: 'adresse', valeur: '3, rue Neuve' },
  });
  const remote = await makePrestation(database.db, {
    site_id: site.id,
    intervenants: [intervenant.id],
    lieu: { type: 'visio', valeur: 'https://visio.example/salon' },
  });
  const participants = [
    { langue: 'fr', fuseau_horaire: 'Europe/Paris' },
    { langue: 'en', fuseau_horaire: 'America/New_York' },
    { langue: 'ar', fuseau_horaire: 'Africa/Tunis' },
  ];
  const debut = new Date('2031-03-04T09:00:00Z');
  const booked = await makeBooking(database.db, { prestation, intervenant, debut, participants });
  await tell(booked, 'confirmation');
  const far = await makeBooking(database.db, {
    prestation: remote,
    intervenant,
    debut: new Date('2031-03-05T09:00:00Z'),
    participants: [participants[1]!],
  });
  await tell(far, 'confirmation');
  const [french, english, arabic] = await Promise.all(
    booked.participants.map(async ({ email }) => textOf((await mailsTo(email!, 1))[0]!)),
  );
  expect(french).toMatch(/Rendez-vous confirmé[\s\S]*mardi 4 mars 2031 à 10:00 \(heure de Paris\)\./);
  expect(english).toMatch(/10:00 \(Paris time\), that is Tuesday 4 March 2031 at 04:00 \(New York time\)/);
  expect(arabic).toContain('تأكد موعدك');
  // Tunis shows the same as Paris in March: it is said once.
  expect(arabic).not.toContain('Tunis');
  const online = textOf((await mailsTo(far.participants[0]!.email!, 1))[0]!);
  expect(online).toMatch(/at 04:00 \(New York time\)/);
  expect(online).not.toContain('Paris');
});

it('tells of one seat that is given back its own reader alone, and of the end everybody else', async () => {
  const booked = await makeBooking(database.db, { participants: [{}, {}] });
  const [first, second] = booked.participants;
  await tell(booked, 'confirmation');
  await database.db.query(`UPDATE participants SET statut = 'annule' WHERE id = $1`, [second!.id]);
  await tell(booked, 'desistement', { sequence: 1 });
  await tell(booked, 'annulation', { statut: 'annule', sequence: 2 });
  await tell(booked, 'annulation');
  await mailsTo(first!.email!, 2);
  const rows: { modele: string; participant_id: number }[] = await database.db.query(
    'SELECT modele, participant_id FROM messages WHERE participant_id = ANY($1) ORDER BY id',
    [[first!.id, second!.id]],
  );
  expect(rows.map(({ modele, participant_id }) => [modele, participant_id])).toEqual([
    ['rdv_confirme', first!.id],
    ['rdv_confirme', second!.id],
    ['rdv_annule', second!.id],
    ['rdv_annule', first!.id],
  ]);
});

it('writes each event and sequence once, under a Message-ID that stays', async () => {
  const booked = await makeBooking(database.db);
  const { id, email } = booked.participants[0]!;
  await tell(booked, 'confirmation');
  await tell(booked, 'confirmation');
  await mailsTo(email!, 1);
  const rows = await database.db.query('SELECT message_id FROM messages WHERE participant_id = $1', [id]);
  expect(rows).toEqual([{ message_id: `<rendez-vous-${booked.id}-confirmation-0-p${id}@regie>` }]);
});

it('reminds by email and by text message, and drops what is no reminder any more when it leaves', async () => {
  const rappels = [
    { avant: 'PT2H', canal: 'email' },
    { avant: 'PT2H', canal: 'sms' },
  ] as const;
  const debut = new Date(Date.now() + 60 * MINUTE);
  const before = new Date(debut.getTime() - 24 * 60 * MINUTE);
  const known = async () => {
    const intervenant = await makeIntervenant(database.db);
    const prestation = await makePrestation(database.db, {
      intervenants: [intervenant.id],
      rappels: [...rappels],
    });
    await database.owner.query(
      `UPDATE prestations SET rappels_depuis = '{"PT2H email": "2020-01-01T00:00:00Z", "PT2H sms": "2020-01-01T00:00:00Z"}'
       WHERE id = $1`,
      [prestation.id],
    );
    return makeBooking(database.db, {
      prestation,
      intervenant,
      debut,
      horaire_depuis: before,
      participants: [
        { telephone: `+21266${String(Date.now()).slice(-5)}${Math.floor(Math.random() * 90 + 10)}` },
      ],
    });
  };
  const follow = (one: RendezVous) =>
    database.db.transaction((tx) => suivreRendezVous(tx, one.id, new Date()));
  const booked = await known();
  await follow(booked);
  const { email, telephone } = booked.participants[0]!;
  expect(textOf((await mailsTo(email!, 1))[0]!)).toContain('Rappel de rendez-vous');
  const [text] = await eventually(
    async () => gateway.sent.filter(({ a }) => a === telephone),
    (all) => all.length === 1,
  );
  expect(text!.texte).toMatch(/^Rappel de rendez-vous : .* \(heure de .*\)/);

  // Cancelled in the very moment: it waits in the outbox when nobody is to be reminded any more.
  const gone = await known();
  await database.db.transaction(async (tx) => {
    await suivreRendezVous(tx, gone.id, new Date());
    await tx.query(`UPDATE rendez_vous SET statut = 'annule', sequence = 1 WHERE id = $1`, [gone.id]);
  });
  await eventually(
    () =>
      database.db.query('SELECT statut FROM messages WHERE participant_id = $1', [gone.participants[0]!.id]),
    (rows: { statut: string }[]) => rows.length === 2 && rows.every(({ statut }) => statut === 'sans_objet'),
  );
  expect(gateway.sent.filter(({ a }) => a === gone.participants[0]!.telephone)).toEqual([]);
});

it('writes to whoever has no address by text message', async () => {
  const telephone = `+21267${String(Date.now()).slice(-7)}`;
  const booked = await makeBooking(database.db, { participants: [{ email: null, telephone }] });
  await tell(booked, 'confirmation');
  const [text] = await eventually(
    async () => gateway.sent.filter(({ a }) => a === telephone),
    (all) => all.length === 1,
  );
  expect(text!.texte).toMatch(/^Rendez-vous confirme|^Rendez-vous confirmé/);
});

it('tells those who receive what comes, moves and goes, with the same event, and whoever is freed that they are', async () => {
  const [one, two] = [await makeIntervenant(database.db), await makeIntervenant(database.db)];
  const prestation = await makePrestation(database.db, { intervenants: [one.id, two.id] });
  const booked = await makeBooking(database.db, { prestation, intervenant: one });
  await tell(booked, 'confirmation');
  const mailOf = async (userId: number) =>
    (await database.db.query('SELECT email FROM users WHERE id = $1', [userId]))[0].email as string;
  const [first, second] = [await mailOf(one.user_id), await mailOf(two.user_id)];
  await mailsTo(first, 1);
  await tell(booked, 'reaffectation', {
    intervenants: [two.id],
    user_ids: [two.user_id],
    sequence: 1,
  });
  await mailsTo(second, 1);
  await tell(booked, 'annulation', { statut: 'annule', sequence: 2 });
  const told = async (address: string, count: number) =>
    (await mailsTo(address, count)).map((content) => {
      const calendar = partsOf(content).find(({ type }) => type.startsWith('text/calendar'))!.body;
      return [valueIn(calendar, 'METHOD'), valueIn(calendar, 'UID'), valueIn(calendar, 'SEQUENCE')];
    });
  const uid = `rendez-vous-${booked.uid}`;
  expect(await told(first, 2)).toEqual([
    ['REQUEST', uid, '0'],
    ['CANCEL', uid, '1'],
  ]);
  expect(await told(second, 2)).toEqual([
    ['REQUEST', uid, '1'],
    ['CANCEL', uid, '2'],
  ]);
  const notified = await database.db.query(
    'SELECT titre FROM notifications WHERE destinataire_id = $1 ORDER BY id',
    [one.user_id],
  );
  expect(notified).toEqual([
    { titre: 'Nouveau rendez-vous' },
    { titre: 'Rendez-vous retiré de votre agenda' },
  ]);
});
