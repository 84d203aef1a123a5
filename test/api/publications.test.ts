import { randomUUID } from 'node:crypto';
import { rulesFor } from '../../src/auth/permissions';
import {
  type ConsultationFault,
  verifyConsultations,
} from '../../src/services/cabinet/consultations-verification';
import { startTestApi, type TestApi } from '../support/api';
import { addMembre, makeCabinet, makePatient, type Personne, type TestCabinet } from '../support/cabinets';
import type { Client } from '../support/client';
import { PASSWORD } from '../support/factories';

/** Which consultations their patients read: those that whoever signed them published, and for as long as they are. */

let api: TestApi;
let cabinet: TestCabinet;
let other: TestCabinet;
let doctor: Client;
beforeAll(async () => {
  api = await startTestApi();
  const admin = (await api.newPerson('admin')).client;
  cabinet = await makeCabinet(api, admin, { adresse: 'Rue de Fès' });
  other = await makeCabinet(api, admin);
  doctor = cabinet.people.medecin.client;
});
afterAll(() => api.close());
afterEach(async () => {
  api.app.rulesFor = rulesFor;
  // Nobody signs as much as is signed here.
  await api.db.query('DELETE FROM echecs_connexion');
});

const SOAP = {
  motif: 'Toux',
  interrogatoire: 'Depuis trois jours',
  examen: 'Auscultation libre',
  conclusion: 'Bronchite',
  conduite: 'Repos',
};
const PRIVATE = 'Anxieux Kanarienvogel';
const proof = { mot_de_passe: PASSWORD };
const instant = expect.stringMatching(/Z$/);
const VERIFIED = { statut_identite: 'validee', justificatif: 'carte_identite' };

async function tie(where: TestCabinet, id: number, compte: Personne): Promise<void> {
  const { code } = (await compte.client.get('/mon/code')).body;
  const tied = await where.people.secretaire.client.put(`/patients/${id}/compte`, { code });
  expect(tied.status).toBe(200);
}

/** Somebody with an account who is a patient there. */
async function patientOf(where: TestCabinet, compte: Personne, given: object = {}): Promise<number> {
  const { id } = await makePatient(where.people.medecin.client, { ...VERIFIED, ...given });
  await tie(where, id, compte);
  return id;
}

interface Ecrite {
  id: number;
  path: string;
}

async function begin(patient_id: number, by = doctor, given: object = {}): Promise<Ecrite> {
  const made = await by.post('/consultations', {
    ...{ patient_id, ...SOAP, notes_personnelles: PRIVATE, ...given },
  });
  expect(made.status).toBe(201);
  return { id: made.body.id, path: `/consultations/${made.body.id}` };
}

async function sign({ path }: Ecrite, by = doctor): Promise<void> {
  expect((await by.post(`${path}/signature`, proof)).status).toBe(201);
}

async function signed(patient_id: number, by = doctor, given: object = {}): Promise<Ecrite> {
  const begun = await begin(patient_id, by, given);
  await sign(begun, by);
  return begun;
}

const publish = ({ path }: Ecrite, by = doctor, headers = {}) =>
  by.put(`${path}/publication`, undefined, headers);
const takeBack = ({ path }: Ecrite, by = doctor, headers = {}) => by.delete(`${path}/publication`, headers);

async function published(patient_id: number, by = doctor, given: object = {}): Promise<Ecrite> {
  const done = await signed(patient_id, by, given);
  expect((await publish(done, by)).status).toBe(200);
  return done;
}

const read = async ({ client }: Personne, query = '') => {
  const { status, body } = await client.get(`/mon/consultations${query}`);
  expect(status).toBe(200);
  return body;
};
const idsOf = (rows: { id: number }[]) => rows.map(({ id }) => id);
const seenBy = async (compte: Personne, query = '') => idsOf(await read(compte, query));
const refusal = ({ status, body }: { status: number; body: { code: string } }) => [status, body.code];

/** What was said of the publication of one, by whom. */
const journalOf = ({ id }: Ecrite) =>
  api.database.owner.query(
    `SELECT numero, publiee, user_id FROM medical.publications_consultation WHERE consultation_id = $1 ORDER BY numero`,
    [id],
  );

async function faults(): Promise<ConsultationFault[]> {
  const found: ConsultationFault[] = [];
  await verifyConsultations(api.app.medical, api.app.secrets, (fault) => found.push(fault));
  return found;
}

describe('a consultation that is published', () => {
  it('is read by its patient as it was signed, with what was measured, found and added; never what is the author’s alone', async () => {
    const compte = await api.newPerson('client');
    const patient_id = await patientOf(cabinet, compte);
    const done = await begin(patient_id);
    const add = (segment: string, body: object) => doctor.post(`/patients/${patient_id}/${segment}`, body);
    await add('antecedents', { type: 'familial', texte: 'Dit par un voisin', source_tiers: true });
    await add('diagnostics', { texte: 'Hypothèse d’ailleurs' });
    await add('constantes', { type: 'poids', valeur: 61.5, consultation_id: done.id });
    await add('diagnostics', { texte: 'Bronchite', code: 'J20.9', consultation_id: done.id });
    await sign(done);
    await doctor.post(`${done.path}/addenda`, { texte: 'Radiographie normale' });
    expect(await read(compte)).toEqual([]);
    expect((await publish(done)).status).toBe(200);
    await doctor.post(`${done.path}/addenda`, { texte: 'Revue ce soir' });
    const { status, body, headers, bytes } = await compte.client.get('/mon/consultations');
    expect([status, headers.get('x-total-count')]).toEqual([200, '1']);
    const { nom, prenom } = cabinet.people.medecin.user;
    const auteur = { nom, prenom };
    expect(body).toEqual([
      {
        ...{ id: done.id, patient_id, auteur, statut: 'signee', ...SOAP },
        cabinet: { id: cabinet.id, nom: expect.any(String), adresse: 'Rue de Fès', telephone: null },
        ...{ date: instant, signee_le: instant, publiee_le: instant, invalidation: null },
        constantes: [expect.objectContaining({ type: 'poids', valeur: 61.5, statut: 'actif' })],
        diagnostics: [expect.objectContaining({ texte: 'Bronchite', code: 'J20.9', statut: 'actif' })],
        addenda: [
          { auteur, date: instant, texte: 'Radiographie normale' },
          { auteur, date: instant, texte: 'Revue ce soir' },
        ],
      },
    ]);
    expect(bytes.toString()).not.toMatch(/Kanarien|notes_personnelles|voisin|Hypothèse|empreinte/);
    // The record itself stays what it was: one read, of what holds.
    expect((await compte.client.get('/mon/dossier')).bytes.toString()).not.toMatch(/Kanarien|Hypothèse|J20/);
  });

  it('is taken back and published again, each time on record; asked twice nothing changes', async () => {
    const compte = await api.newPerson('client');
    const done = await signed(await patientOf(cabinet, compte));
    const before = (await doctor.get(done.path)).body;
    expect([before.publiee_le, before.version]).toEqual([null, 2]);
    const shown = await publish(done);
    expect([shown.body.publiee_le, shown.body.version, shown.headers.get('etag')]).toEqual([
      instant,
      3,
      '"3"',
    ]);
    expect((await publish(done)).body).toEqual(shown.body);
    expect(await seenBy(compte)).toEqual([done.id]);
    const hidden = await takeBack(done);
    expect([hidden.status, hidden.body.publiee_le, hidden.body.version]).toEqual([200, null, 4]);
    expect((await takeBack(done)).body).toEqual(hidden.body);
    expect(await read(compte)).toEqual([]);
    expect((await publish(done)).body.version).toBe(5);
    expect(await seenBy(compte)).toEqual([done.id]);
    const user_id = cabinet.people.medecin.user.id;
    expect(await journalOf(done)).toEqual([
      { numero: 1, publiee: true, user_id },
      { numero: 2, publiee: false, user_id },
      { numero: 3, publiee: true, user_id },
    ]);
  });

  it('is what was signed, to the byte: signature, chain and digests say nothing of it', async () => {
    const compte = await api.newPerson('client');
    const done = await signed(await patientOf(cabinet, compte));
    const { owner } = api.database;
    const sealed = () =>
      owner.query(
        `SELECT c.contenu, c.notes, c.version_contenu, c.date_signature, a.*, t.rang AS dernier, t.empreinte AS tete
         FROM medical.consultations c JOIN medical.actes_consultation a ON a.consultation_id = c.id
         JOIN medical.actes_chaines t ON t.cabinet_id = c.cabinet_id WHERE c.id = $1`,
        [done.id],
      );
    const [was, { signature }] = [await sealed(), (await doctor.get(done.path)).body];
    for (const act of [publish, takeBack, publish]) {
      const { body } = await act(done);
      expect(body.signature).toEqual(signature);
    }
    expect(await sealed()).toEqual(was);
    expect(await faults()).toEqual([]);
  });

  it('that was invalidated says so, and by whom and why; it can be taken back then, and is published no more', async () => {
    const compte = await api.newPerson('client');
    const patient_id = await patientOf(cabinet, compte);
    const done = await begin(patient_id);
    await doctor.post(`/patients/${patient_id}/diagnostics`, { texte: 'Erreur', consultation_id: done.id });
    await sign(done);
    await publish(done);
    const gone = await doctor.post(`${done.path}/invalidation`, { motif: 'Autre patient' });
    expect([gone.body.statut, gone.body.publiee_le]).toEqual(['invalidee', instant]);
    const { nom, prenom } = cabinet.people.medecin.user;
    const [shown, ...others] = await read(compte);
    expect([shown, others]).toEqual([
      expect.objectContaining({
        ...{ statut: 'invalidee', ...SOAP },
        invalidation: { auteur: { nom, prenom }, date: instant, motif: 'Autre patient' },
        diagnostics: [expect.objectContaining({ texte: 'Erreur', statut: 'erreur' })],
      }),
      [],
    ]);
    expect(refusal(await publish(done))).toEqual([409, 'TRANSITION_INVALIDE']);
    expect((await takeBack(done)).status).toBe(200);
    expect(await read(compte)).toEqual([]);
    expect(refusal(await publish(done))).toEqual([409, 'TRANSITION_INVALIDE']);
    expect(await faults()).toEqual([]);
  });

  it('is one that is signed: a draft, and one that was given up, are nobody else’s', async () => {
    const compte = await api.newPerson('client');
    const patient_id = await patientOf(cabinet, compte);
    const [draft, given] = [await begin(patient_id), await begin(patient_id)];
    await doctor.patch(given.path, { statut: 'abandonnee' }, { 'If-Match': '"1"' });
    for (const one of [draft, given]) {
      expect(refusal(await publish(one))).toEqual([409, 'TRANSITION_INVALIDE']);
      expect(refusal(await takeBack(one))).toEqual([409, 'TRANSITION_INVALIDE']);
    }
    expect(await read(compte)).toEqual([]);
  });

  it('is published on the version that was seen, where that is said, and once for a key', async () => {
    const compte = await api.newPerson('client');
    const done = await signed(await patientOf(cabinet, compte));
    expect(refusal(await publish(done, doctor, { 'If-Match': '"1"' }))).toEqual([412, 'VERSION_PERIMEE']);
    const key = { 'If-Match': '"2"', 'Idempotency-Key': randomUUID() };
    const first = await publish(done, doctor, key);
    const again = await publish(done, doctor, key);
    expect([again.status, again.body, again.headers.get('idempotency-replayed')]).toEqual([
      200,
      first.body,
      'true',
    ]);
    expect(refusal(await takeBack(done, doctor, { 'If-Match': '"2"' }))).toEqual([412, 'VERSION_PERIMEE']);
    expect((await takeBack(done, doctor, { 'If-Match': '"3"' })).status).toBe(200);
    expect(await journalOf(done)).toHaveLength(2);
  });

  it('of many at the same moment is published once', async () => {
    const compte = await api.newPerson('client');
    const done = await signed(await patientOf(cabinet, compte));
    const replies = await Promise.all(Array.from({ length: 5 }, () => publish(done)));
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(await journalOf(done)).toHaveLength(1);
  });
});

describe('whoever publishes', () => {
  it('is its author, while they may open the record: no colleague, desk, who runs the practice, administrator or patient', async () => {
    const compte = await api.newPerson('client');
    const done = await signed(await patientOf(cabinet, compte));
    const { gerant, secretaire, remplacant } = cabinet.people;
    const admin = await api.newPerson('admin');
    for (const { client } of [remplacant, gerant, secretaire, admin, compte]) {
      for (const act of [publish, takeBack]) {
        expect(refusal(await act(done, client))).toEqual([403, 'INTERDIT']);
      }
    }
    const { client } = other.people.medecin;
    for (const act of [publish, takeBack]) {
      expect(refusal(await act(done, client))).toEqual([404, 'INTROUVABLE']);
    }
    expect(await journalOf(done)).toEqual([]);
  });

  it('has been in the practice: who stood in and has left publishes and takes back nothing', async () => {
    const compte = await api.newPerson('client');
    const patient_id = await patientOf(cabinet, compte);
    const { client: gerant } = cabinet.people.gerant;
    const remplacant = await addMembre(api, gerant, cabinet.id, 'remplacant');
    const [kept, later] = [await published(patient_id, remplacant.client), await begin(patient_id)];
    const theirs = await signed(patient_id, remplacant.client);
    const [{ id }] = (await gerant.get(`/cabinets/${cabinet.id}/membres?user_id=${remplacant.user.id}`)).body;
    expect(
      (await gerant.patch(`/cabinets/${cabinet.id}/membres/${id}`, { date_fin: '2021-01-01' })).status,
    ).toBe(200);
    for (const one of [kept, theirs]) {
      for (const act of [publish, takeBack]) {
        expect(refusal(await act(one, remplacant.client))).toEqual([403, 'INTERDIT']);
      }
    }
    expect(refusal(await publish(later, remplacant.client))).toEqual([403, 'INTERDIT']);
    // What was published stays so; what is not its author's nobody else publishes.
    expect(await seenBy(compte)).toEqual([kept.id]);
    expect(refusal(await publish(theirs))).toEqual([403, 'INTERDIT']);
  });

  it('may open the record then: not after the hour for which it was opened with a reason', async () => {
    const compte = await api.newPerson('client');
    const { id: patient_id } = await makePatient(cabinet.people.secretaire.client, {
      ...{ ...VERIFIED, partage_cabinet: false },
    });
    await tie(cabinet, patient_id, compte);
    const motif = 'Malaise au cabinet';
    const opened = await doctor.post(`/patients/${patient_id}/bris-de-glace`, { motif });
    expect(opened.status).toBe(201);
    const done = await signed(patient_id);
    expect((await doctor.post(`/bris-de-glace/${opened.body.id}/fermeture`)).status).toBe(200);
    expect(refusal(await publish(done))).toEqual([403, 'DOSSIER_NON_PARTAGE']);
    expect(await read(compte)).toEqual([]);
  });
});

describe('what a patient reads of consultations', () => {
  it('is their own in all their practices, by pages, by practice, with an access on record for each patient', async () => {
    const compte = await api.newPerson('client');
    const neighbour = await api.newPerson('client');
    const here = await patientOf(cabinet, compte);
    const there = await patientOf(other, compte);
    await published(await patientOf(cabinet, neighbour), doctor, { motif: 'Celle d’un voisin' });
    const on = (day: number) => ({ date: `2026-03-0${day}T09:00:00.000Z` });
    const first = await published(here, doctor, on(1));
    const second = await published(there, other.people.medecin.client, on(2));
    const third = await published(here, doctor, on(3));
    await signed(here, doctor, on(4));
    expect(await seenBy(compte)).toEqual([third.id, second.id, first.id]);
    expect(await seenBy(compte, '?sort=date')).toEqual([first.id, second.id, third.id]);
    expect(await seenBy(compte, `?patient_id=${there}`)).toEqual([second.id]);
    const page = await compte.client.get('/mon/consultations?limit=2');
    expect(idsOf(page.body)).toEqual([third.id, second.id]);
    const cursor = /curseur=([\w-]+)/.exec(page.headers.get('link')!)![1];
    expect(await seenBy(compte, `?limit=2&curseur=${cursor}`)).toEqual([first.id]);
    const onRecord = await api.database.owner.query(
      `SELECT cabinet_id, patient_id, finalite, categories, action FROM medical.acces_dossier
       WHERE requete = 'GET /mon/consultations' AND user_id = $1 ORDER BY id DESC LIMIT 2`,
      [compte.user.id],
    );
    const said = { finalite: 'PATRQT', categories: ['consultations'], action: 'lecture' };
    expect(onRecord).toEqual(
      expect.arrayContaining([
        { cabinet_id: cabinet.id, patient_id: here, ...said },
        { cabinet_id: other.id, patient_id: there, ...said },
      ]),
    );
    // Neither practice learns of the other.
    const log = await cabinet.people.gerant.client.get(`/patients/${here}/acces?limit=200`);
    expect(JSON.stringify(log.body)).not.toContain(String(there));
  });

  it('is nothing of anybody else, by no id, cursor or rule; nothing at all without a record or an account of a client', async () => {
    const [compte, neighbour] = [await api.newPerson('client'), await api.newPerson('client')];
    await patientOf(cabinet, compte);
    const theirs = await patientOf(cabinet, neighbour);
    const done = await published(theirs);
    await published(theirs);
    const paged = await neighbour.client.get('/mon/consultations?limit=1');
    const cursor = /curseur=([\w-]+)/.exec(paged.headers.get('link')!)![1];
    const nobody = await api.newPerson('client');
    for (const one of [compte, nobody]) {
      for (const query of [
        '',
        `?patient_id=${theirs}`,
        `?curseur=${cursor}`,
        '?sort=-publiee_le&limit=200',
      ]) {
        expect([query, await read(one, query)]).toEqual([query, []]);
      }
      expect((await one.client.get(done.path)).status).toBe(403);
    }
    api.app.rulesFor = (principal) => [
      ...rulesFor(principal).filter(({ subject }) => subject !== 'MonDossier'),
      { action: 'read', subject: 'MonDossier' },
    ];
    expect(await read(compte)).toEqual([]);
    api.app.rulesFor = rulesFor;
    const { medecin, secretaire, gerant } = cabinet.people;
    for (const { client } of [await api.newPerson('admin'), medecin, secretaire, gerant]) {
      expect((await client.get('/mon/consultations')).status).toBe(403);
    }
    // Who is told apart from their account reads nothing more.
    expect((await secretaire.client.delete(`/patients/${theirs}/compte`)).status).toBe(200);
    expect(await read(neighbour)).toEqual([]);
  });

  it('is also what was published of somebody who turned out to be them, and theirs no more once those are two again', async () => {
    const [compte, wrong] = [await api.newPerson('client'), await api.newPerson('client')];
    const id = await patientOf(cabinet, compte);
    const double = await patientOf(cabinet, wrong);
    const [before, hidden] = [await published(double), await signed(double)];
    const own = await published(id);
    const { client: gerant } = cabinet.people.gerant;
    const merged = await gerant.post(`/patients/${id}/fusion`, { avec: double });
    expect(merged.status).toBe(201);
    expect((await seenBy(compte)).sort()).toEqual([before.id, own.id].sort());
    expect(await read(wrong)).toEqual([]);
    // Its author says so of whoever's it is by now, and it goes back with what was said.
    expect((await publish(hidden)).body).toMatchObject({ patient_id: id, publiee_le: instant });
    expect((await takeBack(before)).status).toBe(200);
    expect((await seenBy(compte)).sort()).toEqual([hidden.id, own.id].sort());
    expect(await faults()).toEqual([]);
    expect((await gerant.post(`/fusions/${merged.body.id}/annuler`)).status).toBe(200);
    expect(await seenBy(compte)).toEqual([own.id]);
    expect(await seenBy(wrong)).toEqual([hidden.id]);
    expect(await faults()).toEqual([]);
  });

  it('is an error and nothing of it, where it is not what was signed', async () => {
    const compte = await api.newPerson('client');
    const done = await published(await patientOf(cabinet, compte));
    const { owner } = api.database;
    const flip = `ALTER TABLE medical.consultations DISABLE TRIGGER USER;
      UPDATE medical.consultations SET contenu = set_byte(contenu, 20, get_byte(contenu, 20) # 1) WHERE id = ${done.id};
      ALTER TABLE medical.consultations ENABLE TRIGGER USER`;
    await owner.query(flip);
    const { status, bytes } = await compte.client.get('/mon/consultations');
    expect([status, bytes.toString()]).toEqual([500, expect.not.stringContaining('Bronchite')]);
    await owner.query(flip);
    expect(await seenBy(compte)).toEqual([done.id]);
  });
});

describe('the database', () => {
  it('refuses itself what nobody has said, what is not the author’s to say, and to forget what was', async () => {
    const compte = await api.newPerson('client');
    const patient_id = await patientOf(cabinet, compte);
    const [done, draft, wrong] = [
      await signed(patient_id),
      await begin(patient_id),
      await signed(patient_id),
    ];
    await doctor.post(`${wrong.path}/invalidation`, { motif: 'Autre patient' });
    const shown = await published(patient_id);
    const author = cabinet.people.medecin.user.id;
    const say = ({ id }: Ecrite, numero: number, publiee: boolean, user = author) =>
      `INSERT INTO medical.publications_consultation
         (cabinet_id, consultation_id, numero, publiee, user_id, correlation_id, date)
       VALUES (${cabinet.id}, ${id}, ${numero}, ${publiee}, ${user}, 'essai', '2026-11-02T08:30:00Z')`;
    const set = ({ id }: Ecrite, date: string) =>
      `UPDATE medical.consultations SET publiee_le = ${date} WHERE id = ${id}`;
    const then = `'2026-11-02T08:30:00Z'`;
    const refused = (statement: string): Promise<string | null> =>
      api.app.medical
        .transaction(async (tx) => {
          await tx.query(`SELECT set_config('regie.cabinets', '{${cabinet.id}}', true)`);
          for (const one of statement.split(';')) await tx.query(one);
        })
        .then(
          () => null,
          (error) => error.driverError.code,
        );
    for (const statement of [
      // Without its being said, at another instant, or taken back without that.
      set(done, 'now()'),
      `${say(done, 1, true)};${set(done, 'now()')}`,
      set(shown, 'NULL'),
      set(shown, 'now()'),
      // Of what is not signed, or does not hold.
      say(draft, 1, true),
      set(draft, then),
      say(wrong, 1, true),
      set(wrong, then),
      // By somebody else.
      say(done, 1, true, cabinet.people.remplacant.user.id),
      // With something else.
      `${say(done, 1, true)};UPDATE medical.consultations SET publiee_le = ${then}, date = now() WHERE id = ${done.id}`,
      'DELETE FROM medical.publications_consultation',
      'UPDATE medical.publications_consultation SET publiee = publiee',
    ]) {
      expect([statement, await refused(statement)]).toEqual([statement, '42501']);
    }
    // Twice in a row is nothing to say.
    expect(await refused(say(shown, 2, true))).toBe('23514');
    for (const statement of [
      'DELETE FROM medical.publications_consultation',
      'UPDATE medical.publications_consultation SET publiee = publiee',
      'TRUNCATE medical.publications_consultation',
    ]) {
      await expect(api.database.owner.query(statement)).rejects.toMatchObject({ code: 'P0001' });
    }
    expect(await seenBy(compte)).toEqual([shown.id]);
  });
});
