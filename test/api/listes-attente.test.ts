import { createSecrets } from '../../src/auth/secrets';
import { jetonDAttente } from '../../src/services/rendez-vous/jetons';
import { jetonForAttente } from '../../src/services/rendez-vous/liens';
import { attenduesARevoir, revoirAttente } from '../../src/services/rendez-vous/offres';
import { suivreRendezVous } from '../../src/services/rendez-vous/suivi';
import { startTestApi, type TestApi } from '../support/api';
import type { Client } from '../support/client';
import { weekdayAhead } from '../support/days';
import { makeIntervenant, makePrestation, makeSite } from '../support/factories';
import { statementsDuring } from '../support/queries';

/** Those who wait: a time that frees is held for the first of them, and then for the next; never offered to all. */

let api: TestApi;
let admin: Client;
let client: Client;
let clientId: number;

beforeAll(async () => {
  api = await startTestApi({ RDV_PREUVE_BITS: '0' });
  admin = (await api.newPerson('admin')).client;
  const person = await api.newPerson('client');
  client = person.client;
  clientId = person.user.id;
});
afterAll(() => api.close());

/** A Tuesday two weeks ahead. */
const TUESDAY = weekdayAhead(2);
const at = (time: string) => `${TUESDAY}T${time}:00.000Z`;

const somebody = (hours: number[][] = [[540, 600]]) =>
  makeIntervenant(api.db, { fuseau_horaire: 'UTC', pays: 'BE', horaires: { 2: hours } } as never);
/** Offered on Tuesdays at nine and half past, by the clocks of UTC, and full: the appointments are these. */
async function full(given: object = {}, times: readonly string[] = ['09:00', '09:30']) {
  const site = await makeSite(api.db, { fuseau_horaire: 'UTC', pays: 'BE' });
  const { id } = await somebody();
  const more = { site_id: site.id, liste_attente: true, fenetre: { jours: 60 }, ...given };
  const prestation = await makePrestation(api.db, { intervenants: [id], ...more });
  const booked: string[] = [];
  for (const time of times) {
    const { status, body } = await admin.post('/rendez-vous', {
      prestation: prestation.slug,
      debut: at(time),
      participants: [{ nom: 'Nadia', email: `nadia-${time.replace(':', '')}@exemple.ma` }],
    });
    expect(status).toBe(201);
    booked.push(body.uid);
  }
  return { ...prestation, intervenant: id, booked };
}

let people = 0;
/** Somebody else each time. */
const join = async (slug: string, more: object = {}, by: Client = admin) => {
  const reply = await by.post('/listes-attente', {
    prestation: slug,
    date_debut: TUESDAY,
    date_fin: TUESDAY,
    participants: [{ nom: `Amal ${++people}`, email: `attend-${people}@exemple.ma` }],
    ...more,
  });
  return reply;
};
const joined = async (slug: string, more: object = {}, by: Client = admin): Promise<number> => {
  const { status, body } = await join(slug, more, by);
  expect([status, body.erreurs ?? null]).toEqual([201, null]);
  return body.id;
};
const read = async (id: number) => (await admin.get(`/listes-attente/${id}`)).body;
/** Who is offered what, in the order of these. */
const offersOf = async (ids: readonly number[]) => {
  const rows = await Promise.all(ids.map(read));
  return rows.map(({ statut, offre }) => (offre === null ? statut : offre.debut.slice(11, 16)));
};
const cancel = (uid: string) => admin.put(`/rendez-vous/${uid}/annuler`, {});
const starts = async (by: Client, slug: string) => {
  const { body } = await by.get(
    `/creneaux?prestation=${slug}&debut=${TUESDAY}&fin=${TUESDAY}&fuseau_horaire=UTC`,
  );
  return ((body[TUESDAY] ?? []) as { debut: string }[]).map(({ debut }) => debut.slice(11, 16));
};
const holdOf = async (id: number): Promise<number> => {
  const [row] = await api.db.query(
    `SELECT id FROM rendez_vous WHERE liste_attente_id = $1 AND statut = 'retenu'`,
    [id],
  );
  return row?.id;
};
/** What its workflow does once the time of the hold of somebody is over. */
const overdue = async (id: number) => {
  const hold = await holdOf(id);
  await api.db.query(`UPDATE rendez_vous SET expire_le = now() - interval '1 second' WHERE id = $1`, [hold]);
  await api.db.transaction((tx) => suivreRendezVous(tx, hold, new Date()));
};
const toldOf = async (id: number): Promise<string[]> => {
  const rows = await api.db.query(
    `SELECT m.modele FROM messages m JOIN participants p ON p.id = m.participant_id
     WHERE p.liste_attente_id = $1 ORDER BY m.id`,
    [id],
  );
  return rows.map(({ modele }: { modele: string }) => modele);
};
const revoir = (prestationId: number, now = new Date()) =>
  api.db.transaction((tx) => revoirAttente(tx, prestationId, now));

describe('joining', () => {
  it('puts somebody at the end of the list, and says so to them', async () => {
    const { slug } = await full();
    const [first, second] = [await joined(slug), await joined(slug)];
    expect(await read(first)).toMatchObject({ statut: 'en_attente', position: 1, offre: null });
    expect(await read(second)).toMatchObject({ statut: 'en_attente', position: 2, origine: 'membre' });
    expect(await toldOf(second)).toEqual(['attente_inscrite']);
    const own = await join(slug, {}, client);
    expect(own.body).toMatchObject({ demandeur_id: clientId, origine: 'client', prestation: { slug } });
    expect((await client.get(`/listes-attente/${own.body.id}`)).status).toBe(200);
    expect((await client.get(`/listes-attente/${first}`)).status).toBe(404);
    expect((await client.get('/listes-attente')).body).toHaveLength(1);
  });

  it('is refused for what has no list, twice, and for what cannot be', async () => {
    const none = await full({ liste_attente: false });
    const fault = async (slug: string, more: object = {}) => {
      const { status, body } = await join(slug, more);
      return [status, body.code, body.erreurs?.[0].champ];
    };
    expect(await fault(none.slug)).toEqual([422, 'VALIDATION', 'prestation']);
    expect(await fault('nowhere')).toEqual([404, 'INTROUVABLE', undefined]);
    const { slug } = await full();
    const who = { participants: [{ nom: 'Amal', email: 'TWICE@exemple.ma' }] };
    await joined(slug, who);
    const again = { participants: [{ nom: 'A.', email: 'twice@exemple.ma' }] };
    expect(await fault(slug, again)).toEqual([409, 'DEJA_EXISTANT', undefined]);
    expect(await fault(slug, { date_fin: '2020-01-01' })).toEqual([422, 'VALIDATION', 'date_fin']);
    expect(await fault(slug, { date_debut: '2020-01-01', date_fin: '2020-01-02' })).toEqual([
      422,
      'VALIDATION',
      'date_fin',
    ]);
    expect(await fault(slug, { date_fin: '2099-01-01' })).toEqual([422, 'VALIDATION', 'date_fin']);
    expect(await fault(slug, { heure_debut: '15:00', heure_fin: '14:00' })).toEqual([
      422,
      'VALIDATION',
      'heure_fin',
    ]);
    expect(await fault(slug, { heure_debut: '25:00' })).toEqual([422, 'VALIDATION', 'heure_debut']);
    expect(await fault(slug, { duree: 45 })).toEqual([422, 'VALIDATION', 'duree']);
    expect(await fault(slug, { intervenant_id: 999_999 })).toEqual([422, 'VALIDATION', 'intervenant_id']);
    expect(await fault(slug, { reponses: { age: 3 } })).toEqual([422, 'VALIDATION', 'reponses.age']);
  });

  it('offers at once what is free already, when it is their turn', async () => {
    const { slug } = await full({}, ['09:00']);
    const [first, second] = [await joined(slug), await joined(slug)];
    expect(await offersOf([first, second])).toEqual(['09:30', 'en_attente']);
  });
});

describe('a time that frees', () => {
  it('is held for the first, in the moment in which it does, and shown to nobody else', async () => {
    const { slug, booked } = await full();
    const [first, second] = [await joined(slug), await joined(slug)];
    await cancel(booked[0]!);
    expect(await offersOf([first, second])).toEqual(['09:00', 'en_attente']);
    expect(await starts(client, slug)).toEqual([]);
    const { offre } = await read(first);
    const minutes = (Date.parse(offre.expire_le) - Date.now()) / 60_000;
    expect(minutes).toBeGreaterThan(29);
    expect(minutes).toBeLessThanOrEqual(30);
    expect(await toldOf(first)).toEqual(['attente_inscrite', 'attente_offre']);
    expect(await toldOf(second)).toEqual(['attente_inscrite']);
    expect((await join(slug, {}, client)).body.position).toBe(2);
  });

  it('passes to the next when nobody answers, and from the last to everybody', async () => {
    const { slug, booked } = await full();
    const [first, second] = [await joined(slug), await joined(slug)];
    await cancel(booked[1]!);
    await overdue(first);
    expect(await offersOf([first, second])).toEqual(['en_attente', '09:30']);
    expect(await toldOf(first)).toEqual(['attente_inscrite', 'attente_offre', 'attente_passee']);
    await overdue(second);
    // Each has let it pass: it is offered to neither again.
    expect(await offersOf([first, second])).toEqual(['en_attente', 'en_attente']);
    expect(await starts(client, slug)).toEqual(['09:30']);
    // Another one is another offer.
    await cancel(booked[0]!);
    expect(await offersOf([first, second])).toEqual(['09:00', 'en_attente']);
  });

  it('by being moved, refused, expired, or given back by one of several, is offered as well', async () => {
    const moved = await full();
    await api.db.query(`UPDATE intervenants SET horaires = '{"2": [[540, 720]]}' WHERE id = $1`, [
      moved.intervenant,
    ]);
    const mover = await joined(moved.slug, { heure_fin: '10:00' });
    expect(await offersOf([mover])).toEqual(['en_attente']);
    const elsewhere = await admin.put(`/rendez-vous/${moved.booked[0]}/reporter`, { debut: at('11:00') });
    expect(elsewhere.status).toBe(200);
    expect(await offersOf([mover])).toEqual(['09:00']);

    const asked = await full({ confirmation: 'a_valider' });
    const [one, two] = [await joined(asked.slug), await joined(asked.slug)];
    await admin.put(`/rendez-vous/${asked.booked[0]}/refuser`, {});
    expect(await offersOf([one, two])).toEqual(['09:00', 'en_attente']);
    const [late] = await api.db.query(
      `UPDATE rendez_vous SET expire_le = now() - interval '1 second' WHERE uid = $1 RETURNING id`,
      [asked.booked[1]],
    );
    await api.db.transaction((tx) => suivreRendezVous(tx, late[0]?.id ?? late.id, new Date()));
    expect(await offersOf([one, two])).toEqual(['09:00', '09:30']);

    const workshop = await full({ places: 2 }, []);
    const group = await admin.post('/rendez-vous', {
      prestation: workshop.slug,
      debut: at('09:00'),
      participants: [
        { nom: 'A', email: 'a@exemple.ma' },
        { nom: 'B', email: 'b@exemple.ma' },
      ],
    });
    const seat = await joined(workshop.slug, { heure_fin: '09:30' });
    expect(await offersOf([seat])).toEqual(['en_attente']);
    const { id } = group.body.participants[1];
    await admin.put(`/rendez-vous/${group.body.uid}/participants/${id}/annuler`, {});
    expect(await offersOf([seat])).toEqual(['09:00']);
  });

  it('is offered to the first whom it suits: by days, hours, person and places', async () => {
    const { slug, booked } = await full({ places: 2 }, []);
    for (const time of ['09:00', '09:30']) {
      const participants = ['a', 'b'].map((nom) => ({ nom, email: `${nom}@exemple.ma` }));
      const { body } = await admin.post('/rendez-vous', { prestation: slug, debut: at(time), participants });
      booked.push(body.uid);
      const { id } = body.participants[1];
      // One place of each is somebody else's.
      expect(id).toBeGreaterThan(0);
    }
    const day = (n: number) => new Date(Date.parse(TUESDAY) + n * 86_400_000).toISOString().slice(0, 10);
    const [other, late, two, one] = [
      await joined(slug, { date_debut: day(1), date_fin: day(3) }),
      await joined(slug, { heure_debut: '09:30' }),
      await joined(slug, {
        participants: [
          { nom: 'C', email: 'c2@exemple.ma' },
          { nom: 'D', email: 'd2@exemple.ma' },
        ],
      }),
      await joined(slug),
    ];
    const { body } = await admin.get(`/rendez-vous/${booked[0]}`);
    const seat = `/rendez-vous/${booked[0]}/participants/${body.participants[1].id}/annuler`;
    await admin.put(seat, {});
    // One place at nine: not the day of the first, not the hour of the second, and one too few for two.
    expect(await offersOf([other, late, two, one])).toEqual([
      'en_attente',
      'en_attente',
      'en_attente',
      '09:00',
    ]);
    await cancel(booked[1]!);
    expect(await offersOf([late, two])).toEqual(['09:30', 'en_attente']);
  });

  it('also by another way than an appointment is found by whoever looks each minute', async () => {
    const { id, slug, intervenant } = await full();
    const waiting = await joined(slug);
    await api.db.query(`UPDATE intervenants SET horaires = '{"2": [[540, 630]]}' WHERE id = $1`, [
      intervenant,
    ]);
    await api.db.query(`UPDATE prestations SET attente_vue_le = now() - interval '2 minutes' WHERE id = $1`, [
      id,
    ]);
    expect(await attenduesARevoir(api.db)).toContain(id);
    await revoir(id);
    expect(await offersOf([waiting])).toEqual(['10:00']);
    expect(await attenduesARevoir(api.db)).not.toContain(id);
  });

  it('is not taken by whoever books, however long nobody has passed an offer on', async () => {
    const { slug, booked } = await full();
    const waiting = await joined(slug);
    await cancel(booked[0]!);
    await api.db.query(
      `UPDATE rendez_vous SET expire_le = now() - interval '1 hour' WHERE liste_attente_id = $1`,
      [waiting],
    );
    expect(await starts(client, slug)).toEqual([]);
    const taken = await client.post('/rendez-vous', {
      prestation: slug,
      debut: at('09:00'),
      participants: [{ nom: 'S', email: 's@exemple.ma' }],
    });
    expect([taken.status, taken.body.code]).toEqual([409, 'CRENEAU_PRIS']);
    // Nor by whom it was offered to, once that is over.
    expect((await admin.put(`/listes-attente/${waiting}/accepter`, {})).body.code).toBe('RETENUE_EXPIREE');
  });
});

describe('an answer', () => {
  it('that takes it makes what was held the appointment', async () => {
    const { slug, booked } = await full(
      {
        questions: [{ nom: 'sujet', libelle: 'Sujet', type: 'texte', obligatoire: true }],
        confirmation: 'immediate',
      },
      [],
    );
    expect(booked).toEqual([]);
    const reply = await join(slug, { reponses: { sujet: 'Bail' } }, client);
    const waiting = reply.body.id;
    expect(reply.body.statut).toBe('proposee');
    const taken = await client.put(`/listes-attente/${waiting}/accepter`, {});
    expect(taken.status).toBe(200);
    expect(taken.body).toMatchObject({ statut: 'acceptee', offre: null });
    const one = await client.get(`/rendez-vous/${taken.body.rendez_vous_uid}`);
    expect(one.body).toMatchObject({
      statut: 'confirme',
      debut: at('09:00'),
      demandeur_id: clientId,
      reponses: { sujet: 'Bail' },
      participants: [{ email: reply.body.participants[0].email }],
    });
    const told = await api.db.query(
      `SELECT modele FROM messages m JOIN participants p ON p.id = m.participant_id WHERE p.rendez_vous_id = $1`,
      [taken.body.rendez_vous_id],
    );
    expect(told).toEqual([{ modele: 'rdv_confirme' }]);
    expect((await client.put(`/listes-attente/${waiting}/accepter`, {})).status).toBe(409);
    // It is as any other: cancelled, it goes to whoever waits next.
    const next = await joined(slug, { heure_fin: '09:30', reponses: { sujet: 'Autre' } });
    expect(await offersOf([next])).toEqual(['en_attente']);
    await client.put(`/rendez-vous/${taken.body.rendez_vous_uid}/annuler`, {});
    expect(await offersOf([next])).toEqual(['09:00']);
  });

  it('that lets it pass, or leaves, gives it to the next', async () => {
    const { slug, booked } = await full();
    const [first, second, third] = [await joined(slug), await joined(slug), await joined(slug)];
    await cancel(booked[0]!);
    const passed = await admin.put(`/listes-attente/${first}/decliner`, {});
    expect([passed.status, passed.body.statut, passed.body.offres_manquees]).toEqual([200, 'en_attente', 0]);
    expect(await offersOf([first, second, third])).toEqual(['en_attente', '09:00', 'en_attente']);
    expect((await admin.delete(`/listes-attente/${second}`)).status).toBe(204);
    expect(await offersOf([first, second, third])).toEqual(['en_attente', 'quittee', '09:00']);
    expect((await admin.put(`/listes-attente/${first}/decliner`, {})).body.code).toBe('TRANSITION_INVALIDE');
    expect((await admin.delete(`/listes-attente/${first}`)).status).toBe(204);
    expect((await admin.delete(`/listes-attente/${first}`)).body.code).toBe('TRANSITION_INVALIDE');
    // Who has left may come again, at the end.
    const { email } = (await read(first)).participants[0];
    await joined(slug, { participants: [{ nom: 'Amal', email }] });
  });

  it('that never comes ends the wait after three', async () => {
    const { slug, intervenant } = await full({}, []);
    await api.db.query(`UPDATE intervenants SET horaires = '{"2": [[540, 720]]}' WHERE id = $1`, [
      intervenant,
    ]);
    const waiting = await joined(slug);
    for (const start of ['09:00', '09:30', '10:00']) {
      expect(await offersOf([waiting])).toEqual([start]);
      await overdue(waiting);
    }
    expect(await offersOf([waiting])).toEqual(['expiree']);
    expect((await toldOf(waiting)).at(-1)).toBe('attente_finie');
  });

  it('is not waited for when the days are over', async () => {
    const { id, slug } = await full();
    const waiting = await joined(slug);
    await revoir(id, new Date(Date.parse(TUESDAY) + 3 * 86_400_000));
    expect((await read(waiting)).statut).toBe('expiree');
    expect(await toldOf(waiting)).toEqual(['attente_inscrite', 'attente_finie']);
  });
});

describe('the link', () => {
  const open = (jeton: string) => api.anonymous.get(`/public/attente/${jeton}`);

  it('is read without anything happening, and answers when it is told to', async () => {
    const { slug, booked } = await full();
    const reply = await api.anonymous.post('/public/listes-attente', {
      prestation: slug,
      date_debut: TUESDAY,
      date_fin: TUESDAY,
      participants: [{ nom: 'Public', email: `public-${++people}@exemple.ma` }],
    });
    expect([reply.status, reply.body.statut]).toEqual([201, 'en_attente']);
    const { jeton } = reply.body;
    expect(reply.body.attente).toMatch(/\/rdv\/attente\/[\w-]{43}$/);
    expect((await open(jeton)).body).toMatchObject({ statut: 'en_attente', position: 1, actes: ['quitter'] });
    await cancel(booked[0]!);
    for (let n = 0; n < 3; n++) {
      expect((await open(jeton)).body).toMatchObject({
        statut: 'proposee',
        offre: { debut: at('09:00') },
        actes: ['accepter', 'decliner', 'quitter'],
      });
    }
    const page = `${api.baseUrl}/rdv/attente/${jeton}?langue=fr`;
    for (const method of ['GET', 'HEAD', 'GET']) expect((await fetch(page, { method })).status).toBe(200);
    expect(await (await fetch(page)).text()).toContain('Prendre ce créneau');
    expect((await open(jeton)).body.statut).toBe('proposee');
    const taken = await fetch(page, {
      method: 'POST',
      redirect: 'manual',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'acte=accepter&langue=fr',
    });
    expect(taken.status).toBe(303);
    expect(taken.headers.get('location')).toMatch(/\/rdv\/gestion\/[\w-]{43}\?langue=fr&fait=oui$/);
    const own = await fetch(new URL(taken.headers.get('location')!, api.baseUrl));
    expect(own.status).toBe(200);
    expect((await open(jeton)).body).toMatchObject({ statut: 'acceptee', offre: null, actes: [] });
    for (const langue of ['fr', 'en', 'ar'])
      expect((await fetch(`${api.baseUrl}/rdv/attente/${jeton}?langue=${langue}`)).status).toBe(200);
  });

  it('is the same in every mail, of which the database keeps the digest alone, and of nobody else', async () => {
    const { slug } = await full();
    const waiting = await joined(slug);
    const [{ id }] = await api.db.query('SELECT id FROM participants WHERE liste_attente_id = $1', [waiting]);
    const { secrets } = api.app;
    const jeton = await jetonForAttente(api.db, secrets, id);
    expect(jeton).toBe(jetonDAttente(secrets, waiting, id).jeton);
    expect((await open(jeton!)).status).toBe(200);
    const [row] = await api.db.query('SELECT jeton_hash FROM participants WHERE id = $1', [id]);
    expect(row.jeton_hash).toHaveLength(32);
    const invented = createSecrets([{ name: 'x', key: Buffer.alloc(32, 'x') }] as never);
    const { jeton: other } = jetonDAttente(invented, waiting, id);
    expect((await open(other)).body.code).toBe('LIEN_INVALIDE');
    expect((await fetch(`${api.baseUrl}/rdv/attente/${other}`)).status).toBe(404);
    // A link of the list is none of an appointment.
    expect((await api.anonymous.get(`/public/gestion/${jeton}`)).body.code).toBe('LIEN_INVALIDE');
    const left = await api.anonymous.post(`/public/attente/${jeton}`, { acte: 'quitter' });
    expect([left.status, left.body]).toEqual([200, { gestion: null }]);
    expect((await read(waiting)).statut).toBe('quittee');
    expect(await jetonForAttente(api.db, secrets, id)).toBeNull();
  });
});

describe('at once', () => {
  it('two seats that free, and five who wait: two offers, to the first two', async () => {
    const { slug, booked } = await full();
    const waiting: number[] = [];
    for (let n = 0; n < 5; n++) waiting.push(await joined(slug));
    const replies = await Promise.all(booked.map(cancel));
    expect(replies.map(({ status }) => status)).toEqual([200, 200]);
    const offers = await offersOf(waiting);
    expect(offers.slice(0, 2).sort()).toEqual(['09:00', '09:30']);
    expect(offers.slice(2)).toEqual(Array(3).fill('en_attente'));
    const [row] = await api.db.query(
      `SELECT count(*)::integer AS offres, count(DISTINCT liste_attente_id)::integer AS people FROM offres_attente
       WHERE liste_attente_id = ANY($1)`,
      [waiting],
    );
    expect(row).toEqual({ offres: 2, people: 2 });
  });

  it('seats of a workshop that ten give back, while others book and look: as many offers as places', async () => {
    const { id, slug } = await full({ places: 10 }, []);
    const uids: string[] = [];
    for (let n = 0; n < 10; n++) {
      const { body } = await admin.post('/rendez-vous', {
        prestation: slug,
        debut: at('09:00'),
        participants: [{ nom: 'N', email: `n${n}@exemple.ma` }],
      });
      uids.push(body.uid);
    }
    const waiting: number[] = [];
    for (let n = 0; n < 5; n++) waiting.push(await joined(slug, { heure_fin: '09:30' }));
    const replies = await Promise.all([
      ...uids.slice(0, 3).map(cancel),
      ...[1, 2, 3].map(() => revoir(id).then(() => ({ status: 200 }))),
      ...[1, 2, 3].map((n) =>
        client.post('/rendez-vous', {
          prestation: slug,
          debut: at('09:00'),
          participants: [{ nom: 'P', email: `p${n}@exemple.ma` }],
        }),
      ),
    ]);
    for (const { status } of replies) expect([200, 409]).toContain(status);
    expect(await offersOf(waiting)).toEqual(['09:00', '09:00', '09:00', 'en_attente', 'en_attente']);
    const [row] = await api.db.query(
      `SELECT s.prises, (SELECT sum(b.places)::integer FROM rendez_vous b WHERE b.seance_id = s.id
         AND b.statut IN ('retenu', 'confirme')) AS booked FROM seances s WHERE s.prestation_id = $1`,
      [id],
    );
    expect(row).toEqual({ prises: 10, booked: 10 });
  });

  it('one answer that takes and one that passes, and the end of the time: one of them', async () => {
    const { slug, booked } = await full();
    const [first, second] = [await joined(slug), await joined(slug)];
    await cancel(booked[0]!);
    const hold = await holdOf(first);
    const replies = await Promise.all([
      admin.put(`/listes-attente/${first}/accepter`, {}),
      admin.put(`/listes-attente/${first}/accepter`, {}),
      admin.put(`/listes-attente/${first}/decliner`, {}),
      admin.delete(`/listes-attente/${first}`),
      api.db.transaction((tx) => suivreRendezVous(tx, hold, new Date())).then(() => ({ status: 0 })),
    ]);
    const done = replies.slice(0, 4).filter(({ status }) => status < 300);
    expect(done.length).toBeGreaterThanOrEqual(1);
    for (const { status } of replies) expect(status).toBeLessThan(500);
    const [a, b] = await offersOf([first, second]);
    expect(a === 'acceptee' ? b === 'en_attente' : b === '09:00').toBe(true);
  });
});

describe('the list', () => {
  it('is filtered, sorted and changed; what is offered is not', async () => {
    const { id, slug } = await full();
    const [first, second] = [await joined(slug), await joined(slug)];
    const list = async (query: string) =>
      (await admin.get(`/listes-attente?prestation_id=${id}&${query}`)).body.map(
        (row: { id: number }) => row.id,
      );
    expect(await list('')).toEqual([first, second]);
    expect(await list('sort=-date_creation')).toEqual([second, first]);
    expect(await list('statut=proposee')).toEqual([]);
    expect(await list(`debut=${TUESDAY}&fin=${TUESDAY}`)).toEqual([first, second]);
    expect(await list('debut=2099-01-01')).toEqual([]);
    const day = new Date(Date.parse(TUESDAY) + 86_400_000).toISOString().slice(0, 10);
    const changed = await admin.patch(`/listes-attente/${first}`, { date_fin: day, heure_debut: '10:00' });
    expect(changed.body).toMatchObject({ date_fin: day, heure_debut: '10:00', version: 2 });
    expect((await admin.patch(`/listes-attente/${first}`, { date_fin: '2020-01-01' })).status).toBe(422);
    const stale = await admin.send('PATCH', `/listes-attente/${first}`, {
      body: JSON.stringify({ date_fin: day }),
      headers: { 'content-type': 'application/json', 'if-match': '"1"' },
    });
    expect(stale.status).toBe(412);
    const lines = await api.db.query(
      `SELECT action, apres FROM historique WHERE entite = 'liste_attente' AND entite_id = $1 ORDER BY id`,
      [first],
    );
    expect(lines.map(({ action }: { action: string }) => action)).toEqual(['creation', 'modification']);
    expect(JSON.stringify(lines)).not.toContain('attend-');
  });

  it('is for a responsable those of their sites, for an intervenant those of what they offer', async () => {
    const { slug, site_id, intervenant } = await full();
    const waiting = await joined(slug);
    const { user, client: receives } = await api.newPerson('technicien');
    await api.db.query('UPDATE intervenants SET user_id = $1 WHERE id = $2', [user.id, intervenant]);
    expect((await receives.get('/listes-attente')).body.map(({ id }: { id: number }) => id)).toEqual([
      waiting,
    ]);
    const theirs = (await api.newPerson('responsable', { sites: [site_id!] })).client;
    expect((await theirs.get(`/listes-attente/${waiting}`)).status).toBe(200);
    const elsewhere = await makeSite(api.db);
    const others = (await api.newPerson('responsable', { sites: [elsewhere.id] })).client;
    expect((await others.get(`/listes-attente/${waiting}`)).status).toBe(404);
    expect((await others.delete(`/listes-attente/${waiting}`)).status).toBe(404);
    expect((await join(slug, {}, others)).status).toBe(403);
  });

  it('takes a constant number of statements, however many wait and have nothing to be offered', async () => {
    const { id, slug } = await full();
    const cost = async () => (await statementsDuring(() => revoir(id))).length;
    await joined(slug);
    const few = await cost();
    for (let n = 0; n < 6; n++) await joined(slug);
    expect(await cost()).toBe(few);
  });
});
