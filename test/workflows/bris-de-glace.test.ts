import type { EntityManager } from 'typeorm';
import { Access } from '../../src/auth/access';
import { openCabinets } from '../../src/db/medical';
import type { Fonction } from '../../src/domain/roles';
import { ouvrirDossier, revoirBris } from '../../src/services/cabinet/bris-de-glace';
import { brisOublies } from '../../src/services/cabinet/bris-suivi';
import { createElement } from '../../src/services/cabinet/elements';
import { type AskedOfPatients, createPatient } from '../../src/services/cabinet/patients';
import { eventually } from '../support/eventually';
import { makeUser } from '../support/factories';
import { mailsTo } from '../support/mailbox';
import { type SkippingSystem, startSkippingSystem } from '../support/time-skipping';

/** Records that were opened with a reason, on the server that skips time: who is told, and how often, and what is not said. */

let system: SkippingSystem;
let cabinet: number;
let doctor: number;
/** Whoever has run the practice for the longest first. */
let gerants: number[];
beforeAll(async () => {
  system = await startSkippingSystem();
  const { owner } = system.database;
  const [{ id }] = await owner.query(
    `INSERT INTO medical.cabinets (nom, fuseau_horaire, pays) VALUES ('Cabinet', 'Africa/Casablanca', 'MA') RETURNING id`,
  );
  cabinet = id;
  const member = async (fonction: Fonction, since: string) => {
    const { id: user } = await makeUser(system.db, { role: 'membre' });
    await owner.query(
      `INSERT INTO medical.membres_cabinet (cabinet_id, user_id, fonction, date_debut) VALUES ($1, $2, $3, $4)`,
      [cabinet, user, fonction, since],
    );
    return user;
  };
  doctor = await member('medecin', '2020-01-01');
  const second = await member('gerant', '2024-01-01');
  gerants = [await member('gerant', '2021-01-01'), second];
});
afterAll(() => system.close());

const HOUR = 3_600_000;
const MOTIF = 'Un motif que personne ne lit ailleurs';

/** As somebody of the practice, at the server's now. */
async function as<Result>(
  userId: number,
  fonction: Fonction,
  run: (asked: AskedOfPatients) => Promise<Result>,
): Promise<Result> {
  const now = await system.now();
  const actor = { userId, cleApiId: null, correlationId: 'essai', adresse: null, now } as never;
  return system.medical.transaction(async (tx: EntityManager) => {
    await openCabinets(tx, { userId, cabinets: [cabinet], administre: false });
    const appartenances = [{ cabinetId: cabinet, fonction }];
    const principal = { userId, role: 'membre', sessionId: null, cleApiId: null, appartenances };
    return run({ tx, access: new Access(principal as never), actor, secrets: system.secrets });
  });
}

const PATIENT = {
  nom_naissance: 'Kanarienvogel',
  nom_usage: null,
  prenoms: 'Samira',
  sexe: 'F',
  date_naissance: '1962-03-14',
  lieu_naissance: null,
  statut_identite: 'provisoire',
  justificatif: null,
  partage_cabinet: false,
  actif: true,
  telephone: null,
  email: null,
  adresse: null,
  profession: null,
  identifiants: [],
} as const;

/** The record of a patient, opened. @param consent whether they agreed to mails */
async function opened(given: object = {}, consent = false): Promise<{ id: number; patient_id: number }> {
  const patient = await as(doctor, 'secretaire', async (asked) => {
    const { id } = await createPatient(asked, cabinet, { ...PATIENT, ...given } as never);
    if (!consent) return id;
    const contenu = {
      objet: 'rappels_email',
      decision: 'donne',
      recueil: 'oral',
      par: null,
      precision: null,
    } as const;
    await createElement(asked, 'consentement', id, { contenu, date_effet: null });
    return id;
  });
  return as(doctor, 'medecin', async (asked) => (await ouvrirDossier(asked, patient, MOTIF)).bris);
}

const follow = ({ id }: { id: number }) => system.followBris({ id, cabinet_id: cabinet });
const row = async (id: number) =>
  (await system.database.owner.query('SELECT * FROM medical.bris_de_glace WHERE id = $1', [id]))[0];
/** Who was asked for the review, each time. */
const asked = async (id: number): Promise<[string, number][]> =>
  (
    await system.db.query(
      `SELECT evenement, destinataire_id FROM notifications WHERE evenement LIKE $1 ORDER BY evenement, destinataire_id`,
      [`bris-de-glace:${id}:revue:%`],
    )
  ).map((one: { evenement: string; destinataire_id: number }) => [
    one.evenement.split(':').at(-1),
    one.destinataire_id,
  ]);

it('asks one of those who run the practice, then all of them every 72 hours, until one has reviewed it', async () => {
  const bris = await opened();
  const handle = await follow(bris);
  await eventually(
    () => asked(bris.id),
    (told) => told.length === 1,
  );
  expect(await asked(bris.id)).toEqual([['1', gerants[0]]]);
  await system.pass(71 * HOUR);
  expect(await asked(bris.id)).toHaveLength(1);
  await system.pass(2 * HOUR);
  const both = [...gerants].sort((a, b) => a - b);
  expect(await asked(bris.id)).toEqual([['1', gerants[0]], ...both.map((one) => ['2', one])]);
  await system.pass(72 * HOUR);
  expect(await asked(bris.id)).toHaveLength(5);
  await as(gerants[1]!, 'gerant', (by) =>
    revoirBris(by, bris.id, { conclusion: 'justifie', commentaire: null }),
  );
  await follow(bris);
  await handle.result();
  await system.pass(100 * HOUR);
  expect(await asked(bris.id)).toHaveLength(5);
  expect((await row(bris.id)).suivi_le).toBeNull();
});

it('tells a patient in their account, once, without a reason, a name or a practice', async () => {
  const bris = await opened();
  const { id: compte } = await makeUser(system.db, { role: 'client' });
  await system.database.owner.query('UPDATE medical.patients SET user_id = $1 WHERE id = $2', [
    compte,
    bris.patient_id,
  ]);
  await follow(bris);
  await eventually(
    () => row(bris.id),
    ({ averti_par }) => averti_par === 'compte',
  );
  const told = await system.db.query('SELECT * FROM notifications WHERE destinataire_id = $1', [compte]);
  expect(told).toHaveLength(1);
  const [{ donnees }] = await system.db.query('SELECT donnees FROM messages WHERE destinataire_id = $1', [
    compte,
  ]);
  expect(donnees).toEqual({});
  await follow(bris);
  await system.pass(80 * HOUR);
  const again = await system.db.query('SELECT id FROM messages WHERE destinataire_id = $1', [compte]);
  expect(again).toHaveLength(1);
  for (const word of [MOTIF, 'Kanarienvogel', 'Samira', 'Cabinet']) {
    expect(JSON.stringify(told).toLowerCase()).not.toContain(word.toLowerCase());
  }
});

it('tells a patient without one by a way they agreed to, over no outbox; who agreed to none by none', async () => {
  const email = `bris-${process.pid}@exemple.ma`;
  const bris = await opened({ email }, true);
  await follow(bris);
  await eventually(
    () => row(bris.id),
    ({ averti_par }) => averti_par === 'email',
  );
  const mails = await eventually(
    () => mailsTo(email),
    (got) => got.length > 0,
  );
  expect(mails).toHaveLength(1);
  const { subject, text, html } = mails[0]!;
  for (const word of [MOTIF, 'Kanarienvogel', 'Samira', 'Cabinet']) {
    expect(`${subject}${text}${html}`).not.toContain(word);
  }
  expect(text).toContain('/mon/acces');
  const outbox = await system.db.query('SELECT id FROM messages WHERE email = $1', [email]);
  expect(outbox).toEqual([]);

  const silent = await opened({ email: `silence-${process.pid}@exemple.ma` });
  await follow(silent);
  await eventually(
    () => row(silent.id),
    ({ averti_par }) => averti_par === 'aucun',
  );
  expect(await mailsTo(`silence-${process.pid}@exemple.ma`)).toEqual([]);
});

it('holds ids alone in the engine, and its reason nowhere', async () => {
  const bris = await opened();
  const handle = await follow(bris);
  await eventually(
    () => row(bris.id),
    ({ demandes }) => demandes === 1,
  );
  const history = JSON.stringify(await handle.fetchHistory());
  expect(history).not.toMatch(/Kanarien|Samira|motif/i);
  expect((await handle.describe()).workflowId).toBe(`bris-de-glace-${bris.id}`);
});

it('is found again by its row when the engine has lost it, and says nothing twice', async () => {
  const bris = await opened();
  const handle = await follow(bris);
  await eventually(
    () => row(bris.id),
    ({ demandes }) => demandes === 1,
  );
  await handle.terminate('lost');
  expect((await brisOublies(system.medical, 0, 500)).map(({ id }) => id)).not.toContain(bris.id);
  await system.database.owner.query(
    `UPDATE medical.bris_de_glace SET suivi_le = now() - interval '1 minute' WHERE id = $1`,
    [bris.id],
  );
  const forgotten = await brisOublies(system.medical, 0, 500);
  expect(forgotten).toContainEqual({ id: bris.id, cabinet_id: cabinet });
  await follow(bris);
  await eventually(
    () => row(bris.id),
    ({ suivi_le }) => suivi_le.getTime() > Date.now(),
  );
  expect(await asked(bris.id)).toHaveLength(1);
});

it('says again nothing that was said before whoever said it could write that down', async () => {
  const bris = await opened();
  await follow(bris);
  await eventually(
    () => row(bris.id),
    ({ demandes }) => demandes === 1,
  );
  await system.database.owner.query(
    'UPDATE medical.bris_de_glace SET demandes = 0, demandee_le = NULL, averti_le = NULL, averti_par = NULL WHERE id = $1',
    [bris.id],
  );
  await follow(bris);
  await eventually(
    () => row(bris.id),
    ({ demandes }) => demandes === 1,
  );
  expect(await asked(bris.id)).toHaveLength(1);
});

it('tells nothing to a patient who has died, by no way, and asks for the review all the same', async () => {
  const email = `mort-${process.pid}@exemple.ma`;
  const bris = await opened({ email }, true);
  const { id: compte } = await makeUser(system.db, { role: 'client' });
  await system.database.owner.query(
    `UPDATE medical.patients SET user_id = $1, date_deces = '2020-01-01' WHERE id = $2`,
    [compte, bris.patient_id],
  );
  await follow(bris);
  await eventually(
    () => row(bris.id),
    ({ averti_par }) => averti_par === 'aucun',
  );
  expect(await mailsTo(email)).toEqual([]);
  expect(await system.db.query('SELECT id FROM messages WHERE destinataire_id = $1', [compte])).toEqual([]);
  expect(await asked(bris.id)).toHaveLength(1);
});
