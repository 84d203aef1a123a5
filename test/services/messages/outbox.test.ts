import type { DataSource } from 'typeorm';
import { createDataSource } from '../../../src/db/data-source';
import type { User } from '../../../src/db/identite/users';
import { groupOf } from '../../../src/domain/groupes';
import type { DonneesIntervention, ModeleIntervention } from '../../../src/domain/interventions/textes';
import { dayAfter, instantOfWallClock } from '../../../src/domain/local-time';
import { heldUntil } from '../../../src/domain/messages/canaux';
import { type Actor, systemActor } from '../../../src/services/actor';
import { type Audience, announce } from '../../../src/services/messages/messages';
import {
  type ClaimedMessage,
  claimMessages,
  holdMessage,
  keepClaims,
  markFailed,
  markSent,
} from '../../../src/services/messages/outbox';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import { forwardSunday, weekdayAhead } from '../../support/days';
import {
  makeEquipement,
  makeIntervention,
  makeSite,
  makeTechnicien,
  makeUser,
} from '../../support/factories';

/** What leaves, when and with what, on the real database and by an invented clock. */

let database: TestDatabase;
/** Of a house that waits two minutes for others of a kind. */
let db: DataSource;
beforeAll(async () => {
  database = await createTestDatabase();
  db = await createDataSource({ url: database.url, regroupementMinutes: 2 }).initialize();
});
afterAll(async () => {
  await db.destroy();
  await database.drop();
});
beforeEach(() => database.db.query('DELETE FROM messages'));

const MINUTE = 60_000;
/** So many minutes from now. */
const at = (minutes: number) => new Date(Date.now() + minutes * MINUTE);

let events = 0;
/** Tells of something that happened to an intervention, as the house that waits does unless another is named. */
async function tell(
  modele: ModeleIntervention,
  intervention_id: number,
  audience: Audience,
  {
    source = db,
    actor,
    ...donnees
  }: Partial<DonneesIntervention> & { source?: DataSource; actor?: Actor } = {},
  siteId: number | null = null,
): Promise<void> {
  const evenement = `intervention:${intervention_id}:${++events}`;
  await source.transaction((tx) =>
    announce(tx, actor ?? systemActor(new Date(), evenement), evenement, {
      modele,
      audience,
      siteId,
      donnees: {
        intervention_id,
        titre: `Panne ${intervention_id}`,
        priorite: 'normale',
        urgence: false,
        equipement: { nom: 'Presse', localisation: null },
        fuseau_horaire: 'Africa/Casablanca',
        ...donnees,
      },
    }),
  );
}

/** What a sender does in one round, at a moment: what leaves in it, and whether there was anything to do. */
async function turn(now: Date): Promise<{ leaving: ClaimedMessage[]; isOver: boolean }> {
  const claimed = await claimMessages(db, 'email', 10, { now });
  const leaving: ClaimedMessage[] = [];
  for (const message of claimed.filter(({ statut }) => statut === 'a_envoyer')) {
    const held = heldUntil(message, message.tranquillite, 'Africa/Casablanca', now);
    if (held === null) leaving.push(message);
    else await holdMessage(db, message.id, held);
  }
  return { leaving, isOver: claimed.length === 0 };
}

const round = async (now: Date): Promise<ClaimedMessage[]> => (await turn(now)).leaving;

/** All that leaves at a moment, until there is no more. */
async function drain(now: Date): Promise<ClaimedMessage[]> {
  const sent: ClaimedMessage[] = [];
  for (;;) {
    const { leaving, isOver } = await turn(now);
    for (const message of leaving) await markSent(db, message);
    sent.push(...leaving);
    if (isOver) return sent;
  }
}

/** What a mail says, in short. */
function said(message: ClaimedMessage): [string, ...number[]] {
  const { contenu, groupe } = groupOf(message);
  const contenus = groupe?.contenus ?? [contenu];
  return [
    groupe?.genre ?? contenu.modele,
    ...contenus.map(({ donnees }) => (donnees as DonneesIntervention).intervention_id),
  ];
}

const statuses = async (user: Pick<User, 'id'>): Promise<string[]> => {
  const rows: { modele: string; statut: string }[] = await db.query(
    'SELECT modele, statut FROM messages WHERE destinataire_id = $1 ORDER BY id',
    [user.id],
  );
  return rows.map(({ modele, statut }) => `${modele} ${statut}`);
};

/** Somebody with so many interventions. */
async function worker(count: number) {
  const technicien = await makeTechnicien(db);
  const ids: number[] = [];
  for (let n = 0; n < count; n++) {
    const { id } = await makeIntervention(db, { technicien_id: technicien.id, statut: 'planifiee' });
    ids.push(id);
  }
  return { ...technicien, ids };
}

const withdraw = (id: number) =>
  db.query(`UPDATE interventions SET technicien_id = NULL, statut = 'ouverte' WHERE id = $1`, [id]);
const assign = (id: number, technicienId: number) =>
  db.query(`UPDATE interventions SET technicien_id = $2, statut = 'planifiee' WHERE id = $1`, [
    id,
    technicienId,
  ]);
const preferences = (user: Pick<User, 'id'>, given: object) =>
  db.query(
    `INSERT INTO preferences_notification (user_id, refus, heures_calmes, resume_quotidien, fuseau_horaire)
     SELECT $1, coalesce(p.refus, '{}'), p.heures_calmes, p.resume_quotidien, p.fuseau_horaire
     FROM jsonb_to_record($2) AS p (refus jsonb, heures_calmes jsonb, resume_quotidien integer, fuseau_horaire text)`,
    [user.id, JSON.stringify(given)],
  );

describe('what comes within a few minutes', () => {
  it('is one message for each person and kind', async () => {
    const one = await worker(5);
    const other = await worker(1);
    for (const id of one.ids) await tell('assignee', id, { technicien: [one.user.id] });
    await tell('assignee', other.ids[0]!, { technicien: [other.user.id] });
    await tell('annulee', one.ids[4]!, { technicien: [one.user.id] });
    expect(await drain(at(1.9))).toEqual([]);
    const sent = await drain(at(2.1));
    expect(sent.map(said).sort()).toEqual(
      [
        ['annulee', one.ids[4]],
        ['assignee', ...one.ids],
        ['assignee', other.ids[0]],
      ].sort(),
    );
    expect(new Set(await statuses(one.user))).toEqual(new Set(['assignee envoye', 'annulee envoye']));
    expect(await drain(at(60))).toEqual([]);
  });

  it('leaves when the first of it has waited long enough, however many follow', async () => {
    const { user, ids } = await worker(3);
    await tell('assignee', ids[0]!, { technicien: [user.id] });
    await db.query(`UPDATE messages SET prochain_essai = prochain_essai - interval '90 seconds'`);
    await tell('assignee', ids[1]!, { technicien: [user.id] });
    expect((await drain(at(0.6))).map(said)).toEqual([['assignee', ids[0], ids[1]]]);
  });

  it('leaves at once, each by itself, where the house waits for nothing', async () => {
    const { user, ids } = await worker(3);
    for (const id of ids) await tell('assignee', id, { technicien: [user.id] }, { source: database.db });
    expect((await drain(at(0))).map(said)).toEqual(ids.map((id) => ['assignee', id]));
  });

  it('does not keep what is critical, which takes along what was held of the same before it', async () => {
    const { user, ids } = await worker(2);
    await tell('assignee', ids[0]!, { technicien: [user.id] });
    await tell('assignee', ids[1]!, { technicien: [user.id] });
    await tell('escalade', ids[1]!, { technicien: [user.id] }, { priorite: 'critique' });
    expect((await drain(at(0))).map(said)).toEqual([['sujet', ids[1], ids[1]]]);
    expect((await drain(at(2.1))).map(said)).toEqual([['assignee', ids[0]]]);
  });

  it('stays what it is, under its Message-ID, when its sender dies', async () => {
    const { user, ids } = await worker(3);
    await tell('assignee', ids[0]!, { technicien: [user.id] });
    await tell('assignee', ids[1]!, { technicien: [user.id] });
    const [first] = await round(at(2.1));
    await tell('assignee', ids[2]!, { technicien: [user.id] });
    // What comes once it has been claimed is told by itself.
    expect((await drain(at(2.2))).map(said)).toEqual([['assignee', ids[2]]]);
    const [again] = await round(at(2.7));
    expect([said(again!), again!.message_id]).toEqual([said(first!), first!.message_id]);
    await markSent(db, again!);
    expect(await drain(at(5))).toEqual([]);
  });

  it('is tried again as it is, or given up together', async () => {
    const { user, ids } = await worker(2);
    for (const id of ids) await tell('assignee', id, { technicien: [user.id] });
    const [message] = await round(at(2.1));
    await markFailed(db, message!, 'busy', { final: false });
    const [again] = await round(at(3));
    expect(said(again!)).toEqual(['assignee', ...ids]);
    await markFailed(db, again!, 'no such mailbox', { final: true });
    expect(await statuses(user)).toEqual(['assignee abandonne', 'assignee abandonne']);
  });
});

describe('a claim', () => {
  const seconds = (count: number) => at(count / 60);
  const claim = (now: Date, except: number[] = []) => claimMessages(db, 'email', 10, { now, except });

  it('lasts for a while, and longer for whoever keeps it', async () => {
    const { user, ids } = await worker(1);
    await tell('assignee', ids[0]!, { technicien: [user.id] });
    const [first] = await claim(at(3));
    expect(first).toMatchObject({ destinataire_id: user.id, tentatives: 1 });
    await keepClaims(db, [first!.id], seconds(180 + 25));
    expect(await claim(seconds(180 + 40))).toEqual([]);
    expect(await claim(seconds(180 + 60), [first!.id])).toEqual([]);
    expect(await claim(seconds(180 + 60))).toMatchObject([{ id: first!.id, tentatives: 2 }]);
  });

  it('that was given back, or has ended, is kept by nobody', async () => {
    const { user, ids } = await worker(2);
    for (const one of ids) await tell('assignee', one, { technicien: [user.id] });
    const [message] = await claim(at(3));
    await holdMessage(db, message!.id, { until: at(10), lot: null });
    await keepClaims(db, [message!.id], at(60));
    const [again] = await claim(at(11));
    expect(again!.id).toBe(message!.id);
    await markSent(db, again!);
    await keepClaims(db, [again!.id], at(12));
    expect(await claim(at(60))).toEqual([]);
  });
});

describe('who is not concerned any more when it leaves', () => {
  it('is not written to: work was taken off them', async () => {
    const { user, ids } = await worker(2);
    for (const id of ids) await tell('assignee', id, { technicien: [user.id] });
    await withdraw(ids[0]!);
    expect((await drain(at(3))).map(said)).toEqual([['assignee', ids[1]]]);
    expect(await statuses(user)).toEqual(['assignee sans_objet', 'assignee envoye']);
  });

  it('hears the last word: after an assignment, its withdrawal and another one, that the work is theirs', async () => {
    const { user, ids, id: technicienId } = await worker(1);
    const [id] = ids as [number];
    await tell('assignee', id, { technicien: [user.id] });
    await withdraw(id);
    await tell('retiree', id, { ancien: [user.id] });
    await assign(id, technicienId);
    await tell('assignee', id, { technicien: [user.id] });
    expect((await drain(at(3))).map(said)).toEqual([['assignee', id]]);
    expect(await statuses(user)).toEqual(['assignee envoye', 'retiree sans_objet', 'assignee envoye']);
  });

  it('hears nothing of work that was theirs for a moment only, and of its loss where they had heard', async () => {
    const { user, ids, id: technicienId } = await worker(1);
    const [id] = ids as [number];
    await tell('assignee', id, { technicien: [user.id] });
    await withdraw(id);
    await tell('retiree', id, { ancien: [user.id] });
    expect(await drain(at(3))).toEqual([]);
    expect(await statuses(user)).toEqual(['assignee sans_objet', 'retiree sans_objet']);

    await assign(id, technicienId);
    await tell('assignee', id, { technicien: [user.id] });
    expect((await drain(at(3))).map(said)).toEqual([['assignee', id]]);
    await withdraw(id);
    await tell('retiree', id, { ancien: [user.id] });
    expect((await drain(at(3))).map(said)).toEqual([['retiree', id]]);
  });

  it('hears in order what left in between, where nothing waits', async () => {
    const { user, ids, id: technicienId } = await worker(1);
    const [id] = ids as [number];
    const source = database.db;
    const steps: [ModeleIntervention, () => Promise<unknown>, Audience][] = [
      ['assignee', async () => {}, { technicien: [user.id] }],
      ['retiree', () => withdraw(id), { ancien: [user.id] }],
      ['assignee', () => assign(id, technicienId), { technicien: [user.id] }],
    ];
    const heard: string[] = [];
    for (const [modele, act, audience] of steps) {
      await act();
      await tell(modele, id, audience, { source });
      heard.push(...(await drain(at(0))).map((message) => said(message)[0]));
    }
    expect(heard).toEqual(['assignee', 'retiree', 'assignee']);
  });

  it('has left, or is another by now: every relation is asked once more, and one that holds is enough', async () => {
    const site = await makeSite(db);
    const client = await makeUser(db, { role: 'client' });
    const createur = await makeUser(db, { role: 'client' });
    const responsable = await makeUser(db, { role: 'responsable', sites: [site.id] });
    const elsewhere = await makeUser(db, { role: 'responsable', sites: [site.id] });
    const admin = await makeUser(db, { role: 'admin' });
    const gone = await makeUser(db, { role: 'admin' });
    const equipement = await makeEquipement(db, { client_id: client.id, site_id: site.id });
    const { id } = await makeIntervention(db, { equipement_id: equipement.id, createur_id: createur.id });
    const audience = { client: [client.id], createur: [createur.id], responsables: true };
    await tell('attente_pieces', id, audience, {}, site.id);
    await tell('rapport_abandonne', id, { admins: true });
    // Told as the one who ordered it and as whose the machine is.
    const both = await makeUser(db, { role: 'client' });
    await db.query('UPDATE equipements SET client_id = $2 WHERE id = $1', [equipement.id, both.id]);
    const { id: theirs } = await makeIntervention(db, {
      equipement_id: equipement.id,
      createur_id: both.id,
    });
    await tell('terminee', theirs, { client: [both.id], createur: [both.id] });

    await db.query('UPDATE equipements SET client_id = NULL WHERE id = $1', [equipement.id]);
    await db.query('DELETE FROM user_sites WHERE user_id = $1', [elsewhere.id]);
    await db.query(`UPDATE users SET role = 'client' WHERE id = $1`, [admin.id]);
    await db.query('UPDATE users SET is_active = false WHERE id = $1', [gone.id]);
    await drain(at(3));
    const of = async (...users: User[]) => (await Promise.all(users.map(statuses))).flat();
    expect(await of(client, createur, responsable, elsewhere)).toEqual([
      'attente_pieces sans_objet',
      'attente_pieces envoye',
      'attente_pieces envoye',
      'attente_pieces sans_objet',
    ]);
    expect(await of(admin, gone)).toEqual(['rapport_abandonne sans_objet', 'rapport_abandonne sans_objet']);
    expect(await of(both)).toEqual(['terminee envoye']);
  });

  it('switched it off meanwhile', async () => {
    const { user, ids } = await worker(1);
    await tell('assignee', ids[0]!, { technicien: [user.id] });
    await preferences(user, { refus: { 'intervention.assignee': ['email'] } });
    expect(await drain(at(3))).toEqual([]);
    expect(await statuses(user)).toEqual(['assignee sans_objet']);
  });
});

describe('who wants to be left alone', () => {
  it('is written to when quiet hours are over, once, and at once of what is critical', async () => {
    const { user, ids } = await worker(3);
    await preferences(user, {
      heures_calmes: { debut: '22:00', fin: '07:00' },
      fuseau_horaire: 'Europe/Paris',
    });
    for (const id of ids) await tell('assignee', id, { technicien: [user.id] });
    await tell('escalade', ids[2]!, { technicien: [user.id] }, { urgence: true });
    // The night in which Paris goes forward: 07:00 is 05:00 of UTC.
    const sunday = forwardSunday();
    const night = new Date(`${dayAfter(sunday, -1)}T23:00:00Z`);
    expect((await drain(night)).map(said)).toEqual([['sujet', ids[2], ids[2]]]);
    expect(await drain(new Date(`${sunday}T04:59:00Z`))).toEqual([]);
    expect((await drain(new Date(`${sunday}T05:00:00Z`))).map(said)).toEqual([['assignee', ids[0], ids[1]]]);
    const rows = await db.query(
      `SELECT a_envoyer_apres FROM messages WHERE destinataire_id = $1 ORDER BY id LIMIT 1`,
      [user.id],
    );
    expect(rows[0].a_envoyer_apres.toISOString()).toBe(`${sunday}T05:00:00.000Z`);
  });

  it('has a whole day in one email, without what was taken back in it', async () => {
    const { user, ids } = await worker(3);
    await preferences(user, { resume_quotidien: 8, fuseau_horaire: 'Europe/Paris' });
    for (const id of ids) await tell('assignee', id, { technicien: [user.id] });
    const day = weekdayAhead(7, 30);
    const paris = (days: number, hour: number) =>
      new Date(instantOfWallClock(Date.parse(dayAfter(day, days)) + hour * 60 * MINUTE, 'Europe/Paris'));
    expect(await drain(paris(0, 10))).toEqual([]);
    await tell('rouverte', ids[0]!, { technicien: [user.id] });
    await withdraw(ids[1]!);
    expect(await drain(paris(0, 13))).toEqual([]);
    expect((await drain(paris(1, 8))).map(said)).toEqual([['resume', ids[0], ids[2], ids[0]]]);
    expect(await drain(paris(2, 8))).toEqual([]);
  });
});

describe('who is told', () => {
  const inbox = async (user: Pick<User, 'id'>) =>
    (await db.query('SELECT 1 FROM notifications WHERE destinataire_id = $1', [user.id])).length;
  const by = (user: Pick<User, 'id'>, cleApiId: number | null = null): Actor => ({
    ...systemActor(new Date(), 'essai'),
    userId: user.id,
    cleApiId,
  });

  it('of their own act is so in the application alone; of their account by email too', async () => {
    const { user, ids } = await worker(1);
    await tell('assignee', ids[0]!, { technicien: [user.id] }, { actor: by(user) });
    expect([await statuses(user), await inbox(user)]).toEqual([[], 1]);
    await db.transaction((tx) =>
      announce(tx, by(user), `compte:${user.id}:essai`, {
        modele: 'mot_de_passe_change',
        audience: { titulaire: [user.id] },
        donnees: { date: new Date().toISOString(), adresse: null, auteur: null, session: null },
      }),
    );
    expect(await statuses(user)).toEqual(['mot_de_passe_change a_envoyer']);
    // A machine did it in their name: they did not.
    await tell('rouverte', ids[0]!, { technicien: [user.id] }, { actor: by(user, 1) });
    expect(await statuses(user)).toEqual(['mot_de_passe_change a_envoyer', 'rouverte a_envoyer']);
  });

  it('is who the rule says, by what it says, unless they switched that off', async () => {
    const { user, ids } = await worker(1);
    const client = await makeUser(db, { role: 'client' });
    const audience = { technicien: [user.id], client: [client.id] };
    await tell('terminee', ids[0]!, audience);
    expect([await statuses(user), await statuses(client)]).toEqual([[], ['terminee a_envoyer']]);

    await db.query(
      `INSERT INTO regles_notification (evenement, destinataires, canaux, urgence)
       VALUES ('intervention.terminee', '{technicien}', '{email}', 'critique')`,
    );
    const quiet = await worker(1);
    await preferences(quiet.user, { refus: { 'intervention.terminee': ['email'] } });
    await tell('terminee', ids[0]!, { ...audience, equipier: [quiet.user.id] });
    await tell('terminee', quiet.ids[0]!, { technicien: [quiet.user.id] });
    expect(await statuses(user)).toEqual(['terminee a_envoyer']);
    expect([await inbox(user), await inbox(client)]).toEqual([0, 1]);
    expect(await statuses(client)).toEqual(['terminee a_envoyer']);
    expect(await statuses(quiet.user)).toEqual([]);
    // What the rule calls critical does not wait.
    expect((await drain(at(0))).map(said)).toEqual([['terminee', ids[0]]]);
    await db.query('DELETE FROM regles_notification');
  });
});

describe('a burst', () => {
  it('of 50 breaches for 200 responsables is 200 emails, after the one invitation', async () => {
    const site = await makeSite(db);
    const people: User[] = [];
    for (let n = 0; n < 200; n++) {
      people.push(await makeUser(db, { role: 'responsable', sites: [site.id] }));
    }
    const equipement = await makeEquipement(db, { site_id: site.id });
    for (let n = 0; n < 50; n++) {
      const { id } = await makeIntervention(db, { equipement_id: equipement.id });
      await tell('escalade', id, { responsables: true }, { niveau: 2, etape: 'resolution' }, site.id);
    }
    // As the database does by itself within a minute: what it planned for the few of before is not for a crowd.
    await database.owner.query('ANALYZE messages');
    const lien = '00000000-0000-4000-8000-000000000001';
    const guest = await makeUser(db, { role: 'client' });
    await db.query(
      `INSERT INTO liens_mot_de_passe (id, motif, user_id, date_expiration, correlation_id, date_creation, workflow_demarre)
       VALUES ($1, 'invitation', $2, now() + interval '1 day', 'essai', now(), true)`,
      [lien, guest.id],
    );
    await db.transaction((tx) =>
      announce(tx, systemActor(new Date(), 'essai'), `lien:${lien}`, {
        modele: 'invitation',
        audience: { titulaire: [guest.id] },
        donnees: {
          date: new Date().toISOString(),
          adresse: null,
          auteur: null,
          lien: { id: lien, date_expiration: at(1440).toISOString() },
        },
      }),
    );
    const [first, ...others] = await drain(at(3));
    expect(first!.modele).toBe('invitation');
    expect(others).toHaveLength(200);
    expect(new Set(others.map((message) => said(message).length))).toEqual(new Set([51]));
    const left = await db.query(`SELECT count(*)::integer FROM messages WHERE statut <> 'envoye'`);
    expect(left).toEqual([{ count: 0 }]);
  });
});
