import { Access } from '../../src/auth/access';
import { systemActor } from '../../src/services/actor';
import { answerEtape } from '../../src/services/interventions/etapes';
import { interventionsWithoutWorkflow } from '../../src/services/systeme/reconciliation';
import type { Client, Reply } from '../support/client';
import {
  makeAdmin,
  makeEquipement,
  makeIntervention,
  makeModeleEtapes,
  makeTechnicien,
} from '../support/factories';
import { statementsDuring } from '../support/queries';
import { eventually, startTestSystem, type TestSystem } from '../support/system';

/** Steps of the work and their templates, as clients of the API meet them. */

let system: TestSystem;
let admin: Client;
beforeAll(async () => {
  system = await startTestSystem();
  admin = (await system.newPerson('admin')).client;
});
afterAll(() => system.close());

const fields = ({ status, body: { code, erreurs } }: Reply) => [
  status,
  code,
  erreurs?.map(({ champ }: { champ: string }) => champ),
];
const CASE = { libelle: 'Consignation faite', type: 'case', obligatoire: true };
const PRESSION = { libelle: 'Pression', type: 'nombre', min: 140, max: 160, unite: 'bar', suite: true };

/** An open intervention of a technicien of its own, with these steps. */
async function worked(etapes: object[], given: object = {}) {
  const { client, user } = await system.newPerson('technicien');
  const [{ id: technicien_id }] = await system.db.query('SELECT id FROM techniciens WHERE user_id = $1', [
    user.id,
  ]);
  const { id } = await makeIntervention(system.db, { technicien_id, statut: 'en_cours', ...given });
  const path = `/interventions/${id}/etapes`;
  const added = etapes.length === 0 ? [] : (await admin.post(path, { etapes })).body;
  const answer = (index: number, valeur: unknown, by = client) =>
    by.put(`${path}/${added[index].id}`, { valeur });
  return { id, path, client, user, technicien_id, etapes: added, answer };
}

describe('a template of steps', () => {
  const body = (given: object = {}) => ({
    nom: `Entretien ${Math.random()}`,
    etapes: [CASE, PRESSION],
    ...given,
  });

  it('is defined, read, changed and removed, each on record, under its version', async () => {
    const created = await admin.post('/modeles-etapes/', body({ type_equipement: 'Presse' }));
    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({ type_equipement: 'Presse', automatique: false, version: 1 });
    expect(created.body.etapes[0]).toEqual({
      ...CASE,
      suite: false,
      min: null,
      max: null,
      unite: null,
      choix: null,
      compteur: null,
    });
    const path = `/modeles-etapes/${created.body.id}`;
    const read = await admin.get(path);
    expect(read.body).toEqual(created.body);
    const etag = { 'If-Match': read.headers.get('etag')! };
    expect((await admin.patch(path, { etapes: [CASE] }, etag)).body).toMatchObject({ version: 2 });
    expect((await admin.patch(path, { nom: 'Autre' }, etag)).status).toBe(412);
    expect((await admin.patch(path, { etapes: read.body.etapes.slice(0, 1) })).body.version).toBe(2);
    expect((await admin.delete(path)).status).toBe(204);
    expect((await admin.get(path)).status).toBe(404);
    const events = await system.db.query(
      `SELECT action FROM historique WHERE entite = 'modele_etapes' AND entite_id = $1 ORDER BY id`,
      [created.body.id],
    );
    expect(events.map(({ action }: { action: string }) => action)).toEqual([
      'creation',
      'modification',
      'suppression',
    ]);
  });

  it('has a name of its own, sound steps, and is the only automatic one of its kind', async () => {
    const nom = `Unique ${Math.random()}`;
    expect((await admin.post('/modeles-etapes', body({ nom }))).status).toBe(201);
    expect(fields(await admin.post('/modeles-etapes', body({ nom: nom.toUpperCase() })))).toEqual([
      409,
      'DEJA_EXISTANT',
      undefined,
    ]);
    const faulty = [
      { ...CASE, min: 3 },
      { ...PRESSION, min: 170 },
      { libelle: 'État', type: 'choix' },
    ];
    expect(fields(await admin.post('/modeles-etapes', body({ etapes: faulty })))).toEqual([
      422,
      'VALIDATION',
      ['etapes.0.min', 'etapes.1.max', 'etapes.2.choix'],
    ]);
    expect(fields(await admin.post('/modeles-etapes', body({ etapes: [] })))[2]).toEqual(['etapes']);
    expect(fields(await admin.post('/modeles-etapes', body({ automatique: true })))[2]).toEqual([
      'type_equipement',
    ]);
    const kind = { automatique: true, type_equipement: `Four ${Math.random()}` };
    expect((await admin.post('/modeles-etapes', body(kind))).status).toBe(201);
    const second = await admin.post('/modeles-etapes', body(kind));
    expect([second.status, second.body.detail]).toEqual([409, expect.stringContaining('automatique')]);
  });

  it('gives its steps to an intervention, which keeps them whatever becomes of it', async () => {
    const modele = await admin.post('/modeles-etapes', body());
    const { path, id } = await worked([]);
    const given = await admin.post(path, { modele_id: modele.body.id });
    expect(given.status).toBe(201);
    expect(given.body.map(({ libelle }: { libelle: string }) => libelle)).toEqual([
      CASE.libelle,
      PRESSION.libelle,
    ]);
    await admin.delete(`/modeles-etapes/${modele.body.id}`);
    expect((await admin.get(path)).body).toEqual(given.body);
    expect(fields(await admin.post(path, { modele_id: modele.body.id }))[2]).toEqual(['modele_id']);
    const [event] = await system.db.query(
      `SELECT apres FROM historique WHERE entite = 'etape' AND action = 'creation' AND apres->>'intervention_id' = $1`,
      [String(id)],
    );
    expect(event.apres).toMatchObject({ modele_id: modele.body.id });
  });

  it('that is automatic gives them to every new intervention on its kind of equipment, at no further statement', async () => {
    const type = `Compresseur ${Math.random()}`;
    const equipement = await makeEquipement(system.db, { type: type.toUpperCase() });
    const other = await makeEquipement(system.db);
    await makeModeleEtapes(system.db, { automatique: true, type_equipement: type });
    const report = (equipement_id: number) =>
      admin.post('/interventions', {
        titre: 'Révision',
        description: 'La révision de printemps',
        type_intervention: 'preventive',
        equipement_id,
      });
    const counted = await statementsDuring(async () => {
      const { body: made } = await report(equipement.id);
      expect(made.suite_de).toBeNull();
      const etapes = await system.db.query('SELECT libelle, ordre FROM etapes WHERE intervention_id = $1', [
        made.id,
      ]);
      expect(etapes).toEqual([{ libelle: CASE.libelle, ordre: 1 }]);
    });
    expect(counted.filter((text) => /INSERT INTO etapes/.test(text))).toHaveLength(1);
    expect((await admin.get(`/interventions/${(await report(other.id)).body.id}/etapes`)).body).toEqual([]);
  });
});

describe('the steps of an intervention', () => {
  it('come in order, one after the other, up to a hundred', async () => {
    const { path } = await worked([CASE]);
    const more = await admin.post(path, { etapes: [PRESSION, { libelle: 'Remarque', type: 'texte' }] });
    expect(more.body.map(({ libelle }: { libelle: string }) => libelle)).toEqual([
      'Consignation faite',
      'Pression',
      'Remarque',
    ]);
    const many = (count: number) => admin.post(path, { etapes: Array(count).fill(CASE) });
    expect(fields(await many(98)).slice(0, 2)).toEqual([409, 'LIMITE_ATTEINTE']);
    expect((await many(97)).body).toHaveLength(100);
    expect(fields(await admin.post(path, {}))[0]).toBe(422);
    expect(fields(await admin.post(path, { etapes: [CASE], modele_id: 1 }))[0]).toBe(422);
    expect(fields(await admin.post(path, { etapes: [{ ...PRESSION, max: 1 }] }))[2]).toEqual([
      'etapes.0.max',
    ]);
  });

  it('are answered by the technicien, with who and when, and judged by their type', async () => {
    const { answer, etapes, user, path } = await worked([
      CASE,
      { libelle: 'Pression', type: 'nombre', min: 1, max: 2, unite: 'bar' },
      { libelle: 'Remarque', type: 'texte' },
      { libelle: 'État', type: 'choix', choix: ['bon', 'usé'] },
      { libelle: 'Photo', type: 'photo' },
      { libelle: 'Compteur', type: 'releve', unite: 'h' },
    ]);
    const reply = await answer(0, true);
    expect(reply.body).toEqual({
      ...etapes[0],
      valeur: true,
      auteur: { id: user.id, nom: user.nom, prenom: user.prenom },
      date_reponse: expect.stringMatching(/Z$/),
      version: 2,
    });
    expect(reply.headers.get('etag')).toBe('"2"');
    expect([(await answer(1, 3)).body.hors_limites, (await answer(1, 2)).body.hors_limites]).toEqual([
      true,
      false,
    ]);
    for (const [index, valeur] of [
      [2, 'Joint à commander'],
      [3, 'usé'],
      [5, 12_450.5],
    ] as const) {
      expect((await answer(index, valeur)).body).toMatchObject({ valeur, hors_limites: false });
    }
    for (const [index, wrong] of [
      [0, 'oui'],
      [1, '1,5'],
      [1, true],
      [2, 5],
      [2, ''],
      [3, 'neuf'],
      [4, 999_999],
      [4, 'photo.jpg'],
      [5, {}],
      [5, 1e13],
    ] as const) {
      expect([index, wrong, fields(await answer(index, wrong))]).toEqual([
        index,
        wrong,
        [422, 'VALIDATION', ['valeur']],
      ]);
    }
    expect((await answer(0, null)).body).toMatchObject({ valeur: null, auteur: null, date_reponse: null });
    const read = await admin.get(path);
    expect(read.body.map(({ valeur }: { valeur: unknown }) => valeur)).toEqual([
      null,
      2,
      'Joint à commander',
      'usé',
      null,
      12_450.5,
    ]);
  });

  it('take a photo of the intervention, and no other document', async () => {
    const { answer, id } = await worked([{ libelle: 'Photo', type: 'photo' }]);
    const upload = async (intervention: number) => {
      const form = new FormData();
      form.set('intervention_id', String(intervention));
      form.set('type_document', 'photo');
      form.set('file', new Blob([`Note ${intervention}`], { type: 'text/plain' }), 'note.txt');
      return (await admin.send('POST', '/documents/upload', { body: form })).body.id;
    };
    const other = await makeIntervention(system.db);
    expect(fields(await answer(0, await upload(other.id)))).toEqual([422, 'VALIDATION', ['valeur']]);
    const own = await upload(id);
    expect((await answer(0, own)).body.valeur).toBe(own);
  });

  it('are the crew’s to answer too, and nobody else’s', async () => {
    const crew = await system.newPerson('technicien');
    const [{ id: equipier }] = await system.db.query('SELECT id FROM techniciens WHERE user_id = $1', [
      crew.user.id,
    ]);
    const client = await system.newPerson('client');
    const equipement = await makeEquipement(system.db, { client_id: client.user.id });
    const { answer, path } = await worked([CASE], { equipiers: [equipier], equipement_id: equipement.id });
    expect((await answer(0, true, crew.client)).status).toBe(200);
    expect((await client.client.get(path)).body).toHaveLength(1);
    expect((await answer(0, false, client.client)).status).toBe(403);
    expect((await answer(0, false, (await system.newPerson('technicien')).client)).status).toBe(404);
    // What there is to do is for those who arrange the work to say.
    expect((await crew.client.post(path, { etapes: [CASE] })).status).toBe(403);
  });

  it('are removed while nobody has answered, and under their version', async () => {
    const { path, etapes, answer, client } = await worked([CASE, PRESSION]);
    const at = (index: number) => `${path}/${etapes[index].id}`;
    expect((await admin.delete(at(1), { 'If-Match': '"7"' })).status).toBe(412);
    expect((await client.delete(at(1))).status).toBe(403);
    expect((await admin.delete(at(1))).status).toBe(204);
    expect(fields(await admin.delete(at(1))).slice(0, 2)).toEqual([404, 'INTROUVABLE']);
    await answer(0, true);
    expect(fields(await admin.delete(at(0))).slice(0, 2)).toEqual([409, 'DEPENDANCES']);
    await answer(0, null);
    expect((await admin.delete(at(0))).status).toBe(204);
    const other = await worked([CASE]);
    expect((await admin.put(`${path}/${other.etapes[0].id}`, { valeur: true })).status).toBe(404);
  });
});

describe('a value out of limits', () => {
  it('opens one intervention that follows, linked both ways, with its workflow, however often it is repeated', async () => {
    const { answer, id, user } = await worked([PRESSION], { priorite: 'haute' });
    expect((await answer(0, 150)).body).toMatchObject({ hors_limites: false, suite_id: null });
    const replies = await Promise.all([120, 121, 122, 123, 124].map((valeur) => answer(0, valeur)));
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    const { suite_id } = replies[0]!.body;
    expect(new Set(replies.map(({ body }) => body.suite_id))).toEqual(new Set([suite_id]));
    expect((await admin.get(`/interventions/${id}`)).body).toMatchObject({
      suite_de: null,
      suites: [suite_id],
    });
    const { body: suite } = await admin.get(`/interventions/${suite_id}`);
    expect(suite).toMatchObject({
      statut: 'ouverte',
      priorite: 'haute',
      type_intervention: 'corrective',
      createur_id: user.id,
      suite_de: id,
      suites: [],
    });
    expect(suite.titre).toMatch(/^Suite : Pression : 12\d bar, hors limites$/);
    expect(suite.description).toMatch(/de 140 à 160 bar/);
    await eventually(
      () => admin.get(`/interventions/${suite_id}/workflow`),
      ({ body }: Reply) => body.statut === 'RUNNING',
    );
    // Put right, and wrong again: it is the same.
    expect((await answer(0, 150)).body).toMatchObject({ hors_limites: false, suite_id });
    expect((await answer(0, 200)).body).toMatchObject({ hors_limites: true, suite_id });
    expect((await admin.get('/interventions?limit=1&sort=-id')).body[0].id).toBe(suite_id);
  });

  it('opens none where nothing is to follow', async () => {
    const { answer, id } = await worked([{ ...PRESSION, suite: false }]);
    expect((await answer(0, 1)).body).toMatchObject({ hors_limites: true, suite_id: null });
    expect((await admin.get(`/interventions/${id}`)).body.suites).toEqual([]);
  });

  it('is followed also where the technicien sees no equipment of that site', async () => {
    const elsewhere = await makeTechnicien(system.db);
    const { db } = system;
    const site = (await db.query(`INSERT INTO sites (nom) VALUES ('Loin ' || random()) RETURNING id`))[0].id;
    const equipement = await makeEquipement(db, { site_id: site });
    const { answer } = await worked([PRESSION], {
      equipement_id: equipement.id,
      equipiers: [elsewhere.id],
    });
    expect((await answer(0, 1)).body.suite_id).toEqual(expect.any(Number));
  });

  it('whose workflow was never started is found by whoever reconciles', async () => {
    const { id, etapes } = await worked([PRESSION]);
    const { principal } = await makeAdmin(system.db);
    const access = new Access(principal);
    const actor = { ...systemActor(new Date(), 'suite'), userId: principal.userId };
    const asked = { interventionId: id, etapeId: etapes[0].id };
    // The API ends between the commit and the start.
    const { suite } = await system.db.transaction((tx) =>
      answerEtape(tx, access, actor, asked, { valeur: 1, remplacement: false, rotation: false }, null, 'UTC'),
    );
    const suiteId = suite!.row.id;
    await system.db.query(
      `UPDATE interventions SET date_creation = now() - interval '10 seconds' WHERE id = $1`,
      [suiteId],
    );
    const lost = await interventionsWithoutWorkflow(system.db, suiteId - 1, 1);
    expect(lost).toEqual([{ id: suiteId }]);
  });
});

describe('a reading that a step asks for', () => {
  const HEURES = { libelle: 'Heures de marche', type: 'releve', compteur: 'Heures', unite: 'h' };
  const machine = async (compteurs = [{ nom: 'Heures', unite: 'h', valeur: 100 }]) =>
    (
      await admin.post('/equipements', {
        nom: 'Presse',
        type: 'Presse',
        numero_serie: `E-${Math.random()}`,
        compteurs,
      })
    ).body.id as number;
  const shown = async (id: number) =>
    (await admin.get(`/equipements/${id}`)).body.compteurs.map(({ valeur }: { valeur: number }) => valeur);
  const readings = async (id: number): Promise<unknown[]> =>
    (await admin.get(`/equipements/${id}/releves?sort=id`)).body.map(
      ({ valeur, corrige_id, auteur_id }: Record<string, unknown>) => [
        valeur,
        corrige_id !== null,
        auteur_id,
      ],
    );

  it('is entered among those of the meter, once, and corrected by another answer', async () => {
    const equipement_id = await machine();
    const { answer, user } = await worked([HEURES], { equipement_id });
    const first = await answer(0, 120);
    expect([first.status, first.body.compteur]).toEqual([200, 'Heures']);
    expect(first.body.releve_id).toEqual(expect.any(Number));
    expect(await shown(equipement_id)).toEqual([120]);
    // Sent again, from this device and from another.
    await Promise.all([answer(0, 120), answer(0, 120)]);
    expect((await readings(equipement_id)).slice(1)).toEqual([[120, false, user.id]]);

    // Somebody had corrected it at the machine: their reading is corrected in turn.
    await admin.post(`/equipements/${equipement_id}/releves`, {
      compteur: 'Heures',
      valeur: 125,
      corrige_id: first.body.releve_id,
    });
    const corrected = await answer(0, 112);
    expect(corrected.status).toBe(200);
    expect(await shown(equipement_id)).toEqual([112]);
    expect(
      (await readings(equipement_id)).slice(1).map((reading) => (reading as unknown[]).slice(0, 2)),
    ).toEqual([
      [120, false],
      [125, true],
      [112, true],
    ]);

    // Readings stay, whatever is taken back; the next answer stands in the place of it.
    expect((await answer(0, null)).body).toMatchObject({ valeur: null, releve_id: corrected.body.releve_id });
    expect(await shown(equipement_id)).toEqual([112]);
    await answer(0, 115);
    expect(await shown(equipement_id)).toEqual([115]);
    expect(
      (await admin.get(`/equipements/${equipement_id}/releves?corrige=false`)).body.map(
        ({ valeur }: { valeur: number }) => valeur,
      ),
    ).toEqual([115, 100]);
  });

  it('may be below the last one only where the meter was replaced or began again', async () => {
    const equipement_id = await machine();
    const { path, etapes, client, answer } = await worked([HEURES], { equipement_id });
    expect(fields(await answer(0, 90))).toEqual([422, 'VALIDATION', ['valeur']]);
    expect((await admin.get(path)).body[0].valeur).toBeNull();
    expect(await shown(equipement_id)).toEqual([100]);
    const put = (body: object) => client.put(`${path}/${etapes[0].id}`, body);
    expect(fields(await put({ valeur: 90, remplacement: true, rotation: true }))[2]).toEqual(['rotation']);
    expect(fields(await put({ valeur: 900, rotation: true }))[2]).toEqual(['rotation']);
    expect((await put({ valeur: 5, remplacement: true })).status).toBe(200);
    expect(await shown(equipement_id)).toEqual([5]);
  });

  it('is of the meter that it names, else of the only one; of no meter it is an answer alone', async () => {
    const two = await machine([
      { nom: 'Heures', unite: 'h', valeur: 1 },
      { nom: 'Cycles', unite: '', valeur: 1 },
    ]);
    const none = { ...HEURES, compteur: null };
    const ofTwo = await worked([none, { ...HEURES, compteur: 'Cycles' }, { ...HEURES, compteur: 'Litres' }], {
      equipement_id: two,
    });
    expect((await ofTwo.answer(0, 7)).body).toMatchObject({ valeur: 7, releve_id: null });
    expect((await ofTwo.answer(1, 8)).status).toBe(200);
    expect(fields(await ofTwo.answer(2, 9))).toEqual([422, 'VALIDATION', ['compteur']]);
    expect(await shown(two)).toEqual([1, 8]);
    const one = await machine();
    const ofOne = await worked([none], { equipement_id: one });
    await ofOne.answer(0, 130);
    expect(await shown(one)).toEqual([130]);
    expect(fields(await admin.post(ofOne.path, { etapes: [{ ...CASE, compteur: 'Heures' }] }))).toEqual([
      422,
      'VALIDATION',
      ['etapes.0.compteur'],
    ]);
  });

  it('brings about what is due by the meter, in its own transaction', async () => {
    const equipement_id = await machine();
    const plan = await admin.post('/preventif', {
      nom: 'Vidange',
      equipements: [equipement_id],
      declencheur: 'compteur',
      compteur: { nom: 'Heures', pas: 50 },
      modele: { titre: 'Vidange', description: 'Vidanger le carter' },
    });
    expect(plan.status).toBe(201);
    const { answer } = await worked([{ ...HEURES, max: 160, suite: true }], { equipement_id });
    const outcomes = async () =>
      (await admin.get(`/preventif/${plan.body.id}/echeances`)).body.map(
        ({ cle, resultat }: { cle: string; resultat: string }) => [cle, resultat],
      );
    await answer(0, 149);
    expect(await outcomes()).toEqual([]);
    const over = await Promise.all([answer(0, 170), answer(0, 170)]);
    expect(over.map(({ status }) => status)).toEqual([200, 200]);
    expect(await outcomes()).toEqual([['compteur:0:150', 'creee']]);
    const due = await admin.get(`/interventions?equipement_id=${equipement_id}&sort=id`);
    expect(due.body.map(({ titre }: { titre: string }) => titre)).toHaveLength(3);
    expect(due.body.filter(({ titre }: { titre: string }) => titre === 'Vidange')).toHaveLength(1);
  });

  it('by many devices and at the machine at once, is entered in some order', async () => {
    const equipement_id = await machine();
    const [a, b] = [await worked([HEURES], { equipement_id }), await worked([HEURES], { equipement_id })];
    const direct = () =>
      admin.post(`/equipements/${equipement_id}/releves`, { compteur: 'Heures', valeur: 150 });
    const replies = await Promise.all([a.answer(0, 150), b.answer(0, 150), direct(), direct()]);
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 201, 201]);
    expect(await shown(equipement_id)).toEqual([150]);
    expect(await readings(equipement_id)).toHaveLength(5);
  });
});
