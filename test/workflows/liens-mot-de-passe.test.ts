import type { WorkflowHandle } from '@temporalio/client';
import { linkToken } from '../../src/auth/password-links';
import { createPasswords } from '../../src/auth/passwords';
import { createSecrets } from '../../src/auth/secrets';
import type { User } from '../../src/db/identite/users';
import { systemActor } from '../../src/services/actor';
import { inviteAll, requestLink, sendLink } from '../../src/services/identite/liens-mot-de-passe';
import { resetPassword } from '../../src/services/identite/reinitialisation';
import { removeExpired } from '../../src/services/systeme/nettoyage';
import { testConfig } from '../support/api';
import { makeUser } from '../support/factories';
import { type SkippingSystem, startSkippingSystem } from '../support/time-skipping';

let system: SkippingSystem;
beforeAll(async () => {
  system = await startSkippingSystem();
});
afterAll(() => system.close());

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const config = testConfig('postgres://nowhere');
const secrets = createSecrets(config.dataKeys);
const passwords = createPasswords(config);

const actor = async () => systemActor(await system.now(), 'test');
const isRunning = async (link: WorkflowHandle) => (await link.describe()).status.name === 'RUNNING';
const rowOf = async (id: string) =>
  (await system.db.query('SELECT * FROM liens_mot_de_passe WHERE id = $1', [id]))[0];
const actionsOn = async (user: User) =>
  (
    await system.db.query(
      `SELECT action FROM historique WHERE entite = 'user' AND entite_id = $1 ORDER BY id`,
      [user.id],
    )
  ).map(({ action }: { action: string }) => action);
const use = async (id: string) =>
  resetPassword({ db: system.db, secrets, passwords }, await actor(), {
    token: linkToken(secrets, id),
    new_password: 'Presse-Nord-83?',
  });

describe('the workflow of a link', () => {
  it('closes a link for a forgotten password after half an hour, and not before', async () => {
    const user = await makeUser(system.db);
    const id = await requestLink(system.db, await actor(), user.email);
    const link = await system.startLink(id);
    await system.pass(29 * MINUTE);
    expect([await isRunning(link), (await rowOf(id)).date_fermeture]).toEqual([true, null]);
    await system.pass(2 * MINUTE);
    expect(await isRunning(link)).toBe(false);
    const { date_fermeture, date_expiration, email } = await rowOf(id);
    expect(Math.round((date_fermeture - date_expiration) / MINUTE)).toBe(0);
    expect(email).toBeNull();
    expect(await actionsOn(user)).toEqual(['demande_reinitialisation', 'lien_expire']);
    await expect(use(id)).rejects.toMatchObject({ code: 'LIEN_INVALIDE' });
  });

  it('leaves an invitation open for seven days', async () => {
    const user = await makeUser(system.db, { mot_de_passe: null });
    const [id] = await system.db.transaction(async (tx) => inviteAll(tx, secrets, await actor(), [user]));
    const link = await system.startLink(id!);
    await system.pass(7 * DAY - MINUTE);
    expect(await isRunning(link)).toBe(true);
    await use(id!);
    await system.pass(2 * MINUTE);
    expect(await isRunning(link)).toBe(false);
    expect(await actionsOn(user)).toEqual(['invitation_acceptee']);
  });

  it('ends at once for an address that nobody has, and nothing is left of it', async () => {
    const id = await requestLink(system.db, await actor(), 'personne@nulle-part.ma');
    const link = await system.startLink(id);
    await link.result();
    expect(await rowOf(id)).toBeUndefined();
  });

  it('sends a link once, however often its activity is run, and at once', async () => {
    const user = await makeUser(system.db);
    const now = await system.now();
    const id = await requestLink(system.db, await actor(), user.email);
    const send = () => system.db.transaction((tx) => sendLink(tx, id, now));
    const expiration = now.getTime() + 30 * MINUTE;
    const answers = await Promise.all([send(), send(), send()]);
    for (const answer of [...answers, await send()]) expect(answer! - expiration).toBeLessThan(MINUTE);
    const sent = await system.db.query('SELECT modele FROM messages WHERE destinataire_id = $1', [user.id]);
    expect(sent).toEqual([{ modele: 'reinitialisation' }]);
    expect(await actionsOn(user)).toEqual(['demande_reinitialisation']);
  });

  it('sends nothing once its time is over, as after a long absence of the engine', async () => {
    const user = await makeUser(system.db);
    const id = await requestLink(system.db, await actor(), user.email);
    await system.pass(31 * MINUTE);
    await (await system.startLink(id)).result();
    expect(await system.db.query('SELECT id FROM messages WHERE destinataire_id = $1', [user.id])).toEqual(
      [],
    );
  });
});

it('a link is removed a day after its time is over', async () => {
  const { email } = await makeUser(system.db);
  const old = await requestLink(system.db, systemActor(new Date(Date.now() - 2 * DAY), 'test'), email);
  const recent = await requestLink(system.db, systemActor(new Date(), 'test'), email);
  await removeExpired(system.db);
  expect(await rowOf(old)).toBeUndefined();
  expect(await rowOf(recent)).toBeDefined();
});
