import { randomBytes, randomInt } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import { Access } from '../../../src/auth/access';
import type { Principal } from '../../../src/auth/principal';
import { createSecrets } from '../../../src/auth/secrets';
import { openCabinets } from '../../../src/db/medical';
import { annulerFusion, type FusionLue, fusionner } from '../../../src/services/cabinet/fusion';
import { faultsOfRegles, referencesToPatients } from '../../../src/services/cabinet/fusion-catalogue';
import { REGLES, type Regles } from '../../../src/services/cabinet/fusion-regles';
import { open, openClesPatient, openFor, type Place, seal } from '../../../src/services/cabinet/sceau';
import { startTestApi, type TestApi } from '../../support/api';
import {
  makeAgenda,
  makeAttentePatient,
  makePatient,
  makeRendezVousCabinet,
  type TestAgenda,
} from '../../support/cabinets';
import type { Client } from '../../support/client';
import { fillDossier } from '../../support/dossiers';
import { ecritDe, examenDe, makePrescripteur, makeSigned } from '../../support/ecrits';
import { exported } from '../../support/exports';

/** What merging does with rows, whatever table they stand in: tables of this test stand for those that others bring. */

let api: TestApi;
let cabinet: TestAgenda;
let desk: Client;
let secrets: ReturnType<typeof createSecrets>;

/** May be changed; only added to, a part of one, a part that names no patient, with a key that nobody has twice. */
const TABLES = [
  'essai_notes (titre text, contenu bytea NOT NULL)',
  'essai_signes (contenu bytea NOT NULL, signature bytea NOT NULL)',
  'essai_addenda (signe_id integer NOT NULL, contenu bytea NOT NULL)',
  'essai_codes (code text NOT NULL, actif boolean NOT NULL DEFAULT true)',
];
/** Told apart by the patient and whoever it is, and by a row and a number. */
const OTHERS = [
  'essai_soignants (user_id integer NOT NULL, PRIMARY KEY (cabinet_id, patient_id, user_id))',
  `essai_versions (note_id integer NOT NULL, version integer NOT NULL, contenu bytea NOT NULL, groupe bytea,
     PRIMARY KEY (note_id, version))`,
];
const ESSAI: Regles = {
  ...REGLES,
  essai_notes: { fait: 'deplacer', scelles: { contenu: 'contenu' } },
  essai_signes: { fait: 'deplacer', scelles: { contenu: 'contenu', signature: 'signature' } },
  essai_addenda: {
    fait: 'deplacer',
    scelles: { contenu: 'contenu' },
    avec: { table: 'essai_signes', colonne: 'signe_id' },
  },
  essai_codes: { fait: 'deplacer', scelles: {}, identiquesRestent: true },
  essai_soignants: { fait: 'deplacer', scelles: {}, identiquesRestent: true },
  essai_versions: {
    fait: 'deplacer',
    scelles: { contenu: ({ version }) => ({ champ: `contenu ${String(version)}` }) },
    avec: { table: 'essai_notes', colonne: 'note_id' },
    autres: ['groupe'],
  },
  essai_lignes: {
    fait: 'suivre',
    scelles: { contenu: 'contenu' },
    parent: { table: 'essai_notes', colonne: 'note_id' },
  },
};

beforeAll(async () => {
  api = await startTestApi();
  cabinet = await makeAgenda(api, (await api.newPerson('admin')).client);
  await makePrescripteur(cabinet);
  desk = cabinet.people.secretaire.client;
  secrets = createSecrets(api.config.dataKeys);
  const { owner } = api.database;
  for (const table of [...TABLES, ...OTHERS]) {
    const [name, columns] = table.split(/ (.*)/s) as [string, string];
    const id = TABLES.includes(table) ? 'id integer PRIMARY KEY, ' : '';
    await owner.query(`CREATE TABLE medical.${name} (${id}cabinet_id integer NOT NULL,
      patient_id integer NOT NULL, ${columns.slice(1, -1)}, FOREIGN KEY (cabinet_id, patient_id)
      REFERENCES medical.patients (cabinet_id, id))`);
    const changed = name === 'essai_notes' ? ', UPDATE' : '';
    await owner.query(`GRANT SELECT, INSERT${changed} ON medical.${name} TO regie_medical`);
  }
  await owner.query(`CREATE TABLE medical.essai_lignes (id integer PRIMARY KEY, cabinet_id integer NOT NULL,
    note_id integer NOT NULL, contenu bytea NOT NULL)`);
  await owner.query('GRANT SELECT, INSERT ON medical.essai_lignes TO regie_medical');
  await owner.query(
    'CREATE UNIQUE INDEX ON medical.essai_codes (cabinet_id, patient_id, lower(code)) WHERE actif',
  );
  for (const table of ['essai_signes', 'essai_addenda']) {
    await owner.query(`CREATE TRIGGER immuable BEFORE UPDATE OR DELETE OR TRUNCATE ON medical.${table}
      FOR EACH STATEMENT EXECUTE FUNCTION medical.immuable()`);
  }
});
afterAll(() => api.close());

/** As who runs the practice. */
function asGerant<Result>(
  work: (asked: Parameters<typeof fusionner>[0]) => Promise<Result>,
  regles: Regles = ESSAI,
): Promise<Result> {
  const { id: userId } = cabinet.people.gerant.user;
  const appartenances = [{ cabinetId: cabinet.id, fonction: 'gerant' }];
  const principal = { userId, role: 'membre', sessionId: null, cleApiId: null, appartenances };
  return api.app.medical.transaction(async (tx) => {
    await openCabinets(tx, { userId, cabinets: [cabinet.id], administre: false });
    const access = new Access(principal as unknown as Principal);
    const actor = { userId, cleApiId: null, now: new Date(), correlationId: 'essai', adresse: null };
    return work({ tx, access, actor, secrets, regles });
  });
}
const merge = (one: number, other: number, regles?: Regles): Promise<FusionLue> =>
  asGerant((asked) => fusionner(asked, one, other), regles);
const undo = (id: number) => asGerant((asked) => annulerFusion(asked, id));

const placeOf = (patient_id: number, table: string, ligne: number, champ = 'contenu'): Place => ({
  ...{ cabinet_id: cabinet.id, patient_id, table, ligne, champ },
});

/** Adds rows as a use case would, sealed for the patient who is named. */
class Rows {
  constructor(private readonly tx: EntityManager) {}

  async seal(
    patientId: number,
    table: string,
    ligne: number,
    value: unknown,
    champ?: string,
  ): Promise<Buffer> {
    const cle = (await openClesPatient(this.tx, secrets, [patientId])).get(patientId)!;
    return seal(cle, placeOf(patientId, table, ligne, champ), value);
  }

  async note(patientId: number, value = 'note'): Promise<number> {
    const id = drawn();
    const contenu = await this.seal(patientId, 'essai_notes', id, value);
    await this.insert('essai_notes', { id, patient_id: patientId, titre: value, contenu });
    return id;
  }

  async versions(patientId: number, note_id: number): Promise<void> {
    for (const version of [1, 2]) {
      const contenu = await this.seal(patientId, 'essai_versions', note_id, 'version', `contenu ${version}`);
      await this.insert('essai_versions', {
        note_id,
        version,
        patient_id: patientId,
        contenu,
        groupe: randomBytes(4),
      });
    }
  }

  async soignant(patientId: number, user_id: number): Promise<void> {
    await this.insert('essai_soignants', { patient_id: patientId, user_id });
  }

  async treats(patientId: number, user_id: number): Promise<void> {
    await this.insert('soignants_patient', { patient_id: patientId, user_id, depuis: '2026-01-01' });
  }

  async line(patientId: number, note_id: number): Promise<number> {
    const id = drawn();
    await this.insert('essai_lignes', {
      id,
      note_id,
      contenu: await this.seal(patientId, 'essai_lignes', id, 'ligne'),
    });
    return id;
  }

  async signed(patientId: number): Promise<number> {
    const id = drawn();
    const contenu = await this.seal(patientId, 'essai_signes', id, 'signé');
    const signature = await this.seal(patientId, 'essai_signes', id, 'sceau', 'signature');
    await this.insert('essai_signes', { id, patient_id: patientId, contenu, signature });
    return id;
  }

  async addendum(patientId: number, signe_id: number): Promise<number> {
    const id = drawn();
    const contenu = await this.seal(patientId, 'essai_addenda', id, 'ajout');
    await this.insert('essai_addenda', { id, patient_id: patientId, signe_id, contenu });
    return id;
  }

  async brisDeGlace(patientId: number): Promise<void> {
    const id = drawn();
    const motif = await this.seal(patientId, 'bris_de_glace', id, 'garde', 'motif');
    const [user_id, date_debut, date_fin] = [cabinet.people.medecin.user.id, '2026-01-01', '2026-01-02'];
    await this.insert('bris_de_glace', { id, patient_id: patientId, user_id, motif, date_debut, date_fin });
  }

  async code(patientId: number, code: string): Promise<void> {
    await this.insert('essai_codes', { id: drawn(), patient_id: patientId, code });
  }

  private insert(table: string, given: object): Promise<unknown> {
    const row = { cabinet_id: cabinet.id, ...given };
    const names = Object.keys(row);
    const values = names.map((_, rank) => `$${rank + 1}`);
    return this.tx.query(`INSERT INTO medical.${table} (${names}) VALUES (${values})`, Object.values(row));
  }
}
const drawn = () => randomInt(1, 900_000_000);
const written = <Result>(work: (rows: Rows) => Promise<Result>): Promise<Result> =>
  asGerant(({ tx }) => work(new Rows(tx)));

/** Every row of the schema, whole, but for what only says that something was done. */
async function everything(): Promise<Map<string, string>> {
  const { owner } = api.database;
  const tables: { name: string }[] = await owner.query(
    `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'medical'
       AND tablename NOT IN ('acces_dossier', 'acces_chaines', 'historique_patient', 'fusions')`,
  );
  const rows = new Map<string, string>();
  for (const { name } of tables) {
    // The version of a patient only counts up, so that no ETag comes back with something else.
    const apart = name === 'patients' ? `- 'version' - 'date_modification'` : '';
    const found: { row: string }[] = await owner.query(
      `SELECT (to_jsonb(t) ${apart})::text AS row FROM medical.${name} t ORDER BY 1`,
    );
    rows.set(name, found.map(({ row }) => row).join('\n'));
  }
  return rows;
}

/** The tables with a row of each of these patients. */
async function tablesOf(patientId: number): Promise<string[]> {
  const { owner } = api.database;
  const found: string[] = [];
  for (const { table, colonne } of await asGerant(({ tx }) => referencesToPatients(tx))) {
    const rows = await owner.query(`SELECT FROM medical.${table} WHERE ${colonne} = $1 LIMIT 1`, [patientId]);
    if (rows.length > 0) found.push(colonne === 'patient_id' ? table : `${table}.${colonne}`);
  }
  return found;
}

/** A patient with a row in every table that refers to one. A new table has to be written here. */
async function furnished(n: number): Promise<number> {
  const { id } = await makePatient(desk, {
    telephone: '0661000000',
    identifiants: [
      { type: 'cin', valeur: `F ${n}` },
      { type: 'autre', valeur: 'le même' },
    ],
  });
  await written(async (rows) => {
    for (let times = randomInt(1, 4); times > 0; times--) {
      const note = await rows.note(id);
      await rows.line(id, note);
      await rows.versions(id, note);
      await rows.addendum(id, await rows.signed(id));
    }
    for (const code of ['Commun', `C${n}`]) await rows.code(id, code);
    for (const userId of [1, n + 2]) await rows.soignant(id, userId);
    await rows.brisDeGlace(id);
    const { medecin, remplacant } = cabinet.people;
    for (const { user } of n % 2 === 0 ? [medecin] : [medecin, remplacant]) await rows.treats(id, user.id);
  });
  const { client, user } = cabinet.people.gerant;
  const held = await client.post('/conservation/retenues', { patient_id: id, motif: 'Essai' });
  expect(held.status).toBe(201);
  const right = { patient_id: id, nature: 'acces', demande: 'Essai' };
  expect((await client.post('/demandes-droits', right)).status).toBe(201);
  await api.database.owner.query(
    `INSERT INTO medical.purges (id, cabinet_id, patient_id, statut, echeance, demandee_par, demandee_le, arretee_le, raison_arret)
     VALUES ($1, $2, $3, 'arretee', '2020-01-01', $4, now(), now(), 'demande')`,
    [drawn(), cabinet.id, id, user.id],
  );
  // Nobody signs as much as is made here.
  await api.db.query('DELETE FROM echecs_connexion');
  await fillDossier(cabinet.people.medecin.client, id, `F${n}`);
  await exported(api.app, cabinet.people.medecin.client, id);
  const debut = new Date(Math.ceil(Date.now() / DAY) * DAY + DAY + ++times * 1_800_000);
  await makeRendezVousCabinet(desk, cabinet, debut, { patient_id: id, motif: `motif ${n}` });
  await makeAttentePatient(desk, cabinet, id, { days: 170 });
  const doctor = cabinet.people.medecin.client;
  const given = { ...ecritDe('certificats', `F${n}`), copie_arabe: true };
  const { id: signe } = await makeSigned(doctor, 'certificats', id, given);
  await doctor.post(`/certificats/${signe}/invalidation`, { motif: `F${n}` });
  const examen = (await doctor.post('/examens', examenDe(id, `F${n}`))).body.id;
  await doctor.put(`/examens/${examen}/resultat`, { texte: `F${n}` });
  await doctor.post(`/examens/${examen}/vu`, { numero: 1, decision: 'normal' });
  return id;
}
const DAY = 86_400_000;
let times = 0;

describe('the catalogue', () => {
  it('has a rule for each table that refers to a patient, or is sealed for one, and no rule for anything else', async () => {
    const { owner } = api.database;
    const names = ['essai_lignes', ...[...TABLES, ...OTHERS].map((table) => table.split(' ')[0])];
    const faults = await owner.transaction(async (tx) => {
      await tx.query(`DROP TABLE ${names.map((name) => `medical.${name}`)}`);
      const found = await faultsOfRegles(tx, REGLES);
      await tx.query('ROLLBACK; BEGIN');
      return found;
    });
    expect(faults).toEqual([]);
    expect(await owner.transaction((tx) => faultsOfRegles(tx, ESSAI))).toEqual([]);
  });

  it('names every table that a rule forgets, gets wrong, or is left of', async () => {
    const { essai_notes: _, essai_lignes: __, essai_versions: ___, ...without } = ESSAI;
    const regles: Regles = {
      ...without,
      essai_signes: { fait: 'deplacer', scelles: { contenu: 'contenu', texte: 'texte' } },
      essai_addenda: {
        fait: 'deplacer',
        scelles: { contenu: 'contenu' },
        avec: { table: 'x', colonne: 'y' },
      },
      ordonnances_d_antan: { fait: 'garder', pourquoi: 'gone' },
      cles_cabinet: { fait: 'deplacer', scelles: {} },
    };
    const faults = await asGerant(({ tx }) => faultsOfRegles(tx, regles));
    expect(faults.sort()).toEqual([
      'No rule says how essai_signes.signature is sealed',
      'No rule says whose essai_lignes is, which is sealed',
      'No rule says whose essai_notes is, which is sealed',
      'No rule says whose essai_versions is, which is sealed',
      'cles_cabinet refers to no patient',
      'essai_addenda has no column y',
      'essai_notes refers to patients, and no rule says what a merge does with it',
      'essai_signes has no sealed column texte',
      'essai_versions refers to patients, and no rule says what a merge does with it',
      'ordonnances_d_antan has a rule and is not there',
    ]);
  });

  it('refuses a merge while a table has no rule', async () => {
    const [one, other] = [await furnished(1), await furnished(2)];
    const before = await everything();
    await expect(merge(one, other, REGLES)).rejects.toThrow(/essai_notes refers to patients/);
    expect(await everything()).toEqual(before);
    expect((await cabinet.people.gerant.client.post(`/patients/${one}/fusion`, { avec: other })).status).toBe(
      500,
    );
    expect(await everything()).toEqual(before);
  });
});

describe('merging and separating', () => {
  it('leaves the same rows, whole, in every table of the schema, whatever was merged before', async () => {
    for (let round = 0; round < 6; round++) {
      const [one, other, third] = [
        await furnished(round),
        await furnished(100 + round),
        await furnished(200 + round),
      ];
      // Somebody who was merged before has rows of the two.
      if (round % 2 === 1) await merge(other, third);
      const references = await asGerant(({ tx }) => referencesToPatients(tx));
      const expected = references.filter(({ colonne }) => colonne === 'patient_id').map(({ table }) => table);
      expect(await tablesOf(other)).toEqual(expect.arrayContaining(expected));
      const before = await everything();
      const { fusion } = await merge(one, other);
      const moved = Object.keys(fusion.deplacees).sort();
      expect(moved).toEqual(
        expect.arrayContaining([...TABLES, ...OTHERS].map((table) => table.split(' ')[0])),
      );
      const left = await tablesOf(other);
      expect(left).toEqual(
        expect.not.arrayContaining(['essai_addenda', 'essai_notes', 'essai_signes', 'essai_versions']),
      );
      // A number that both have stays where it is; every other row is the other's, and opens there.
      expect(left).toContain('essai_codes');
      expect(await unreadable(one)).toEqual([]);
      await undo(fusion.id);
      const after = await everything();
      for (const [table, rows] of before) expect([table, after.get(table)]).toEqual([table, rows]);
    }
  });

  /** What of a patient's cannot be opened with what they have. */
  async function unreadable(patientId: number): Promise<string[]> {
    return asGerant(async ({ tx }) => {
      const cle = (await openClesPatient(tx, secrets, [patientId])).get(patientId)!;
      const found: string[] = [];
      for (const table of ['essai_notes', 'essai_signes', 'essai_addenda', 'essai_lignes']) {
        const whose =
          table === 'essai_lignes'
            ? 'note_id IN (SELECT id FROM medical.essai_notes WHERE patient_id = $1)'
            : 'patient_id = $1';
        const rows: { id: number; contenu: Buffer }[] = await tx.query(
          `SELECT id, contenu FROM medical.${table} WHERE ${whose}`,
          [patientId],
        );
        for (const { id, contenu } of rows) {
          try {
            open(cle, placeOf(patientId, table, id), contenu);
          } catch {
            found.push(`${table} ${id}`);
          }
        }
      }
      return found;
    });
  }

  it('tells of what was signed for whom it was, while it is the other’s', async () => {
    const [one, other] = [await furnished(10), await furnished(11)];
    const id = await written((rows) => rows.signed(other));
    const { fusion } = await merge(one, other);
    const whom = (patientId: number) =>
      asGerant(async ({ tx }) => {
        const cle = (await openClesPatient(tx, secrets, [patientId])).get(patientId)!;
        const [row] = await tx.query('SELECT contenu FROM medical.essai_signes WHERE id = $1', [id]);
        return openFor(cle, placeOf(patientId, 'essai_signes', id), row.contenu);
      });
    expect(await whom(one)).toEqual({ valeur: 'signé', patient_id: other });
    await undo(fusion.id);
    expect(await whom(other)).toEqual({ valeur: 'signé', patient_id: other });
    await expect(whom(one)).rejects.toThrow('was not sealed for it');
  });

  it('gives back with a row what was written in it meanwhile, and its parts, to be read without the key of the other', async () => {
    const [one, other] = [await furnished(20), await furnished(21)];
    const [note, signed] = await written(async (rows) => [await rows.note(other), await rows.signed(other)]);
    const { fusion } = await merge(one, other);
    const [line, addendum, added, addedSigned] = await asGerant(async ({ tx }) => {
      const rows = new Rows(tx);
      const contenu = await rows.seal(one, 'essai_notes', note!, 'changée');
      await tx.query('UPDATE medical.essai_notes SET contenu = $2 WHERE id = $1', [note, contenu]);
      return [
        await rows.line(one, note!),
        await rows.addendum(one, signed!),
        await rows.note(one),
        await rows.signed(one),
      ];
    });
    await undo(fusion.id);
    const { owner } = api.database;
    const whose = async (table: string, id: number) =>
      (await owner.query(`SELECT patient_id FROM medical.${table} WHERE id = $1`, [id]))[0].patient_id;
    expect(await whose('essai_notes', note!)).toBe(other);
    expect(await whose('essai_addenda', addendum!)).toBe(other);
    expect([await whose('essai_notes', added!), await whose('essai_signes', addedSigned!)]).toEqual([
      one,
      one,
    ]);
    await owner.query('DELETE FROM medical.cles_patient WHERE patient_id = $1', [one]);
    expect(await unreadable(other)).toEqual([]);
    const [{ contenu }] = await owner.query('SELECT contenu FROM medical.essai_lignes WHERE id = $1', [line]);
    expect(contenu).toBeInstanceOf(Buffer);
  });

  it('does not move what cannot be opened, nor a part of the rest', async () => {
    const [one, other] = [await furnished(30), await furnished(31)];
    const id = await written((rows) => rows.note(other));
    await api.database.owner.query('UPDATE medical.essai_notes SET contenu = $2 WHERE id = $1', [
      id,
      randomBytes(80),
    ]);
    const before = await everything();
    await expect(merge(one, other)).rejects.toThrow(`essai_notes.contenu of patient ${other}, row ${id}`);
    expect(await everything()).toEqual(before);
  });

  it('is refused, whole, where both have what nobody has twice, or one has what is never moved', async () => {
    const [one, other] = [await furnished(40), await furnished(41)];
    const before = await everything();
    const strict: Regles = { ...ESSAI, essai_codes: { fait: 'deplacer', scelles: {} } };
    await expect(merge(one, other, strict)).rejects.toMatchObject({ code: 'FUSION_IMPOSSIBLE' });
    const dit = { fr: 'En cours', en: 'In progress' };
    const never: Regles = { ...ESSAI, essai_codes: { fait: 'refuser', dit } };
    await expect(merge(one, other, never)).rejects.toMatchObject({
      code: 'FUSION_IMPOSSIBLE',
      details: { detail: dit },
    });
    expect(await everything()).toEqual(before);
  });

  it('opens no contact data of the one for the other', async () => {
    const [one, other] = [await furnished(50), await furnished(51)];
    await merge(one, other);
    await api.database.owner.query(
      'UPDATE medical.patients SET coordonnees = (SELECT coordonnees FROM medical.patients WHERE id = $2) WHERE id = $1',
      [one, other],
    );
    expect((await desk.get(`/patients/${one}`)).status).toBe(500);
  });
});

describe('the function that moves rows', () => {
  it('moves nothing between patients who are not merged, and is not there for the application', async () => {
    const [one, other] = [await furnished(60), await furnished(61)];
    const statement = `SELECT medical.deplacer('essai_notes', '[[1]]', ${other}, ${one})`;
    await expect(asGerant(({ tx }) => tx.query(statement))).rejects.toThrow('are not merged');
    await expect(api.database.db.query(statement)).rejects.toThrow('permission denied for schema medical');
    const { fusion } = await merge(one, other);
    await expect(
      asGerant(({ tx }) =>
        tx.query(`SELECT medical.resceller(${fusion.id}, 'essai_notes', '[1]', 'contenu', '')`),
      ),
    ).rejects.toThrow('is not undone');
    // What it says of itself while it moves nobody else can say.
    await expect(
      asGerant(({ tx }) =>
        tx.query(`SET LOCAL regie.fusion = 'on'; UPDATE medical.essai_signes SET patient_id = patient_id`),
      ),
    ).rejects.toThrow('permission denied');
  });
});
