import { Access } from '../../src/auth/access';
import type { Principal } from '../../src/auth/principal';
import { systemActor } from '../../src/services/actor';
import { escalateUntakeable } from '../../src/services/interventions/cycle/sans-candidat';
import { makeEquipement, makePiece, makeSite, makeTechnicien, makeUser } from '../support/factories';
import { type SkippingSystem, startSkippingSystem } from '../support/time-skipping';

let system: SkippingSystem;
beforeAll(async () => {
  system = await startSkippingSystem();
});
afterAll(() => system.close());

/** Whoever the system acts for. */
const SOMEBODY_OF_ALL_SITES: Principal = {
  userId: 1,
  role: 'admin',
  technicienId: null,
  sites: [],
  tousSites: true,
  langue: 'fr',
  sessionId: null,
  cleApiId: null,
  chemins: null,
  secondFacteur: false,
};

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const inOneHour = async () => new Date((await system.now()).getTime() + HOUR).toISOString();
/** Who was written to of the escalations to one level. */
async function mailed(id: number, niveau: number): Promise<number[]> {
  const rows: { destinataire_id: number }[] = await system.db.query(
    `SELECT destinataire_id FROM messages
     WHERE modele = 'escalade' AND evenement LIKE $1 AND donnees->>'niveau' = $2 ORDER BY id`,
    [`intervention:${id}:%`, String(niveau)],
  );
  return rows.map(({ destinataire_id }) => destinataire_id);
}

/** Equipment of a site that somebody is responsible for. */
async function overseenEquipement() {
  const site = await makeSite(system.db);
  await makeUser(system.db, { role: 'responsable', sites: [site.id] });
  return makeEquipement(system.db, { site_id: site.id });
}

describe('escalation', () => {
  it('passes a level that nobody would hear on to the next at once, which is not told again', async () => {
    const start = await system.now();
    const id = await system.report();
    await system.pass(3 * HOUR);
    expect(await system.told(id, start)).toEqual([['affectation', 3, 15]]);
    expect(await mailed(id, 2)).toEqual([]);
    expect(await mailed(id, 3)).toEqual([system.admin.id]);
    const [{ apres }] = await system.db.query(
      `SELECT apres FROM historique WHERE entite = 'intervention' AND entite_id = $1 AND action = 'escalade'`,
      [id],
    );
    expect(apres).toMatchObject({ niveau: 3, sans_destinataire: [2], niveau_escalade: 3 });
  });

  it('does not tell by the deadline of the assignment what was told when nobody could take it', async () => {
    const start = await system.now();
    const id = await system.report({}, await overseenEquipement());
    const actor = { ...systemActor(await system.now(), 'essai'), userId: system.admin.id };
    const escalated = await system.db.transaction((tx) =>
      escalateUntakeable(tx, new Access(SOMEBODY_OF_ALL_SITES), actor, id, { competence: 2 }, 'Europe/Paris'),
    );
    expect(escalated).toBe(true);
    await system.wake(id);
    await system.pass(3 * HOUR);
    expect(await system.told(id, start)).toEqual([]);
    // The deadline of the work itself runs as ever.
    await system.pass(2 * HOUR);
    expect(await system.told(id, start)).toEqual([['resolution', 2, 240]]);
  });

  it('tells the responsable, then the admin, when nobody is assigned in time, each once', async () => {
    const start = await system.now();
    const id = await system.report({}, await overseenEquipement());
    await system.pass(14 * MINUTE);
    expect(await system.told(id, start)).toEqual([]);
    await system.pass(2 * MINUTE);
    expect(await system.told(id, start)).toEqual([['affectation', 2, 15]]);
    await system.pass(3 * HOUR);
    expect(await system.told(id, start)).toEqual([
      ['affectation', 2, 15],
      ['affectation', 3, 30],
    ]);
  });

  it('goes through all three levels when a planned visit does not start, and writes to the right people', async () => {
    const site = await makeSite(system.db);
    const equipement = await makeEquipement(system.db, { site_id: site.id });
    const here = await makeUser(system.db, { role: 'responsable', sites: [site.id] });
    const elsewhere = await makeUser(system.db, {
      role: 'responsable',
      sites: [(await makeSite(system.db)).id],
    });
    const technicien = await makeTechnicien(system.db);
    const start = await system.now();
    const id = await system.report({}, equipement);
    await system.plan(id, technicien.id);
    await system.pass(2 * HOUR);
    expect(await system.told(id, start)).toEqual([
      ['demarrage', 1, 75],
      ['demarrage', 2, 90],
      ['demarrage', 3, 105],
    ]);
    expect(await mailed(id, 1)).toEqual([technicien.user.id]);
    expect(await mailed(id, 2)).toEqual([here.id]);
    expect(await mailed(id, 2)).not.toContain(elsewhere.id);
    expect(await mailed(id, 3)).toContain(system.admin.id);
  });

  it('waits for the end of work under way, and falls silent once it is done', async () => {
    const technicien = await makeTechnicien(system.db);
    const start = await system.now();
    const id = await system.report();
    await system.plan(id, technicien.id);
    await system.order(id, { type: 'statut', statut: 'en_cours' });
    await system.pass(4 * HOUR + MINUTE);
    expect(await system.told(id, start)).toEqual([['resolution', 1, 240]]);
    await system.order(id, { type: 'statut', statut: 'terminee', rapport: 'Fait.' });
    await system.pass(2 * DAY);
    expect(await system.told(id, start)).toEqual([['resolution', 1, 240]]);
  });

  it('is armed anew by a change of priority, from that moment', async () => {
    const start = await system.now();
    const id = await system.report({ priorite: 'basse' }, await overseenEquipement());
    await system.pass(HOUR);
    expect(await system.told(id, start)).toEqual([]);
    await system.order(id, { type: 'modification', changements: { priorite: 'critique', urgence: true } });
    await system.pass(20 * MINUTE);
    expect((await system.told(id, start)).map(([etape, niveau]) => [etape, niveau])).toEqual([
      ['affectation', 2],
      ['affectation', 3],
    ]);
  });

  it('is armed anew by another plan, and by another deadline', async () => {
    const technicien = await makeTechnicien(system.db);
    const start = await system.now();
    const id = await system.report();
    const plan = { type: 'assignation' as const, technicien_id: technicien.id, duree_estimee: 30 };
    await system.order(id, { ...plan, date_planifiee: await inOneHour() });
    await system.order(id, { ...plan, date_planifiee: new Date(start.getTime() + 3 * HOUR).toISOString() });
    await system.pass(2 * HOUR);
    expect(await system.told(id, start)).toEqual([]);
    await system.order(id, {
      type: 'modification',
      changements: { date_limite: new Date(start.getTime() + 150 * MINUTE).toISOString() },
    });
    await system.pass(31 * MINUTE);
    expect(await system.told(id, start)).toEqual([['resolution', 1, 150]]);
  });

  it('counts in working hours for what is not critique', async () => {
    const id = await system.report({ priorite: 'haute' });
    const [{ echeances }] = await system.db.query('SELECT echeances FROM interventions WHERE id = $1', [id]);
    const hours = echeances.map(({ date }: { date: number }) =>
      new Date(date)
        .toLocaleTimeString('fr', { timeZone: 'Europe/Paris', hour: '2-digit', hourCycle: 'h23' })
        .slice(0, 2),
    );
    for (const hour of hours) expect(Number(hour)).toBeGreaterThanOrEqual(8);
    for (const hour of hours) expect(Number(hour)).toBeLessThanOrEqual(18);
  });

  it('stops the clock while parts are awaited, chases them daily, and starts it again when they come', async () => {
    const technicien = await makeTechnicien(system.db);
    const piece = await makePiece(system.db);
    const start = await system.now();
    const id = await system.report();
    await system.plan(id, technicien.id);
    await system.order(id, { type: 'statut', statut: 'en_cours' });
    await system.pass(HOUR);
    await system.order(id, {
      type: 'statut',
      statut: 'attente_pieces',
      pieces: [{ piece_id: piece.id, quantite: 2 }],
    });
    await system.pass(2 * DAY + HOUR);
    expect((await system.told(id, start)).map(([etape, , minutes]) => [etape, minutes])).toEqual([
      ['pieces', 60 + 24 * 60],
      ['pieces', 60 + 48 * 60],
    ]);
    await system.order(id, { type: 'reception', besoins: null });
    const resumed = await system.now();
    const [row] = await system.db.query('SELECT statut, date_limite FROM interventions WHERE id = $1', [id]);
    expect(row.statut).toBe('en_cours');
    expect(Math.round((row.date_limite - resumed.getTime()) / MINUTE)).toBe(180);
    await system.pass(3 * HOUR + MINUTE);
    expect((await system.told(id, resumed)).at(-1)).toEqual(['resolution', 1, 180]);
  });

  it('chases parts of work whose technicien has left with the administrators, where nobody else would hear', async () => {
    const technicien = await makeTechnicien(system.db);
    const piece = await makePiece(system.db);
    const id = await system.report();
    await system.plan(id, technicien.id);
    await system.order(id, { type: 'statut', statut: 'en_cours' });
    const pieces = [{ piece_id: piece.id, quantite: 1 }];
    await system.order(id, { type: 'statut', statut: 'attente_pieces', pieces });
    await system.db.query('UPDATE users SET is_active = false WHERE id = $1', [technicien.user.id]);
    await system.pass(DAY + HOUR);
    const rows: { modele: string; destinataire_id: number }[] = await system.db.query(
      `SELECT modele, destinataire_id FROM messages
       WHERE evenement LIKE $1 AND modele IN ('technicien_parti', 'relance_pieces') ORDER BY id`,
      [`intervention:${id}:%`],
    );
    expect(rows).toEqual([
      { modele: 'technicien_parti', destinataire_id: system.admin.id },
      { modele: 'relance_pieces', destinataire_id: system.admin.id },
    ]);
  });

  it('ends with its workflow seven days after the work, and not before', async () => {
    const technicien = await makeTechnicien(system.db);
    const id = await system.report();
    await system.plan(id, technicien.id);
    await system.order(id, { type: 'statut', statut: 'en_cours' });
    await system.order(id, { type: 'statut', statut: 'terminee', rapport: 'Fait.' });
    await system.pass(6 * DAY);
    await system.order(id, { type: 'statut', statut: 'en_cours' });
    await system.order(id, { type: 'statut', statut: 'terminee', rapport: 'Fait, vraiment.' });
    await system.pass(7 * DAY - HOUR);
    expect(await system.isRunning(id)).toBe(true);
    await system.pass(2 * HOUR);
    expect(await system.isRunning(id)).toBe(false);
    const reports = await system.db.query(
      `SELECT numero_version FROM documents WHERE intervention_id = $1 ORDER BY id`,
      [id],
    );
    expect(reports.map((row: { numero_version: number }) => row.numero_version)).toEqual([1, 2]);
  });
});
