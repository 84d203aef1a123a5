import type { EntityManager } from 'typeorm';
import type { Access } from '../../../src/auth/access';
import type { Intervention } from '../../../src/db/interventions/interventions';
import type { Palier, Politique } from '../../../src/domain/parc/niveaux';
import { POLITIQUE_INTEGREE } from '../../../src/domain/parc/niveaux';
import { adopt } from '../../../src/services/interventions/cycle/adopt';
import { markOutdated } from '../../../src/services/interventions/cycle/derivation';
import { readEngagements } from '../../../src/services/interventions/engagements';
import { deleteContrat, updateContrat } from '../../../src/services/parc/contrats';
import { updateNiveau } from '../../../src/services/parc/niveaux';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import {
  makeContrat,
  makeEquipement,
  makeNiveau,
  makePiece,
  makeSite,
  makeTechnicien,
  makeUser,
} from '../../support/factories';
import { type InventedTime, inventTime, ZONE } from '../../support/invented-time';

/**
 * Service levels (docs/decisions/031) as services and database keep them, by examples worked out by hand. The sites of these
 * tests keep UTC and work 08:00–12:00 and 14:00–18:00, Monday to Friday; Monday is 2026-12-07.
 */

let database: TestDatabase;
let time: InventedTime;
let technicienId: number;
let pieceId: number;
beforeAll(async () => {
  database = await createTestDatabase();
  time = await inventTime(database);
  technicienId = (await makeTechnicien(database.db)).id;
  pieceId = (await makePiece(database.db, { stock: 0 })).id;
});
afterAll(() => database.drop());

const at = (text: string) => Date.parse(`${text}Z`);
const short = (date: Date | string | null) =>
  date === null ? null : new Date(date).toISOString().slice(0, 16);
const ofMinute = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString().slice(0, 16));

const PALIERS: Palier[] = [
  { a: '-25%', destinataires: ['technicien'] },
  { a: '+0', destinataires: ['technicien', 'responsable'] },
  { a: '+PT1H', destinataires: ['admin', 'client'] },
];
const delais = (normale: string): Politique['delais'] => ({
  ...POLITIQUE_INTEGREE.delais,
  normale: { ...POLITIQUE_INTEGREE.delais.normale, resolution: normale },
});

/** A client with a machine, and a level that gives a normale so many days of work. */
async function served(normale: string) {
  const client = await makeUser(database.db, { role: 'client' });
  const equipement = await makeEquipement(database.db, { client_id: client.id });
  const niveau = await makeNiveau(database.db, { delais: delais(normale), niveaux: PALIERS });
  return { client, equipement, niveau };
}
const contractFor = (client: number, niveau_service_id: number) =>
  makeContrat(database.db, { client_id: client, niveau_service_id });
const begin = (equipement_id: number, now: string, given: object = {}) =>
  time.begin({ equipement_id, ...given }, at(now));
/** Its workflow looks at the row again. */
const lookAgain = (id: number, now: string) =>
  database.db.transaction((tx) => adopt(tx, id, new Date(at(now)), ZONE));
const tell = async (id: number, now: string) =>
  (await time.tellDue(id, at(now)))
    .filter((cle) => cle.startsWith('resolution'))
    .map((cle) => cle.split(':')[1]);
const rowOf = async (id: number) => {
  const row: Intervention = await time.rowOf(id);
  return [short(row.date_limite), short(row.depasse_le)];
};
async function engagements(id: number, now: string) {
  const access = time.accessOnce();
  const found = await database.db.transaction(async (tx) => {
    await access.confirm(tx);
    return readEngagements(tx, access, id, ZONE, new Date(at(now)));
  });
  return found.map(({ etape, echeance, etat, depasse, fin, niveau, restant }) => ({
    etape,
    echeance: ofMinute(echeance),
    etat,
    depasse: ofMinute(depasse),
    fin: ofMinute(fin),
    niveau: niveau?.nom ?? null,
    restant: restant / 60_000,
  }));
}
const historyOf = (
  id: number,
  action: string,
): Promise<{ avant: object; apres: Record<string, unknown> }[]> =>
  database.db.query(
    `SELECT avant, apres FROM historique
     WHERE entite = 'intervention' AND entite_id = $1 AND action = $2 ORDER BY id`,
    [id, action],
  );
const byAdmin = <Result>(work: (tx: EntityManager, access: Access) => Promise<Result>) =>
  database.db.transaction((tx) => work(tx, time.accessOnce()));

it('a change of contract: the deadline counts again from the start, what had passed is told once', async () => {
  // A normale of the house, from Monday 08:00: five days of work, until Friday 18:00.
  const { client, equipement, niveau } = await served('P1D');
  const id = await begin(equipement.id, '2026-12-07T08:00');
  expect(await rowOf(id)).toEqual(['2026-12-11T18:00', null]);

  // On Tuesday at 08:00 its client has a contract that gives one day of work: it was to be done on Monday, 18:00. The
  // warning at a quarter of it (Monday 16:00) has passed unseen; the end is told now, the hour after it at 09:00.
  const contrat = await contractFor(client.id, niveau.id);
  await lookAgain(id, '2026-12-08T08:00');
  expect(await rowOf(id)).toEqual(['2026-12-07T18:00', null]);
  const [change] = await historyOf(id, 'recalcul');
  expect(change).toMatchObject({
    avant: { niveau_service: null },
    apres: {
      niveau_service: { id: niveau.id, nom: niveau.nom, version: 1 },
      franchis_retroactivement: [{ etape: 'resolution', a: '-25%' }],
    },
  });
  expect(await tell(id, '2026-12-08T08:00')).toEqual(['+0']);
  expect(await tell(id, '2026-12-08T08:59')).toEqual([]);
  expect(await tell(id, '2026-12-08T09:00')).toEqual(['+PT1H']);

  // Without the contract again: what is broken stays broken, and whoever knows of it is not told by the house.
  await byAdmin((tx, access) =>
    deleteContrat(tx, access, time.actorAt(at('2026-12-08T10:00')), contrat.id, ZONE),
  );
  await lookAgain(id, '2026-12-08T10:00');
  expect(await rowOf(id)).toEqual(['2026-12-07T18:00', '2026-12-07T18:00']);
  expect(await tell(id, '2026-12-31T10:00')).toEqual([]);
});

it('a change of a level moves what is to come, and tells nothing twice', async () => {
  // Two days of work from Monday 08:00: Tuesday 18:00. A quarter of 16 hours is left at Tuesday 12:00.
  const { client, equipement, niveau } = await served('P2D');
  await contractFor(client.id, niveau.id);
  const id = await begin(equipement.id, '2026-12-07T08:00');
  expect(await rowOf(id)).toEqual(['2026-12-08T18:00', null]);
  expect(await tell(id, '2026-12-08T12:00')).toEqual(['-25%']);

  const change = (normale: string, now: string) =>
    byAdmin((tx, access) =>
      updateNiveau(tx, access, time.actorAt(at(now)), niveau.id, { delais: delais(normale) }, null),
    );
  // On Tuesday at 15:00 the level gives five days: Friday 18:00, and that it was near has been told.
  await change('P5D', '2026-12-08T15:00');
  // Until its workflow looks again, it goes by what the level said.
  expect(await rowOf(id)).toEqual(['2026-12-08T18:00', null]);
  await lookAgain(id, '2026-12-08T15:01');
  expect(await rowOf(id)).toEqual(['2026-12-11T18:00', null]);
  expect(await tell(id, '2026-12-11T17:59')).toEqual([]);
  expect(await tell(id, '2026-12-11T18:00')).toEqual(['+0']);

  // What has passed stays, whatever the level gives afterwards.
  await change('P15D', '2026-12-11T18:30');
  await lookAgain(id, '2026-12-11T18:31');
  expect(await rowOf(id)).toEqual(['2026-12-11T18:00', '2026-12-11T18:00']);
  expect(await tell(id, '2026-12-14T09:00')).toEqual(['+PT1H']);
  // Another name is another name alone.
  await byAdmin((tx, access) =>
    updateNiveau(tx, access, time.actorAt(at('2026-12-14T10:00')), niveau.id, { nom: 'Autre nom' }, null),
  );
  const { regles_depuis } = await time.rowOf(id);
  await lookAgain(id, '2026-12-14T10:01');
  const renamed = await time.rowOf(id);
  expect([renamed.politique!.nom, renamed.regles_depuis]).toEqual(['Autre nom', regles_depuis]);
  expect(await tell(id, '2026-12-31T10:00')).toEqual([]);
});

it('retroactive priority: the present breach is told once to each, what was near is not told any more', async () => {
  const { client, equipement, niveau } = await served('P5D');
  await contractFor(client.id, niveau.id);
  const id = await begin(equipement.id, '2026-12-07T08:00');
  // Wednesday 10:00 it becomes critique: four hours around the clock from Monday 08:00, so it was due on Monday, 12:00.
  await time.order(
    id,
    { type: 'modification', changements: { priorite: 'critique' } },
    at('2026-12-09T10:00'),
  );
  expect(await rowOf(id)).toEqual(['2026-12-07T12:00', null]);
  expect(await tell(id, '2026-12-09T10:00')).toEqual(['+0', '+PT1H']);
  expect(await tell(id, '2026-12-31T10:00')).toEqual([]);
  const [change] = await historyOf(id, 'modification');
  expect(change!.apres).toMatchObject({
    priorite: 'critique',
    franchis_retroactivement: [{ etape: 'resolution', a: '-25%' }],
  });
  const heard: { modele: string; destinataire_id: number }[] = await database.db.query(
    `SELECT modele, destinataire_id FROM messages WHERE evenement LIKE $1 ORDER BY id`,
    [`intervention:${id}:%`],
  );
  expect(heard.every(({ modele }) => modele === 'escalade')).toBe(true);
  const people = heard.map(({ destinataire_id }) => destinataire_id);
  expect(new Set(people).size).toBe(people.length);
  expect(people).toContain(client.id);
});

it('reopening starts a new target, and keeps what became of the one before', async () => {
  const { client, equipement, niveau } = await served('P1D');
  await contractFor(client.id, niveau.id);
  // One day of work from Monday 08:00: 18:00. It is finished on Tuesday at 10:00, two hours late.
  const id = await begin(equipement.id, '2026-12-07T08:00');
  const finish = (now: string) =>
    time.order(id, { type: 'statut', statut: 'terminee', rapport: 'Fait.' }, at(now));
  await finish('2026-12-08T10:00');
  const late = {
    etape: 'resolution',
    echeance: '2026-12-07T18:00',
    etat: 'depasse',
    depasse: '2026-12-07T18:00',
    fin: '2026-12-08T10:00',
    niveau: niveau.nom,
    restant: -120,
  };
  expect(await engagements(id, '2026-12-08T11:00')).toEqual([late]);
  // Reopened on Wednesday at 08:00: until 18:00, and this time it is done at noon, four hours before.
  await time.order(id, { type: 'statut', statut: 'en_cours' }, at('2026-12-09T08:00'));
  const again = { ...late, echeance: '2026-12-09T18:00', depasse: null, fin: null, niveau: niveau.nom };
  expect(await engagements(id, '2026-12-09T09:00')).toEqual([
    late,
    { ...again, etat: 'en_cours', restant: 7 * 60 },
  ]);
  await finish('2026-12-09T12:00');
  const inTime = { ...again, etat: 'tenu', fin: '2026-12-09T12:00', restant: 4 * 60 };
  expect(await engagements(id, '2026-12-10T09:00')).toEqual([late, inTime]);
  // Work that came late and came back has not been done in time.
  expect((await rowOf(id))[1]).toBe('2026-12-07T18:00');
});

it('work that is reopened goes by what its level says by then', async () => {
  // A day of work from Monday 08:00, done in time. While it is over, the level comes to give two: reopened on Tuesday at
  // 08:00, it is due on Wednesday at 18:00; what it was promised before stays what it was.
  const { client, equipement, niveau } = await served('P1D');
  await contractFor(client.id, niveau.id);
  const id = await begin(equipement.id, '2026-12-07T08:00');
  await time.order(id, { type: 'statut', statut: 'terminee', rapport: 'Fait.' }, at('2026-12-07T12:00'));
  await byAdmin((tx, access) =>
    updateNiveau(
      tx,
      access,
      time.actorAt(at('2026-12-07T13:00')),
      niveau.id,
      { delais: delais('P2D') },
      null,
    ),
  );
  await lookAgain(id, '2026-12-07T14:00');
  await time.order(id, { type: 'statut', statut: 'en_cours' }, at('2026-12-08T08:00'));
  expect(await rowOf(id)).toEqual(['2026-12-09T18:00', null]);
  expect(await engagements(id, '2026-12-08T08:00')).toMatchObject([
    { echeance: '2026-12-07T18:00', etat: 'tenu', restant: 240 },
    { echeance: '2026-12-09T18:00', etat: 'en_cours', restant: 960 },
  ]);
});

it('the first breach of an assignment and of a start is kept, whatever comes after it', async () => {
  // A normale of the house from Monday 08:00 is to be assigned by 18:00. On Tuesday at 08:30 it becomes basse, which is
  // assigned within three days: that does not unbreak it. On Tuesday at 09:00 somebody is sent, for 10:00: they are to
  // begin by 16:00. It is planned anew on Wednesday at 07:00, for 08:00: by Wednesday 18:00, a day of work of a basse; they
  // begin at 09:00. But Tuesday 18:00 had passed before.
  const equipement = await makeEquipement(database.db);
  const id = await begin(equipement.id, '2026-12-07T08:00');
  await database.db.query(`UPDATE interventions SET statut = 'ouverte', technicien_id = NULL WHERE id = $1`, [
    id,
  ]);
  const assign = (date: string, now: string) =>
    time.order(
      id,
      { type: 'assignation', technicien_id: technicienId, date_planifiee: `${date}:00.000Z`, force: true },
      at(now),
    );
  const modify = (priorite: 'basse' | 'normale', now: string) =>
    time.order(id, { type: 'modification', changements: { priorite } }, at(now));
  const only = async (etape: string, now: string) =>
    (await engagements(id, now))
      .filter((one) => one.etape === etape)
      .map(({ restant: _, niveau: __, ...one }) => one);

  expect(await only('affectation', '2026-12-07T10:00')).toEqual([
    { etape: 'affectation', echeance: '2026-12-07T18:00', etat: 'en_cours', depasse: null, fin: null },
  ]);
  await modify('basse', '2026-12-08T08:30');
  const broken = { etape: 'affectation', etat: 'depasse', depasse: '2026-12-07T18:00' };
  expect(await only('affectation', '2026-12-08T08:30')).toEqual([
    { ...broken, echeance: '2026-12-09T18:00', fin: null },
  ]);
  await assign('2026-12-08T10:00', '2026-12-08T09:00');
  const settled = { ...broken, echeance: '2026-12-09T18:00', fin: '2026-12-08T09:00' };
  expect(await only('affectation', '2026-12-08T09:00')).toEqual([settled]);

  await modify('normale', '2026-12-08T09:30');
  expect(await only('demarrage', '2026-12-08T09:30')).toEqual([
    { etape: 'demarrage', echeance: '2026-12-08T16:00', etat: 'en_cours', depasse: null, fin: null },
  ]);
  await assign('2026-12-09T08:00', '2026-12-09T07:00');
  await modify('basse', '2026-12-09T07:30');
  await time.order(id, { type: 'statut', statut: 'en_cours' }, at('2026-12-09T09:00'));
  expect(await only('demarrage', '2026-12-09T09:00')).toEqual([
    {
      etape: 'demarrage',
      echeance: '2026-12-09T18:00',
      etat: 'depasse',
      depasse: '2026-12-08T16:00',
      fin: '2026-12-09T09:00',
    },
  ]);
  expect(await only('affectation', '2026-12-09T09:00')).toEqual([settled]);
});

it('two changes of one moment come to the same in either order, and are no breach by the way', async () => {
  // Thursday 10:00, of a normale with five days from Monday 08:00. Halved alone it would have been due on Wednesday at 12:00.
  const { client, equipement, niveau } = await served('P5D');
  await contractFor(client.id, niveau.id);
  const rows = [];
  for (const changes of [
    [{ priorite: 'basse' as const }, { urgence: true }],
    [{ urgence: true }, { priorite: 'basse' as const }],
  ]) {
    const id = await begin(equipement.id, '2026-12-07T08:00');
    for (const changements of changes) {
      await time.order(id, { type: 'modification', changements }, at('2026-12-10T10:00'));
    }
    const { date_limite, depasse_le, depassements, echeances, regles_depuis } = await time.rowOf(id);
    rows.push({ date_limite: short(date_limite), depasse_le, depassements, echeances, regles_depuis });
  }
  expect(rows[0]).toMatchObject({ date_limite: '2026-12-16T12:00', depasse_le: null, depassements: {} });
  expect(rows[1]).toEqual(rows[0]);
});

describe('a wait for something else than parts', () => {
  const MOTIFS = [
    { motif: 'client absent', arrete_horloge: true },
    { motif: 'devis à signer', arrete_horloge: false },
  ];
  const wait = (id: number, motif_attente: string, now: string) =>
    time.order(id, { type: 'statut', statut: 'attente_pieces', motif_attente }, at(now));
  const resume = (id: number, now: string) => time.order(id, { type: 'statut', statut: 'en_cours' }, at(now));
  async function waitingOne() {
    const { client, equipement, niveau } = await served('P1D');
    await database.db.query('UPDATE niveaux_service SET attente_motifs = $2 WHERE id = $1', [
      niveau.id,
      JSON.stringify(MOTIFS),
    ]);
    await contractFor(client.id, niveau.id);
    return begin(equipement.id, '2026-12-07T08:00');
  }

  it('stops the clock if the level says so, without any part, and says why', async () => {
    // Two hours of eight have passed at 10:00. From Tuesday 10:00 six are left: 10:00–12:00 and 14:00–18:00.
    const id = await waitingOne();
    await wait(id, 'client absent', '2026-12-07T10:00');
    expect(await engagements(id, '2026-12-07T16:00')).toMatchObject([{ etat: 'en_pause', restant: 360 }]);
    expect(await time.tellDue(id, at('2026-12-08T09:59'))).toEqual([]);
    await resume(id, '2026-12-08T10:00');
    expect(await rowOf(id)).toEqual(['2026-12-08T18:00', null]);
    const { pauses, attente_motif } = await time.rowOf(id);
    expect([pauses.map(({ motif }) => motif), attente_motif]).toEqual([['client absent'], null]);
    const [event] = await historyOf(id, 'attente_pieces');
    expect(event!.apres).toMatchObject({ motif: 'client absent', arrete_horloge: true, pieces: [] });
  });

  it('lets it run if the level says so, and what is due is told', async () => {
    const id = await waitingOne();
    await wait(id, 'devis à signer', '2026-12-07T10:00');
    expect(await engagements(id, '2026-12-07T11:00')).toMatchObject([{ etat: 'en_cours', restant: 300 }]);
    expect(await tell(id, '2026-12-07T16:00')).toEqual(['-25%']);
    await resume(id, '2026-12-07T17:00');
    expect(await rowOf(id)).toEqual(['2026-12-07T18:00', null]);
    expect((await time.rowOf(id)).pauses).toEqual([]);
  });

  it('does not end because parts have come', async () => {
    const id = await waitingOne();
    const pieces = [{ piece_id: pieceId, quantite: 1 }];
    await time.order(
      id,
      { type: 'statut', statut: 'attente_pieces', motif_attente: 'client absent', pieces },
      at('2026-12-07T10:00'),
    );
    await time.order(id, { type: 'reception', besoins: null }, at('2026-12-07T11:00'));
    expect((await time.rowOf(id)).statut).toBe('attente_pieces');
  });

  it('is refused for what the level does not know, and the house knows none', async () => {
    const refusal = (id: number) =>
      wait(id, 'pause café', '2026-12-07T10:00').catch(({ code, details }) => [
        code,
        details.erreurs[0].champ,
        details.erreurs[0].message.fr,
      ]);
    expect(await refusal(await waitingOne())).toEqual([
      'VALIDATION',
      'motif_attente',
      'Le niveau de service ne connaît pas ce motif ; possibles : « client absent », « devis à signer »',
    ]);
    expect(
      (await refusal(await begin((await makeEquipement(database.db)).id, '2026-12-07T08:00')))![2],
    ).toMatch(/possibles : aucun$/);
  });
});

describe('which level applies', () => {
  it('is that of the day of the creation, at the clocks of the site', async () => {
    // A contract from 8 December on, at Auckland, where it is thirteen hours later: 7 December 11:00 UTC is the 8th there.
    const { client, niveau } = await served('P1D');
    const site = await makeSite(database.db, { fuseau_horaire: 'Pacific/Auckland' });
    const equipement = await makeEquipement(database.db, { client_id: client.id, site_id: site.id });
    await makeContrat(database.db, {
      client_id: client.id,
      niveau_service_id: niveau.id,
      date_debut: '2026-12-08',
      date_fin: '2026-12-08',
    });
    const levelAt = async (now: string) =>
      (await time.rowOf(await begin(equipement.id, now))).niveau_service_id;
    expect(await levelAt('2026-12-07T10:59')).toBeNull();
    expect(await levelAt('2026-12-07T11:00')).toBe(niveau.id);
    expect(await levelAt('2026-12-08T10:59')).toBe(niveau.id);
    expect(await levelAt('2026-12-08T11:00')).toBeNull();
  });

  it('is found again after the contract came to name other machines, and by the reconciler among all', async () => {
    const { client, equipement, niveau } = await served('P1D');
    const other = await makeEquipement(database.db, { client_id: client.id });
    const contrat = await makeContrat(database.db, {
      client_id: client.id,
      niveau_service_id: niveau.id,
      equipements: [equipement.id],
    });
    const [named, unnamed] = [
      await begin(equipement.id, '2026-12-07T08:00'),
      await begin(other.id, '2026-12-07T08:00'),
    ];
    for (const id of [named, unnamed]) await lookAgain(id, '2026-12-07T08:30');
    await database.db.query('UPDATE interventions SET workflow_demarre = true');
    const outdated = async (now: string) => {
      await markOutdated(database.db, ZONE, new Date(at(now)));
      const rows: { id: number }[] = await database.db.query(
        `SELECT id FROM interventions WHERE NOT workflow_demarre AND id = ANY($1) ORDER BY id`,
        [[named, unnamed]],
      );
      return rows.map(({ id }) => id);
    };
    expect(await outdated('2026-12-07T09:00')).toEqual([]);
    await byAdmin((tx, access) =>
      updateContrat(
        tx,
        access,
        time.actorAt(at('2026-12-07T09:30')),
        contrat.id,
        { equipements: [other.id] },
        null,
        ZONE,
      ),
    );
    expect(await outdated('2026-12-07T10:00')).toEqual([named, unnamed]);
    for (const id of [named, unnamed]) await lookAgain(id, '2026-12-07T10:00');
    expect([await rowOf(named), await rowOf(unnamed)].map(([date]) => date)).toEqual([
      '2026-12-11T18:00',
      '2026-12-07T18:00',
    ]);
    expect(await outdated('2026-12-07T10:01')).toEqual([]);
  });
});
