import { randomUUID } from 'node:crypto';
import { ROUTES } from '../../src/api/routes';
import { Access } from '../../src/auth/access';
import type { Principal } from '../../src/auth/principal';
import { createSecrets } from '../../src/auth/secrets';
import { openCabinets } from '../../src/db/medical';
import { readPatient } from '../../src/services/cabinet/patients';
import { randomFreePort } from '../../tools/lib/ports';
import { startTestApi, type TestApi, testEnvironment } from '../support/api';
import {
  addMembre,
  keepForAMonth,
  makeCabinet,
  makeDue,
  makePatient,
  patient,
  type TestCabinet,
} from '../support/cabinets';
import { type Client, createClient, type Reply } from '../support/client';
import { startCompiled } from '../support/compiled';
import { consentement, entreesDe, fillDossier, note } from '../support/dossiers';
import {
  ECRITS,
  type Ecritures,
  ecritDe,
  examenDe,
  makeEcritures,
  makePrescripteur,
  recuDe,
  sign,
} from '../support/ecrits';
import { eventually } from '../support/eventually';
import { makeUser, PASSWORD, signIn } from '../support/factories';
import { holdRows } from '../support/locks';

/** Two practices on one installation: neither learns that the other knows somebody, and nobody else learns it either. */

let api: TestApi;
let admin: Client;
let own: TestCabinet;
let other: TestCabinet;
let theirs: number;
let ours: number;
/** What was written of that patient. */
let written: Ecritures;
/** That a record there was opened with a reason, reviewed. */
let bris: number;
beforeAll(async () => {
  api = await startTestApi();
  admin = (await api.newPerson('admin')).client;
  own = await makeCabinet(api, admin);
  other = await makeCabinet(api, admin);
  theirs = (await makePatient(other.people.medecin.client, CANARY)).id;
  await fillDossier(other.people.medecin.client, theirs, WORD);
  ours = (await makePatient(own.people.medecin.client, { nom_naissance: 'Autre' })).id;
  await makePrescripteur(other);
  written = await makeEcritures(other.people.medecin.client, theirs, WORD);
  bris = await breakGlass();
});
afterAll(() => api.close());

const WORD = 'Kanarienvogel';
const CANARY = {
  nom_naissance: WORD,
  nom_usage: `${WORD}-Tazi`,
  prenoms: WORD,
  profession: `${WORD} de mine`,
  adresse: `Rue ${WORD}`,
  email: `${WORD.toLowerCase()}@exemple.ma`,
  identifiants: [{ type: 'cin', valeur: `ZZ ${WORD}` }],
};

/** The canary in all that doctors write and receive, also in what is refused and repeated. */
async function writeEverything(doctor: Client, id: number): Promise<void> {
  await makeEcritures(doctor, id, WORD);
  const again = () => ({ 'Idempotency-Key': randomUUID() });
  for (const segment of ['ordonnances', 'certificats'] as const) {
    const body = { ...ECRITS[segment](id), ...ecritDe(segment, WORD) };
    const key = again();
    const made = [await doctor.post(`/${segment}`, body, key), await doctor.post(`/${segment}`, body, key)];
    expect(made.map(({ status }) => status)).toEqual([201, 201]);
    await doctor.post(`/${segment}`, { ...body, autre: WORD });
    await doctor.post(`/${segment}`, { ...body, patient_id: 1 });
    await doctor.get(`/${segment}?statut=${WORD}`);
    const draft = made[0]!.body.id;
    expect((await sign(doctor, segment, draft, { [WORD]: WORD })).status).toBe(422);
    expect((await sign(doctor, segment, draft, { mot_de_passe: WORD })).status).toBe(422);
    expect((await sign(doctor, segment, draft, {}, again())).status).toBe(200);
    await doctor.post(`/${segment}/${draft}/invalidation`, { motif: WORD }, again());
    await doctor.get(`/${segment}/${draft}/pdf?langue=ar`);
  }
  // Against an allergy: refused with its name, then answered.
  const lignes = [{ dci: `Amoxicilline ${WORD}`, posologie: WORD, mode: WORD, duree_jours: 1 }];
  await doctor.post(`/patients/${id}/allergies`, { substance: `${WORD} amoxicilline` });
  const refused = await doctor.post('/ordonnances', { patient_id: id, lignes }, again());
  expect([refused.status, refused.body.alertes.length > 0]).toEqual([409, true]);
  const forcer = { motif: WORD };
  expect((await doctor.post('/ordonnances', { patient_id: id, lignes, forcer }, again())).status).toBe(201);
  for (const body of [examenDe(id, WORD), recuDe(WORD)]) {
    const key = again();
    for (const _ of [1, 2]) expect((await doctor.post('/examens', body, key)).status).toBe(201);
  }
}

/** The canary in the reason for which a record was opened, and in what was said of it. */
async function breakGlass(): Promise<number> {
  const { gerant, secretaire, medecin } = other.people;
  const { id } = await makePatient(secretaire.client, { ...CANARY, partage_cabinet: false });
  expect((await medecin.client.get(`/patients/${id}/allergies`)).status).toBe(403);
  const motif = `${WORD} en salle d’attente`;
  const made = await medecin.client.post(`/patients/${id}/bris-de-glace`, { motif });
  expect([made.status, made.body.motif]).toEqual([201, motif]);
  const seen = await gerant.client.post(`/bris-de-glace/${made.body.id}/revue`, {
    conclusion: 'injustifie',
    commentaire: `${WORD} y était`,
  });
  expect(seen.body.revue.commentaire).toContain(WORD);
  return made.body.id;
}

const NOTHING = 2_147_480_000;
const KEPT = { ancre: 'dernier_acte', duree_mois: 1, source: 'Essai' };

/** All that an answer says, but for what names the request itself. */
function toldOf({ status, body, headers }: Reply): unknown {
  const { correlation_id: _, instance: __, ...said } = body as Record<string, unknown>;
  const mine = ['x-request-id', 'date', 'content-length'];
  return { status, said, headers: [...headers].filter(([name]) => !mine.includes(name)) };
}

const FONCTIONS = ['medecin', 'remplacant', 'secretaire', 'gerant'] as const;

describe('what another practice has', () => {
  it('is answered like what there is not, byte for byte, to every function, by every route that names a row', async () => {
    const { gerant } = other.people;
    const [{ id: membre }] = (await gerant.client.get(`/cabinets/${other.id}/membres`)).body;
    const praticien = (
      await gerant.client.post(`/cabinets/${other.id}/praticiens`, { user_id: other.people.medecin.user.id })
    ).body.id;
    const avec = (await makePatient(other.people.medecin.client)).id;
    const merged = (await gerant.client.post(`/patients/${theirs}/fusion`, { avec })).body.id;
    const copie = (await other.people.medecin.client.post(`/patients/${theirs}/export`, {})).body.id;
    await keepForAMonth(gerant.client, other.id);
    const held = (await gerant.client.post('/conservation/retenues', { patient_id: theirs, motif: WORD }))
      .body.id;
    const due = await makeDue(api.database.owner, other.people.medecin.client);
    const asked = (await gerant.client.post('/conservation/purges', { patient_id: due })).body.id;
    const right = { patient_id: theirs, nature: 'acces', demande: WORD };
    const demanded = (await gerant.client.post('/demandes-droits', right)).body.id;
    const requests = (
      id: number,
      cabinet: number,
      member: number,
      doctor: number,
      exported: number,
      element: number,
      fusion: number,
      retenue: number,
      purge: number,
      demande: number,
      consultation: number,
      opening: number,
      of: Ecritures,
    ): [string, string, object?][] => [
      ['POST', `/patients/${id}/export`, {}],
      ['GET', `/exports/${exported}`],
      ['GET', `/exports/${exported}/contenu`],
      ['GET', `/patients/${id}`],
      ['PATCH', `/patients/${id}`, { nom_usage: 'Autre' }],
      ['GET', `/patients/${id}/acces`],
      ['GET', `/patients/${id}/doublons`],
      ['GET', `/patients/${id}/identifiants`],
      ['POST', `/patients/${id}/identifiants`, { type: 'cin', valeur: 'A 1' }],
      ['PATCH', `/patients/${id}/identifiants/${element}`, { valeur: 'A 1' }],
      ['GET', `/patients/${id}/consentements`],
      ['POST', `/patients/${id}/consentements`, consentement(WORD)],
      ['GET', `/patients/${id}/dossier`],
      ['GET', `/patients/${id}/consultations`],
      ['POST', '/consultations', { patient_id: id, ...note('Samira') }],
      ['GET', `/consultations/${consultation}`],
      ['PATCH', `/consultations/${consultation}`, { motif: 'Autre' }],
      ['POST', `/consultations/${consultation}/signature`, { mot_de_passe: PASSWORD }],
      ['POST', `/consultations/${consultation}/addenda`, { texte: 'Plus' }],
      ['POST', `/consultations/${consultation}/invalidation`, { motif: 'Non' }],
      ['PUT', `/consultations/${consultation}/publication`],
      ['DELETE', `/consultations/${consultation}/publication`],
      ...Object.entries(entreesDe('Samira')).flatMap(
        ([segment, { body, change }]): [string, string, object?][] => [
          ['GET', `/patients/${id}/${segment}`],
          ['POST', `/patients/${id}/${segment}`, body],
          ['PATCH', `/patients/${id}/${segment}/${element}`, change],
        ],
      ),
      ['GET', `/cabinets/${cabinet}`],
      ['PATCH', `/cabinets/${cabinet}`, { adresse: 'Fès' }],
      ['GET', `/cabinets/${cabinet}/membres`],
      ['POST', `/cabinets/${cabinet}/membres`, { user_id: 1, fonction: 'medecin', date_debut: '2026-01-01' }],
      ['PATCH', `/cabinets/${cabinet}/membres/${member}`, { date_fin: '2090-01-01' }],
      ['GET', `/cabinets/${cabinet}/praticiens`],
      ['POST', `/cabinets/${cabinet}/praticiens`, { user_id: 1 }],
      ['PATCH', `/cabinets/${cabinet}/praticiens/${doctor}`, { actif: false }],
      ['GET', `/patients/${id}/fusions`],
      ['POST', `/patients/${id}/fusion`, { avec: id }],
      ['POST', `/patients/${ours}/fusion`, { avec: id }],
      ['POST', `/fusions/${fusion}/annuler`],
      ['GET', `/conservation/echeances?cabinet_id=${cabinet}`],
      ['PUT', '/conservation/politiques', { ...KEPT, cabinet_id: cabinet }],
      ['POST', '/conservation/retenues', { patient_id: id, motif: 'Essai' }],
      ['POST', `/conservation/retenues/${retenue}/lever`],
      ['POST', '/conservation/purges', { patient_id: id }],
      ['POST', `/conservation/purges/${purge}/signature`],
      ['POST', `/conservation/purges/${purge}/annuler`],
      ['POST', '/demandes-droits', { patient_id: id, nature: 'acces', demande: 'Essai' }],
      ['GET', `/demandes-droits/${demande}`],
      ['POST', `/demandes-droits/${demande}/reponse`, { statut: 'refusee', reponse: 'Essai' }],
      // A row of another practice under one's own.
      ['PATCH', `/cabinets/${own.id}/membres/${member}`, { date_fin: '2090-01-01' }],
      ['PATCH', `/cabinets/${own.id}/praticiens/${doctor}`, { actif: false }],
      ['POST', '/patients', patient({ cabinet_id: cabinet })],
      ...(['ordonnances', 'certificats'] as const).flatMap((segment): [string, string, object?][] => [
        ['POST', `/${segment}`, ECRITS[segment](id)],
        ...[of.brouillon, of.signe, of.invalide].flatMap((those): [string, string, object?][] => [
          ['GET', `/${segment}/${those[segment]}`],
          ['PATCH', `/${segment}/${those[segment]}`, { a_remettre: false }],
          ['POST', `/${segment}/${those[segment]}/signature`, { mot_de_passe: 'Autre-Chose-12!' }],
          ['POST', `/${segment}/${those[segment]}/invalidation`, { motif: 'Erreur' }],
          ['GET', `/${segment}/${those[segment]}/pdf`],
        ]),
      ]),
      ['POST', '/examens', examenDe(id, 'Samira')],
      ['POST', '/examens', { ...recuDe('Samira'), cabinet_id: cabinet }],
      ...[of.examen, of.nonRattache].flatMap((one): [string, string, object?][] => [
        ['GET', `/examens/${one}`],
        ['PATCH', `/examens/${one}`, { attendu_le: null }],
        ['PUT', `/examens/${one}/resultat`, { texte: 'Encore' }],
        ['POST', `/examens/${one}/vu`, { numero: 1, decision: 'normal' }],
        ['PUT', `/examens/${one}/rattachement`, { patient_id: id, medecin_id: doctor }],
      ]),
      ['POST', `/patients/${id}/bris-de-glace`, { motif: 'Malaise au cabinet' }],
      ['PUT', `/patients/${id}/compte`, { code: '1-00000-00000' }],
      ['DELETE', `/patients/${id}/compte`],
      ['POST', `/bris-de-glace/${opening}/fermeture`],
      ['POST', `/bris-de-glace/${opening}/revue`, { conclusion: 'justifie' }],
    ];
    const nothing = { ordonnances: NOTHING, certificats: NOTHING };
    const nowhereAtAll: Ecritures = {
      ...{ brouillon: nothing, signe: nothing, invalide: nothing },
      ...{ examen: NOTHING, nonRattache: NOTHING },
    };
    const [{ id: element }] = (await other.people.medecin.client.get(`/patients/${theirs}/diagnostics`)).body;
    const [{ id: begun }] = (await other.people.medecin.client.get(`/patients/${theirs}/consultations`)).body;
    const named = [
      theirs,
      other.id,
      membre,
      praticien,
      copie,
      element,
      merged,
      held,
      asked,
      demanded,
      begun,
      bris,
    ];
    type Named = Parameters<typeof requests>;
    const there = requests(...([...named, written] as Named));
    const nowhere = requests(...([...named.map(() => NOTHING), nowhereAtAll] as Named));
    for (const fonction of FONCTIONS) {
      const { client } = own.people[fonction];
      for (const [rank, [method, path, body]] of there.entries()) {
        const init = (given: object | undefined): RequestInit =>
          given === undefined
            ? {}
            : { body: JSON.stringify(given), headers: { 'content-type': 'application/json' } };
        const [, otherPath, otherBody] = nowhere[rank]!;
        const told = toldOf(await client.send(method, path, init(body)));
        expect(told).toMatchObject({ status: expect.any(Number) });
        expect([403, 404, 422]).toContain((told as { status: number }).status);
        expect({ fonction, path, told }).toEqual({
          fonction,
          path,
          told: toldOf(await client.send(method, otherPath, init(otherBody))),
        });
      }
    }
  });

  it('crosses by no list, filter, sort, cursor, search or number', async () => {
    const { client } = other.people.medecin;
    await makePatient(client);
    const first = await client.get('/patients?limit=1&sort=date_creation');
    const cursor = /curseur=([\w-]+)/.exec(first.headers.get('link')!)![1];
    for (const fonction of FONCTIONS) {
      const asker = own.people[fonction].client;
      for (const query of [
        'limit=200',
        `cabinet_id=${other.id}`,
        `cabinet_id=${other.id},${own.id}`,
        `curseur=${cursor}&sort=date_creation&limit=200`,
        'sort=-date_modification&limit=200',
        'statut_identite=provisoire&offset=0&limit=200',
      ]) {
        const { status, body, headers } = await asker.get(`/patients?${query}`);
        expect([query, status]).toEqual([query, 200]);
        const ids = body.map(({ id }: { id: number }) => id);
        expect(ids.filter((id: number) => id !== ours)).toEqual([]);
        expect(Number(headers.get('x-total-count'))).toBeLessThanOrEqual(1);
      }
      const openings = `/bris-de-glace?cabinet_id=${other.id},${own.id}&patient_id=${theirs}`;
      const opened = await asker.get(openings);
      expect([openings, fonction === 'secretaire' || opened.body.length === 0]).toEqual([openings, true]);
      for (const body of [
        { q: WORD },
        { q: WORD.slice(0, 6) },
        { date_naissance: '1962-03-14', q: WORD },
        { identifiant: `ZZ${WORD}` },
        { identifiant: CANARY.email },
        { q: WORD, cabinet_id: other.id },
      ]) {
        const found = await asker.post('/patients/recherche', body);
        expect([body, found.status, found.body]).toEqual([body, 200, []]);
      }
    }
  });

  it('stays its own for somebody who belongs to both, each with what they do there', async () => {
    const { user, client } = await addMembre(
      api,
      own.people.gerant.client,
      own.id,
      'secretaire',
      'technicien',
    );
    const body = { user_id: user.id, fonction: 'medecin', date_debut: '2020-01-01' };
    expect((await other.people.gerant.client.post(`/cabinets/${other.id}/membres`, body)).status).toBe(201);
    const mine = (await makePatient(own.people.medecin.client)).id;
    expect((await client.get(`/patients/${theirs}`)).body.cabinet_id).toBe(other.id);
    expect((await client.get(`/patients/${mine}`)).status).toBe(200);
    // The log is read by doctors: they are one there alone.
    expect((await client.get(`/patients/${theirs}/acces`)).status).toBe(200);
    expect((await client.get(`/patients/${mine}/acces`)).status).toBe(404);
    expect((await client.post('/patients', patient())).body.erreurs[0].champ).toBe('cabinet_id');
    const log = await other.people.gerant.client.get(`/patients/${theirs}/acces?limit=1&sort=-id`);
    expect(log.body[0].fonctions).toEqual(['medecin']);
  });

  it('is refused by the database to a permission that allows everything', async () => {
    const { userId } = { userId: own.people.medecin.user.id };
    const everything = () => [{ action: 'read', subject: 'Patient' } as const];
    const principal = { userId, role: 'membre', sessionId: null, cleApiId: null } as unknown as Principal;
    await expect(
      api.app.medical.transaction(async (tx) => {
        await openCabinets(tx, { userId, cabinets: [own.id], administre: false });
        const access = new Access(principal, everything as never);
        return readPatient({ tx, access, secrets: createSecrets(api.config.dataKeys) }, theirs);
      }),
    ).rejects.toThrow('INTROUVABLE');
  });
});

describe('somebody’s rights', () => {
  it('end with their membership, account or practice, from the next request on', async () => {
    const { user, client } = await addMembre(api, own.people.gerant.client, own.id, 'medecin');
    const status = async () => (await client.get('/patients')).status;
    expect(await status()).toBe(200);
    const { gerant } = own.people;
    const [{ id }] = (await gerant.client.get(`/cabinets/${own.id}/membres?user_id=${user.id}`)).body;
    const set = (date_fin: string | null) =>
      gerant.client.patch(`/cabinets/${own.id}/membres/${id}`, { date_fin });
    expect((await set('2021-01-01')).status).toBe(200);
    expect(await status()).toBe(403);
    await set(null);
    expect(await status()).toBe(200);
    await admin.patch(`/cabinets/${own.id}`, { actif: false });
    expect(await status()).toBe(403);
    await admin.patch(`/cabinets/${own.id}`, { actif: true });
    expect(await status()).toBe(200);
    await admin.patch(`/users/${user.id}`, { is_active: false });
    expect(await status()).toBe(401);
  });

  it('are asked again of a request that has waited for its key', async () => {
    const { user, client } = await addMembre(api, own.people.gerant.client, own.id, 'medecin');
    const { owner } = api.database;
    const cle = randomUUID();
    const held = await holdRows(
      owner,
      `INSERT INTO idempotence (user_id, cle, empreinte) VALUES ($1, $2, '')`,
      [user.id, cle],
    );
    const reply = client.post('/patients', patient(), { 'Idempotency-Key': cle });
    try {
      await held.awaitedBy(1, null);
      await owner.query(`UPDATE medical.membres_cabinet SET date_fin = '2021-01-01' WHERE user_id = $1`, [
        user.id,
      ]);
    } finally {
      await held.release();
    }
    expect((await reply).status).toBe(403);
  });

  it('are given by who runs the practice; an administrator names the first, never themselves, and no second', async () => {
    const me = await api.newPerson('admin');
    const { id } = (await me.client.post('/cabinets', { nom: `Cabinet ${randomUUID()}` })).body;
    const add = async (by: Client, user_id: number, fonction: string) =>
      (await by.post(`/cabinets/${id}/membres`, { user_id, fonction, date_debut: '2020-01-01' })).status;
    const [first, second] = [await api.newPerson('membre'), await makeUser(api.db, { role: 'membre' })];
    expect(await add(me.client, me.user.id, 'gerant')).toBe(403);
    expect(await add(me.client, first.user.id, 'medecin')).toBe(403);
    expect(await add(me.client, first.user.id, 'gerant')).toBe(201);
    expect(await add(me.client, second.id, 'gerant')).toBe(403);
    expect(await add(first.client, second.id, 'gerant')).toBe(201);
    // Twice at once is told; a customer works nowhere, nor does who is not there.
    expect(await add(first.client, second.id, 'gerant')).toBe(409);
    expect(await add(first.client, (await makeUser(api.db, { role: 'client' })).id, 'medecin')).toBe(422);
    expect(await add(first.client, NOTHING, 'medecin')).toBe(422);
    expect((await me.client.get('/patients')).status).toBe(403);
  });
});

describe('an account', () => {
  it('that ever belonged to a practice is closed, and not removed: what was done there names it', async () => {
    const { user } = await addMembre(api, own.people.gerant.client, own.id, 'secretaire');
    const refused = await admin.delete(`/users/${user.id}`);
    const [row] = await api.db.query('SELECT is_active FROM users WHERE id = $1', [user.id]);
    expect([refused.status, row?.is_active]).toEqual([409, true]);
  });
});

describe('a canary in a record', () => {
  /** Every row of every table that is not medical, as text. */
  async function everythingElse(): Promise<string> {
    const { owner } = api.database;
    const tables: { name: string }[] = await owner.query(
      `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'`,
    );
    const dumps = [];
    for (const { name } of tables) {
      const [{ text }] = await owner.query(
        `SELECT coalesce(json_agg(t)::text, '') AS text FROM public."${name}" t`,
      );
      dumps.push(text);
    }
    return dumps.join('\n');
  }

  it('is in no row of anything that is not medical, also after answers, refusals and repetitions', async () => {
    const desk = other.people.secretaire.client;
    const key = { 'Idempotency-Key': randomUUID() };
    await desk.post('/patients', patient(CANARY), key);
    await desk.post('/patients', patient(CANARY), key);
    await desk.post('/patients/recherche', { q: WORD }, { 'Idempotency-Key': randomUUID() });
    await desk.post('/patients', patient({ ...CANARY, date_naissance: '2199' }));
    await desk.patch(`/patients/${theirs}`, { nom_usage: `${WORD}-Alami` });
    const doctor = other.people.medecin.client;
    await fillDossier(doctor, theirs, WORD);
    for (const [segment, { body }] of Object.entries(entreesDe(WORD))) {
      const again = { 'Idempotency-Key': randomUUID() };
      for (const client of [doctor, doctor, desk, own.people.medecin.client, admin]) {
        await client.post(`/patients/${theirs}/${segment}`, body, again);
      }
      await doctor.post(`/patients/${theirs}/${segment}`, { ...body, autre: WORD });
    }
    await desk.get(`/patients/${theirs}/acces?q=${WORD}`);
    await writeEverything(doctor, theirs);
    await own.people.gerant.client.post('/patients', patient(CANARY));
    await admin.post('/patients', patient(CANARY));
    await breakGlass();
    expect((await everythingElse()).toLowerCase()).not.toContain(WORD.toLowerCase());
    const [{ text }] = await api.database.owner.query(
      `SELECT json_agg(b)::text || (SELECT json_agg(a)::text FROM medical.acces_dossier a)
         || string_agg(encode(b.motif, 'escape') || encode(b.commentaire, 'escape'), '') AS text
       FROM medical.bris_de_glace b`,
    );
    expect(text).not.toContain(WORD);
  });

  it('is in no answer to an administrator or a machine, whom every route of patients refuses', async () => {
    const { cle } = (await admin.post('/cles-api', { nom: 'Automate', role: 'admin' })).body;
    const machine = createClient(api.baseUrl, cle);
    const routes = ROUTES.filter(({ medical }) => medical != null);
    expect(routes.length).toBeGreaterThan(14);
    for (const { method, path, medical } of routes) {
      const at = path.replace(/^\/cabinets\/:id/, `/cabinets/${other.id}`).replace(/:\w+/g, String(theirs));
      const body = method === 'get' ? undefined : JSON.stringify({ ...patient(CANARY), q: WORD });
      const init = { body, headers: { 'content-type': 'application/json' } };
      const answers = [admin, machine].map((client) => client.send(method.toUpperCase(), at, init));
      const [asAdmin, asMachine] = (await Promise.all(answers)) as [Reply, Reply];
      expect([path, asMachine.status]).toEqual([path, 403]);
      if (medical!.acces !== null) expect([path, asAdmin.status]).toEqual([path, 403]);
      for (const { bytes, headers } of [asAdmin, asMachine]) {
        expect([path, bytes.toString()]).toEqual([path, expect.not.stringContaining(WORD)]);
        expect(JSON.stringify([...headers])).not.toContain(WORD);
      }
    }
    for (const path of [
      '/audit?limit=200',
      '/audit/export',
      '/users?limit=200',
      '/notifications',
      '/dashboard/stats',
    ]) {
      const { status, bytes } = await admin.get(path);
      expect([path, status, bytes.toString().includes(WORD)]).toEqual([path, 200, false]);
    }
  });

  it('is in no line that a process logs, whatever goes wrong', async () => {
    // Nobody signs as much as is signed here.
    await api.db.query('DELETE FROM echecs_connexion');
    const port = String(await randomFreePort());
    const running = startCompiled(
      'api/main',
      testEnvironment(api.database.url, { PORT: port, WEB_CONCURRENCY: '1', LOG_LEVEL: 'trace' }),
    );
    try {
      await eventually(
        () => running.stdout(),
        (printed) => printed.includes('API ready'),
      );
      const { user } = other.people.secretaire;
      const desk = createClient(`http://127.0.0.1:${port}`, await signIn(api.db, api.app.tokens, user));
      const id = (await desk.post('/patients', patient(CANARY))).body.id;
      await desk.post('/patients/recherche', { q: WORD, identifiant: `ZZ ${WORD}` });
      await desk.post('/patients', patient({ ...CANARY, sexe: WORD }));
      await desk.get(`/patients?q=${WORD}`);
      const doctor = createClient(
        `http://127.0.0.1:${port}`,
        await signIn(api.db, api.app.tokens, other.people.medecin.user),
      );
      // Nobody signs as much as is made here.
      await api.db.query('DELETE FROM echecs_connexion');
      await fillDossier(doctor, id, WORD);
      await api.db.query('DELETE FROM echecs_connexion');
      await doctor.post('/consultations', { patient_id: id, [WORD]: WORD });
      for (const path of [`/consultations/${WORD}`, `/consultations/1/${WORD}`]) {
        expect((await doctor.get(path)).status).toBe(404);
      }
      await writeEverything(doctor, id);
      for (const segment of Object.keys(entreesDe(WORD))) {
        await doctor.post(`/patients/${id}/${segment}`, { texte: WORD, [WORD]: WORD });
        await doctor.get(`/patients/${id}/${segment}?statut=${WORD}`);
      }
      for (const path of [
        `/patients/${WORD}`,
        `/patients/1/${WORD}`,
        `/patients/${WORD}/acces`,
        `/cabinets/1/${WORD}`,
      ]) {
        expect([403, 404]).toContain((await desk.get(path)).status);
      }
      await desk.get(`/patients/${id}`);
      // What is sealed for somebody else opens nowhere: an error that says where, and not what.
      await api.database.owner.query(
        'UPDATE medical.patients SET coordonnees = (SELECT coordonnees FROM medical.patients WHERE id = $1) WHERE id = $2',
        [theirs, id],
      );
      expect((await desk.get(`/patients/${id}`)).status).toBe(500);
      await api.database.owner.query(
        `ALTER TABLE medical.patients ADD CONSTRAINT refus CHECK (nom_naissance <> '${WORD}') NOT VALID`,
      );
      expect((await desk.post('/patients', patient(CANARY))).status).toBe(500);
      await api.database.owner.query('ALTER TABLE medical.patients DROP CONSTRAINT refus');
      const log = await eventually(
        () => running.stdout() + running.stderr(),
        (printed) => (printed.match(/"status":500/g) ?? []).length >= 2,
      );
      expect(log.toLowerCase()).not.toContain(WORD.toLowerCase());
      expect(log).toContain(`/patients/${id}`);
    } finally {
      running.child.kill('SIGKILL');
      await running.ended;
    }
  });
});

describe('what is sealed', () => {
  it('opens nowhere but where it was sealed: another patient, field, row or version of the key', async () => {
    const { client } = own.people.medecin;
    const given = (n: number) => ({
      telephone: `06612345${n}0`,
      identifiants: [
        { type: 'autre', valeur: `un ${n}` },
        { type: 'autre', valeur: `deux ${n}` },
      ],
    });
    const [one, two] = [await makePatient(client, given(1)), await makePatient(client, given(2))];
    const { owner } = api.database;
    const exchanged = async (statement: string, back: string) => {
      await owner.query(statement);
      const { status, bytes } = await client.get(`/patients/${one.id}`);
      expect([statement, status]).toEqual([statement, 500]);
      expect(bytes.toString()).not.toMatch(/66123|un 1|deux/);
      await owner.query(back);
      expect((await client.get(`/patients/${one.id}`)).body).toEqual(one.body);
    };
    await owner.query('CREATE TABLE medical.avant AS SELECT * FROM medical.patients');
    await owner.query('CREATE TABLE medical.numeros AS SELECT * FROM medical.identifiants_patient');
    await owner.query('CREATE TABLE medical.cles AS SELECT * FROM medical.cles_patient');
    const restorePatient = `UPDATE medical.patients p SET coordonnees = a.coordonnees FROM medical.avant a WHERE a.id = p.id`;
    await exchanged(
      `UPDATE medical.patients SET coordonnees = (SELECT coordonnees FROM medical.avant WHERE id = ${two.id}) WHERE id = ${one.id}`,
      restorePatient,
    );
    await exchanged(
      `UPDATE medical.patients SET coordonnees = set_byte(coordonnees, 20, get_byte(coordonnees, 20) # 1) WHERE id = ${one.id}`,
      restorePatient,
    );
    await exchanged(
      `UPDATE medical.patients SET coordonnees = (SELECT valeur FROM medical.numeros WHERE patient_id = ${one.id} LIMIT 1)
       WHERE id = ${one.id}`,
      restorePatient,
    );
    const restoreNumbers = `UPDATE medical.identifiants_patient i SET valeur = n.valeur FROM medical.numeros n WHERE n.id = i.id`;
    await exchanged(
      `UPDATE medical.identifiants_patient i SET valeur = (
         SELECT n.valeur FROM medical.numeros n WHERE n.patient_id = ${one.id} AND n.id <> i.id) WHERE i.patient_id = ${one.id}`,
      restoreNumbers,
    );
    const restoreKeys = `UPDATE medical.cles_patient k SET cle = c.cle, version = c.version FROM medical.cles c WHERE c.patient_id = k.patient_id`;
    await exchanged(`UPDATE medical.cles_patient SET version = 2 WHERE patient_id = ${one.id}`, restoreKeys);
    await exchanged(
      `UPDATE medical.cles_patient SET cle = (SELECT cle FROM medical.cles WHERE patient_id = ${two.id}) WHERE patient_id = ${one.id}`,
      restoreKeys,
    );
    // Without its key it is noise.
    await owner.query(`DELETE FROM medical.cles_patient WHERE patient_id = ${one.id}`);
    expect((await client.get(`/patients/${one.id}`)).status).toBe(500);
    await owner.query('DROP TABLE medical.avant, medical.numeros, medical.cles');
  });
});

describe('a body', () => {
  it('carries nothing that the rules of the system decide', async () => {
    const { client } = own.people.medecin;
    const { id } = await makePatient(client);
    for (const field of [
      'id',
      'version',
      'recherche',
      'coordonnees',
      'cabinet_id',
      'telephone_empreinte',
      'user_id',
    ]) {
      const { status, body } = await client.patch(`/patients/${id}`, { nom_usage: 'Autre', [field]: 1 });
      expect([field, status, body.erreurs?.[0].champ]).toEqual([field, 422, field]);
    }
    expect((await client.get(`/patients/${id}`)).body.version).toBe(1);
  });
});
