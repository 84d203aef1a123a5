import type { RendezVousAnswer } from '../../src/services/rendez-vous/lecture';
import { startTestApi, type TestApi } from '../support/api';
import type { Client } from '../support/client';
import { weekdayAhead } from '../support/days';
import { makeIntervenant, makePrestation, makeSalle, makeSite } from '../support/factories';
import { statementsDuring } from '../support/queries';

let api: TestApi;
let admin: Client;
let client: Client;
let other: Client;

beforeAll(async () => {
  api = await startTestApi();
  admin = (await api.newPerson('admin')).client;
  client = (await api.newPerson('client')).client;
  other = (await api.newPerson('client')).client;
});
afterAll(() => api.close());

/** A Tuesday two weeks ahead, on which nothing is a holiday in the country of these people. */
const TUESDAY = weekdayAhead(2);
const at = (time: string) => `${TUESDAY}T${time}:00Z`;

/** Somebody who works on Tuesdays from nine to noon, by the clocks of UTC. */
const somebody = (given: object = {}) =>
  makeIntervenant(api.db, { fuseau_horaire: 'UTC', pays: 'BE', horaires: { 2: [[540, 720]] }, ...given });
const offered = async (given: object = {}, people = 1) => {
  const intervenants = await Promise.all(Array.from({ length: people }, () => somebody()));
  const prestation = await makePrestation(api.db, {
    intervenants: intervenants.map(({ id }) => id),
    ...given,
  });
  return { ...prestation, people: intervenants };
};
const SAMIRA = { nom: 'Samira Alaoui', email: 'samira@exemple.ma' };
const book = (by: Client, prestation: string, time: string, more: object = {}) =>
  by.post('/rendez-vous', { prestation, debut: at(time), participants: [SAMIRA], ...more });
const hold = (by: Client, prestation: string, time: string) =>
  by.post('/retenues', { prestation, debut: at(time) });
const act = (
  by: Client,
  uid: string,
  acte: string,
  body: object = {},
  headers: Record<string, string> = {},
) =>
  by.send('PUT', `/rendez-vous/${uid}/${acte}`, {
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...headers },
  });
const starts = async (by: Client, slug: string, more = '') => {
  const { body } = await by.get(
    `/creneaux?prestation=${slug}&debut=${TUESDAY}&fin=${TUESDAY}&fuseau_horaire=UTC${more}`,
  );
  return ((body[TUESDAY] ?? []) as { debut: string }[]).map(({ debut }) => debut.slice(11, 16));
};
const told = ({ status, body }: { status: number; body: { code?: string } }) => [status, body.code];
/** Puts the clocks of what is held forward. */
const overdue = (uid: string) =>
  api.db.query(`UPDATE rendez_vous SET expire_le = now() - interval '1 second' WHERE uid = $1`, [uid]);
const soon = (uid: string, minutes: number) =>
  api.db.query(
    `UPDATE rendez_vous SET debut = now() + make_interval(mins => $2), fin = now() + make_interval(mins => $2 + 30)
     WHERE uid = $1`,
    [uid, minutes],
  );

describe('a booking', () => {
  it('takes the time of who receives, and is read by its uid', async () => {
    const { slug, people } = await offered();
    const reply = await book(client, slug, '09:30');
    expect([reply.status, reply.headers.get('etag')]).toEqual([201, '"0"']);
    expect(reply.body).toMatchObject({
      statut: 'confirme',
      origine: 'client',
      intervenants: [people[0]!.id],
      prestation: { slug },
      sequence: 0,
      participants: [{ ...SAMIRA, statut: 'attendu', langue: 'fr' }],
    });
    expect(reply.body.uid).toMatch(/^[\w-]{22}$/);
    expect(await starts(client, slug)).toEqual(['09:00', '10:00', '10:30', '11:00', '11:30']);
    expect((await client.get(`/rendez-vous/${reply.body.uid}`)).body).toEqual(reply.body);
    expect((await other.get(`/rendez-vous/${reply.body.uid}`)).status).toBe(404);
    expect((await client.get('/rendez-vous?statut=confirme')).body).toContainEqual(reply.body);
  });

  it('is refused where it cannot be had, with the next three that can', async () => {
    const { slug } = await offered({ preavis: { creer: 60, modifier: 0, annuler: 0 } });
    await book(client, slug, '09:30');
    const taken = await book(other, slug, '09:30');
    expect([...told(taken), taken.body.alternatives.map(({ debut }: { debut: string }) => debut)]).toEqual([
      409,
      'CRENEAU_PRIS',
      ['10:00', '10:30', '11:00'].map((time) => `${TUESDAY}T${time}:00+00:00`),
    ]);
    expect(told(await book(other, slug, '09:40'))).toEqual([409, 'HORS_DISPONIBILITE']);
    const elsewhere = (debut: string) =>
      other.post('/rendez-vous', { prestation: slug, debut, participants: [SAMIRA] });
    expect(told(await elsewhere(new Date(Date.now() + 60_000).toISOString()))).toEqual([409, 'PREAVIS']);
    expect(told(await elsewhere('2031-01-07T09:00:00Z'))).toEqual([409, 'HORS_FENETRE']);
    expect(told(await book(other, 'nowhere', '09:00'))).toEqual([404, 'INTROUVABLE']);
  });

  it('keeps what is free around it free, of rooms and of people whatever takes them', async () => {
    const site = await makeSite(api.db, { fuseau_horaire: 'UTC', pays: 'BE' });
    const room = await makeSalle(api.db, { site_id: site.id, etiquettes: ['seule'] });
    const needs = { site_id: site.id, salles: [{ etiquettes: ['seule'], nombre: 1 }], tampon_apres: 10 };
    const [one, two] = [await offered(needs), await offered({ ...needs, pas: 5 })];
    expect((await book(client, one.slug, '09:00')).body.salles).toEqual([room.id]);
    expect((await starts(client, two.slug))[0]).toBe('09:40');
  });

  it('answers the questions that are asked', async () => {
    const { slug } = await offered({
      questions: [
        { nom: 'sujet', libelle: 'Sujet', type: 'texte', obligatoire: true },
        { nom: 'taille', libelle: 'Taille', type: 'choix', obligatoire: false, choix: ['S', 'M'] },
      ],
    });
    const faults = async (reponses: object) =>
      (await book(client, slug, '09:00', { reponses })).body.erreurs?.map(
        ({ champ }: { champ: string }) => champ,
      );
    expect(await faults({})).toEqual(['reponses.sujet']);
    expect(await faults({ sujet: 'Bail', taille: 'XL', age: 3 })).toEqual([
      'reponses.age',
      'reponses.taille',
    ]);
    const reponses = { sujet: 'Bail', taille: 'M' };
    expect((await book(client, slug, '09:00', { reponses })).body.reponses).toEqual(reponses);
  });

  it('happens once for an Idempotency-Key', async () => {
    const { slug } = await offered();
    const body = JSON.stringify({ prestation: slug, debut: at('09:00'), participants: [SAMIRA] });
    const headers = { 'content-type': 'application/json', 'Idempotency-Key': 'once' };
    const [first, second] = [
      await client.send('POST', '/rendez-vous', { body, headers }),
      await client.send('POST', '/rendez-vous', { body, headers }),
    ];
    expect([first.status, second.status, second.body]).toEqual([201, 201, first.body]);
  });

  it('counts against caps, of the prestation and of the client', async () => {
    const { slug } = await offered({ plafonds: { par_jour: 2 } });
    await book(client, slug, '09:00');
    await book(client, slug, '10:00');
    expect(await starts(client, slug)).toEqual([]);
    expect(told(await book(client, slug, '11:00'))).toEqual([409, 'PLAFOND']);
    const own = await offered({ plafonds: { par_client_actifs: 1 } });
    const { body } = await book(client, own.slug, '09:00');
    expect(told(await book(client, own.slug, '10:00'))).toEqual([409, 'PLAFOND']);
    expect([await starts(client, own.slug), (await starts(other, own.slug)).length]).toEqual([[], 5]);
    expect(
      (await book(other, own.slug, '10:00', { participants: [{ ...SAMIRA, email: 'autre@exemple.ma' }] }))
        .status,
    ).toBe(201);
    // What is moved does not count against itself.
    expect((await act(client, body.uid, 'reporter', { debut: at('11:00') })).status).toBe(200);
  });

  it('of a client who has as many as one may is refused as it is listed: nothing else is free for them', async () => {
    const given = { plafonds: { par_client_actifs: 1 }, preavis: { creer: 60, modifier: 0, annuler: 0 } };
    const { slug } = await offered(given);
    const held = await hold(client, slug, '11:00');
    expect((await book(client, slug, '09:00', { retenue: held.body.uid })).body.code).toBe('RETENUE_EXPIREE');
    await book(client, slug, '09:00');
    const over = await book(client, slug, '10:00');
    expect([...told(over), over.body.alternatives]).toEqual([409, 'PLAFOND', []]);
    const soonest = new Date(Date.now() + 60_000).toISOString();
    const late = await client.post('/rendez-vous', {
      ...{ prestation: slug, debut: soonest, participants: [SAMIRA] },
    });
    expect([...told(late), late.body.alternatives]).toEqual([409, 'PREAVIS', []]);
    // By the address that they gave, too, whoever books for them.
    const named = await book(admin, slug, '10:00');
    expect([...told(named), named.body.alternatives]).toEqual([409, 'PLAFOND', []]);
    const again = await hold(other, slug, '10:00');
    expect(told(await book(other, slug, '10:00', { retenue: again.body.uid }))).toEqual([409, 'PLAFOND']);
  });

  it('that asks for one of those who come together, or who always come, has all of them', async () => {
    const together = await offered({ mode: 'collectif' }, 2);
    const [first, second] = together.people.map(({ id }) => id);
    await book(other, together.slug, '09:00');
    expect(await starts(client, together.slug, `&intervenant_id=${first}`)).toHaveLength(5);
    const both = await book(client, together.slug, '10:00', { intervenant_id: first });
    expect(new Set(both.body.intervenants)).toEqual(new Set([first, second]));

    const led = await offered({}, 2);
    const [chief, helper] = led.people.map(({ id }) => id);
    await api.db.query(
      'UPDATE prestations_intervenants SET obligatoire = true WHERE prestation_id = $1 AND intervenant_id = $2',
      [led.id, chief],
    );
    const { intervenants } = (await book(client, led.slug, '09:00', { intervenant_id: chief })).body;
    expect(new Set(intervenants)).toEqual(new Set([chief, helper]));
  });

  it('takes a constant number of statements', async () => {
    const cost = async (people: number) => {
      const { slug } = await offered({ mode: 'tour_de_role' }, people);
      return (await statementsDuring(() => book(client, slug, '09:00'))).length;
    };
    const [few, many] = [await cost(1), await cost(12)];
    expect(many).toBe(few);
  });
});

describe('a hold', () => {
  it('takes the time for others and not for its holder, and becomes the booking with its uid', async () => {
    const { slug } = await offered();
    const held = await hold(client, slug, '09:00');
    expect(held.status).toBe(201);
    expect([(await starts(client, slug))[0], (await starts(other, slug))[0]]).toEqual(['09:00', '09:30']);
    expect(told(await book(other, slug, '09:00'))).toEqual([409, 'CRENEAU_PRIS']);
    expect((await client.get(`/rendez-vous/${held.body.uid}`)).status).toBe(404);
    const booked = await book(client, slug, '09:00', { retenue: held.body.uid });
    expect([booked.status, booked.body.uid, booked.body.expire_le]).toEqual([201, held.body.uid, null]);
    expect(await starts(client, slug)).not.toContain('09:00');
  });

  it('is one of each caller, and ends when it is let go, when they book, or after five minutes', async () => {
    const { slug } = await offered();
    const first = await hold(client, slug, '09:00');
    const second = await hold(client, slug, '09:30');
    expect(await starts(other, slug)).toEqual(['09:00', '10:00', '10:30', '11:00', '11:30']);
    expect(told(await book(client, slug, '09:00', { retenue: first.body.uid }))).toEqual([
      409,
      'RETENUE_EXPIREE',
    ]);
    expect((await other.delete(`/retenues/${second.body.uid}`)).status).toBe(404);
    expect((await client.delete(`/retenues/${second.body.uid}`)).status).toBe(204);
    expect(await starts(other, slug)).toHaveLength(6);

    const late = await hold(client, slug, '09:00');
    await overdue(late.body.uid);
    expect(await starts(other, slug)).toHaveLength(6);
    expect(told(await book(client, slug, '09:00', { retenue: late.body.uid }))).toEqual([
      409,
      'RETENUE_EXPIREE',
    ]);
    expect((await book(other, slug, '09:00')).status).toBe(201);
    await hold(client, slug, '10:00');
    expect((await book(client, slug, '10:30')).status).toBe(201);
    expect(await starts(other, slug)).toEqual(['09:30', '10:00', '11:00', '11:30']);
  });
});

describe('a workshop', () => {
  it('is shared until it is full, each booking its own', async () => {
    const { slug } = await offered({ places: 3 });
    const [one, two] = [
      await book(client, slug, '09:00'),
      await book(other, slug, '09:00', { participants: [SAMIRA, SAMIRA] }),
    ];
    expect([one.status, two.status, two.body.places]).toEqual([201, 201, 2]);
    expect(told(await book(client, slug, '09:00'))).toEqual([409, 'CRENEAU_PRIS']);
    const left = await act(other, two.body.uid, `participants/${two.body.participants[0].id}/annuler`);
    expect([left.status, left.body.statut, left.body.places, left.body.sequence]).toEqual([
      200,
      'confirme',
      1,
      1,
    ]);
    const { body } = await client.get(`/creneaux?prestation=${slug}&debut=${TUESDAY}&fin=${TUESDAY}`);
    expect(body[TUESDAY]).toHaveLength(6);
    expect((await book(client, slug, '09:00')).status).toBe(201);
    expect((await client.get(`/rendez-vous/${one.body.uid}`)).body.statut).toBe('confirme');
    const last = await act(other, two.body.uid, `participants/${two.body.participants[1].id}/annuler`);
    expect(last.body.statut).toBe('annule');
  });
});

describe('a turn', () => {
  it('is of who has least, by weight, and says why to members alone', async () => {
    const { slug, people, id } = await offered({ mode: 'tour_de_role' }, 2);
    await api.db.query(
      'UPDATE prestations_intervenants SET poids = 2 WHERE prestation_id = $1 AND intervenant_id = $2',
      [id, people[1]!.id],
    );
    const given: RendezVousAnswer[] = [];
    for (const time of ['09:00', '09:30', '10:00', '10:30', '11:00', '11:30'])
      given.push((await book(client, slug, time)).body);
    const count = (index: number) =>
      given.filter(({ intervenants }) => intervenants[0] === people[index]!.id).length;
    expect([count(0), count(1)]).toEqual([2, 4]);
    expect(given[0]!.raison_affectation).toBeNull();
    const { body } = await admin.get(`/rendez-vous/${given[1]!.uid}`);
    expect(body.raison_affectation).toMatchObject({ id: body.intervenants[0], critere: expect.any(String) });
  });

  it('is shared within one by weight, also with somebody who joins, absences, cancellations and people who do not come', async () => {
    const day = (offset: number) =>
      new Date(Date.parse(TUESDAY) + offset * 86_400_000).toISOString().slice(0, 10);
    // All of one month, the next one in which nothing is today: the day that nobody came on is another one's.
    const first = `${day(21).slice(0, 7)}-01`;
    const month = Array.from({ length: 28 }, (_, index) =>
      new Date(Date.parse(first) + index * 86_400_000).toISOString().slice(0, 10),
    );
    const everyDay = Object.fromEntries([1, 2, 3, 4, 5, 6, 7].map((weekday) => [weekday, [[540, 720]]]));
    const away = [{ date_debut: month[9]!, date_fin: month[12]!, motif: null, remplacant_id: null }];
    const people = [
      await somebody({ horaires: everyDay }),
      await somebody({ horaires: everyDay, absences: away }),
      await somebody({ horaires: everyDay }),
    ];
    const ids = people.map(({ id }) => id);
    const poids = [1, 2, 1];
    const among = (count: number) => ids.slice(0, count).map((id, index) => ({ id, poids: poids[index] }));
    const created = await admin.post('/prestations', {
      ...{ slug: `tour-${Date.now()}`, nom: 'Conseil', durees: [30], mode: 'tour_de_role', pas: 30 },
      ...{ fenetre: { date_debut: first, date_fin: month[27] }, intervenants: among(2) },
    });
    expect(created.status).toBe(201);
    const { id, slug } = created.body;

    const booked: { uid: string; who: number; rank: number }[] = [];
    const standing = (before = 120) =>
      ids.map((one) => booked.filter(({ who, rank }) => who === one && rank < before).length);
    /** Each at a time of its own, so that it is nobody's turn for want of others but where one is away. */
    const bookSixty = async (from: number) => {
      for (let n = 0; n < 60; n++) {
        const minutes = 540 + 30 * Math.floor((from + n) / 28);
        const debut = new Date(Date.parse(month[(from + n) % 28]!) + minutes * 60_000).toISOString();
        const { status, body } = await admin.post('/rendez-vous', {
          ...{ prestation: slug, debut, participants: [SAMIRA] },
        });
        expect([status, body.raison_affectation.id]).toEqual([201, body.intervenants[0]]);
        expect(['seul', 'charge', 'priorite', 'anciennete', 'rang']).toContain(
          body.raison_affectation.critere,
        );
        booked.push({ uid: body.uid, who: body.intervenants[0], rank: from + n });
        if (n % 7 === 3 && n < 40) {
          const [gone] = booked.splice(n % booked.length, 1);
          if (n % 2 === 0) await act(admin, gone!.uid, 'annuler');
          else {
            await soon(gone!.uid, -5);
            expect((await act(admin, gone!.uid, 'absent')).body.statut).toBe('absent');
          }
        }
      }
    };
    await bookSixty(0);
    const half = standing();
    expect(half[0]! + half[1]!).toBeGreaterThan(30);
    expect(Math.abs(half[1]! - 2 * half[0]!)).toBeLessThanOrEqual(2);

    expect((await admin.patch(`/prestations/${id}`, { intervenants: among(3) })).status).toBe(200);
    await bookSixty(60);
    const end = standing();
    // As if who joined had had their share of what the others had, as far as that still counts.
    const before = standing(60);
    const credit = (before[0]! + before[1]! / 2) / 2;
    const share = (end.reduce((sum, count) => sum + count, 0) + credit) / 4;
    const missing = [end[0]! - share, end[1]! - 2 * share, end[2]! + credit - share];
    for (const one of missing) expect(Math.abs(one)).toBeLessThanOrEqual(1);
  });
});

describe('a request', () => {
  it('occupies its time until somebody of the house answers', async () => {
    const { slug } = await offered({ confirmation: 'a_valider' });
    const { body } = await book(client, slug, '09:00');
    expect([body.statut, typeof body.expire_le]).toEqual(['a_valider', 'string']);
    expect(told(await book(other, slug, '09:00'))).toEqual([409, 'CRENEAU_PRIS']);
    expect(told(await act(client, body.uid, 'confirmer'))).toEqual([403, 'INTERDIT']);
    const yes = await act(admin, body.uid, 'confirmer', {}, { 'If-Match': '"0"' });
    expect([yes.body.statut, yes.body.sequence, yes.body.expire_le]).toEqual(['confirme', 1, null]);
    expect(told(await act(admin, body.uid, 'refuser'))).toEqual([409, 'TRANSITION_INVALIDE']);
    const second = await book(client, slug, '10:00');
    expect((await act(admin, second.body.uid, 'refuser', { motif: 'Complet' })).body).toMatchObject({
      statut: 'refuse',
      motif_annulation: 'Complet',
    });
    expect(await starts(other, slug)).toContain('10:00');
  });
});

describe('a change', () => {
  it('of the time keeps answers, people who come and the uid, and raises the sequence', async () => {
    const questions = [{ nom: 'sujet', libelle: 'Sujet', type: 'texte' as const, obligatoire: true }];
    const { slug, people } = await offered({ questions }, 2);
    const participants = [SAMIRA, { nom: 'Un invité', email: 'invite@exemple.ma' }];
    const reponses = { sujet: 'Bail' };
    const before = (
      await book(client, slug, '09:00', { intervenant_id: people[1]!.id, participants, reponses })
    ).body;
    // A time that overlaps its own, and the same person.
    const moved = await act(client, before.uid, 'reporter', { debut: at('09:30') }, { 'If-Match': '"0"' });
    expect(moved.body).toMatchObject({
      uid: before.uid,
      sequence: 1,
      debut: new Date(at('09:30')).toISOString(),
      intervenants: [people[1]!.id],
      participants: before.participants,
      reponses,
    });
    expect(moved.body.participants).toHaveLength(2);
    expect(
      told(await act(client, before.uid, 'reporter', { debut: at('10:00') }, { 'If-Match': '"0"' })),
    ).toEqual([412, 'VERSION_PERIMEE']);
    expect(
      await starts(client, slug, `&report_de=${before.uid}&intervenant_id=${people[1]!.id}`),
    ).toHaveLength(6);
    expect(await starts(client, slug, `&intervenant_id=${people[1]!.id}`)).toHaveLength(5);
    const { status, body } = await other.get(
      `/creneaux?prestation=${slug}&debut=${TUESDAY}&fin=${TUESDAY}&report_de=${before.uid}`,
    );
    expect([status, body.erreurs?.[0].champ]).toEqual([422, 'report_de']);
    // The old time is free for others, and a taken one is refused as in booking.
    expect((await book(other, slug, '09:00', { intervenant_id: people[1]!.id, reponses })).status).toBe(201);
    await book(other, slug, '11:00', { intervenant_id: people[0]!.id, reponses });
    await book(other, slug, '11:00', { intervenant_id: people[1]!.id, reponses });
    expect(told(await act(client, before.uid, 'reporter', { debut: at('11:00') }))).toEqual([
      409,
      'CRENEAU_PRIS',
    ]);
  });

  it('of the time to what one holds uses the hold up', async () => {
    const { slug } = await offered();
    const { uid } = (await book(client, slug, '09:00')).body;
    await hold(client, slug, '10:00');
    expect(await starts(client, slug, `&report_de=${uid}`)).toContain('10:00');
    expect(told(await act(other, uid, 'reporter', { debut: at('10:00') }))).toEqual([404, 'INTROUVABLE']);
    expect((await act(client, uid, 'reporter', { debut: at('10:00') })).status).toBe(200);
    const [{ held }] = await api.db.query(
      `SELECT count(*)::integer AS held FROM rendez_vous b JOIN prestations f ON f.id = b.prestation_id
       WHERE f.slug = $1 AND b.statut = 'retenu'`,
      [slug],
    );
    expect(held).toBe(0);
  });

  it('leaves its time to be booked again, also by the same person as before', async () => {
    const { slug, people } = await offered({}, 2);
    const [first, second] = people.map(({ id }) => id);
    const asked = { intervenant_id: first };
    const before = (await book(client, slug, '09:00', asked)).body;
    expect((await act(client, before.uid, 'annuler')).status).toBe(200);
    const again = await book(client, slug, '09:00', asked);
    expect([again.status, again.body.uid === before.uid]).toEqual([201, false]);
    // Whoever has been given to somebody else can be booked in their former place, too.
    expect((await act(admin, again.body.uid, 'reaffecter', { intervenant_id: second })).status).toBe(200);
    expect((await book(client, slug, '09:00', asked)).status).toBe(201);
    expect(told(await book(client, slug, '09:00'))).toEqual([409, 'CRENEAU_PRIS']);
    // And what was cancelled is not to be moved any more.
    expect(told(await act(client, before.uid, 'reporter', { debut: at('10:00') }))).toEqual([
      409,
      'TRANSITION_INVALIDE',
    ]);
  });

  it('is one for an Idempotency-Key, whatever has become of it meanwhile', async () => {
    const { slug } = await offered();
    const { uid } = (await book(client, slug, '09:00')).body;
    const once = { 'Idempotency-Key': `move-${uid}` };
    const first = await act(client, uid, 'reporter', { debut: at('10:00') }, once);
    const cancelled = await act(client, uid, 'annuler', {}, { 'Idempotency-Key': `cancel-${uid}` });
    expect([cancelled.status, cancelled.body.sequence]).toEqual([200, 2]);
    const replayed = await act(client, uid, 'reporter', { debut: at('10:00') }, once);
    expect([replayed.status, replayed.body]).toEqual([200, first.body]);
    expect(await starts(other, slug)).toHaveLength(6);
  });

  it('by who booked is possible in time; the house is held to no notice', async () => {
    const { slug } = await offered({ preavis: { creer: 0, modifier: 120, annuler: 120 } });
    const { uid } = (await book(client, slug, '09:00')).body;
    const instead = async (by: Client) => (await starts(by, slug, `&report_de=${uid}`)).length;
    expect([await instead(client), await instead(admin)]).toEqual([6, 6]);
    await soon(uid, 60);
    expect([await instead(client), await instead(admin)]).toEqual([0, 6]);
    expect(told(await act(client, uid, 'reporter', { debut: at('10:00') }))).toEqual([409, 'PREAVIS']);
    expect((await act(admin, uid, 'reporter', { debut: at('10:00') })).status).toBe(200);
    await soon(uid, 60);
    expect((await act(client, uid, 'annuler', { motif: 'Malade' })).body).toMatchObject({
      statut: 'annule',
      annule_par: 'client',
      tardif: true,
      sequence: 2,
      participants: [{ statut: 'annule' }],
    });
    expect(await starts(other, slug)).toHaveLength(6);
    const begun = (await book(client, slug, '09:30')).body;
    await soon(begun.uid, -5);
    expect(told(await act(client, begun.uid, 'annuler'))).toEqual([409, 'PREAVIS']);
  });

  it('of what happened is said by the house, and undone the same day', async () => {
    const { slug } = await offered();
    const { uid } = (await book(client, slug, '09:00')).body;
    expect(told(await act(admin, uid, 'absent'))).toEqual([409, 'TRANSITION_INVALIDE']);
    await soon(uid, -5);
    expect((await act(admin, uid, 'absent')).body).toMatchObject({ statut: 'absent', sequence: 0 });
    expect((await act(admin, uid, 'arriver')).body.statut).toBe('arrive');
    expect((await act(admin, uid, 'absent')).body.statut).toBe('absent');
    await api.db.query(
      `UPDATE rendez_vous SET date_modification = now() - interval '2 days' WHERE uid = $1`,
      [uid],
    );
    expect(told(await act(admin, uid, 'honorer'))).toEqual([409, 'TRANSITION_INVALIDE']);
  });

  it('of who receives frees who did', async () => {
    const { slug, people } = await offered({ mode: 'tour_de_role' }, 2);
    const { uid, intervenants } = (await book(client, slug, '09:00')).body;
    const next = people.find(({ id }) => id !== intervenants[0])!.id;
    expect((await act(admin, uid, 'reaffecter', { intervenant_id: next })).body).toMatchObject({
      intervenants: [next],
      sequence: 1,
    });
    expect(await starts(client, slug, `&intervenant_id=${intervenants[0]}`)).toContain('09:00');
    await book(other, slug, '09:00');
    expect(told(await act(admin, uid, 'reaffecter', { intervenant_id: intervenants[0] }))).toEqual([
      409,
      'CRENEAU_PRIS',
    ]);
  });

  it('is in the history, without what people said of themselves', async () => {
    const { slug } = await offered();
    const { uid, id } = (await book(client, slug, '09:00')).body;
    await act(client, uid, 'reporter', { debut: at('10:00') });
    await act(client, uid, 'annuler', { motif: 'Malade' });
    const lines = await api.db.query(
      `SELECT action, avant, apres FROM historique WHERE entite = 'rendez_vous' AND entite_id = $1 ORDER BY id`,
      [id],
    );
    expect(lines.map(({ action }: { action: string }) => action)).toEqual([
      'confirmation',
      'report',
      'annulation',
    ]);
    expect(lines[1].avant).toMatchObject({ sequence: 0, statut: 'confirme' });
    expect(JSON.stringify(lines)).not.toMatch(/samira|Malade/i);
  });
});
