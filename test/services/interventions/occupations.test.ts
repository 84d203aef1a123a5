import type { DataSource } from 'typeorm';
import type { Principal } from '../../../src/auth/principal';
import type { Intervention } from '../../../src/db/interventions/interventions';
import { RegieError } from '../../../src/domain/errors';
import type { Assignation, Ordre } from '../../../src/domain/interventions/ordres';
import type { WorkingHours } from '../../../src/domain/working-time';
import { applyOrdre } from '../../../src/services/interventions/cycle/apply';
import { readBusy } from '../../../src/services/planification/occupations';
import { askedBy } from '../../support/asked';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import { makeAdmin, makeIntervention, makeTechnicien } from '../../support/factories';
import { planningFaults } from '../../support/invariants';
import { holdRows } from '../../support/locks';

/** Whose time is taken, whatever becomes of a visit; and that nobody's is taken twice, whoever asks at the same moment. */

const ZONE = 'Europe/Paris';
const HOUR = 3_600_000;
const OFFICE: WorkingHours = Object.fromEntries(
  [1, 2, 3, 4, 5, 6, 7].map((day) => [
    day,
    [
      [480, 720],
      [840, 1_080],
    ],
  ]),
);

let database: TestDatabase;
let db: DataSource;
let principal: Principal;
beforeAll(async () => {
  database = await createTestDatabase();
  db = database.db;
  ({ principal } = await makeAdmin(db));
});
afterAll(() => database.drop());

const apply = (id: number, ordre: Ordre, now = new Date()) =>
  db.transaction((tx) => applyOrdre(tx, id, askedBy(principal, ordre), now, ZONE));
const assign = (id: number, given: Omit<Assignation, 'type'>, now?: Date) =>
  apply(id, { type: 'assignation', ...given }, now);
const openIntervention = (given: Partial<Intervention> = {}) => makeIntervention(db, given);
const person = (horaires?: WorkingHours) => makeTechnicien(db, horaires === undefined ? {} : { horaires });

interface Row {
  ressource_id: number;
  debut: Date;
  fin: Date;
  exclusive: boolean;
}
const rowsOf = (interventionId: number): Promise<Row[]> =>
  db.query(
    `SELECT o.ressource_id, o.debut, o.fin, o.exclusive FROM occupations o JOIN plannings p ON p.id = o.planning_id
     WHERE p.intervention_id = $1 ORDER BY o.ressource_id, o.debut`,
    [interventionId],
  );
const visitOf = async (interventionId: number) =>
  (
    await db.query(`SELECT * FROM plannings WHERE intervention_id = $1 ORDER BY id DESC LIMIT 1`, [
      interventionId,
    ])
  )[0];

/** A moment some days ahead, so that nothing else is there. */
const START = Date.parse('2031-03-04T09:00:00Z');
const from = (hours: number) => new Date(START + hours * HOUR).toISOString();

/** How each of many attempts at the same moment ended. */
async function outcomes(attempts: (() => Promise<unknown>)[]): Promise<Record<string, number>> {
  const ended = await Promise.all(
    attempts.map((attempt) =>
      attempt().then(
        () => 'ok',
        (error: unknown) => (error instanceof RegieError ? error.code : String(error)),
      ),
    ),
  );
  const counts: Record<string, number> = {};
  for (const end of ended) counts[end] = (counts[end] ?? 0) + 1;
  return counts;
}

describe('a visit takes the time', () => {
  it('of whoever goes, and of nobody any more once it is withdrawn', async () => {
    const { id } = await openIntervention();
    const [lead, other, next] = [await person(), await person(), await person()];
    await assign(id, { technicien_id: lead.id, date_planifiee: from(0), equipiers: [other.id] });
    const people = [lead.user.id, other.user.id].sort((a, b) => a - b);
    expect((await rowsOf(id)).map(({ ressource_id }) => ressource_id)).toEqual(people);
    await assign(id, { technicien_id: next.id });
    expect((await rowsOf(id)).map(({ ressource_id, exclusive }) => [ressource_id, exclusive])).toEqual([
      [other.user.id, true],
      [next.user.id, true],
    ]);
    await assign(id, { date_planifiee: from(5), equipiers: [] });
    expect(await rowsOf(id)).toEqual([
      { ressource_id: next.user.id, debut: new Date(from(5)), fin: new Date(from(6)), exclusive: true },
    ]);
    await apply(id, { type: 'statut', statut: 'ouverte' });
    expect(await rowsOf(id)).toEqual([]);
    expect((await visitOf(id)).statut).toBe('annulee');
  });

  it('until the work ends, and what was used stays without keeping anybody from anything', async () => {
    const { id } = await openIntervention();
    const lead = await person();
    const start = new Date(Date.now() - 10 * 60_000);
    await assign(id, { technicien_id: lead.id, date_planifiee: start.toISOString(), duree_estimee: 480 });
    await apply(id, { type: 'statut', statut: 'en_cours' });
    const end = new Date(Date.now() + 60_000);
    await apply(id, { type: 'statut', statut: 'terminee', rapport: 'Fait.' }, end);
    expect(await rowsOf(id)).toEqual([
      { ressource_id: lead.user.id, debut: start, fin: end, exclusive: false },
    ]);
    expect(await visitOf(id)).toMatchObject({
      statut: 'realisee',
      fin_reelle: end,
      debut_reel: expect.any(Date),
    });
    const other = await openIntervention();
    const during = new Date(end.getTime() - 30_000).toISOString();
    await assign(other.id, { technicien_id: lead.id, date_planifiee: during });
    await apply(other.id, { type: 'statut', statut: 'annulee', motif: 'Doublon' });
    expect(await rowsOf(other.id)).toEqual([]);
  });

  it('in the stretches in which work longer than any of them is done, or as it was forced', async () => {
    const { id } = await openIntervention();
    const lead = await person(OFFICE);
    // 10:00 in Paris.
    await assign(id, { technicien_id: lead.id, date_planifiee: from(0), duree_estimee: 600 });
    const segments = [
      { debut: '2031-03-04T09:00:00.000Z', fin: '2031-03-04T11:00:00.000Z' },
      { debut: '2031-03-04T13:00:00.000Z', fin: '2031-03-04T17:00:00.000Z' },
      { debut: '2031-03-05T07:00:00.000Z', fin: '2031-03-05T11:00:00.000Z' },
    ];
    expect(await visitOf(id)).toMatchObject({
      segments,
      date_fin: new Date(segments[2]!.fin),
      raisons_forcees: [],
    });
    expect(
      (await rowsOf(id)).map(({ debut, fin }) => ({ debut: debut.toISOString(), fin: fin.toISOString() })),
    ).toEqual(segments);
    const between = await openIntervention();
    const lunch = { technicien_id: lead.id, date_planifiee: '2031-03-04T11:00:00.000Z', duree_estimee: 120 };
    await expect(assign(between.id, lunch)).rejects.toMatchObject({ code: 'HORS_DISPONIBILITE' });
    await assign(between.id, { ...lunch, force: true });
    expect(await visitOf(between.id)).toMatchObject({
      segments: [{ debut: segments[0]!.fin, fin: segments[1]!.debut }],
      raisons_forcees: ['hors_horaires'],
    });
    const { debut, fin } = { debut: new Date(from(-24)), fin: new Date(from(48)) };
    const busy = await readBusy(db, [lead.user.id], { debut, fin });
    expect(busy.get(lead.user.id)).toHaveLength(4);
    expect((await readBusy(db, [lead.user.id], { debut, fin }, id)).get(lead.user.id)).toHaveLength(1);
  });

  it('also where it is forced, once', async () => {
    const [first, second] = [await openIntervention(), await openIntervention()];
    const [lead, other] = [await person(OFFICE), await person(OFFICE)];
    const night = { date_planifiee: '2031-03-04T02:00:00.000Z', duree_estimee: 120, force: true };
    await assign(first.id, { ...night, technicien_id: lead.id, equipiers: [other.id] });
    await expect(assign(second.id, { ...night, technicien_id: other.id })).rejects.toMatchObject({
      code: 'CONFLIT_PLANNING',
      details: {
        extensions: {
          voulu: {
            personnes: [other.user.id],
            segments: [{ debut: '2031-03-04T02:00:00.000Z', fin: '2031-03-04T04:00:00.000Z' }],
          },
        },
      },
    });
  });
});

describe('a crew', () => {
  const planned = async () => {
    const { id } = await openIntervention();
    const [lead, one, other] = [await person(OFFICE), await person(OFFICE), await person(OFFICE)];
    await assign(id, { technicien_id: lead.id, date_planifiee: from(0), equipiers: [other.id, one.id] });
    return { id, lead, one, other };
  };
  const told = async (id: number, userId: number): Promise<string[]> =>
    (
      await db.query(
        `SELECT modele FROM messages WHERE destinataire_id = $1 AND evenement LIKE 'intervention:' || $2 || ':%' ORDER BY id`,
        [userId, id],
      )
    ).map(({ modele }: { modele: string }) => modele);
  const crewOf = async (id: number): Promise<number[]> =>
    (await db.query('SELECT equipiers FROM interventions WHERE id = $1', [id]))[0].equipiers;

  it('is told, when it is sent, moved, and taken off', async () => {
    const { id, lead, one, other } = await planned();
    expect(await crewOf(id)).toEqual([one.id, other.id]);
    expect(await told(id, one.user.id)).toEqual(['assignee']);
    await assign(id, { date_planifiee: from(1) });
    await assign(id, { equipiers: [other.id] });
    expect(await told(id, one.user.id)).toEqual(['assignee', 'replanifiee', 'retiree']);
    expect(await told(id, other.user.id)).toEqual(['assignee', 'replanifiee', 'replanifiee']);
    expect(await told(id, lead.user.id)).toEqual(['assignee', 'replanifiee', 'replanifiee']);
    await apply(id, { type: 'statut', statut: 'ouverte' });
    expect(await crewOf(id)).toEqual([]);
    expect((await told(id, other.user.id)).at(-1)).toBe('retiree');
  });

  it('has one of it lead without going with themselves', async () => {
    const { id, lead, one, other } = await planned();
    await assign(id, { technicien_id: one.id });
    expect(await crewOf(id)).toEqual([other.id]);
    expect((await told(id, one.user.id)).at(-1)).toBe('assignee');
    expect((await told(id, lead.user.id)).at(-1)).toBe('retiree');
    await expect(assign(id, { technicien_id: other.id, equipiers: [other.id] })).rejects.toMatchObject({
      code: 'VALIDATION',
      details: { erreurs: [{ champ: 'equipiers' }] },
    });
  });

  it('is of people who can be sent there, and are there', async () => {
    const { id, one } = await planned();
    const gone = await makeTechnicien(db, { disponibilite: false });
    for (const equipiers of [[gone.id], [999_999]]) {
      await expect(assign(id, { equipiers })).rejects.toMatchObject({
        code: 'VALIDATION',
        details: { erreurs: [{ champ: 'equipiers' }] },
      });
    }
    const absences = [{ id: 1, debut: from(-24), fin: from(24), motif: null }];
    await db.query('UPDATE techniciens SET absences = $2 WHERE id = $1', [one.id, JSON.stringify(absences)]);
    await expect(assign(id, { date_planifiee: from(1) })).rejects.toMatchObject({
      code: 'HORS_DISPONIBILITE',
      details: { extensions: { raisons: ['absent'] } },
    });
    await assign(id, { date_planifiee: from(1), force: true });
    expect(await visitOf(id)).toMatchObject({ raisons_forcees: ['absent'] });
  });

  it('joins work that is under way, and leaves it', async () => {
    const { id, one, other } = await planned();
    const [lead, joining] = [await person(), await person()];
    const now = new Date(Date.now() - 60_000).toISOString();
    await assign(id, { technicien_id: lead.id, date_planifiee: now, duree_estimee: 240, equipiers: [] });
    await apply(id, { type: 'statut', statut: 'en_cours' });
    await assign(id, { equipiers: [joining.id] });
    expect((await rowsOf(id)).map(({ ressource_id }) => ressource_id)).toEqual([
      lead.user.id,
      joining.user.id,
    ]);
    expect(await told(id, one.user.id)).toEqual(await told(id, other.user.id));
    expect((await visitOf(id)).statut).toBe('en_cours');
  });
});

describe('at the same moment', () => {
  const many = (count: number) => Promise.all(Array.from({ length: count }, () => openIntervention()));

  it('one of 200 gets a slot, and 199 are told that it is taken', async () => {
    const lead = await person();
    const all = await many(200);
    const attempts = all.map(
      ({ id }) =>
        () =>
          assign(id, { technicien_id: lead.id, date_planifiee: from(0), duree_estimee: 60 }),
    );
    expect(await outcomes(attempts)).toEqual({ ok: 1, CONFLIT_PLANNING: 199 });
  });

  it('so with work in segments that overlap in one of them, asked for in any order', async () => {
    const lead = await person(OFFICE);
    const all = await many(60);
    const starts = [0, -24, 24];
    const attempts = all.map(({ id }, index) => () => {
      const date_planifiee = from(starts[index % 3]!);
      return assign(id, { technicien_id: lead.id, date_planifiee, duree_estimee: 1_200 });
    });
    const { ok, ...others } = await outcomes(attempts);
    expect(others).toEqual({ CONFLIT_PLANNING: 60 - ok! });
    expect(ok).toBeGreaterThan(0);
    const taken = await db.query(
      'SELECT count(*)::integer AS n FROM occupations WHERE ressource_id = $1 AND exclusive',
      [lead.user.id],
    );
    expect(taken[0].n).toBeGreaterThan(2);
  });

  it('so with crews named in opposite orders, led by any of them', async () => {
    const team = await Promise.all(Array.from({ length: 4 }, () => person()));
    const all = await many(200);
    const attempts = all.map(({ id }, index) => () => {
      const turned = [...team.slice(index % 4), ...team.slice(0, index % 4)].map((one) => one.id);
      const [lead, ...crew] = index % 2 === 0 ? turned : turned.toReversed();
      return assign(id, { technicien_id: lead!, date_planifiee: from(0), equipiers: crew });
    });
    expect(await outcomes(attempts)).toEqual({ ok: 1, CONFLIT_PLANNING: 199 });
  });

  it('and with crews that share one person only', async () => {
    const shared = await person();
    const leads = await Promise.all(Array.from({ length: 20 }, () => person()));
    const all = await many(40);
    const attempts = all.map(({ id }, index) => () => {
      const lead = leads[index % 20]!.id;
      const pair = index % 2 === 0 ? [lead, shared.id] : [shared.id, lead];
      return assign(id, { technicien_id: pair[0]!, date_planifiee: from(0), equipiers: [pair[1]!] });
    });
    expect(await outcomes(attempts)).toEqual({ ok: 1, CONFLIT_PLANNING: 39 });
  });

  it('whoever comes second waits for the first before it has written anything', async () => {
    const lead = await person();
    const { id } = await openIntervention();
    const held = await holdRows(
      database.owner,
      'SELECT id FROM techniciens WHERE id = $1 FOR NO KEY UPDATE',
      [lead.id],
    );
    const assigning = assign(id, { technicien_id: lead.id, date_planifiee: from(0) }).catch((error) => error);
    await held.awaitedBy(1, null);
    const absences = [{ id: 1, debut: from(-24), fin: from(24), motif: null }];
    await held.change('UPDATE techniciens SET absences = $2, horaires = NULL WHERE id = $1', [
      lead.id,
      JSON.stringify(absences),
    ]);
    await held.commit();
    // The absence that was being entered is seen.
    expect(await assigning).toMatchObject({ details: { extensions: { raisons: ['absent'] } } });
  });

  it('and what stands afterwards is free of faults', async () => {
    expect(await planningFaults(db)).toEqual([]);
  });
});
