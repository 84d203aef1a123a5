import { randomBytes } from 'node:crypto';
import { createSecrets } from '../../../src/auth/secrets';
import type { DataKey } from '../../../src/config';
import { openCabinets } from '../../../src/db/medical';
import { resealCles } from '../../../src/services/cabinet/cles';
import { ACTES, faultsOfConservation } from '../../../src/services/cabinet/conservation-regles';
import { purgesEnCours, suivrePurge } from '../../../src/services/cabinet/purges';
import { openClesPatient } from '../../../src/services/cabinet/sceau';
import { startTestApi, type TestApi } from '../../support/api';
import { makeCabinet, makePatient, type TestCabinet } from '../../support/cabinets';
import type { Client } from '../../support/client';
import { fillDossier } from '../../support/dossiers';

/** How long records are kept, what keeps them, and that two people have one destroyed. */

const DAY = 24 * 3600 * 1000;

let api: TestApi;
let admin: Client;
/** In France, where a number is shipped. */
let cabinet: TestCabinet;
let gerant: Client;
let doctor: Client;
beforeAll(async () => {
  api = await startTestApi();
  admin = (await api.newPerson('admin')).client;
  cabinet = await makeCabinet(api, admin, { pays: 'FR', fuseau_horaire: 'Europe/Paris' });
  gerant = cabinet.people.gerant.client;
  doctor = cabinet.people.medecin.client;
});
afterAll(() => api.close());

/** A patient who was entered so many years ago, and has not come since. */
async function since(years: number, given: object = {}): Promise<number> {
  const { id } = await makePatient(cabinet.people.secretaire.client, { telephone: '0612345678', ...given });
  await api.database.owner.query(
    'UPDATE medical.patients SET date_creation = date_creation - make_interval(years => $2::integer, days => 2) WHERE id = $1',
    [id, years],
  );
  return id;
}
const due = async (by = gerant) =>
  (await by.get('/conservation/echeances')).body.echeances.map(
    (one: { patient_id: number }) => one.patient_id,
  );
const ask = (patient_id: number, by = gerant) => by.post('/conservation/purges', { patient_id });
const sign = (id: number, by = doctor) => by.post(`/conservation/purges/${id}/signature`, undefined);
const hold = (patient_id: number) =>
  doctor.post('/conservation/retenues', { patient_id, motif: 'Expertise Kanarienvogel' });
const follow = (id: number, now = Date.now()) =>
  suivrePurge(
    { medical: api.app.medical, store: api.app.store },
    { id, cabinet_id: cabinet.id },
    new Date(now),
  );
const row = async (id: number) =>
  (await gerant.get('/conservation/purges')).body.find((one: { id: number }) => one.id === id);

describe('what is due', () => {
  it('follows from what is shipped, the last act and the birthday, and is seen by who may sign', async () => {
    const old = await since(20);
    const child = await since(20, { date_naissance: '2003-01-01' });
    const young = await since(19);
    const found = await due();
    expect(found).toContain(old);
    expect(found).not.toContain(child);
    expect(found).not.toContain(young);
    expect(await due(doctor)).toEqual(found);
    const { body } = await gerant.get('/conservation/echeances');
    expect(body.politiques).toEqual([
      { ancre: 'dernier_acte', duree_mois: 240, source: expect.stringContaining('CNIL'), origine: 'livree' },
      { ancre: 'majorite', duree_mois: 120, source: expect.stringContaining('CNIL'), origine: 'livree' },
    ]);
    expect(body.echeances[0]).toMatchObject({ retenues: [], purge_id: null });
    expect((await cabinet.people.secretaire.client.get('/conservation/echeances')).status).toBe(403);
  });

  it('is nothing where a practice has declared nothing, and what it declares otherwise', async () => {
    const other = await makeCabinet(api, admin, { pays: 'MA' });
    const { client } = other.people.gerant;
    const { id } = await makePatient(other.people.medecin.client);
    await api.database.owner.query(`UPDATE medical.patients SET date_creation = '1990-01-01' WHERE id = $1`, [
      id,
    ]);
    expect((await client.get('/conservation/echeances')).body).toEqual({
      cabinet_id: other.id,
      politiques: [],
      echeances: [],
    });
    expect((await ask(id, client)).body.code).toBe('PURGE_IMPOSSIBLE');
    const declared = { ancre: 'dernier_acte', duree_mois: 240, source: 'Décision du cabinet' };
    expect((await client.put('/conservation/politiques', declared)).body.politiques).toEqual([
      { ...declared, origine: 'declaree' },
    ]);
    expect(await due(client)).toEqual([id]);
    // Shorter than what the authorities of a country say is refused.
    const short = await gerant.put('/conservation/politiques', { ...declared, duree_mois: 239 });
    expect([short.status, short.body.erreurs[0].champ]).toEqual([422, 'duree_mois']);
  });
});

describe('what is counted from a death', () => {
  it('keeps longer whom it concerns, once a practice says for how long', async () => {
    const died = await since(20);
    const alive = await since(20);
    const date = new Date(Date.now() - 400 * DAY).toISOString().slice(0, 10);
    await cabinet.people.secretaire.client.patch(`/patients/${died}`, { date_deces: date });
    expect(await due()).toEqual(expect.arrayContaining([died, alive]));
    const declared = { ancre: 'deces', duree_mois: 24, source: 'Décision du cabinet' };
    const { body } = await gerant.put('/conservation/politiques', declared);
    expect(body.politiques.at(-1)).toEqual({ ...declared, origine: 'declaree' });
    expect(await due()).toContain(alive);
    expect(await due()).not.toContain(died);
    expect((await ask(died)).body.code).toBe('PURGE_IMPOSSIBLE');
    await gerant.put('/conservation/politiques', { ...declared, duree_mois: 12 });
    expect(await due()).toContain(died);
    // What is left of who was destroyed says nothing of it.
    const { id } = (await ask(died)).body;
    await sign(id);
    await follow(id, Date.now() + 31 * DAY);
    const [row] = await api.database.owner.query(
      'SELECT date_deces, purge_le IS NOT NULL AS purge FROM medical.patients WHERE id = $1',
      [died],
    );
    expect(row).toEqual({ date_deces: null, purge: true });
  });
});

describe('the destruction of a record', () => {
  it('takes a signature of each of two people, and thirty days', async () => {
    const id = await since(20);
    expect((await ask(id, doctor)).status).toBe(403);
    const asked = await ask(id);
    expect([asked.status, asked.body.statut]).toEqual([201, 'demandee']);
    expect((await ask(id)).body.code).toBe('DEJA_EXISTANT');
    const purge = asked.body.id;
    expect((await sign(purge, gerant)).status).toBe(403);
    expect((await sign(purge, cabinet.people.remplacant.client)).status).toBe(403);
    // Somebody who does both there is one person all the same.
    const { user } = cabinet.people.gerant;
    const membership = { user_id: user.id, fonction: 'medecin', date_debut: '2020-01-01' };
    const added = await gerant.post(`/cabinets/${cabinet.id}/membres`, membership);
    const alone = await sign(purge, gerant);
    expect([alone.status, alone.body.detail]).toEqual([403, 'Deux personnes doivent signer']);
    await gerant.patch(`/cabinets/${cabinet.id}/membres/${added.body.id}`, { date_fin: '2020-01-02' });
    await expect(
      api.database.owner.query(
        'UPDATE medical.purges SET signee_par = demandee_par, signee_le = now(), execution_le = now() WHERE id = $1',
        [purge],
      ),
    ).rejects.toThrow('purges_deux');
    const signed = await sign(purge);
    expect([signed.status, signed.body.statut]).toEqual([200, 'signee']);
    expect(Date.parse(signed.body.execution_le) - Date.parse(signed.body.signee_le)).toBe(30 * DAY);
    expect((await sign(purge)).body.code).toBe('TRANSITION_INVALIDE');
    const wait = await follow(purge);
    expect(wait).toBeGreaterThan(29 * DAY);
    expect((await doctor.get(`/patients/${id}`)).status).toBe(200);
    const stopped = await doctor.post(`/conservation/purges/${purge}/annuler`, undefined);
    expect(stopped.body).toMatchObject({ statut: 'arretee', raison_arret: 'demande' });
    expect(await follow(purge, Date.now() + 31 * DAY)).toBeNull();
    expect((await doctor.get(`/patients/${id}`)).status).toBe(200);
  });

  it('is not asked for, not signed and not carried out while something keeps the record', async () => {
    const id = await since(20);
    const held = (await hold(id)).body.id;
    const refused = await ask(id);
    expect([refused.status, refused.body.code, refused.body.retenues]).toEqual([
      409,
      'PURGE_IMPOSSIBLE',
      [held],
    ]);
    const lift = () => gerant.post(`/conservation/retenues/${held}/lever`, undefined);
    expect((await lift()).body.levee_le).not.toBeNull();
    const { id: purge } = (await ask(id)).body;
    const second = (await hold(id)).body.id;
    expect((await sign(purge)).body.code).toBe('PURGE_IMPOSSIBLE');
    await gerant.post(`/conservation/retenues/${second}/lever`, undefined);
    expect((await sign(purge)).status).toBe(200);
    await hold(id);
    expect(await follow(purge, Date.now() + 31 * DAY)).toBeNull();
    expect(await row(purge)).toMatchObject({ statut: 'arretee', raison_arret: 'retenue' });
    expect((await doctor.get(`/patients/${id}`)).status).toBe(200);
  });

  it('is stopped by what makes the record not due any more', async () => {
    const id = await since(20);
    const seen = await since(20);
    await fillDossier(doctor, seen, 'Vue');
    expect((await ask(seen)).body.code).toBe('PURGE_IMPOSSIBLE');
    expect((await ask(await since(1))).body.code).toBe('PURGE_IMPOSSIBLE');
    const { id: purge } = (await ask(id)).body;
    await sign(purge);
    await api.database.owner.query('UPDATE medical.patients SET date_creation = now() WHERE id = $1', [id]);
    expect(await follow(purge, Date.now() + 31 * DAY)).toBeNull();
    expect(await row(purge)).toMatchObject({ statut: 'arretee', raison_arret: 'plus_due' });
  });

  it('leaves nothing that can be read, of those who were merged either, says what is left, and is done once', async () => {
    const word = 'Zilpzalp';
    const given = {
      nom_naissance: word,
      prenoms: word,
      adresse: `Rue ${word}`,
      identifiants: [{ type: 'cin', valeur: word }],
    };
    const id = await since(20, given);
    const double = await since(20, { ...given, identifiants: [{ type: 'autre', valeur: word }] });
    for (const one of [id, double]) await fillDossier(doctor, one, word);
    await longAgo();
    expect((await gerant.post(`/patients/${id}/fusion`, { avec: double })).status).toBe(201);
    const kept = (await hold(id)).body.id;
    await gerant.post(`/conservation/retenues/${kept}/lever`, undefined);
    const { owner } = api.database;
    // What a copy of the rows held, but for the keys.
    const copy = await owner.query(
      'SELECT id, patient_id, valeur FROM medical.identifiants_patient WHERE patient_id = ANY ($1)',
      [[id, double]],
    );
    expect(copy.length).toBeGreaterThan(1);
    const { id: purge } = (await ask(id)).body;
    await sign(purge);
    const later = Date.now() + 31 * DAY;
    // Two at once: what one destroys the other finds destroyed.
    expect(await Promise.all([follow(purge, later), follow(purge, later)])).toEqual([null, null]);
    expect(await follow(purge, later)).toBeNull();
    const done = await row(purge);
    expect(done).toMatchObject({ statut: 'faite', patient_id: id });
    expect(done.bilan).toEqual({
      detruites: expect.objectContaining({
        cles_patient: 2,
        elements_dossier: expect.any(Number),
        elements_dossier_versions: expect.any(Number),
        identifiants_patient: expect.any(Number),
        patients: 2,
        fusions: 1,
        retenues_conservation: 1,
      }),
      objets: 0,
      restent: {
        acces_dossier: { nombre: expect.any(Number), pourquoi: expect.stringContaining('sans contenu') },
        consultations: { nombre: 2, pourquoi: expect.stringContaining('sans la clé') },
        purges: { nombre: 1, pourquoi: expect.any(String) },
      },
    });
    const dump = (await everything()).toLowerCase();
    for (const readable of [word.toLowerCase(), Buffer.from(word).toString('hex')]) {
      expect([readable, dump.includes(readable)]).toEqual([readable, false]);
    }
    const lines = dump.split('\n').filter((line) => line.includes(String(double)));
    expect(lines.length).toBeGreaterThan(0);
    for await (const { key } of api.app.store.list('')) expect(key).not.toContain(String(id));
    const secrets = createSecrets(api.config.dataKeys);
    await expect(
      api.app.medical.transaction(async (tx) => {
        await openCabinets(tx, { userId: 0, cabinets: [cabinet.id], administre: false });
        return openClesPatient(tx, secrets, [id]);
      }),
    ).rejects.toThrow('There is no key');
    for (const who of [id, double]) {
      expect((await doctor.get(`/patients/${who}`)).status).toBe(404);
      expect((await gerant.get(`/patients/${who}/acces`)).status).toBe(404);
    }
    expect((await doctor.post('/patients/recherche', { q: word })).body).toEqual([]);
    expect((await ask(id)).status).toBe(422);
  });

  it('puts what is sealed in an older backup out of reach once the ring has turned, and no sooner', async () => {
    const id = await since(20, { identifiants: [{ type: 'cin', valeur: 'Zilpzalp' }] });
    const other = await makePatient(doctor);
    const { owner } = api.database;
    const backup = await owner.query('SELECT * FROM medical.cles_patient WHERE patient_id = $1', [id]);
    const old = api.config.dataKeys;
    const opens = (ring: DataKey[]) =>
      createSecrets(ring).open('cle de patient', `${cabinet.id} ${id}`, backup[0].cle);
    const { id: purge } = (await ask(id)).body;
    await sign(purge);
    expect(await follow(purge, Date.now() + 31 * DAY)).toBeNull();
    expect((await row(purge)).statut).toBe('faite');
    expect(opens(old)).toHaveLength(32);
    const next = { id: 'apres-la-purge', key: randomBytes(32) };
    await resealCles(api.app.medical, createSecrets([next, ...old]));
    try {
      api.app.secrets = createSecrets([next]);
      expect((await doctor.get(`/patients/${other.id}`)).body).toEqual(other.body);
      expect(() => opens([next])).toThrow();
    } finally {
      await resealCles(api.app.medical, createSecrets([...old, next]));
      api.app.secrets = createSecrets(old);
    }
  });

  it('parts the account from whom it was, which goes on reading what else is theirs', async () => {
    const compte = await api.newPerson('client');
    const verified = { statut_identite: 'validee', justificatif: 'passeport' };
    const tie = async ({ people }: TestCabinet, id: number) => {
      const { code } = (await compte.client.get('/mon/code')).body;
      expect((await people.secretaire.client.put(`/patients/${id}/compte`, { code })).status).toBe(200);
    };
    const elsewhere = await makeCabinet(api, admin);
    const { id: there } = await makePatient(elsewhere.people.medecin.client, verified);
    const id = await since(20, verified);
    const double = await since(20, verified);
    for (const one of [id, double]) {
      // Nobody signs as much as is signed here.
      await api.db.query('DELETE FROM echecs_connexion');
      await fillDossier(doctor, one, 'Zilpzalp');
    }
    await tie(cabinet, id);
    await tie(elsewhere, there);
    expect((await gerant.post(`/patients/${id}/fusion`, { avec: double })).status).toBe(201);
    const lus = async (path: string): Promise<number[]> => {
      const { status, body } = await compte.client.get(path);
      expect([path, status]).toEqual([path, 200]);
      return [...new Set<number>(body.map((one: { patient_id: number }) => one.patient_id))].sort();
    };
    expect(await lus('/mon/consultations')).toEqual([id]);
    await longAgo();
    const { id: purge } = (await ask(id)).body;
    await sign(purge);
    expect(await follow(purge, Date.now() + 31 * DAY)).toBeNull();
    expect((await row(purge)).statut).toBe('faite');
    expect(await lus('/mon/dossier')).toEqual([there]);
    expect(await lus('/mon/consultations')).toEqual([]);
    expect(await lus('/mon/acces')).toEqual([there]);
    const left = await api.database.owner.query(
      'SELECT DISTINCT user_id, lecteur_id FROM medical.patients WHERE id = ANY ($1)',
      [[id, double]],
    );
    expect(left).toEqual([{ user_id: null, lecteur_id: null }]);
  });

  /** Makes acts of what was entered just now long ago. */
  async function longAgo(): Promise<void> {
    for (const [table, column] of Object.entries(ACTES)) {
      if (column === null) continue;
      await api.database.owner.query(
        `ALTER TABLE medical.${table} DISABLE TRIGGER USER;
         UPDATE medical.${table} SET ${column} = ${column} - interval '30 years';
         ALTER TABLE medical.${table} ENABLE TRIGGER USER`,
      );
    }
  }

  /** Every row of the schema, as the owner sees them. */
  async function everything(): Promise<string> {
    const tables: { name: string }[] = await api.database.owner.query(
      `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'medical'`,
    );
    const dumps: string[] = [];
    for (const { name } of tables) {
      const rows: { line: string }[] = await api.database.owner.query(
        `SELECT t::text AS line FROM medical.${name} t`,
      );
      dumps.push(...rows.map(({ line }) => line));
    }
    return dumps.join('\n');
  }

  it('goes on from wherever it was killed', async () => {
    const id = await since(20);
    const { id: purge } = (await ask(id)).body;
    await sign(purge);
    const later = Date.now() + 31 * DAY;
    expect((await purgesEnCours(api.app.medical, new Date(), 0, 500)).map((one) => one.id)).toContain(purge);
    // The store is away: what is in the database is gone, and it is known that something is left to do.
    const broken = { ...api.app.store, remove: () => Promise.reject(new Error('away')) };
    await api.database.owner.query(
      `CREATE FUNCTION medical.objets() RETURNS trigger LANGUAGE plpgsql AS
         $$ BEGIN IF NEW.statut = 'detruite' THEN NEW.objets := '{medical/essai}'; END IF; RETURN NEW; END $$`,
    );
    await api.database.owner.query(
      'CREATE TRIGGER objets BEFORE UPDATE ON medical.purges FOR EACH ROW EXECUTE FUNCTION medical.objets()',
    );
    await api.app.store.put('medical/essai', Buffer.from('un fichier'), { type: 'text/plain' } as never);
    await expect(
      suivrePurge(
        { medical: api.app.medical, store: broken as never },
        { id: purge, cabinet_id: cabinet.id },
        new Date(later),
      ),
    ).rejects.toThrow('away');
    expect(await row(purge)).toMatchObject({ statut: 'detruite', bilan: null });
    expect((await doctor.get(`/patients/${id}`)).status).toBe(404);
    expect((await purgesEnCours(api.app.medical, new Date(), 0, 500)).map((one) => one.id)).toContain(purge);
    await api.database.owner.query('DROP TRIGGER objets ON medical.purges');
    expect(await follow(purge, later)).toBeNull();
    expect(await row(purge)).toMatchObject({ statut: 'faite', bilan: { objets: 1 } });
    await expect(api.app.store.stat('medical/essai')).rejects.toThrow();
  });

  it('is what the catalogue says there is to destroy', async () => {
    const faults = await api.app.medical.transaction((tx) => faultsOfConservation(tx));
    expect(faults).toEqual([]);
    const { owner } = api.database;
    await owner.query(`CREATE TABLE medical.essai (id integer PRIMARY KEY, cabinet_id integer NOT NULL, identifiant_id integer,
      FOREIGN KEY (cabinet_id, identifiant_id) REFERENCES medical.identifiants_patient (cabinet_id, id))`);
    const [fault] = await api.app.medical.transaction((tx) => faultsOfConservation(tx));
    expect(fault).toContain('Rows of essai name some of identifiants_patient');
    await owner.query('DROP TABLE medical.essai');
  });

  it('is done by the function alone that asks for two signatures', async () => {
    const id = await since(20);
    const { id: purge } = (await ask(id)).body;
    const inPractice = (statement: string) =>
      api.app.medical.transaction(async (tx) => {
        await openCabinets(tx, { userId: 0, cabinets: [cabinet.id], administre: false });
        await tx.query(statement);
      });
    const destroy = (table: string) =>
      inPractice(
        `SELECT medical.detruire(${purge}, '${table}', 'patient_id', '{${id}}', now() + interval '90 days')`,
      );
    await expect(destroy('identifiants_patient')).rejects.toThrow('is not to be carried out');
    await expect(inPractice(`SELECT medical.effacer(${purge}, '{${id}}', now())`)).rejects.toThrow(
      'is not to be carried out',
    );
    await sign(purge);
    await expect(destroy('acces_dossier')).rejects.toThrow('is not destroyed');
    await expect(inPractice('DELETE FROM medical.cles_patient')).rejects.toThrow('permission denied');
    await expect(
      inPractice(`SET LOCAL regie.purge = 'on'; DELETE FROM medical.historique_patient`),
    ).rejects.toThrow('permission denied');
    await expect(inPractice(`UPDATE medical.purges SET demandee_par = 1`)).rejects.toThrow(
      'permission denied',
    );
  });
});
