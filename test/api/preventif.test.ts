import type { Equipement } from '../../src/db/parc/equipements';
import { createRandom } from '../../tools/lib/random';
import { startTestApi, type TestApi } from '../support/api';
import type { Client } from '../support/client';
import {
  makeEquipement,
  makeFerie,
  makeModeleEtapes,
  makePiece,
  makeSite,
  makeTechnicien,
} from '../support/factories';
import { statementsDuring } from '../support/queries';

let api: TestApi;
let admin: Client;
let presse: Equipement;
/** Of Paris, open on Mondays to Fridays. */
let paris: number;
beforeAll(async () => {
  api = await startTestApi({ REGIE_TIME_ZONE: 'UTC' });
  admin = (await api.newPerson('admin')).client;
  paris = (await makeSite(api.db, { fuseau_horaire: 'Europe/Paris', pays: 'FR' })).id;
  presse = await makeEquipement(api.db, {
    site_id: paris,
    compteurs: [{ nom: 'heures', unite: 'h', valeur: 100 }],
  });
});
afterAll(() => api.close());

const modele = { titre: 'Vidange', description: 'Vidanger le circuit hydraulique' };
/** A plan that is due on the first of each month at eight. */
const plan = (given: object = {}) => ({
  nom: 'Vidange',
  equipements: [presse.id],
  declencheur: 'calendrier',
  regle: 'FREQ=MONTHLY;BYMONTHDAY=1',
  date_debut: '2026-01-01',
  modele,
  ...given,
});

const create = async (given: object = {}) => {
  const { status, body } = await admin.post('/preventif/', plan(given));
  expect([status, body]).toEqual([201, expect.anything()]);
  return body;
};

const etape = (given: object) => ({
  type: 'case' as const,
  libelle: 'Fait',
  obligatoire: false,
  suite: false,
  min: null,
  max: null,
  unite: null,
  choix: null,
  compteur: null,
  ...given,
});

const champs = (body: { erreurs: { champ: string }[] }) => body.erreurs.map(({ champ }) => champ).sort();

describe('a plan', () => {
  it('is created with what was given and with the usual rest, read, listed and found by its equipment', async () => {
    const created = await create({ nom: 'Graissage', groupe: 'presse', rang: 2 });
    expect(created).toMatchObject({
      nom: 'Graissage',
      equipements: [presse.id],
      par_equipement: true,
      base: 'fixe',
      heure: '08:00',
      saisons: [],
      jour_ferme: 'garder',
      delai_generation: 0,
      tolerance_jours: 0,
      si_precedente_ouverte: 'creer',
      rattrapage: 'derniere',
      groupe: 'presse',
      rang: 2,
      etat: 'actif',
      pause_depuis: null,
      interventions_ouvertes: 0,
      modele: { ...modele, priorite: 'normale', urgence: false, competences_requises: [] },
    });
    expect(new Date(created.prochaine_generation).getTime()).toBeGreaterThan(Date.now());
    expect((await admin.get(`/preventif/${created.id}`)).body).toEqual(created);
    const listed = await admin.get(`/preventif?equipement_id=${presse.id}&groupe=presse&etat=actif`);
    expect(listed.body).toEqual([created]);
  });

  it('answers each fault with its path', async () => {
    const { status, body } = await admin.post(
      '/preventif',
      plan({
        equipements: [presse.id, 999_999],
        regle: 'FREQ=MONTHLY;BYMONTHDAY=40',
        compteur: { nom: 'heures', pas: 10 },
        modele: { ...modele, technicien_id: 999_999 },
      }),
    );
    expect([status, champs(body)]).toEqual([
      422,
      ['compteur', 'equipements.1', 'modele.technicien_id', 'regle'],
    ]);
    const shapes = await admin.post(
      '/preventif',
      plan({
        heure: '8h',
        saisons: ['02-30/03-01'],
        modele: { titre: 'X', description: 'court' },
        jour_ferme: 'oui',
      }),
    );
    expect([shapes.status, champs(shapes.body)]).toEqual([
      422,
      ['heure', 'jour_ferme', 'modele.description', 'saisons.0'],
    ]);
  });

  it.each([
    [
      'a date without a calendar',
      { declencheur: 'compteur', compteur: { nom: 'heures', pas: 50 } },
      ['date_debut', 'regle'],
    ],
    [
      'a meter that the equipment has not',
      { declencheur: 'combine', compteur: { nom: 'cycles', pas: 5 } },
      ['compteur.nom'],
    ],
    ['a calendar without a rule', { regle: null, date_debut: null }, ['date_debut', 'regle']],
    ['neither meter nor condition', { declencheur: 'combine' }, ['compteur']],
    ['a rule that never comes', { regle: 'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30' }, ['regle']],
    [
      'a season in which the rule never comes',
      { regle: 'FREQ=YEARLY;BYMONTH=6', saisons: ['12-01/02-28'] },
      ['regle'],
    ],
  ])('is refused with %s', async (_, given, expected) => {
    const { status, body } = await admin.post('/preventif', plan(given));
    expect([status, champs(body)]).toEqual([422, expected]);
  });

  it('changes for what is to come, and keeps what it has created', async () => {
    const created = await create({ delai_generation: 60 });
    expect(created.interventions_ouvertes).toBeGreaterThan(0);
    const { body: before } = await admin.get(`/preventif/${created.id}/echeances`);
    const changed = await admin.patch(`/preventif/${created.id}`, { modele: { ...modele, titre: 'Autre' } });
    expect([changed.status, changed.body.version, changed.body.interventions_ouvertes]).toEqual([
      200,
      created.version + 1,
      created.interventions_ouvertes,
    ]);
    expect((await admin.get(`/preventif/${created.id}/echeances`)).body).toEqual(before);
    const { body: intervention } = await admin.get(`/interventions/${before[0].intervention_id}`);
    expect(intervention.titre).toBe('Vidange');
  });

  it('is the same again when nothing differs, and refuses an old version and a change that does not fit', async () => {
    const created = await create();
    const path = `/preventif/${created.id}`;
    expect((await admin.put(path, plan())).body.version).toBe(created.version);
    expect((await admin.patch(path, { nom: 'B' }, { 'If-Match': '"7"' })).status).toBe(412);
    const { status, body } = await admin.patch(path, { declencheur: 'compteur' });
    expect([status, champs(body)]).toEqual([422, ['compteur', 'date_debut', 'regle']]);
  });

  it('is paused, resumed in both ways, and told when it is already', async () => {
    const { id } = await create();
    const paused = await admin.post(`/preventif/${id}/pause`);
    expect(paused.body).toMatchObject({ etat: 'en_pause', prochaine_generation: null });
    expect((await admin.post(`/preventif/${id}/pause`)).body.code).toBe('TRANSITION_INVALIDE');
    expect((await admin.post(`/preventif/${id}/reprise`, {})).status).toBe(422);
    const resumed = await admin.post(`/preventif/${id}/reprise`, { depuis: 'origine' });
    expect(resumed.body).toMatchObject({ etat: 'actif', date_debut: '2026-01-01', pause_depuis: null });
    await admin.post(`/preventif/${id}/pause`);
    const anew = await admin.post(`/preventif/${id}/reprise`, { depuis: 'aujourdhui' });
    expect(anew.body.date_debut >= new Date(Date.now() - 86_400_000).toISOString().slice(0, 10)).toBe(true);
  });

  it('is deleted without its interventions', async () => {
    const { id } = await create();
    const triggered = await admin.post(`/preventif/${id}/declencher`);
    expect((await admin.delete(`/preventif/${id}`)).status).toBe(204);
    expect((await admin.get(`/preventif/${id}`)).status).toBe(404);
    expect((await admin.get(`/interventions/${triggered.body[0].intervention_id}`)).status).toBe(200);
  });

  it('creates its work when it is asked to, for each equipment or for all at once', async () => {
    const other = await makeEquipement(api.db, { site_id: paris, nom: 'Four' });
    const each = await create({ equipements: [presse.id, other.id] });
    const { status, body } = await admin.post(`/preventif/${each.id}/declencher`);
    expect([status, body.map((row: { equipement_id: number }) => row.equipement_id)]).toEqual([
      201,
      [presse.id, other.id],
    ]);
    const together = await create({ equipements: [presse.id, other.id], par_equipement: false });
    const [one] = (await admin.post(`/preventif/${together.id}/declencher`)).body;
    expect((await admin.get(`/interventions/${one.intervention_id}`)).body.description).toContain('Four');
    const elsewhere = await makeEquipement(api.db);
    const refused = await admin.post(
      '/preventif',
      plan({ equipements: [presse.id, elsewhere.id], par_equipement: false }),
    );
    expect(champs(refused.body)).toEqual(['par_equipement']);
  });

  it('is written to the audit with who did it', async () => {
    const { user, client } = await api.newPerson('responsable');
    const { body } = await client.post('/preventif', plan());
    await client.post(`/preventif/${body.id}/pause`);
    const rows = await api.db.query(
      `SELECT action, auteur_id FROM historique WHERE entite = 'plan_preventif' AND entite_id = $1 ORDER BY id`,
      [body.id],
    );
    expect(rows).toEqual([
      { action: 'creation', auteur_id: user.id },
      { action: 'pause', auteur_id: user.id },
    ]);
  });

  it('is a list at the cost of one statement, whatever it holds', async () => {
    const small = await statementsDuring(() => admin.get('/preventif?limit=1'));
    const large = await statementsDuring(() => admin.get('/preventif?limit=200'));
    expect(large.length).toBe(small.length);
  });
});

describe('a forecast', () => {
  it('says of a plan that is not saved what moves each date', async () => {
    await makeFerie(api.db, { pays: 'FR', date: '2031-08-01', libelle: 'Fête' });
    const { status, body } = await admin.post(
      '/preventif/previsions?nombre=3',
      plan({
        regle: 'FREQ=MONTHLY;SKIP=BACKWARD',
        date_debut: '2031-01-31',
        jour_ferme: 'avancer',
        delai_generation: 2,
      }),
    );
    expect(status).toBe(200);
    expect(
      body.map(({ jour, date, generation, motifs }: Record<string, unknown>) => ({
        jour,
        date,
        generation,
        motifs,
      })),
    ).toEqual([
      {
        jour: '2031-01-31',
        date: '2031-01-31T07:00:00.000Z',
        generation: '2031-01-29T07:00:00.000Z',
        motifs: [],
      },
      {
        jour: '2031-02-28',
        date: '2031-02-28T07:00:00.000Z',
        generation: '2031-02-26T07:00:00.000Z',
        motifs: [{ code: 'fin_de_mois', jour_voulu: 31 }],
      },
      {
        jour: '2031-03-31',
        date: '2031-03-31T06:00:00.000Z',
        generation: '2031-03-29T07:00:00.000Z',
        motifs: [],
      },
    ]);
    expect(await api.db.query(`SELECT FROM plans_preventifs WHERE date_debut = '2031-01-31'`)).toEqual([]);
  });

  it('refuses what would be refused, and more dates than a hundred', async () => {
    expect((await admin.post('/preventif/previsions', plan({ regle: 'FREQ=HOURLY' }))).status).toBe(422);
    expect((await admin.post('/preventif/previsions?nombre=101', plan())).status).toBe(422);
  });

  it('says of a plan that follows its work how its dates would come if that were done in time', async () => {
    const { id } = await create({
      base: 'derniere_realisation',
      regle: 'FREQ=DAILY;INTERVAL=10',
      date_debut: '2031-05-01',
    });
    const { body } = await admin.get(`/preventif/${id}/previsions?nombre=3`);
    expect(body.map(({ jour, estimee }: { jour: string; estimee: boolean }) => [jour, estimee])).toEqual([
      ['2031-05-01', false],
      ['2031-05-11', true],
      ['2031-05-21', true],
    ]);
  });

  it('says which dates a plan of higher rank will absorb', async () => {
    const groupe = `g-${presse.id}`;
    const monthly = await create({
      groupe,
      rang: 2,
      regle: 'FREQ=MONTHLY;BYMONTHDAY=1',
      date_debut: '2031-01-01',
    });
    const { body } = await admin.post(
      '/preventif/previsions?nombre=5',
      plan({ groupe, rang: 1, regle: 'FREQ=WEEKLY', date_debut: '2031-09-10', tolerance_jours: 3 }),
    );
    expect(
      body.map(({ jour, absorbee_par }: { jour: string; absorbee_par: number | null }) => [
        jour,
        absorbee_par,
      ]),
    ).toEqual([
      ['2031-09-10', null],
      ['2031-09-17', null],
      ['2031-09-24', null],
      ['2031-10-01', monthly.id],
      ['2031-10-08', null],
    ]);
  });
});

describe('readings', () => {
  const read = async (equipement: number, valeur: number) => {
    const { status, body } = await admin.patch(`/equipements/${equipement}`, {
      compteurs: [{ nom: 'heures', unite: 'h', valeur }],
    });
    expect([status, body]).toEqual([200, expect.anything()]);
  };
  const outcomes = async (id: number) =>
    (await admin.get(`/preventif/${id}/echeances?sort=id`)).body.map(
      ({ cle, resultat, motif }: Record<string, string>) => [cle, resultat, motif],
    );
  const withMeter = (valeur = 100) =>
    makeEquipement(api.db, { site_id: paris, compteurs: [{ nom: 'heures', unite: 'h', valeur }] });
  const byMeter = (equipement: number, given: object = {}) =>
    create({
      equipements: [equipement],
      declencheur: 'compteur',
      compteur: { nom: 'heures', pas: 50 },
      regle: null,
      date_debut: null,
      ...given,
    });

  it('make a plan due on each step of its meter, once, also where one was left out', async () => {
    const { id: machine } = await withMeter();
    const { id } = await byMeter(machine);
    for (const valeur of [120, 149, 150, 155, 148, 151, 270]) await read(machine, valeur);
    expect(await outcomes(id)).toEqual([
      ['compteur:0:150', 'creee', null],
      ['compteur:0:200', 'fusionnee', null],
      ['compteur:0:250', 'creee', null],
    ]);
    // Another meter in its place counts anew.
    for (const valeur of [3, 49, 51]) await read(machine, valeur);
    expect((await outcomes(id)).slice(3)).toEqual([['compteur:1:50', 'creee', null]]);
  });

  it.each([
    [
      'sauter',
      [
        ['compteur:0:150', 'creee', null],
        ['compteur:0:200', 'sautee', 'precedente_ouverte'],
      ],
    ],
    [
      'fusionner',
      [
        ['compteur:0:150', 'creee', null],
        ['compteur:0:200', 'fusionnee', null],
      ],
    ],
  ])('do as the plan says while its work is open: %s', async (si_precedente_ouverte, expected) => {
    const { id: machine } = await withMeter();
    const { id } = await byMeter(machine, { si_precedente_ouverte });
    for (const valeur of [150, 200]) await read(machine, valeur);
    expect(await outcomes(id)).toEqual(expected);
  });

  it('count from the work where the plan does, and go back when that is undone', async () => {
    const { id: machine } = await withMeter(0);
    const { id } = await byMeter(machine, { base: 'derniere_realisation' });
    await read(machine, 50);
    await read(machine, 70);
    const technicien = await makeTechnicien(api.db);
    const set = (statut: string, fin: Date | null) =>
      api.db.query(
        `UPDATE interventions i SET statut = $2, date_fin = $3, rapport = 'Fait', technicien_id = ${technicien.id} FROM echeances_preventives d
         WHERE d.plan_id = $1 AND i.id = d.intervention_id AND d.cle = 'compteur:0:50'`,
        [id, statut, fin],
      );
    await read(machine, 110);
    // Open until then; it was finished at 110.
    expect(await outcomes(id)).toEqual([['compteur:0:50', 'creee', null]]);
    await set('terminee', new Date());
    await read(machine, 130);
    await set('en_cours', null);
    await read(machine, 161);
    expect(await outcomes(id)).toEqual([['compteur:0:50', 'creee', null]]);
    await set('terminee', new Date());
    await read(machine, 200);
    await read(machine, 211);
    expect(await outcomes(id)).toEqual([
      ['compteur:0:50', 'creee', null],
      ['compteur:0:211', 'creee', null],
    ]);
  });

  it('meet a condition after so many in a row, and again once the meter has come back', async () => {
    const { id: machine } = await withMeter(20);
    const { id } = await create({
      equipements: [machine],
      declencheur: 'condition',
      condition: { compteur: 'heures', operateur: '>', seuil: 80, hysteresis: 10, n_releves: 2 },
      regle: null,
      date_debut: null,
    });
    for (const valeur of [85, 79, 81, 82, 90, 75, 95, 96, 70, 81, 82]) await read(machine, valeur);
    expect(await outcomes(id)).toEqual([
      ['condition:1', 'creee', null],
      ['condition:2', 'creee', null],
    ]);
  });

  it('count anew when the plan has another step', async () => {
    const { id: machine } = await withMeter();
    const { id } = await byMeter(machine);
    await read(machine, 150);
    await admin.patch(`/preventif/${id}`, { compteur: { nom: 'heures', pas: 10 } });
    await read(machine, 159);
    await read(machine, 160);
    expect((await outcomes(id)).map(([cle]: string[]) => cle)).toEqual(['compteur:0:150', 'compteur:1:160']);
  });

  it('or the calendar, whichever comes first: then both count from there', async () => {
    const { id: machine } = await withMeter();
    const plan = await create({
      equipements: [machine],
      declencheur: 'combine',
      compteur: { nom: 'heures', pas: 50 },
      regle: 'FREQ=DAILY;INTERVAL=30',
      date_debut: new Date(Date.now() + 5 * 86_400_000).toISOString().slice(0, 10),
    });
    await read(machine, 155);
    const after = (await admin.get(`/preventif/${plan.id}`)).body;
    expect(await outcomes(plan.id)).toEqual([['compteur:0:150', 'creee', null]]);
    // Five days became thirty.
    expect(new Date(after.prochaine_generation).getTime()).toBeGreaterThan(Date.now() + 25 * 86_400_000);
    await read(machine, 199);
    await read(machine, 205);
    expect((await outcomes(plan.id)).map(([cle]: string[]) => cle)).toEqual([
      'compteur:0:150',
      'compteur:0:205',
    ]);
  });

  it('are recorded by two at once without either waiting for ever, and are due once', async () => {
    const machines = [await withMeter(), await withMeter()];
    const { id } = await byMeter(machines[0]!.id, { equipements: machines.map((machine) => machine.id) });
    await Promise.all(
      Array.from({ length: 12 }, (_, n) => read(machines[n % 2]!.id, 150 + Math.floor(n / 2))),
    );
    expect((await outcomes(id)).sort()).toEqual([
      ['compteur:0:150', 'creee', null],
      ['compteur:0:150', 'creee', null],
    ]);
  });
});

it('gives an intervention all that its template has, whatever that is', async () => {
  const techniciens = [(await makeTechnicien(api.db)).id, (await makeTechnicien(api.db)).id];
  const random = createRandom(7);
  const some = (words: string[]) => words.filter(() => random.int(0, 1) === 1);
  /** Where each field of a template is found in the row of an intervention. */
  const FIELDS: Record<string, string> = {
    duree_estimee: 'duree_prevue',
    technicien_id: 'technicien_prefere_id',
  };
  for (let n = 0; n < 12; n++) {
    const whole = {
      titre: `Révision ${n}`,
      description: `Réviser toute la presse, étape ${random.int(1, 99)}`,
      priorite: random.pick(['basse', 'normale', 'haute', 'critique']),
      urgence: random.int(0, 1) === 1,
      competences_requises: some(['hydraulique', 'soudure', 'froid']),
      duree_estimee: random.pick([null, random.int(5, 10_080)]),
      technicien_id: random.pick([null, ...techniciens]),
    };
    const { id } = await create({ modele: whole });
    const [{ intervention_id }] = (await admin.post(`/preventif/${id}/declencher`)).body;
    const [row] = await api.db.query('SELECT * FROM interventions WHERE id = $1', [intervention_id]);
    for (const [field, value] of Object.entries(whole)) {
      expect([field, row[FIELDS[field] ?? field]]).toEqual([field, value]);
    }
    const { duree_estimee: duree_prevue, technicien_id: technicien_prefere_id } = whole;
    expect((await admin.get(`/interventions/${intervention_id}`)).body).toMatchObject({
      duree_prevue,
      technicien_prefere_id,
      motif_attente: null,
    });
    // Nothing that a template may hold is missing above; what is no field of the row comes below.
    const { body } = await admin.get(`/preventif/${id}`);
    const others = ['etapes', 'modele_etapes_id', 'pieces'];
    expect(Object.keys(body.modele).sort()).toEqual([...Object.keys(whole), ...others].sort());
    expect([row.type_intervention, row.createur_id]).toEqual(['preventive', body.createur_id]);
  }
});

it('is of no client', async () => {
  const { client } = await api.newPerson('client');
  expect((await client.get('/preventif')).status).toBe(403);
  expect((await client.post('/preventif', plan())).status).toBe(403);
});

describe('the template of a plan', () => {
  const plan_ = (given: object, rest: object = {}) => ({ modele: { ...modele, ...given }, ...rest });
  const reading = (valeur: number) =>
    admin.post(`/equipements/${presse.id}/releves`, { compteur: 'heures', valeur });

  it('gives its work the parts and the steps that it has, in its own transaction', async () => {
    const piece = await makePiece(api.db, { stock: 3 });
    const gone = await makePiece(api.db, { stock: 5 });
    const template = await makeModeleEtapes(api.db, {
      etapes: [etape({ libelle: 'Consignation', obligatoire: true })],
    });
    const given = plan_({
      pieces: [
        { piece_id: piece.id, quantite: 2 },
        { piece_id: gone.id, quantite: 1 },
      ],
      modele_etapes_id: template.id,
      etapes: [{ libelle: 'Heures', type: 'releve', compteur: 'heures', unite: 'h' }],
    });
    const { id, modele: kept } = await create(given);
    expect(kept).toMatchObject({ modele_etapes_id: template.id, pieces: [{ quantite: 2 }, { quantite: 1 }] });
    // What is gone by then is left out: the work is due all the same.
    expect((await admin.delete(`/pieces/${gone.id}`)).status).toBe(204);
    const { status, body } = await admin.post(`/preventif/${id}/declencher`);
    expect(status).toBe(201);
    const interventionId = body[0].intervention_id;
    expect((await admin.get(`/interventions/${interventionId}/pieces`)).body).toMatchObject([
      { piece_id: piece.id, quantite: 2, quantite_reservee: 2, statut: 'reservee' },
    ]);
    expect(
      (await admin.get(`/interventions/${interventionId}/etapes`)).body.map(
        ({ libelle, type, compteur }: Record<string, unknown>) => [libelle, type, compteur],
      ),
    ).toEqual([
      ['Consignation', 'case', null],
      ['Heures', 'releve', 'heures'],
    ]);
    expect((await admin.get(`/pieces/${piece.id}`)).body).toMatchObject({
      stock: 3,
      reserve: 2,
      disponible: 1,
    });
    // The next one finds one of the two on the shelf.
    const next = await admin.post(`/preventif/${id}/declencher`);
    expect((await admin.get(`/interventions/${next.body[0].intervention_id}/pieces`)).body).toMatchObject([
      { quantite: 2, quantite_reservee: 1, statut: 'demandee' },
    ]);
  });

  it('names what there is, and steps that can be asked for', async () => {
    const { status, body } = await admin.post(
      '/preventif',
      plan(
        plan_({
          pieces: [{ piece_id: 999_999, quantite: 1 }],
          modele_etapes_id: 999_999,
          etapes: [{ libelle: 'Pression', type: 'nombre', min: 5, max: 1 }],
        }),
      ),
    );
    expect([status, champs(body)]).toEqual([
      422,
      ['modele.etapes.0.max', 'modele.modele_etapes_id', 'modele.pieces.0.piece_id'],
    ]);
  });

  it('of a plan that follows a meter gives them too, and all of it or nothing', async () => {
    await reading(1_000);
    const piece = await makePiece(api.db, { stock: 1 });
    const { id } = await create({
      ...plan_({ pieces: [{ piece_id: piece.id, quantite: 1 }], etapes: [etape({ libelle: 'Fait' })] }),
      declencheur: 'compteur',
      regle: null,
      date_debut: null,
      compteur: { nom: 'heures', pas: 100 },
    });
    expect((await reading(1_150)).status).toBe(201);
    const [due] = (await admin.get(`/preventif/${id}/echeances`)).body;
    expect((await admin.get(`/interventions/${due.intervention_id}/pieces`)).body).toMatchObject([
      { piece_id: piece.id, statut: 'reservee' },
    ]);
    expect((await admin.get(`/interventions/${due.intervention_id}/etapes`)).body).toMatchObject([
      { libelle: 'Fait' },
    ]);
  });
});
