import { startTestApi, type TestApi } from '../support/api';
import type { Client } from '../support/client';
import { weekdayAhead } from '../support/days';
import { makeIntervenant, makePrestation, makeSite } from '../support/factories';

/** Several appointments at once: checked whole, made in one transaction, answered one by one, told once. */

let api: TestApi;
let admin: Client;
let client: Client;
let clientId: number;

beforeAll(async () => {
  api = await startTestApi();
  admin = (await api.newPerson('admin')).client;
  const person = await api.newPerson('client');
  client = person.client;
  clientId = person.user.id;
});
afterAll(() => api.close());

/** A Tuesday some days ahead. */
const TUESDAY = weekdayAhead(2, 7);
/** So many weeks later, at a time of the clocks of UTC. */
const week = (n: number, time = '09:00') =>
  `${new Date(Date.parse(TUESDAY) + n * 7 * 86_400_000).toISOString().slice(0, 10)}T${time}:00.000Z`;

const somebody = () =>
  makeIntervenant(api.db, { fuseau_horaire: 'UTC', pays: 'BE', horaires: { 2: [[540, 720]] } } as never);
/** Offered on Tuesdays from nine to noon, by the clocks of UTC. */
const offered = async (given: object = {}, people = 1) => {
  const site = await makeSite(api.db, { fuseau_horaire: 'UTC', pays: 'BE' });
  const intervenants = await Promise.all(Array.from({ length: people }, somebody));
  const ids = intervenants.map(({ id }) => id);
  const more = { site_id: site.id, rejouer_regle: 8, ...given };
  const prestation = await makePrestation(api.db, { intervenants: ids, ...more });
  return { ...prestation, people: ids };
};
const SAMIRA = { nom: 'Samira Alaoui', email: 'samira@exemple.ma' };
interface Asked {
  debut?: string;
  regle?: string;
  en_conflit?: 'echouer' | 'sauter';
  key?: string;
  more?: object;
}
const bookSeries = (
  by: Client,
  prestation: string,
  { debut = week(0), regle = 'FREQ=WEEKLY;COUNT=4', en_conflit, key, more = {} }: Asked = {},
) =>
  by.send('POST', '/rendez-vous', {
    body: JSON.stringify({
      prestation,
      debut,
      participants: [SAMIRA],
      recurrence: { regle, en_conflit },
      ...more,
    }),
    headers: { 'content-type': 'application/json', ...(key && { 'idempotency-key': key }) },
  });
const book = (by: Client, prestation: string, debut: string) =>
  by.post('/rendez-vous', { prestation, debut, participants: [SAMIRA] });

interface Occurrence {
  debut: string;
  id: number | null;
  uid: string | null;
  code: string | null;
  raison: string | null;
  alternatives: { debut: string }[];
}
const codesOf = (body: { occurrences: Occurrence[] }) =>
  body.occurrences.map(({ debut, uid, code }) => [debut, code ?? (uid === null ? 'nothing' : 'made')]);
const madeUids = (body: { occurrences: Occurrence[] }) => body.occurrences.flatMap(({ uid }) => uid ?? []);
const countOf = async (slug: string): Promise<number> => {
  const [row] = await api.db.query(
    `SELECT count(*)::integer AS n FROM rendez_vous b JOIN prestations f ON f.id = b.prestation_id
     WHERE f.slug = $1 AND b.statut <> 'retenu'`,
    [slug],
  );
  return row.n;
};
interface Mail {
  modele: string;
  canal: string;
  donnees: { rendez_vous: { uid: string; debut: string }[]; sautees: string[] };
}
/** What those are told who come to any of these. */
const toldOf = (uids: readonly string[]): Promise<Mail[]> =>
  api.db.query(
    `SELECT m.modele, m.canal, m.donnees FROM messages m JOIN participants p ON p.id = m.participant_id
     JOIN rendez_vous b ON b.id = p.rendez_vous_id WHERE b.uid = ANY($1) ORDER BY m.id`,
    [uids],
  );

describe('a series', () => {
  it('is booked whole, answered one by one, found by its id, and told once', async () => {
    const { slug, people } = await offered({}, 2);
    const reply = await bookSeries(client, slug);
    expect(reply.status).toBe(201);
    expect(codesOf(reply.body)).toEqual([0, 1, 2, 3].map((n) => [week(n), 'made']));
    const uids = madeUids(reply.body);
    expect(new Set(uids).size).toBe(4);

    const listed = await client.get(`/rendez-vous?serie_id=${reply.body.serie_id}`);
    expect(listed.body.map((one: { uid: string }) => one.uid)).toEqual(uids);
    expect(listed.headers.get('x-total-count')).toBe('4');
    // The same person all along, where the house chooses one.
    expect(new Set(listed.body.map((one: { intervenants: number[] }) => String(one.intervenants)))).toEqual(
      new Set([String(people[0])]),
    );
    expect(listed.body[2]).toMatchObject({
      statut: 'confirme',
      demandeur_id: clientId,
      serie_id: reply.body.serie_id,
      participants: [SAMIRA],
    });

    const told = await toldOf(uids);
    expect(told.map(({ modele, canal }) => [modele, canal])).toEqual([['rdv_serie', 'email']]);
    expect(told[0]!.donnees.rendez_vous.map(({ uid }) => uid)).toEqual(uids);
    const [receives] = await api.db.query(
      `SELECT count(*)::integer AS n FROM messages WHERE modele = 'agenda_serie' AND sujet = $1 AND canal = 'email'`,
      [`serie:${reply.body.serie_id}`],
    );
    expect(receives.n).toBe(1);
    for (const uid of uids) {
      const { body } = await admin.get(`/rendez-vous/${uid}/historique`);
      expect(body.map(({ action }: { action: string }) => action)).toEqual(['confirmation']);
    }
  });

  it('has each of it looked after by itself', async () => {
    const { slug } = await offered();
    const follow = jest.spyOn(api.app.engine, 'followRendezVousInBackground');
    const { body } = await bookSeries(client, slug);
    // A workflow each, as of every other appointment.
    expect(follow.mock.calls.flat()).toEqual(body.occurrences.map(({ id }: { id: number }) => id));
    follow.mockRestore();
    const rows = await api.db.query(
      `SELECT b.suivi_le IS NOT NULL AS followed, b.horaire_sequence, p.id FROM rendez_vous b
       JOIN participants p ON p.rendez_vous_id = b.id WHERE b.serie_id = $1`,
      [body.serie_id],
    );
    expect(rows).toHaveLength(4);
    for (const row of rows) expect(row).toMatchObject({ followed: true, horaire_sequence: 0 });
  });

  it('is refused where the service allows none, or fewer, or the rule cannot be', async () => {
    const faults = async (slug: string, asked: Asked = {}) => {
      const { status, body } = await bookSeries(client, slug, asked);
      return [status, body.code, body.erreurs?.[0].champ];
    };
    const none = await offered({ rejouer_regle: null });
    expect(await faults(none.slug)).toEqual([422, 'VALIDATION', 'recurrence']);
    const three = await offered({ rejouer_regle: 3 });
    expect(await faults(three.slug)).toEqual([422, 'VALIDATION', 'recurrence.regle']);
    expect(await faults(three.slug, { regle: 'FREQ=WEEKLY' })).toEqual([
      422,
      'VALIDATION',
      'recurrence.regle',
    ]);
    expect(await faults(three.slug, { regle: 'FREQ=WEEKLY;BYDAY=MO;COUNT=2' })).toEqual([
      422,
      'VALIDATION',
      'recurrence.regle',
    ]);
    expect(await faults('nowhere')).toEqual([404, 'INTROUVABLE', undefined]);
    expect(await countOf(three.slug)).toBe(0);
  });

  it('with `echouer` is refused whole, each that cannot be had named with times that can', async () => {
    const { slug } = await offered();
    await book(client, slug, week(1));
    await book(client, slug, week(3));
    const before = await api.db.query('SELECT count(*)::integer AS n FROM messages');
    const reply = await bookSeries(client, slug);
    expect([reply.status, reply.body.code]).toEqual([409, 'CRENEAU_PRIS']);
    expect(reply.headers.get('content-type')).toContain('application/problem+json');
    expect(codesOf(reply.body)).toEqual([
      [week(1), 'CRENEAU_PRIS'],
      [week(3), 'CRENEAU_PRIS'],
    ]);
    const [first, second] = reply.body.occurrences as Occurrence[];
    const instants = ({ alternatives }: Occurrence) =>
      alternatives.map(({ debut }) => new Date(debut).toISOString());
    expect(instants(first!)).toEqual(['09:30', '10:00', '10:30'].map((time) => week(1, time)));
    expect(instants(second!)).toEqual(['09:30', '10:00', '10:30'].map((time) => week(3, time)));
    expect(reply.body.alternatives).toEqual(first!.alternatives);
    expect(first!.raison).toBe('Ce créneau vient d’être pris');
    expect(await countOf(slug)).toBe(2);
    expect(await api.db.query('SELECT count(*)::integer AS n FROM messages')).toEqual(before);
  });

  it('with `sauter` is booked as far as it can be, and names what it leaves out', async () => {
    const { slug } = await offered();
    await book(client, slug, week(1));
    const reply = await bookSeries(client, slug, { en_conflit: 'sauter' });
    expect(reply.status).toBe(201);
    expect(codesOf(reply.body)).toEqual([
      [week(0), 'made'],
      [week(1), 'CRENEAU_PRIS'],
      [week(2), 'made'],
      [week(3), 'made'],
    ]);
    expect(reply.body.occurrences[1].alternatives).toHaveLength(3);
    const [told] = await toldOf(madeUids(reply.body));
    expect(told!.donnees.rendez_vous).toHaveLength(3);
    expect(told!.donnees.sautees).toEqual([week(1)]);

    // Of nothing that is free nothing is booked, and that is an error.
    const all = await offered();
    for (const n of [0, 1]) await book(client, all.slug, week(n));
    const none = await bookSeries(client, all.slug, {
      en_conflit: 'sauter',
      regle: 'FREQ=WEEKLY;COUNT=2',
    });
    expect([none.status, none.body.code, none.body.occurrences.length]).toEqual([409, 'CRENEAU_PRIS', 2]);
  });

  it('is judged one by one, with what the earlier ones of it take', async () => {
    const codes = async (slug: string, asked: Asked = {}, by = client) => {
      const { body } = await bookSeries(by, slug, { en_conflit: 'sauter', ...asked });
      return codesOf(body).map(([, code]) => code);
    };
    const soon = await offered({ fenetre: { date_debut: TUESDAY, date_fin: week(1).slice(0, 10) } });
    expect(await codes(soon.slug)).toEqual(['made', 'made', 'HORS_FENETRE', 'HORS_FENETRE']);
    const notice = await offered({ preavis: { creer: 21 * 24 * 60, modifier: 0, annuler: 0 } });
    expect((await codes(notice.slug)).slice(0, 2)).toEqual(['PREAVIS', 'PREAVIS']);
    const perClient = await offered({ plafonds: { par_client_actifs: 2 } });
    expect(await codes(perClient.slug)).toEqual(['made', 'made', 'PLAFOND', 'PLAFOND']);
    // Whoever books for others is known by the address of who comes.
    const perAddress = await offered({ plafonds: { par_client_actifs: 3 } });
    expect(await codes(perAddress.slug, {}, admin)).toEqual(['made', 'made', 'made', 'PLAFOND']);
    const open = Object.fromEntries([1, 2, 3, 4, 5, 6, 7].map((day) => [day, [[0, 1_440]]]));
    const always = await makeIntervenant(api.db, {
      fuseau_horaire: 'UTC',
      pays: 'BE',
      horaires: open,
    } as never);
    const weekly = await makePrestation(api.db, {
      intervenants: [always.id],
      plafonds: { par_semaine: 2 },
      rejouer_regle: 8,
    });
    expect(await codes(weekly.slug, { regle: 'FREQ=DAILY;COUNT=4' })).toEqual([
      'made',
      'made',
      'PLAFOND',
      'PLAFOND',
    ]);
    // What is kept free around one reaches the next.
    const wide = await makePrestation(api.db, {
      intervenants: [always.id],
      durees: [720],
      tampon_avant: 600,
      tampon_apres: 600,
      pas: 720,
      rejouer_regle: 8,
    });
    expect(await codes(wide.slug, { regle: 'FREQ=DAILY;COUNT=3', debut: week(4, '12:00') })).toEqual([
      'made',
      'CRENEAU_PRIS',
      'made',
    ]);
  });

  it('takes turns anew each time, and the places of a workshop for all who come', async () => {
    const turns = await offered({ mode: 'tour_de_role' }, 2);
    const { body } = await bookSeries(client, turns.slug);
    const listed = await admin.get(`/rendez-vous?serie_id=${body.serie_id}`);
    const counts = new Map<number, number>();
    for (const { intervenants, raison_affectation } of listed.body) {
      expect(raison_affectation).not.toBeNull();
      counts.set(intervenants[0], (counts.get(intervenants[0]) ?? 0) + 1);
    }
    expect([...counts.values()]).toEqual([2, 2]);

    // Three in one month and one in the next, of which nobody has any: whose last was longer ago has it.
    const month = (n: number) => week(n).slice(0, 7);
    const last = [3, 4, 5, 6, 7].find((n) => month(n) !== month(n - 1))!;
    const over = await offered({ mode: 'tour_de_role' }, 2);
    const across = (await bookSeries(client, over.slug, { debut: week(last - 3) })).body;
    const { body: parts } = await admin.get(`/rendez-vous?serie_id=${across.serie_id}&sort=debut`);
    const [one, another, ...more] = parts.map(
      ({ intervenants }: { intervenants: number[] }) => intervenants[0],
    );
    expect([month(last), one === another, more]).toEqual([parts[3].debut.slice(0, 7), false, [one, another]]);

    const workshop = await offered({ places: 3 });
    const two = [SAMIRA, { nom: 'Amal', email: 'amal@exemple.ma' }];
    const first = await bookSeries(client, workshop.slug, { more: { participants: two } });
    expect(codesOf(first.body).map(([, code]) => code)).toEqual(Array(4).fill('made'));
    const refused = await bookSeries(client, workshop.slug, { more: { participants: two } });
    expect([refused.status, refused.body.code]).toEqual([409, 'CRENEAU_PRIS']);
    const told = await toldOf(madeUids(first.body));
    expect(told.map(({ modele }) => modele)).toEqual(['rdv_serie', 'rdv_serie']);
    for (const { donnees } of told) expect(donnees.rendez_vous).toHaveLength(4);
  });

  it('makes the hold of its first the first, which keeps its uid', async () => {
    const { slug } = await offered();
    const held = await client.post('/retenues', { prestation: slug, debut: week(0) });
    const reply = await bookSeries(client, slug, { more: { retenue: held.body.uid } });
    expect(reply.body.occurrences[0].uid).toBe(held.body.uid);
    expect(codesOf(reply.body).map(([, code]) => code)).toEqual(Array(4).fill('made'));
    const gone = await bookSeries(client, slug, { debut: week(0, '10:00'), more: { retenue: 'unknown' } });
    expect([gone.status, gone.body.code]).toEqual([409, 'RETENUE_EXPIREE']);
  });

  it('waits for a yes as a whole where the service asks for one', async () => {
    const { slug } = await offered({ confirmation: 'a_valider' });
    const { body } = await bookSeries(client, slug);
    expect(body.occurrences.map(({ statut }: { statut: string }) => statut)).toEqual(
      Array(4).fill('a_valider'),
    );
    const uids = madeUids(body);
    expect((await toldOf(uids)).map(({ modele }) => modele)).toEqual(['rdv_serie_demande']);
    expect((await admin.put(`/rendez-vous/${uids[1]}/confirmer`, {})).body.statut).toBe('confirme');
    expect((await admin.get(`/rendez-vous/${uids[2]}`)).body.statut).toBe('a_valider');
  });

  it('happens once for an Idempotency-Key', async () => {
    const { slug } = await offered();
    const [first, second] = [
      await bookSeries(client, slug, { key: 'series-1' }),
      await bookSeries(client, slug, { key: 'series-1' }),
    ];
    expect([first!.status, second!.status]).toEqual([201, 201]);
    expect(second!.body).toEqual(first!.body);
    expect(second!.headers.get('idempotency-replayed')).toBe('true');
    expect(await countOf(slug)).toBe(4);
  });
});

describe('cancelling', () => {
  it('one leaves the others', async () => {
    const { slug } = await offered();
    const { body } = await bookSeries(client, slug);
    const uids = madeUids(body);
    await client.put(`/rendez-vous/${uids[1]}/annuler`, {});
    const states = await client.get(`/rendez-vous?serie_id=${body.serie_id}`);
    expect(states.body.map((one: { statut: string }) => one.statut)).toEqual([
      'confirme',
      'annule',
      'confirme',
      'confirme',
    ]);
    expect((await book(client, slug, week(1))).status).toBe(201);
  });

  it('one and the later ones frees them together, and tells of it once', async () => {
    const { slug } = await offered();
    const { body } = await bookSeries(client, slug);
    const uids = madeUids(body);
    await client.put(`/rendez-vous/${uids[2]}/annuler`, {});
    const reply = await client.put(`/rendez-vous/${uids[1]}/annuler`, {
      portee: 'suivantes',
      motif: 'Départ',
    });
    expect([reply.status, reply.body.uid, reply.body.statut]).toEqual([200, uids[1], 'annule']);
    const states = await client.get(`/rendez-vous?serie_id=${body.serie_id}`);
    expect(
      states.body.map((one: { statut: string; sequence: number; motif_annulation: string | null }) => [
        one.statut,
        one.sequence,
        one.motif_annulation,
      ]),
    ).toEqual([
      ['confirme', 0, null],
      ['annule', 1, 'Départ'],
      ['annule', 1, null],
      ['annule', 1, 'Départ'],
    ]);
    const told = await toldOf(uids);
    expect(told.map(({ modele }) => modele)).toEqual(['rdv_serie', 'rdv_annule', 'rdv_serie_annulee']);
    expect(told[2]!.donnees.rendez_vous.map(({ uid }) => uid)).toEqual([uids[1], uids[3]]);
    const [open] = await api.db.query(
      `SELECT count(*)::integer AS n FROM participants p JOIN rendez_vous b ON b.id = p.rendez_vous_id
       WHERE b.serie_id = $1 AND b.statut = 'annule' AND p.jeton_hash IS NOT NULL`,
      [body.serie_id],
    );
    expect(open.n).toBe(0);
    const again = await bookSeries(client, slug, { debut: week(1), regle: 'FREQ=WEEKLY;COUNT=3' });
    expect(again.status).toBe(201);
  });

  it('is for whoever may: not for another client, nor of what has been seen otherwise', async () => {
    const { slug } = await offered();
    const { body } = await bookSeries(client, slug);
    const [uid] = madeUids(body);
    const other = (await api.newPerson('client')).client;
    const all = { portee: 'suivantes' };
    expect((await other.put(`/rendez-vous/${uid}/annuler`, all)).status).toBe(404);
    const stale = await client.send('PUT', `/rendez-vous/${uid}/annuler`, {
      body: JSON.stringify(all),
      headers: { 'content-type': 'application/json', 'if-match': '"3"' },
    });
    expect(stale.status).toBe(412);
    expect((await client.put(`/rendez-vous/${uid}/annuler`, { portee: 'toutes' })).status).toBe(422);
    // What is in no series is all there is.
    const single = await book(client, slug, week(0, '10:00'));
    expect((await client.put(`/rendez-vous/${single.body.uid}/annuler`, all)).body.statut).toBe('annule');
    expect((await client.get(`/rendez-vous?serie_id=${body.serie_id}&statut=confirme`)).body).toHaveLength(4);
  });
});

describe('twenty series at once', () => {
  it('over the same times: one of them, the others told why, and nothing taken twice', async () => {
    const clients = await Promise.all(
      Array.from({ length: 5 }, async () => (await api.newPerson('client')).client),
    );
    const shared = await somebody();
    const site = await makeSite(api.db, { fuseau_horaire: 'UTC', pays: 'BE' });
    const given = { site_id: site.id, rejouer_regle: 8 };
    const second = await somebody();
    // They need people in opposite orders, and begin in different weeks.
    const slugs = [
      (await makePrestation(api.db, { ...given, mode: 'collectif', intervenants: [shared.id, second.id] }))
        .slug,
      (await makePrestation(api.db, { ...given, mode: 'collectif', intervenants: [second.id, shared.id] }))
        .slug,
      (await makePrestation(api.db, { ...given, intervenants: [shared.id], plafonds: { par_jour: 1 } })).slug,
    ];
    const replies = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        bookSeries(clients[n % clients.length]!, slugs[n % slugs.length]!, { debut: week(n % 2) }),
      ),
    );
    const statuses = replies.map(({ status }) => status).sort();
    expect(statuses.filter((status) => status === 201)).toHaveLength(1);
    expect(statuses.filter((status) => status === 409)).toHaveLength(19);
    for (const { status, body } of replies) {
      if (status === 409) expect(['CRENEAU_PRIS', 'PLAFOND']).toContain(body.code);
    }
    const [row] = await api.db.query(
      `SELECT (SELECT count(*) FROM seances s WHERE s.intervenants && $1 AND s.prises > 0)::integer AS seances,
              (SELECT count(*) FROM rendez_vous b WHERE b.intervenants && $1 AND b.statut = 'confirme')::integer AS booked`,
      [[shared.id]],
    );
    expect(row).toEqual({ seances: 4, booked: 4 });
  });

  it('that leave out what is taken: each time is somebody’s, once', async () => {
    const clients = await Promise.all(
      Array.from({ length: 5 }, async () => (await api.newPerson('client')).client),
    );
    const { slug, people } = await offered({}, 2);
    const replies = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        bookSeries(clients[n % clients.length]!, slug, { debut: week(n % 4), en_conflit: 'sauter' }),
      ),
    );
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([201, 409]));
    const starts = await api.db.query(
      `SELECT debut, count(*)::integer AS n FROM rendez_vous WHERE intervenants && $1 AND statut = 'confirme'
       GROUP BY debut ORDER BY debut`,
      [people],
    );
    expect(starts.map(({ n }: { n: number }) => n)).toEqual(Array(7).fill(2));
  });
});
