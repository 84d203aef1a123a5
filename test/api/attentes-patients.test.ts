import { attentesARevoir, revoirAttentes } from '../../src/services/cabinet/attente-offres';
import { startTestApi, type TestApi } from '../support/api';
import {
  makeAgenda,
  makePatient,
  makeRendezVousCabinet,
  prise,
  receive,
  type TestAgenda,
} from '../support/cabinets';
import type { Client, Reply } from '../support/client';
import { statementsDuring } from '../support/queries';

/** Patients wait for a time of a practice, are offered what is freed, and answer; from their account, or by the desk. */

let api: TestApi;
let admin: Client;
beforeAll(async () => {
  api = await startTestApi();
  const { tokens } = api.app;
  // Tokens are of the real day, whichever day it is made to be.
  api.app.tokens = { ...tokens, verify: (token) => tokens.verify(token, new Date()) };
  admin = (await api.newPerson('admin')).client;
});
afterAll(() => api.close());
afterEach(() => {
  api.app.clock = () => new Date();
});

const DAY = 86_400_000;
const MINUTE = 60_000;
/** From nine to ten on the day of the week of an instant. */
const onDayOf = (instant: Date) => ({ [((instant.getUTCDay() + 6) % 7) + 1]: [['09:00', '10:00']] });
/** Has it be another moment for those who ask. */
const pretend = (now: Date | number) => {
  api.app.clock = () => new Date(now);
};

/** A practice where one receives from nine to ten on one day, ten days from now, in two times of 30 minutes. */
interface Place {
  agenda: TestAgenda;
  desk: Client;
  day: string;
  nine: Date;
}

async function place(): Promise<Place> {
  const agenda = await makeAgenda(api, admin);
  const nine = new Date(Math.floor(Date.now() / DAY) * DAY + 10 * DAY + 9 * 60 * MINUTE);
  const day = nine.toISOString().slice(0, 10);
  const set = await agenda.people.gerant.client.put(
    `/cabinets/${agenda.id}/praticiens/${agenda.praticien}/horaires`,
    { horaires: onDayOf(nine) },
  );
  expect([set.status, set.body.erreurs]).toEqual([200, undefined]);
  return { agenda, desk: agenda.people.secretaire.client, day, nine };
}

/** A full second, as it stands within an answer. */
const inJson = (instant: Date) => instant.toISOString().replace('.000', '');

let count = 0;
/** Somebody with an account of their own. */
async function patientWithAccount({ agenda, desk }: Place): Promise<{ id: number; client: Client }> {
  const { id } = await makePatient(desk, {
    nom_naissance: `Attente${++count}`,
    statut_identite: 'validee',
    justificatif: 'carte_identite',
  });
  const person = await api.newPerson('client');
  const { body } = await person.client.get('/mon/code');
  const tied = await desk.put(`/patients/${id}/compte`, { code: body.code });
  expect([tied.status, agenda.id > 0]).toEqual([200, true]);
  return { id, client: person.client };
}

const wait = ({ agenda, desk, day }: Place, patientId: number, given: object = {}) =>
  desk.post(`/cabinets/${agenda.id}/listes-attente`, {
    patient_id: patientId,
    prestation: agenda.prestation,
    date_debut: day,
    date_fin: day,
    ...given,
  });
const answer = ({ agenda, desk }: Place, id: number, acte: string): Promise<Reply> =>
  desk.put(`/cabinets/${agenda.id}/listes-attente/${id}/${acte}`);
const readAttente = async ({ agenda, desk }: Place, id: number) =>
  (await desk.get(`/cabinets/${agenda.id}/listes-attente/${id}`)).body;
const book = ({ agenda, desk, nine }: Place, minutes: number, patientId: number) =>
  makeRendezVousCabinet(desk, agenda, new Date(nine.getTime() + minutes * MINUTE), { patient_id: patientId });

/** A practice whose two times are taken, by the first two of these patients; the others wait in their order. */
async function full(waiting: number) {
  const there = await place();
  const [first, second] = [await patientWithAccount(there), await patientWithAccount(there)];
  const taken = [await book(there, 0, first.id), await book(there, 30, second.id)];
  const others = [];
  for (let n = 0; n < waiting; n++) {
    const patient = await patientWithAccount(there);
    const { status, body } = await wait(there, patient.id);
    expect([status, body.statut, body.position]).toEqual([201, 'en_attente', n + 1]);
    others.push({ ...patient, attente: body.id as number });
  }
  return { there, first, second, taken, others };
}

describe('a time that is freed', () => {
  it('is offered to the first who waits, by a patient who cancels from their account, and is theirs when they say yes', async () => {
    const { there, first, taken, others } = await full(2);
    const gone = await first.client.put(`/mon/rendez-vous/${taken[0].uid}/annuler`);
    expect([gone.status, gone.body.statut, gone.body.annule_par]).toEqual([200, 'annule', 'patient']);
    const mine = await others[0]!.client.get('/mon/listes-attente');
    expect(mine.body).toMatchObject([
      { id: others[0]!.attente, statut: 'proposee', offre: { debut: inJson(there.nine) } },
    ]);
    expect((await others[1]!.client.get('/mon/listes-attente')).body).toMatchObject([
      { statut: 'en_attente', offre: null },
    ]);
    // Nobody else gets it meanwhile.
    const other = await makePatient(there.desk);
    const refused = await there.desk.post(
      `/cabinets/${there.agenda.id}/rendez-vous`,
      prise(there.agenda, there.nine, { patient_id: other.id }),
    );
    expect([refused.status, refused.body.code]).toEqual([409, 'CRENEAU_PRIS']);
    const yes = await others[0]!.client.put(`/mon/listes-attente/${others[0]!.attente}/accepter`);
    expect([yes.status, yes.body.statut, yes.body.offre]).toEqual([200, 'acceptee', null]);
    const theirs = await others[0]!.client.get('/mon/rendez-vous');
    expect(theirs.body).toMatchObject([{ statut: 'confirme', debut: there.nine.toISOString() }]);
    const { body: agenda } = await there.desk.get(
      `/cabinets/${there.agenda.id}/agenda?vue=jour&date=${there.day}`,
    );
    expect(
      agenda.rendez_vous.map((one: { statut: string; patient: { id: number } }) => [
        one.statut,
        one.patient.id,
      ]),
    ).toEqual([
      ['confirme', others[0]!.id],
      ['confirme', expect.any(Number)],
    ]);
    const attente = await readAttente(there, others[0]!.attente);
    expect([attente.statut, attente.rendez_vous]).toEqual(['acceptee', theirs.body[0].uid]);
  });

  it('is offered by whoever frees it: the desk that cancels, moves, or lets somebody leave', async () => {
    for (const [acte, given] of [
      ['annuler', () => ({})],
      ['reporter', (debut: Date) => ({ debut: new Date(debut.getTime() + 30 * MINUTE).toISOString() })],
    ] as const) {
      const { there, taken, others } = await full(1);
      // The second time is given back first, to nobody who waits: they have said from when they can come.
      if (acte === 'reporter') {
        await there.desk.put(`/cabinets/${there.agenda.id}/rendez-vous/${taken[1].uid}/annuler`);
        await answer(there, others[0]!.attente, 'decliner');
      }
      const done = await there.desk.put(
        `/cabinets/${there.agenda.id}/rendez-vous/${taken[0].uid}/${acte}`,
        given(there.nine),
      );
      expect([acte, done.status]).toEqual([acte, 200]);
      const { offre } = await readAttente(there, others[0]!.attente);
      expect([acte, offre?.debut]).toEqual([acte, inJson(there.nine)]);
    }
  });

  it('suits by day, hour and doctor: who cannot come is passed over', async () => {
    const { there, taken } = await full(0);
    const [late, elsewhere] = [await patientWithAccount(there), await patientWithAccount(there)];
    const second = await receive(
      there.agenda.people.gerant.client,
      there.agenda.id,
      there.agenda.people.remplacant.user.id,
    );
    const free = await there.agenda.people.gerant.client.put(
      `/cabinets/${there.agenda.id}/praticiens/${second}/horaires`,
      { horaires: onDayOf(new Date(there.nine.getTime() + DAY)) },
    );
    expect(free.status).toBe(200);
    await there.agenda.people.gerant.client.patch(
      `/cabinets/${there.agenda.id}/prestations/${there.agenda.type}`,
      { praticiens: [there.agenda.praticien, second] },
    );
    const afterwards = await wait(there, late.id, { heure_debut: '09:30' });
    const other = await wait(there, elsewhere.id, { praticien_id: second });
    expect([afterwards.status, other.status]).toEqual([201, 201]);
    await there.desk.put(`/cabinets/${there.agenda.id}/rendez-vous/${taken[0].uid}/annuler`);
    expect((await readAttente(there, afterwards.body.id)).statut).toBe('en_attente');
    expect((await readAttente(there, other.body.id)).statut).toBe('en_attente');
    await there.desk.put(`/cabinets/${there.agenda.id}/rendez-vous/${taken[1].uid}/annuler`);
    expect((await readAttente(there, afterwards.body.id)).statut).toBe('proposee');
  });

  it('that is free already is offered at once', async () => {
    const there = await place();
    const { id } = await patientWithAccount(there);
    const { body } = await wait(there, id);
    expect([body.statut, body.offre.debut]).toEqual(['proposee', inJson(there.nine)]);
  });
});

describe('an offer', () => {
  it('that is declined goes to the next, and is not made to them again', async () => {
    const { there, first, taken, others } = await full(2);
    await first.client.put(`/mon/rendez-vous/${taken[0].uid}/annuler`);
    const no = await others[0]!.client.put(`/mon/listes-attente/${others[0]!.attente}/decliner`);
    expect([no.status, no.body.statut]).toEqual([200, 'en_attente']);
    expect((await readAttente(there, others[1]!.attente)).offre.debut).toBe(inJson(there.nine));
    await answer(there, others[1]!.attente, 'quitter');
    // Who let it pass waits for another one.
    expect((await readAttente(there, others[0]!.attente)).statut).toBe('en_attente');
  });

  it('is over after half an hour: then nobody can take it', async () => {
    const { there, first, taken, others } = await full(1);
    await first.client.put(`/mon/rendez-vous/${taken[0].uid}/annuler`);
    pretend(Date.now() + 31 * MINUTE);
    const { client, attente } = others[0]!;
    for (const ask of [
      () => client.put(`/mon/listes-attente/${attente}/accepter`),
      () => answer(there, attente, 'accepter'),
    ]) {
      const { status, body } = await ask();
      expect([status, body.code]).toEqual([409, 'RETENUE_EXPIREE']);
    }
  });

  it('is answered once, whoever asks: at once, and again', async () => {
    const { there, first, taken, others } = await full(1);
    await first.client.put(`/mon/rendez-vous/${taken[0].uid}/annuler`);
    const { client, attente } = others[0]!;
    const key = { 'Idempotency-Key': `oui-${attente}` };
    const asks = await Promise.all([
      client.put(`/mon/listes-attente/${attente}/accepter`, {}, key),
      answer(there, attente, 'accepter'),
      answer(there, attente, 'accepter'),
    ]);
    const told = asks.map(({ status }) => status).sort();
    expect(told).toEqual([200, 409, 409]);
    const rows = await api.database.owner.query(
      `SELECT count(*)::integer AS n FROM medical.rendez_vous_patients WHERE attente_id = $1 AND statut = 'confirme'`,
      [attente],
    );
    expect(rows).toEqual([{ n: 1 }]);
  });

  it('is not told as an appointment to who is offered it, nor as one that they missed', async () => {
    const { first, taken, others } = await full(1);
    await first.client.put(`/mon/rendez-vous/${taken[0].uid}/annuler`);
    expect((await others[0]!.client.get('/mon/rendez-vous')).body).toEqual([]);
    await others[0]!.client.put(`/mon/listes-attente/${others[0]!.attente}/decliner`);
    expect((await others[0]!.client.get('/mon/rendez-vous')).body).toEqual([]);
  });
});

describe('the round of each minute', () => {
  const round = ({ agenda }: Place, now: number) =>
    revoirAttentes(api.app.medical, { id: agenda.id, fuseau_horaire: 'UTC' }, new Date(now));

  it('passes on what nobody answered, and ends the waiting of who let three pass', async () => {
    const { there, taken, others } = await full(2);
    await there.desk.put(`/cabinets/${there.agenda.id}/rendez-vous/${taken[0].uid}/annuler`);
    const [first, second] = others.map(({ attente }) => attente) as [number, number];
    const statuts = async () => [
      (await readAttente(there, first)).statut,
      (await readAttente(there, second)).statut,
    ];
    let now = Date.now();
    await round(there, now + 29 * MINUTE);
    expect(await statuts()).toEqual(['proposee', 'en_attente']);
    now += 31 * MINUTE;
    await round(there, now);
    await round(there, now);
    expect(await statuts()).toEqual(['en_attente', 'proposee']);
    expect((await readAttente(there, first)).offres_manquees).toBe(1);
    // Two more that the first lets pass: each time at another hour, since none is offered to them twice.
    await answer(there, second, 'quitter');
    for (const missed of [2, 3]) {
      await api.database.owner.query(
        `UPDATE medical.rendez_vous_patients SET debut = debut - interval '1 year', fin = fin - interval '1 year'
         WHERE attente_id = $1`,
        [first],
      );
      await round(there, now);
      expect((await readAttente(there, first)).statut).toBe('proposee');
      now += 31 * MINUTE;
      await round(there, now);
      expect((await readAttente(there, first)).offres_manquees).toBe(missed);
    }
    expect((await readAttente(there, first)).statut).toBe('expiree');
  });

  it('finds what became free by other ways, and lets those go whose days are over', async () => {
    const { there, others } = await full(1);
    const { gerant } = there.agenda.people;
    const more = { [((there.nine.getUTCDay() + 6) % 7) + 1]: [['09:00', '10:30']] };
    await gerant.client.put(`/cabinets/${there.agenda.id}/praticiens/${there.agenda.praticien}/horaires`, {
      horaires: more,
    });
    const attente = others[0]!.attente;
    await round(there, Date.now());
    const { offre } = await readAttente(there, attente);
    expect(offre.debut).toBe(inJson(new Date(there.nine.getTime() + 60 * MINUTE)));
    await answer(there, attente, 'decliner');
    await round(there, there.nine.getTime() + 2 * DAY);
    expect((await readAttente(there, attente)).statut).toBe('expiree');
  });

  it('tells which practices somebody waits in, and offers to nobody who is not a patient any more, or has died', async () => {
    const { there, taken, others } = await full(2);
    const found = await attentesARevoir(api.app.medical, there.agenda.id - 1, 1);
    expect(found).toEqual([{ id: there.agenda.id, fuseau_horaire: 'UTC' }]);
    await there.desk.patch(`/patients/${others[0]!.id}`, { actif: false });
    await there.desk.patch(`/patients/${others[1]!.id}`, { date_deces: '2026-01-02' });
    await there.desk.put(`/cabinets/${there.agenda.id}/rendez-vous/${taken[0].uid}/annuler`);
    for (const { attente } of others) expect((await readAttente(there, attente)).statut).toBe('en_attente');
    const { status, body } = await wait(there, others[1]!.id);
    expect([status, body.erreurs?.[0]?.champ]).toEqual([422, 'patient_id']);
  });
});

describe('many at one moment', () => {
  it('cancel, book, answer and join: nobody waits for one another for ever, and no time is two people’s', async () => {
    const { there, taken, others } = await full(3);
    const strangers = await Promise.all(Array.from({ length: 3 }, () => makePatient(there.desk)));
    const url = `/cabinets/${there.agenda.id}`;
    const replies = await Promise.all([
      ...taken.map(({ uid }) => there.desk.put(`${url}/rendez-vous/${uid}/annuler`)),
      ...others.map(({ client, attente }) => client.put(`/mon/listes-attente/${attente}/accepter`)),
      ...others.map(({ attente }) => answer(there, attente, 'decliner')),
      ...strangers.map(({ id }) =>
        there.desk.post(`${url}/rendez-vous`, prise(there.agenda, there.nine, { patient_id: id })),
      ),
      ...strangers.map(({ id }) => wait(there, id)),
      revoirAttentes(api.app.medical, { id: there.agenda.id, fuseau_horaire: 'UTC' }, new Date()),
    ]);
    const statuses = replies.flatMap((reply) => ('status' in reply ? [reply.status] : []));
    expect(statuses.filter((status) => status >= 500)).toEqual([]);
    const [{ n }] = await api.database.owner.query(
      `SELECT count(*)::integer AS n FROM medical.rendez_vous_patients a JOIN medical.rendez_vous_patients b
         ON b.cabinet_id = a.cabinet_id AND b.praticien_id = a.praticien_id AND b.id > a.id
         AND b.debut < a.fin AND b.fin > a.debut
       WHERE a.cabinet_id = $1 AND a.statut <> 'annule' AND b.statut <> 'annule'`,
      [there.agenda.id],
    );
    expect(n).toBe(0);
    // The two halves say the same of each.
    const apart = await api.database.owner.query(
      `SELECT r.statut, b.statut AS moteur FROM medical.rendez_vous_patients r JOIN rendez_vous b ON b.id = r.rendez_vous_id
       WHERE r.cabinet_id = $1 AND (r.statut, b.statut) NOT IN
         (('confirme', 'confirme'), ('annule', 'annule'), ('propose', 'a_valider'))`,
      [there.agenda.id],
    );
    expect(apart).toEqual([]);
    const offers = await api.database.owner.query(
      `SELECT a.statut, r.statut AS offre FROM medical.attentes_patients a
       LEFT JOIN medical.rendez_vous_patients r ON r.attente_id = a.id AND r.statut = 'propose'
       WHERE a.cabinet_id = $1 AND (a.statut = 'proposee') <> (r.id IS NOT NULL)`,
      [there.agenda.id],
    );
    expect(offers).toEqual([]);
  });
});

describe('cancelling from an account', () => {
  it('is refused when it is too late, with what to do', async () => {
    const { first, taken, there } = await full(0);
    pretend(there.nine.getTime() - DAY + MINUTE);
    const late = await first.client.put(`/mon/rendez-vous/${taken[0].uid}/annuler`);
    expect([late.status, late.body.code]).toEqual([409, 'PREAVIS']);
    pretend(there.nine.getTime() - DAY - MINUTE);
    expect((await first.client.put(`/mon/rendez-vous/${taken[0].uid}/annuler`)).status).toBe(200);
  });

  it('says the same when it is said twice, and nothing of what is over', async () => {
    const { first, second, taken, there } = await full(0);
    const ask = () => first.client.put(`/mon/rendez-vous/${taken[0].uid}/annuler`);
    const [once, twice] = [await ask(), await ask()];
    expect([once.status, twice.status, twice.body]).toEqual([200, 200, once.body]);
    pretend(there.nine.getTime() + DAY);
    const over = await second.client.put(`/mon/rendez-vous/${taken[1].uid}/annuler`);
    expect([over.status, over.body.code]).toEqual([409, 'TRANSITION_INVALIDE']);
  });

  it('is of one’s own appointments alone: of others’ there is nothing, byte for byte', async () => {
    const { first, second, taken, others } = await full(1);
    const nothing = await first.client.put(`/mon/rendez-vous/${'z'.repeat(taken[0].uid.length)}/annuler`);
    const theirs = await second.client.put(`/mon/rendez-vous/${taken[0].uid}/annuler`);
    const told = ({ status, body: { correlation_id: _, instance: __, ...body } }: Reply) => [status, body];
    expect(told(theirs)).toEqual(told(nothing));
    expect(theirs.status).toBe(404);
    for (const acte of ['accepter', 'decliner', 'quitter']) {
      const { status } = await first.client.put(`/mon/listes-attente/${others[0]!.attente}/${acte}`);
      expect([acte, status]).toEqual([acte, 404]);
    }
    expect((await first.client.get('/mon/rendez-vous')).body).toMatchObject([{ statut: 'confirme' }]);
  });

  it('leaves one row on record, as theirs, and opens nothing else of the practice', async () => {
    const { first, taken } = await full(1);
    const before = await rowsOf(first.id);
    await first.client.put(`/mon/rendez-vous/${taken[0].uid}/annuler`);
    const after = await rowsOf(first.id);
    expect(after.slice(before.length)).toMatchObject([{ action: 'ecriture', finalite: 'PATRQT' }]);
  });
});

const rowsOf = (patientId: number): Promise<object[]> =>
  api.database.owner.query(
    'SELECT action, finalite FROM medical.acces_dossier WHERE patient_id = $1 ORDER BY id',
    [patientId],
  );

describe('the list of a practice', () => {
  it('refuses what is no patient, kind or doctor of it, days that are over, and who waits already', async () => {
    const [there, other] = [await full(0), await place()];
    const patient = await makePatient(there.there.desk);
    const theirs = await makePatient(other.desk);
    const champ = async (id: number, given: object = {}) => {
      const { status, body } = await wait(there.there, id, given);
      return [status, body.erreurs?.[0]?.champ ?? body.code];
    };
    expect(await champ(theirs.id)).toEqual([422, 'patient_id']);
    expect(await champ(patient.id, { prestation: other.agenda.prestation })).toEqual([422, 'prestation']);
    expect(await champ(patient.id, { praticien_id: other.agenda.praticien })).toEqual([422, 'praticien_id']);
    expect(await champ(patient.id, { duree: 45 })).toEqual([422, 'duree']);
    expect(await champ(patient.id, { date_debut: '2020-01-01', date_fin: '2020-01-02' })).toEqual([
      422,
      'date_fin',
    ]);
    expect(await champ(patient.id, { date_fin: '2020-01-02' })).toEqual([422, 'date_fin']);
    expect((await wait(there.there, patient.id)).status).toBe(201);
    expect(await champ(patient.id)).toEqual([409, 'DEJA_EXISTANT']);
  });

  it('is a constant number of statements, shows one access row a patient, and is the practice’s alone', async () => {
    const { there, others } = await full(3);
    const list = () => there.desk.get(`/cabinets/${there.agenda.id}/listes-attente?statut=en_attente`);
    const { body, headers } = await list();
    expect(body.map(({ position }: { position: number }) => position)).toEqual([1, 2, 3]);
    expect(headers.get('x-total-count')).toBe('3');
    const many = (await statementsDuring(list)).length;
    await answer(there, others[0]!.attente, 'quitter');
    await answer(there, others[1]!.attente, 'quitter');
    expect(await statementsDuring(list)).toHaveLength(many);
    const stranger = await place();
    for (const path of ['', `/${others[2]!.attente}`]) {
      const { status } = await stranger.desk.get(`/cabinets/${there.agenda.id}/listes-attente${path}`);
      expect([path, status]).toEqual([path, 404]);
    }
    // Nor is it to be had by way of one's own practice.
    const mine = `/cabinets/${stranger.agenda.id}/listes-attente/${others[2]!.attente}`;
    expect((await stranger.desk.get(mine)).status).toBe(404);
    expect((await stranger.desk.put(`${mine}/quitter`)).status).toBe(404);
    expect(
      (
        await there.agenda.people.gerant.client.put(
          `/cabinets/${there.agenda.id}/listes-attente/${others[2]!.attente}/quitter`,
        )
      ).status,
    ).toBe(403);
  });
});
