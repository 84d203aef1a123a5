import { createPasswords } from '../../../src/auth/passwords';
import { createDataSource } from '../../../src/db/data-source';
import { setUp } from '../../../src/services/systeme/setup';
import { testConfig, testEnvironment } from '../../support/api';
import { runCompiled } from '../../support/compiled';
import { createEmptyDatabase, type EmptyDatabase } from '../../support/database';
import { makeEquipement, makeSite, PASSWORD } from '../../support/factories';
import { statementsDuring } from '../../support/queries';

const admin = { email: 'admin@regie.local', password: PASSWORD };
const now = new Date('2026-11-21T09:00:00Z');
const passwords = createPasswords(testConfig('postgres://nowhere'));

let database: EmptyDatabase;
beforeEach(async () => {
  database = await createEmptyDatabase();
});
afterEach(() => database.drop());

const config = (different: Partial<typeof admin> | { password: undefined } = {}) => ({
  admin: { ...admin, ...different },
  databaseUrl: database.url,
  databaseMedicalUrl: database.medicalUrl,
  timeZone: 'Africa/Casablanca',
});
const administrators = () => database.owner.query('SELECT email, role, is_active, mot_de_passe FROM users');

describe('the setup of a database', () => {
  it('brings the schema and makes the first administrator, who can sign in', async () => {
    const created = await setUp(database.owner, passwords, config(), now);
    expect(created).toEqual({ email: 'admin@regie.local', generatedPassword: undefined });
    const [user, ...others] = await administrators();
    expect(others).toEqual([]);
    expect(user).toMatchObject({ email: 'admin@regie.local', role: 'admin', is_active: true });
    expect(await passwords.verify(user.mot_de_passe, PASSWORD)).toBe(true);
    const history = await database.owner.query(
      "SELECT entite, action, auteur_id, apres FROM historique WHERE entite = 'user'",
    );
    expect(history).toMatchObject([{ entite: 'user', action: 'creation', auteur_id: null }]);
    expect(JSON.stringify(history)).not.toMatch(/argon2|Atelier-Sud/);
  });

  it('makes up a password when none is chosen, and tells it once', async () => {
    const { generatedPassword } = (await setUp(
      database.owner,
      passwords,
      config({ password: undefined }),
      now,
    ))!;
    const [user] = await administrators();
    expect(await passwords.verify(user.mot_de_passe, generatedPassword!)).toBe(true);
    expect(await setUp(database.owner, passwords, config({ password: undefined }), now)).toBeNull();
  });

  it('changes nothing when it is run again, whatever the administrator is called by then', async () => {
    await setUp(database.owner, passwords, config(), now);
    const before = await administrators();
    expect(
      await setUp(
        database.owner,
        passwords,
        config({ email: 'autre@regie.local', password: 'Autre-Mdp-12!' }),
        now,
      ),
    ).toBeNull();
    expect(await administrators()).toEqual(before);
  });

  it('works out anew what follows from local time, where it follows differently by now', async () => {
    await setUp(database.owner, passwords, config(), now);
    const { owner } = database;
    const given = { date_installation: new Date('2027-03-01T00:00:00Z'), frequence_entretien: 30 };
    const site = await makeSite(owner, { fuseau_horaire: 'Asia/Tokyo' });
    const [anywhere, tokyo] = [
      await makeEquipement(owner, given),
      await makeEquipement(owner, { ...given, site_id: site.id }),
    ];
    // Filled by nobody, as a row of before the column, and wrong, as one of a rule that is gone.
    const unfilled = await makeEquipement(owner, given);
    await owner.query('UPDATE equipements SET prochaine_maintenance = NULL WHERE id = $1', [unfilled.id]);
    const wrong = await makeEquipement(owner);
    await owner.query('UPDATE equipements SET prochaine_maintenance = now() WHERE id = $1', [wrong.id]);

    await setUp(owner, passwords, { ...config(), timeZone: 'Europe/Paris' }, now);
    const rows: { id: number; prochaine_maintenance: Date | null; version: number }[] = await owner.query(
      'SELECT id, prochaine_maintenance, version FROM equipements ORDER BY id',
    );
    // Paris is an hour further from UTC at the end of March.
    expect(rows.map((row) => [row.id, row.prochaine_maintenance?.toISOString(), row.version])).toEqual([
      [anywhere.id, '2027-03-30T23:00:00.000Z', 1],
      [tokyo.id, '2027-03-31T00:00:00.000Z', 1],
      [unfilled.id, '2027-03-30T23:00:00.000Z', 1],
      [wrong.id, undefined, 1],
    ]);
    const again = await statementsDuring(() =>
      setUp(owner, passwords, { ...config(), timeZone: 'Europe/Paris' }, now),
    );
    expect(again.filter((text) => /UPDATE (equipements|interventions)/.test(text))).toEqual([]);
  });

  it('happens once when several processes ask for it at the same time', async () => {
    const sources = await Promise.all(
      Array.from({ length: 4 }, () =>
        createDataSource({ url: database.ownerUrl, owner: true, poolSize: 2 }).initialize(),
      ),
    );
    const outcomes = await Promise.all(sources.map((db) => setUp(db, passwords, config(), now)));
    await Promise.all(sources.map((db) => db.destroy()));
    expect(outcomes.filter((outcome) => outcome !== null)).toHaveLength(1);
    expect(await administrators()).toHaveLength(1);
  });
});

describe('the setup process', () => {
  const run = (overrides: Record<string, string> = {}) =>
    runCompiled(
      'setup',
      testEnvironment(database.url, { DATABASE_OWNER_URL: database.ownerUrl, ...overrides }),
    );

  it('prints a generated password once, from two processes at once too', async () => {
    const runs = [...(await Promise.all([run(), run()])), await run()];
    expect(runs.map(({ code }) => code)).toEqual([0, 0, 0]);
    const printed = runs.map(({ stdout }) => stdout).filter((stdout) => stdout !== '');
    expect(printed).toHaveLength(1);
    const [, password] = /^Administrator admin@regie\.local created with the password (\S+) /.exec(
      printed[0]!,
    )!;
    const [user] = await administrators();
    expect(await passwords.verify(user.mot_de_passe, password!)).toBe(true);
  });

  it('keeps a chosen password to itself', async () => {
    const { code, stdout, stderr } = await run({ ADMIN_EMAIL: 'Chef@Exemple.ma', ADMIN_PASSWORD: PASSWORD });
    expect([code, stdout, stderr]).toEqual([0, 'Administrator chef@exemple.ma created\n', '']);
  });

  it.each([
    [
      'a weak ADMIN_PASSWORD',
      { ADMIN_PASSWORD: 'password123' },
      /ADMIN_PASSWORD: At least one upper case letter/,
    ],
    [
      'an ADMIN_PASSWORD of one word',
      { ADMIN_PASSWORD: 'Casablanca2024!' },
      /^Configuration invalid:\n {2}ADMIN_PASSWORD: One common word/,
    ],
    [
      'an ADMIN_PASSWORD with the address',
      { ADMIN_PASSWORD: 'Admin-Tracteur-47!' },
      /^Configuration invalid:\n {2}ADMIN_PASSWORD: Must hold nothing/,
    ],
    [
      'an ADMIN_PASSWORD too short for the policy',
      { ADMIN_PASSWORD: PASSWORD.slice(1), POLITIQUE_MOT_DE_PASSE: 'nist' },
      /ADMIN_PASSWORD: At least 15 characters/,
    ],
    ['several faults', { PORT: 'x', S3_ENDPOINT: 'ftp://x' }, /PORT: .*\n {2}S3_ENDPOINT: /],
    [
      'a database that cannot be reached',
      { DATABASE_OWNER_URL: 'postgres://regie@127.0.0.1:1/regie' },
      /^The database cannot be reached: .*ECONNREFUSED/,
    ],
    [
      'a store that cannot be reached',
      { S3_ENDPOINT: 'http://127.0.0.1:1' },
      /^Régie cannot start: The object store cannot be reached/,
    ],
  ])('says what is wrong in one message and exits with 1: %s', async (_, overrides, message) => {
    const { code, stderr } = await run(overrides);
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n {4}at /);
  });
});
