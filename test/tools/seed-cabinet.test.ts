import { createRandom } from '../../tools/lib/random';
import { fillCabinet } from '../../tools/seed/cabinet';
import { drawCabinet } from '../../tools/seed/cabinet-decor';
import { startTestApi, type TestApi } from '../support/api';
import { PASSWORD } from '../support/factories';

/** The invented practice: written through the use cases, as a whole, once. */

let api: TestApi;
let motDePasse: string;
beforeAll(async () => {
  api = await startTestApi();
  motDePasse = await api.app.passwords.hashUnjudged(PASSWORD);
  await api.newPerson('admin');
});
afterAll(() => api.close());

const DAY = 86_400_000;
/** The last evening of a day on which one receives, by UTC: not so long ago that who signs in then is not signed in any more. */
const NOW = (() => {
  const evening = new Date(Date.now() - DAY);
  evening.setUTCHours(21, 0, 0, 0);
  while ([0, 6].includes(evening.getUTCDay())) evening.setTime(evening.getTime() - DAY);
  return evening;
})();

const fill = (decor = drawCabinet(createRandom(1)), hash = motDePasse) =>
  fillCabinet({ db: api.db, medical: api.app.medical }, decor, {
    secrets: api.app.secrets,
    motDePasse: hash,
    signataires: {
      ...{
        motDePasse: PASSWORD,
        passwords: api.app.passwords,
        documents: api.app.documents,
        tokens: api.app.tokens,
      },
    },
    now: NOW,
    timeZone: api.config.timeZone,
  });
const count = async (table: string): Promise<number> =>
  (await api.database.owner.query(`SELECT count(*)::integer AS n FROM ${table}`))[0].n;

it('is the same for the same number, and another for another', () => {
  const draw = (n: number) => drawCabinet(createRandom(n));
  expect(draw(1)).toEqual(draw(1));
  expect(draw(2).patients).not.toEqual(draw(1).patients);
});

it('leaves nothing of a practice that it could not write to its end, and writes it when it is run again', async () => {
  const decor = drawCabinet(createRandom(1));
  const broken = {
    ...decor,
    patients: [...decor.patients, { ...decor.patients[0]!, date_naissance: 'hier' }],
  };
  // Whoever was cut off told nobody the password: what is signed afterwards is signed with the next one.
  await expect(fill(broken, 'x')).rejects.toThrow();
  expect([await count('medical.cabinets'), await count('medical.patients')]).toEqual([0, 0]);
  const accounts = await count('users');
  expect(await fill()).toBe(true);
  expect(await count('users')).toBe(accounts);
});

it('is there with its people, each with what they do, and records of every kind', async () => {
  const rows: { fonction: string; n: number }[] = await api.database.owner.query(
    'SELECT fonction, count(*)::integer AS n FROM medical.membres_cabinet GROUP BY fonction ORDER BY fonction',
  );
  expect(rows).toEqual([
    { fonction: 'gerant', n: 1 },
    { fonction: 'medecin', n: 3 },
    { fonction: 'secretaire', n: 2 },
  ]);
  const kinds: { nature: string }[] = await api.database.owner.query(
    'SELECT DISTINCT nature FROM medical.elements_dossier ORDER BY 1',
  );
  expect(kinds.map(({ nature }) => nature)).toEqual([
    ...['allergie', 'antecedent', 'consentement', 'constante', 'couverture'],
    ...['diagnostic', 'representant', 'traitement'],
  ]);
  expect(await count('codes_cim10')).toBeGreaterThan(150);
  const [doctor] = await api.db.query(`SELECT * FROM users WHERE email = 'medecin-1@cabinet.example'`);
  const client = await api.as(doctor);
  const found = await client.post('/patients/recherche', { date_naissance: drawn().date_naissance });
  expect(found.body.map(({ prenoms }: { prenoms: string }) => prenoms)).toContain(drawn().prenoms);
  const { id } = found.body[0];
  expect((await client.get(`/patients/${id}/constantes`)).body.length).toBeGreaterThan(2);
});
const drawn = () => drawCabinet(createRandom(1)).patients[0]!;

it('has a day behind it, one of today, and some ahead, and a few of which nobody has said what became of them', async () => {
  const rows: { statut: string; ahead: boolean; n: number }[] = await api.database.owner.query(
    `SELECT statut, debut > $1 AS ahead, count(*)::integer AS n FROM medical.rendez_vous_patients
     GROUP BY statut, ahead ORDER BY ahead, statut`,
    [NOW],
  );
  expect(rows.map(({ statut, ahead }) => [statut, ahead])).toEqual([
    ['absent', false],
    ['confirme', false],
    ['honore', false],
    ['confirme', true],
  ]);
  expect(rows[1]!.n).toBe(new Set(drawCabinet(createRandom(1)).patients.map(({ medecin }) => medecin)).size);
  expect(rows.reduce((sum, { n }) => sum + n, 0)).toBe(drawCabinet(createRandom(1)).visites.length);
});

it('has what doctors wrote and signed of it, each with their own password, and what they have yet to sign', async () => {
  expect(await kinds('consultations', 'statut')).toEqual(['brouillon', 'signee']);
  const [{ n }] = await api.database.owner.query(
    `SELECT count(*)::integer AS n FROM medical.consultations c WHERE c.rendez_vous_uid IS NULL
       OR NOT EXISTS (SELECT FROM medical.elements_dossier e WHERE e.consultation_id = c.id AND e.nature = 'constante')
       OR NOT EXISTS (SELECT FROM medical.elements_dossier e WHERE e.consultation_id = c.id AND e.nature = 'diagnostic')`,
  );
  expect(n).toBe(0);
  expect(await kinds('ecrits', 'genre')).toEqual(['certificat', 'ordonnance']);
  expect(await kinds('ecrits', 'statut')).toEqual(['signee']);
  const [doctor] = await api.db.query(`SELECT * FROM users WHERE email = 'medecin-1@cabinet.example'`);
  const client = await api.as(doctor);
  const [{ id }] = (await client.get('/ordonnances')).body;
  expect((await client.get(`/ordonnances/${id}`)).body.lignes).toHaveLength(1);
});

it('has a result that is waited for, one that is critical and not seen, and one that is nobody’s', async () => {
  const rows: unknown[] = await api.database.owner.query(
    `SELECT statut, critique, patient_id IS NULL AS "aPersonne" FROM medical.examens ORDER BY statut, critique`,
  );
  expect(rows).toEqual([
    { statut: 'attendu', critique: false, aPersonne: false },
    { statut: 'recu', critique: false, aPersonne: true },
    { statut: 'recu', critique: true, aPersonne: false },
  ]);
});

async function kinds(table: string, column: string): Promise<string[]> {
  const rows: { value: string }[] = await api.database.owner.query(
    `SELECT DISTINCT ${column} AS value FROM medical.${table} ORDER BY 1`,
  );
  return rows.map(({ value }) => value);
}

it('is written once, however often it is asked for', async () => {
  const before = [
    await count('medical.patients'),
    await count('medical.elements_dossier'),
    await count('users'),
  ];
  expect(await fill()).toBe(false);
  expect([
    await count('medical.patients'),
    await count('medical.elements_dossier'),
    await count('users'),
  ]).toEqual(before);
});
