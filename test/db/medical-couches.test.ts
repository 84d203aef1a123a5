import sql from 'sql-template-tag';
import type { DataSource } from 'typeorm';
import { Access } from '../../src/auth/access';
import { MON_COLUMNS, PATIENT_COLUMNS } from '../../src/auth/columns';
import type { Action } from '../../src/auth/permissions';
import { createDataSource } from '../../src/db/data-source';
import { type Opening, openCabinets } from '../../src/db/medical';
import { query } from '../../src/db/sql';
import { type AskedOfMine, mesRendezVous } from '../../src/services/cabinet/mon';
import { mesConsultations } from '../../src/services/cabinet/mon-consultations';
import { maDemande, mesDemandes } from '../../src/services/cabinet/mon-copies';
import { startTestApi, type TestApi } from '../support/api';
import {
  addMembre,
  makeAgenda,
  makePatient,
  makeRendezVousCabinet,
  type Personne,
  receive,
  type TestAgenda,
} from '../support/cabinets';
import { note } from '../support/dossiers';
import { PASSWORD } from '../support/factories';

/**
 * What keeps rows of patients apart, each layer with the others taken away: the rules of permissions, the keys between tables,
 * row security, the rights of the role. Walks the catalogue: a new table is asked about without being named here.
 */

let api: TestApi;
let own: TestAgenda & Rows;
let other: TestAgenda & Rows;
/** Somebody who is a patient in both. */
let compte: Personne;
/** With the rights of the medical role, and no more. */
let medical: DataSource;

interface Rows {
  /** Who has the account, and who is beside them. */
  patient: number;
  voisin: number;
}

beforeAll(async () => {
  api = await startTestApi();
  const admin = (await api.newPerson('admin')).client;
  compte = await api.newPerson('client');
  own = await furnished(await makeAgenda(api, admin));
  other = await furnished(await makeAgenda(api, admin));
  const url = api.config.databaseMedicalUrl;
  medical = await createDataSource({ url, medical: true, poolSize: 1 }).initialize();
});
afterAll(async () => {
  await medical.destroy();
  await api.close();
});

const VERIFIED = { statut_identite: 'validee', justificatif: 'passeport', partage_cabinet: false };

async function furnished(cabinet: TestAgenda): Promise<TestAgenda & Rows> {
  const { medecin, secretaire, gerant } = cabinet.people;
  const given = { ...VERIFIED, telephone: '0661234567', identifiants: [{ type: 'cin', valeur: 'BK 1' }] };
  const { id: patient } = await makePatient(medecin.client, given);
  const { id: voisin } = await makePatient(medecin.client, given);
  const debut = new Date(Math.ceil(Date.now() / 3_600_000) * 3_600_000 + 86_400_000);
  for (const [rang, patient_id] of [patient, voisin].entries()) {
    await makeRendezVousCabinet(medecin.client, cabinet, new Date(debut.getTime() + rang * 3_600_000), {
      patient_id,
    });
    const right = { patient_id, nature: 'rectification', demande: 'Un prénom' };
    expect((await medecin.client.post('/demandes-droits', right)).status).toBe(201);
    await consulted(medecin, patient_id);
    await consulted(medecin, patient_id, false);
  }
  const colleague = await addMembre(api, gerant.client, cabinet.id, 'medecin');
  await receive(gerant.client, cabinet.id, colleague.user.id);
  for (const id of [patient, voisin]) {
    const made = await colleague.client.post(`/patients/${id}/bris-de-glace`, {
      motif: 'Malaise au cabinet',
    });
    expect(made.status).toBe(201);
  }
  const { code } = (await compte.client.get('/mon/code')).body;
  expect((await secretaire.client.put(`/patients/${patient}/compte`, { code })).status).toBe(200);
  return { ...cabinet, patient, voisin };
}

/** A consultation with something that was found in it, signed and, unless said, published. */
async function consulted({ client }: Personne, patient_id: number, publiee = true): Promise<void> {
  const { id } = (await client.post('/consultations', { patient_id, ...note('Samira') })).body;
  await client.post(`/patients/${patient_id}/diagnostics`, { texte: 'Bronchite', consultation_id: id });
  const proof = { mot_de_passe: PASSWORD };
  expect((await client.post(`/consultations/${id}/signature`, proof)).status).toBe(201);
  if (publiee) expect((await client.put(`/consultations/${id}/publication`)).status).toBe(200);
}

/** Of requests that nobody took. */
let drawn = 1_000_000_000;

interface Table {
  name: string;
  patient: string | null;
  cabinet: string;
}

/** Every table of the schema, and the columns that say whose a row is. */
const tables = (): Promise<Table[]> =>
  api.database.owner.query(
    `SELECT c.relname AS name,
       CASE c.relname WHEN 'cabinets' THEN 'id' ELSE 'cabinet_id' END AS cabinet,
       CASE WHEN c.relname = 'patients' THEN 'id' WHEN EXISTS (SELECT FROM pg_attribute a
         WHERE a.attrelid = c.oid AND a.attname = 'patient_id' AND NOT a.attisdropped) THEN 'patient_id' END AS patient
     FROM pg_class c WHERE c.relnamespace = 'medical'::regnamespace AND c.relkind IN ('r', 'p') ORDER BY 1`,
  );

const distinct = (opening: Partial<Opening>, table: string, column: string): Promise<number[]> =>
  medical.transaction(async (tx) => {
    await openCabinets(tx, { userId: 0, cabinets: [], administre: false, ...opening });
    const rows: { found: number }[] = await tx.query(
      `SELECT DISTINCT ${column} AS found FROM medical.${table} ORDER BY 1`,
    );
    return rows.map(({ found }) => found);
  });

/** What of these patients was published, by their numbers. */
const published = async (patients: readonly number[]): Promise<number[]> => {
  const rows: { id: number }[] = await api.database.owner.query(
    'SELECT id FROM medical.consultations WHERE publiee_le IS NOT NULL AND patient_id = ANY($1) ORDER BY id',
    [patients],
  );
  expect(rows).toHaveLength(patients.length);
  return rows.map(({ id }) => id);
};

describe('row security alone', () => {
  it('shows of every table the rows of the practices that are open, whatever is asked, and of nobody without one', async () => {
    const shown: string[] = [];
    for (const { name, cabinet } of await tables()) {
      expect([name, await distinct({}, name, cabinet)]).toEqual([name, []]);
      const seen = await distinct({ cabinets: [own.id] }, name, cabinet);
      expect([name, seen.filter((id) => id !== own.id)]).toEqual([name, []]);
      if (seen.length > 0) shown.push(name);
    }
    expect(shown).toEqual(
      expect.arrayContaining(['patients', 'bris_de_glace', 'acces_dossier', 'cles_patient']),
    );
  });

  it('shows a patient of every table their own rows alone, in all of their practices, and of most tables none', async () => {
    const mine = [own.patient, other.patient].sort((a, b) => a - b);
    const shown: string[] = [];
    for (const { name, cabinet, patient } of await tables()) {
      const asPatient = { userId: compte.user.id, patient: true };
      const of = await distinct(asPatient, name, patient ?? cabinet);
      if (of.length === 0) continue;
      shown.push(name);
      expect([name, of]).toEqual([name, patient === null ? [own.id, other.id] : mine]);
      // Nobody else, though they say the same, and not the same person where they do not come as a patient.
      const nobody = { ...asPatient, userId: own.people.medecin.user.id };
      if (patient !== null) expect([name, await distinct(nobody, name, patient)]).toEqual([name, []]);
      expect([name, await distinct({ ...asPatient, patient: false }, name, patient ?? cabinet)]).toEqual([
        name,
        [],
      ]);
    }
    expect(shown).toEqual([
      'acces_chaines',
      'acces_dossier',
      'actes_consultation',
      'cabinets',
      'cles_patient',
      'consultations',
      'demandes_droits',
      'elements_dossier',
      'patients',
      'praticiens',
      'rendez_vous_patients',
    ]);
    // Of what was written of them what was published, and nothing that was found elsewhere.
    const asThem = { userId: compte.user.id, patient: true };
    for (const [table, column] of [
      ['consultations', 'id'],
      ['actes_consultation', 'consultation_id'],
      ['elements_dossier', 'consultation_id'],
    ] as const) {
      expect([table, await distinct(asThem, table, column)]).toEqual([table, await published(mine)]);
    }
    // Of a practice those alone who see them.
    const seenBy = await distinct({ userId: compte.user.id, patient: true }, 'praticiens', 'id');
    expect(seenBy).toEqual([own.praticien, other.praticien].sort((a, b) => a - b));
  });

  it('lets a patient write nothing but that they read what is theirs, and that they ask for it', async () => {
    const write = (statement: string) =>
      medical
        .transaction(async (tx) => {
          await openCabinets(tx, { userId: compte.user.id, cabinets: [], administre: false, patient: true });
          const rows: unknown[] = await tx.query(`${statement} RETURNING 1`);
          return Array.isArray(rows[0]) ? rows[0].length : rows.length;
        })
        .catch((error) => error.driverError.code);
    expect(await write('UPDATE medical.patients SET partage_cabinet = true')).toBe(0);
    expect(await write('UPDATE medical.bris_de_glace SET date_fin = date_debut')).toBe(0);
    expect(await write('UPDATE medical.consultations SET publiee_le = NULL')).toBe(0);
    const access = (patient: number, user: number, finalite: string) =>
      `INSERT INTO medical.acces_dossier (cabinet_id, patient_id, user_id, fonctions, action, categories, requete, nombre,
         finalite, correlation_id, date)
       VALUES (${own.id}, ${patient}, ${user}, '{}', 'lecture', '{}', 'essai', 1, '${finalite}', 'essai', now())`;
    const me = compte.user.id;
    expect(await write(access(own.patient, me, 'PATRQT'))).toBe(1);
    expect(await write(access(own.voisin, me, 'PATRQT'))).toBe('42501');
    expect(await write(access(own.patient, own.people.medecin.user.id, 'PATRQT'))).toBe('42501');
    expect(await write(access(own.patient, me, 'TREAT'))).toBe('42501');
    expect(await write("UPDATE medical.rendez_vous_patients SET statut = 'annule', annule_le = now()")).toBe(
      0,
    );
    expect(await write("UPDATE medical.demandes_droits SET nature = 'acces'")).toBe(0);
    const request = (
      patient: number,
      user: number,
      nature = 'acces',
      answer = "'ouverte', NULL, NULL, NULL",
    ) =>
      `INSERT INTO medical.demandes_droits (id, cabinet_id, patient_id, user_id, nature, ancienne, recue_le, echeance, demande,
         date_modification, statut, reponse, repondue_le, repondue_par)
       VALUES (${++drawn}, ${own.id}, ${patient}, ${user}, '${nature}', false, now(), now(), '', now(), ${answer})`;
    expect(await write(request(own.patient, me))).toBe(1);
    expect(await write(request(own.voisin, me))).toBe('42501');
    expect(await write(request(own.patient, own.people.medecin.user.id))).toBe('42501');
    expect(await write(request(own.patient, me, 'effacement'))).toBe('42501');
    expect(await write(request(own.patient, me, 'acces', `'honoree', '', now(), ${me}`))).toBe('42501');
  });
});

describe('the rules alone', () => {
  /** With every practice open, as nothing opens them: what is left is what the rules say. */
  const seen = (principal: object, subject: 'Patient' | 'MonDossier', action: Action = 'read') =>
    medical.transaction(async (tx) => {
      await openCabinets(tx, { userId: 0, cabinets: [own.id, other.id], administre: true });
      const access = new Access({
        sessionId: null,
        cleApiId: null,
        sites: [],
        tousSites: false,
        ...principal,
      } as never);
      const columns = subject === 'Patient' ? PATIENT_COLUMNS : MON_COLUMNS;
      const rows = await query<{ id: number }>(
        tx,
        sql`SELECT p.id FROM medical.patients p WHERE ${access.where(action, subject, columns)} ORDER BY p.id`,
      );
      return rows.map(({ id }) => id);
    });
  const sorted = (...ids: number[]) => ids.sort((a, b) => a - b);

  it('keep practices apart, and patients', async () => {
    const appartenances = [{ cabinetId: own.id, fonction: 'medecin' }];
    expect(await seen({ userId: 1, role: 'membre', appartenances }, 'Patient')).toEqual(
      sorted(own.patient, own.voisin),
    );
    expect(await seen({ userId: compte.user.id, role: 'client' }, 'MonDossier')).toEqual(
      sorted(own.patient, other.patient),
    );
    expect(await seen({ userId: compte.user.id, role: 'client' }, 'MonDossier', 'create')).toEqual(
      sorted(own.patient, other.patient),
    );
    expect(await seen({ userId: compte.user.id, role: 'client' }, 'Patient')).toEqual([]);
    expect(await seen({ userId: compte.user.id, role: 'membre', appartenances: [] }, 'MonDossier')).toEqual(
      [],
    );
    expect(await seen({ userId: 1, role: 'admin', appartenances: [] }, 'Patient')).toEqual([]);
  });

  it('keep what patients read, and ask for, to their own', async () => {
    const asMine = <Result>(run: (asked: AskedOfMine) => Promise<Result>, role = 'client') =>
      medical.transaction(async (tx) => {
        await openCabinets(tx, { userId: 0, cabinets: [own.id, other.id], administre: true });
        const principal = { userId: compte.user.id, role, sessionId: null, cleApiId: null, sites: [] };
        const access = new Access({ ...principal, tousSites: false } as never);
        return run({ tx, access, secrets: api.app.secrets });
      });
    const mine = sorted(own.patient, other.patient);
    const page = { limit: 200, offset: 0 };
    const lists = [
      (asked: AskedOfMine) => mesRendezVous(asked, {}, new Date(), page),
      (asked: AskedOfMine) => mesDemandes(asked, {}, page),
      (asked: AskedOfMine) => mesConsultations(asked, {}, page),
    ];
    for (const read of lists) {
      const { page: found, patients } = await asMine<Awaited<ReturnType<typeof read>>>(read);
      const of = found.rows.map(({ patient_id }) => patient_id);
      expect([[...new Set(of)].sort((a, b) => a - b), patients.map(({ id }) => id)]).toEqual([mine, mine]);
      const staff = await asMine<Awaited<ReturnType<typeof read>>>(read, 'membre');
      expect([staff.page.rows, staff.patients]).toEqual([[], []]);
    }
    const [{ id: theirs }] = await api.database.owner.query(
      'SELECT id FROM medical.demandes_droits WHERE patient_id = $1',
      [own.voisin],
    );
    await expect(asMine((asked) => maDemande(asked, theirs))).rejects.toMatchObject({ code: 'INTROUVABLE' });
  });
});

describe('the keys between tables alone', () => {
  it('let no row that there is of any table pass to another practice', async () => {
    const { owner } = api.database;
    const moved: string[] = [];
    for (const { name, cabinet } of await tables()) {
      if (name === 'cabinets') continue;
      const [{ tied, rows }] = await owner.query(
        `SELECT (SELECT count(*) FROM medical.${name} WHERE ${cabinet} = $1)::integer AS rows,
           EXISTS (SELECT FROM pg_constraint k WHERE k.contype = 'f' AND k.conrelid = 'medical.${name}'::regclass
             AND cardinality(k.conkey) = 2) OR EXISTS (SELECT FROM pg_constraint k WHERE k.contype = 'f'
             AND k.confrelid = 'medical.${name}'::regclass AND cardinality(k.confkey) = 2) AS tied`,
        [own.id],
      );
      if (!tied || rows === 0) continue;
      moved.push(name);
      // Without the triggers that let nothing be changed, nor row security, which binds no owner of the cluster.
      const code = await owner
        .transaction(async (tx) => {
          await tx.query(`ALTER TABLE medical.${name} DISABLE TRIGGER USER`);
          await tx.query(`UPDATE medical.${name} SET cabinet_id = $1 WHERE cabinet_id = $2`, [
            other.id,
            own.id,
          ]);
          return 'moved';
        })
        .catch((error) => error.driverError.code);
      expect([name, code]).toEqual([name, expect.stringMatching(/^2350[35]$/)]);
    }
    expect(moved).toEqual(expect.arrayContaining(['patients', 'bris_de_glace', 'acces_dossier']));
  });
});

describe('the role alone', () => {
  it('lets what serves everything else reach nothing of any table', async () => {
    for (const { name } of await tables()) {
      const code = await api.db.query(`SELECT FROM medical.${name} LIMIT 1`).then(
        () => null,
        (error) => error.driverError.code,
      );
      expect([name, code]).toEqual([name, '42501']);
    }
  });
});
