import type { Client } from '../support/client';
import { makeEquipement, makePiece, makeSite, makeTechnicien, makeUser } from '../support/factories';
import { bringTo } from '../support/life';
import { startTestSystem, type TestSystem } from '../support/system';

/** Handing work over, planning it anew, and the hours and absences of those who are sent. */

let system: TestSystem;
let admin: Client;
beforeAll(async () => {
  system = await startTestSystem();
  admin = (await system.newPerson('admin')).client;
});
afterAll(() => system.close());

const inHours = (n: number) => new Date(Date.now() + n * 3_600_000).toISOString();
type Started = 'planifiee' | 'en_cours' | 'attente_pieces';

async function begun(statut: Started, duree_estimee = 480) {
  const technicien = await makeTechnicien(system.db);
  const customer = await makeUser(system.db, { role: 'client' });
  const equipement = await makeEquipement(system.db, { client_id: customer.id });
  const given = { client: admin, equipementId: equipement.id, pieceId: (await makePiece(system.db)).id };
  const id = await bringTo('ouverte', given);
  const plan = { technicien_id: technicien.id, date_planifiee: inHours(0), duree_estimee };
  expect((await admin.put(`/interventions/${id}/assign`, plan)).status).toBe(200);
  if (statut !== 'planifiee') await move(admin, id, { statut: 'en_cours' });
  if (statut === 'attente_pieces') {
    await move(admin, id, { statut, pieces: [{ piece_id: given.pieceId, quantite: 1 }] });
  }
  return { id, technicien, customer };
}

async function move(client: Client, id: number, body: object): Promise<void> {
  const reply = await client.put(`/interventions/${id}/statut`, body);
  expect([reply.status, reply.body.code]).toEqual([200, undefined]);
}

const assign = (id: number, body: object, headers: Record<string, string> = {}) =>
  admin.put(`/interventions/${id}/assign`, body, headers);

const visits = (id: number): Promise<{ technicien_id: number; duree_estimee: number; statut: string }[]> =>
  system.db.query(
    `SELECT technicien_id, duree_estimee, statut FROM plannings WHERE intervention_id = $1 ORDER BY id`,
    [id],
  );
const lastEvent = async (id: number) =>
  (
    await system.db.query(
      `SELECT action, apres FROM historique WHERE entite = 'intervention' AND entite_id = $1 ORDER BY id DESC LIMIT 1`,
      [id],
    )
  )[0];
const told = async (id: number, userId: number): Promise<string[]> =>
  (
    await system.db.query(
      `SELECT modele FROM messages WHERE destinataire_id = $1 AND evenement LIKE 'intervention:' || $2 || ':%' ORDER BY id`,
      [userId, id],
    )
  ).map(({ modele }: { modele: string }) => modele);

describe('work that has begun', () => {
  it.each(['en_cours', 'attente_pieces'] as const)('is handed over while it is %s', async (statut) => {
    const { id, technicien, customer } = await begun(statut);
    const former = await system.as(technicien.user);
    const other = await makeTechnicien(system.db);
    const heard = await told(id, customer.id);
    const reply = await assign(id, { technicien_id: other.id });
    expect(reply.body).toMatchObject({
      statut,
      technicien_id: other.id,
      planning: { duree_estimee: 480 },
    });
    expect(await visits(id)).toEqual([{ technicien_id: other.id, duree_estimee: 480, statut: 'en_cours' }]);
    expect((await lastEvent(id)).action).toBe('transfert');
    expect(await told(id, technicien.user.id)).toEqual(['assignee', 'retiree']);
    expect(await told(id, other.user.id)).toEqual(['assignee']);
    expect(await told(id, customer.id)).toEqual(heard);

    const wanted = statut === 'en_cours' ? { statut: 'terminee', rapport: 'Fait.' } : { statut: 'en_cours' };
    expect((await former.put(`/interventions/${id}/statut`, wanted)).status).toBe(404);
    await move(await system.as(other.user), id, wanted);
  });

  it('has its next visit planned, beside the one that began it', async () => {
    const { id, technicien } = await begun('attente_pieces');
    const date_planifiee = inHours(48);
    const reply = await assign(id, { date_planifiee });
    expect(reply.body).toMatchObject({
      statut: 'attente_pieces',
      technicien_id: technicien.id,
      planning: { date_planifiee, duree_estimee: 480 },
    });
    expect((await visits(id)).map(({ statut }) => statut)).toEqual(['realisee', 'planifiee']);
    expect((await lastEvent(id)).action).toBe('replanification');
    // A next visit is planned anew, not once more.
    await assign(id, { date_planifiee: inHours(72), duree_estimee: 30 });
    expect(await visits(id)).toHaveLength(2);
  });

  it('is handed over after a reopening, without a visit or with one', async () => {
    const { id } = await begun('en_cours', 90);
    await move(admin, id, { statut: 'terminee', rapport: 'Fait.' });
    await move(admin, id, { statut: 'en_cours' });
    const [second, third] = [await makeTechnicien(system.db), await makeTechnicien(system.db)];
    expect((await assign(id, { technicien_id: second.id })).body).toMatchObject({
      statut: 'en_cours',
      technicien_id: second.id,
    });
    expect((await visits(id)).map(({ statut }) => statut)).toEqual(['realisee']);
    await assign(id, { technicien_id: third.id, date_planifiee: inHours(1) });
    expect((await visits(id)).map(({ statut, duree_estimee }) => [statut, duree_estimee])).toEqual([
      ['realisee', 90],
      ['planifiee', 90],
    ]);
    await move(await system.as(third.user), id, { statut: 'terminee', rapport: 'Refait.' });
    expect((await visits(id)).map(({ statut }) => statut)).toEqual(['realisee', 'realisee']);
  });

  it('is not handed over twice under one key', async () => {
    const { id } = await begun('en_cours');
    const body = { technicien_id: (await makeTechnicien(system.db)).id };
    const key = { 'Idempotency-Key': `transfert-${id}` };
    const [first, second] = [await assign(id, body, key), await assign(id, body, key)];
    expect([first.status, second.body]).toEqual([200, first.body]);
    const [{ count }] = await system.db.query(
      `SELECT count(*)::integer FROM historique WHERE entite = 'intervention' AND entite_id = $1 AND action = 'transfert'`,
      [id],
    );
    expect(count).toBe(1);
  });
});

describe('what is not named', () => {
  it('stays as it was', async () => {
    const { id, technicien } = await begun('planifiee');
    const other = await makeTechnicien(system.db);
    const date_planifiee = inHours(5);
    const both = await assign(id, { technicien_id: other.id, date_planifiee });
    expect(both.body).toMatchObject({ planning: { date_planifiee, duree_estimee: 480 } });
    expect((await lastEvent(id)).action).toBe('transfert');

    const who = await assign(id, { technicien_id: technicien.id });
    expect(who.body).toMatchObject({ planning: { date_planifiee, duree_estimee: 480 } });
    const later = inHours(9);
    const when = await assign(id, { date_planifiee: later });
    expect(when.body).toMatchObject({
      technicien_id: technicien.id,
      planning: { date_planifiee: later, duree_estimee: 480 },
    });
    expect(when.body).not.toHaveProperty('affectation');
    const long = await assign(id, { duree_estimee: 30 });
    expect(long.body).toMatchObject({
      technicien_id: technicien.id,
      planning: { date_planifiee: later, duree_estimee: 30 },
    });
  });

  it('is known again after the technicien was withdrawn', async () => {
    const { id, technicien } = await begun('planifiee');
    await move(admin, id, { statut: 'ouverte' });
    const reply = await assign(id, { technicien_id: technicien.id, date_planifiee: inHours(2) });
    expect(reply.body.planning.duree_estimee).toBe(480);
  });
});

/** The next day of a weekday at a time of the clock in Casablanca, which is that of UTC. */
function next(weekday: number, hour: number): string {
  const day = new Date(Date.now() + 86_400_000);
  while (day.getUTCDay() !== weekday) day.setUTCDate(day.getUTCDate() + 1);
  day.setUTCHours(hour, 0, 0, 0);
  return day.toISOString();
}

describe('hours and absences', () => {
  const wednesday = next(3, 9);
  const sunday = next(0, 3);
  const away = [{ debut: new Date(Date.parse(wednesday) - 3_600_000).toISOString(), fin: next(3, 23) }];
  const open = async (site_id: number | null = null) => {
    const equipement = await makeEquipement(system.db, { site_id });
    return bringTo('ouverte', { client: admin, equipementId: equipement.id });
  };
  const refusal = ({ status, body }: Awaited<ReturnType<typeof assign>>) => [status, body.code, body.raisons];

  it('of a technicien who is named are kept, unless it is forced, which the history keeps', async () => {
    const technicien = await makeTechnicien(system.db, { horaires: null, absences: away });
    const id = await open();
    const outside = { technicien_id: technicien.id, date_planifiee: sunday };
    expect(refusal(await assign(id, outside))).toEqual([409, 'HORS_DISPONIBILITE', ['hors_horaires']]);
    const inAbsence = { technicien_id: technicien.id, date_planifiee: wednesday };
    expect(refusal(await assign(id, inAbsence))).toEqual([409, 'HORS_DISPONIBILITE', ['absent']]);
    expect(refusal(await assign(id, { ...inAbsence, date_planifiee: next(3, 19) }))).toEqual([
      409,
      'HORS_DISPONIBILITE',
      ['hors_horaires', 'absent'],
    ]);
    expect((await admin.get(`/interventions/${id}`)).body.statut).toBe('ouverte');

    expect((await assign(id, { ...outside, force: true })).body).toMatchObject({ statut: 'planifiee' });
    expect((await lastEvent(id)).apres).toMatchObject({ force: true, raisons: ['hors_horaires'] });
    expect((await assign(id, { ...inAbsence, date_planifiee: next(4, 9), force: true })).status).toBe(200);
    expect((await lastEvent(id)).apres).not.toHaveProperty('force');
  });

  it('do not make an overlap possible, whatever is said', async () => {
    const technicien = await makeTechnicien(system.db, { horaires: null });
    const plan = { technicien_id: technicien.id, date_planifiee: sunday, force: true };
    expect((await assign(await open(), plan)).status).toBe(200);
    const { status, body } = await assign(await open(), plan);
    expect([status, body.code, body.conflits]).toEqual([409, 'CONFLIT_PLANNING', [expect.anything()]]);
  });

  it('hold for a technicien who takes over the time of a visit', async () => {
    const { id } = await begun('planifiee');
    await assign(id, { date_planifiee: sunday });
    const office = await makeTechnicien(system.db, { horaires: null });
    expect(refusal(await assign(id, { technicien_id: office.id }))).toEqual([
      409,
      'HORS_DISPONIBILITE',
      ['hors_horaires'],
    ]);
  });

  it('are told on the clock of the site', async () => {
    const technicien = await makeTechnicien(system.db, { horaires: null });
    const auckland = await open((await makeSite(system.db, { fuseau_horaire: 'Pacific/Auckland' })).id);
    // 09:00 on a Wednesday in Casablanca is late in the evening in Auckland; 21:00 of the day before is its morning.
    const at = (hours: number) => new Date(Date.parse(wednesday) + hours * 3_600_000).toISOString();
    const plan = { technicien_id: technicien.id };
    expect((await assign(auckland, { ...plan, date_planifiee: at(0) })).body.code).toBe('HORS_DISPONIBILITE');
    expect((await assign(auckland, { ...plan, date_planifiee: at(-12) })).status).toBe(200);
  });

  describe('of whoever is chosen', () => {
    /** Only these can be sent to the site. */
    async function siteWith(...techniciens: Parameters<typeof makeTechnicien>[1][]) {
      await system.db.query('UPDATE users SET tous_sites = false WHERE role = $1', ['technicien']);
      const site = await makeSite(system.db);
      for (const given of techniciens) await makeTechnicien(system.db, given, { sites: [site.id] });
      return site.id;
    }

    it('are kept when a time is named and nobody is', async () => {
      const site = await siteWith({ horaires: null }, { absences: away });
      expect(refusal(await assign(await open(site), { date_planifiee: wednesday }))).toEqual([
        200,
        undefined,
        undefined,
      ]);
      // The first is taken now, the second away.
      expect((await assign(await open(site), { date_planifiee: wednesday })).body.code).toBe(
        'CONFLIT_PLANNING',
      );
      const alone = await siteWith({ horaires: null });
      const id = await open(alone);
      for (const force of [false, true]) {
        expect(refusal(await assign(id, { date_planifiee: sunday, force }))).toEqual([
          409,
          'HORS_DISPONIBILITE',
          ['hors_horaires'],
        ]);
      }
      expect((await admin.get(`/interventions/${id}`)).body.statut).toBe('ouverte');
    });

    it('are kept when nothing is named, on the clock of the site', async () => {
      const site = await siteWith({ horaires: null });
      await system.db.query(`UPDATE sites SET fuseau_horaire = 'Pacific/Auckland' WHERE id = $1`, [site]);
      const { body } = await assign(await open(site), {});
      const hour = new Intl.DateTimeFormat('en-GB', { timeZone: 'Pacific/Auckland', hour: '2-digit' });
      const shown = Number(hour.format(new Date(body.planning.date_planifiee)));
      expect([8, 9, 10, 11, 14, 15, 16, 17]).toContain(shown);
      expect(body.affectation).toMatchObject({
        technicien_id: body.technicien_id,
        date_planifiee: body.planning.date_planifiee,
      });
    });

    it('leave nobody for who is away for the whole time that is searched', async () => {
      const site = await siteWith({ absences: [{ debut: inHours(-1), fin: inHours(24 * 60) }] });
      expect(refusal(await assign(await open(site), {}))).toEqual([409, 'HORS_DISPONIBILITE', ['absent']]);
    });
  });
});
