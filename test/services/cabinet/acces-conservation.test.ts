import { randomBytes } from 'node:crypto';
import { createSecrets } from '../../../src/auth/secrets';
import { empreinteAcces2Sql, empreinteAccesSql } from '../../../src/db/cabinet/empreintes';
import { monthsBefore, oublierAcces } from '../../../src/services/cabinet/acces-conservation';
import { type AccesFault, verifyAcces } from '../../../src/services/cabinet/acces-verification';
import { resealCles } from '../../../src/services/cabinet/cles';
import { startTestApi, type TestApi } from '../../support/api';
import { makeCabinet, makePatient, type TestCabinet } from '../../support/cabinets';

/** Who read what of patients is known for as long as was said, and what is left of it is still a chain. */

let api: TestApi;
let cabinet: TestCabinet;
let patient: number;
beforeEach(async () => {
  api = await startTestApi();
  cabinet = await makeCabinet(api, (await api.newPerson('admin')).client);
  patient = (await makePatient(cabinet.people.medecin.client)).id;
});
afterEach(() => api.close());

const DAY = 86_400_000;

/** Reads of so many days ago, one each, in the order in which they were; hashed as they would have been. */
async function readAgo(...days: number[]): Promise<void> {
  for (const ago of days) {
    await api.database.owner.query(
      `INSERT INTO medical.acces_dossier (cabinet_id, patient_id, user_id, fonctions, action, categories, requete, nombre,
         finalite, correlation_id, date)
       VALUES ($1, $2, $3, '{medecin}', 'lecture', '{}', 'GET /patients/:id', 1, 'TREAT', 'essai', $4)`,
      [cabinet.id, patient, cabinet.people.medecin.user.id, new Date(Date.now() - ago * DAY)],
    );
  }
}

const dates = async (): Promise<number[]> =>
  (
    await api.database.owner.query(
      'SELECT date FROM medical.acces_dossier WHERE requete = $1 ORDER BY chaine, rang',
      ['GET /patients/:id'],
    )
  ).map(({ date }: { date: Date }) => Math.round((Date.now() - date.getTime()) / DAY));

async function faults(secrets = api.app.secrets): Promise<AccesFault[]> {
  const found: AccesFault[] = [];
  await verifyAcces(api.app.medical, secrets, (fault) => found.push(fault));
  return found;
}

const forget = (days: number) =>
  oublierAcces(api.app.medical, api.app.secrets, new Date(Date.now() - days * DAY));

const behind = async (statement: string) => {
  await api.database.owner.query(
    `ALTER TABLE medical.acces_dossier DISABLE TRIGGER USER; ${statement}; ALTER TABLE medical.acces_dossier ENABLE TRIGGER USER`,
  );
};

/** A chain whose first rows are old: whatever stood there is taken for made later than it was. */
async function oldChain(...days: number[]): Promise<void> {
  await behind(
    `DELETE FROM medical.acces_dossier;
     UPDATE medical.acces_chaines SET rang = 0, empreinte = '\\x${'00'.repeat(32)}'`,
  );
  await readAgo(...days);
  expect(await faults()).toEqual([]);
}

it('is forgotten from the front of each chain, up to the first that is young enough, and verified from there', async () => {
  await oldChain(1_500, 1_400, 1_200, 900, 3);
  expect(await forget(36 * 30)).toBe(3);
  expect(await dates()).toEqual([900, 3]);
  expect(await faults()).toEqual([]);
  expect(await forget(36 * 30)).toBe(0);
  // What comes afterwards is chained to what is left, and a chain may be forgotten as a whole.
  await readAgo(2);
  expect(await forget(500)).toBe(1);
  expect(await faults()).toEqual([]);
  const log = await cabinet.people.gerant.client.get(`/patients/${patient}/acces?limit=200`);
  expect(log.body.length).toBe(2);
  expect(await faults()).toEqual([]);
});

it('stops at the first that is young, whatever comes after it', async () => {
  await oldChain(1_500, 10, 1_400);
  expect(await forget(1_000)).toBe(1);
  expect(await dates()).toEqual([10, 1_400]);
  expect(await faults()).toEqual([]);
});

it('keeps the accesses of the last 180 days, whoever is told to forget them', async () => {
  await oldChain(200, 170, 1);
  await expect(forget(100)).rejects.toThrow('180 days');
  expect(await dates()).toEqual([200, 170, 1]);
  expect(await forget(190)).toBe(1);
  const refused = await api.app.medical.query('DELETE FROM medical.acces_dossier').then(
    () => null,
    (error) => error.driverError.code,
  );
  expect(refused).toBe('42501');
  await expect(api.database.owner.query('DELETE FROM medical.acces_dossier')).rejects.toThrow(
    'only added to',
  );
});

it('shows what was taken away from the front by others, who cannot say that a chain begins later', async () => {
  await oldChain(900, 800, 3);
  await behind(`DELETE FROM medical.acces_dossier WHERE rang = 1`);
  expect(await faults()).toEqual([expect.objectContaining({ fault: 'rows removed', rang: 1, last: 1 })]);
  // They move the beginning too, with a signature of their own.
  await api.database.owner.query(
    `UPDATE medical.acces_chaines c SET debut_rang = 1, debut_empreinte = a.empreinte_precedente, debut_signature = $1
     FROM medical.acces_dossier a WHERE a.cabinet_id = c.cabinet_id AND a.chaine = c.chaine AND a.rang = 2`,
    [createSecrets([{ id: 'autre', key: randomBytes(32) }]).sign('acces: debut', 'rien')],
  );
  expect((await faults()).map(({ fault }) => fault)).toContain('beginning forged');
});

it('is told apart from the front of another chain: what we signed of one practice holds for no other', async () => {
  await oldChain(900, 3);
  expect(await forget(500)).toBe(1);
  const other = await makeCabinet(api, (await api.newPerson('admin')).client);
  await makePatient(other.people.medecin.client);
  await api.database.owner.query(
    `UPDATE medical.acces_chaines c SET debut_rang = o.debut_rang, debut_empreinte = o.debut_empreinte,
       debut_signature = o.debut_signature
     FROM medical.acces_chaines o WHERE o.cabinet_id = $1 AND c.cabinet_id = $2 AND c.rang >= o.debut_rang`,
    [cabinet.id, other.id],
  );
  expect(await faults()).toContainEqual({ fault: 'beginning forged', chaine: 1, cabinet_id: other.id });
});

it('is signed anew when the ring turns, after which the key before may leave it', async () => {
  await oldChain(900, 3);
  expect(await forget(500)).toBe(1);
  const next = { id: 'suivante', key: randomBytes(32) };
  await resealCles(api.app.medical, createSecrets([next, ...api.config.dataKeys]));
  expect(await faults(createSecrets([next]))).toEqual([]);
});

it('verifies rows of before beside those of now, each by the expression that it was hashed with', async () => {
  await oldChain(900, 800, 3);
  const { owner } = api.database;
  // As the first version wrote them: rows of format 1, chained by its expression.
  const rewrite = async (format: 1 | 2, rang: number) => {
    await behind(`UPDATE medical.acces_dossier SET format = ${format} WHERE rang = ${rang}`);
  };
  await rewrite(1, 1);
  expect((await faults()).map(({ fault }) => fault)).toContain('row changed');
  await behind(
    `UPDATE medical.acces_dossier a SET empreinte = ${empreinteAccesSql('a')} WHERE rang = 1;
     UPDATE medical.acces_dossier a SET empreinte_precedente = b.empreinte FROM medical.acces_dossier b
       WHERE a.rang = 2 AND b.rang = 1 AND b.chaine = a.chaine`,
  );
  expect((await faults()).map(({ fault }) => fault)).toEqual(['row changed']);
  // The second one follows it now, and says so no more: hashed as it is written now, all hold again.
  await behind(`UPDATE medical.acces_dossier a SET empreinte = ${empreinteAcces2Sql('a')} WHERE rang = 2`);
  await behind(
    `UPDATE medical.acces_dossier a SET empreinte_precedente = b.empreinte FROM medical.acces_dossier b
       WHERE a.rang = 3 AND b.rang = 2 AND b.chaine = a.chaine`,
  );
  await behind(`UPDATE medical.acces_dossier a SET empreinte = ${empreinteAcces2Sql('a')} WHERE rang = 3`);
  await owner.query(
    `UPDATE medical.acces_chaines c SET empreinte = a.empreinte FROM medical.acces_dossier a
     WHERE a.cabinet_id = c.cabinet_id AND a.chaine = c.chaine AND a.rang = c.rang`,
  );
  expect(await faults()).toEqual([]);
  // What the first expression does not cover may not stand in a row of its format.
  const [{ id }] = await owner.query(
    `INSERT INTO medical.bris_de_glace (id, cabinet_id, patient_id, user_id, motif, date_debut, date_fin)
     VALUES (7, $1, $2, $3, '\\x', now(), now()) RETURNING id`,
    [cabinet.id, patient, cabinet.people.medecin.user.id],
  );
  await behind(`UPDATE medical.acces_dossier SET bris_de_glace_id = ${id} WHERE rang = 1`);
  expect((await faults()).map(({ fault }) => fault)).toEqual(['row changed']);
});

it('is so many months, in UTC, of the last day of a month the last of a shorter one', () => {
  const before = (now: string, months: number) => monthsBefore(new Date(now), months).toISOString();
  expect(before('2026-11-29T10:15:00.000Z', 36)).toBe('2023-11-29T10:15:00.000Z');
  expect(before('2026-08-31T23:59:59.999Z', 6)).toBe('2026-02-28T23:59:59.999Z');
  expect(before('2028-02-29T00:00:00.000Z', 12)).toBe('2027-02-28T00:00:00.000Z');
});
