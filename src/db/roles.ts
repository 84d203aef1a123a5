import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, escapeIdentifier, escapeLiteral } from 'pg';
import type { DataSource, EntityManager } from 'typeorm';

/**
 * What the application may do in the database, whatever is wrong with the application: read and write its rows, but
 * of its history only add to it, and change nothing of the schema.
 */

/** The role with which API and worker do everything that is not medical. Nobody signs in as it. */
export const APPLICATION_ROLE = 'regie_application';

/** The role with which what is medical is reached, which the application's has no right to. Nobody signs in as it. */
export const MEDICAL_ROLE = 'regie_medical';

type Rights = Readonly<Record<string, string>>;

/** Tables of which the application may do less than read and write. */
const RIGHTS: Rights = {
  // Written by triggers, as their owner: nothing that happened is made up, only forgotten in time.
  evenements: 'SELECT, DELETE',
  historique: 'SELECT, INSERT',
  // The trigger of `historique` moves the heads, as the owner of both.
  audit_chaines: 'SELECT',
  // A line that is wrong is corrected by another one.
  mouvements_stock: 'SELECT, INSERT',
  migrations: 'SELECT',
  // What a meter was read to show stays; a correction stands beside it.
  releves: 'SELECT, INSERT',
};
const ALL_RIGHTS = 'SELECT, INSERT, UPDATE, DELETE';

/** The schema of patients and their records. */
const MEDICAL_SCHEMA = 'medical';

/** What the medical role may do there, table by table: what is not named it cannot even read. */
const MEDICAL_RIGHTS: Rights = {
  cabinets: 'SELECT, INSERT, UPDATE',
  // Whoever leaves has left: nothing that was ever allowed is forgotten.
  membres_cabinet: 'SELECT, INSERT, UPDATE',
  praticiens: 'SELECT, INSERT, UPDATE',
  cles_cabinet: 'SELECT, INSERT, UPDATE (cle, cle_anneau)',
  patients: 'SELECT, INSERT, UPDATE',
  cles_patient: 'SELECT, INSERT, UPDATE (cle, cle_anneau)',
  identifiants_patient: 'SELECT, INSERT, DELETE',
  historique_patient: 'SELECT, INSERT',
  soignants_patient: 'SELECT, INSERT',
  // Nothing of a record is removed: an entry in error stays, and says that it is one.
  elements_dossier:
    'SELECT, INSERT, UPDATE (statut, date_effet, contenu, groupe, date_modification, version)',
  elements_dossier_versions: 'SELECT, INSERT',
  bris_de_glace: `SELECT, INSERT, UPDATE (date_fin, averti_le, averti_par, demandes, demandee_le, revue_par, revue_le,
    conclusion, commentaire, suivi_le)`,
  consultations:
    'SELECT, INSERT, UPDATE (rendez_vous_uid, date, statut, contenu, notes, version_contenu, suivi_le, date_signature, date_invalidation, publiee_le, date_modification, version)',
  consultation_versions: 'SELECT, INSERT',
  actes_consultation: 'SELECT, INSERT',
  // The trigger of `actes_consultation` moves the heads.
  actes_chaines: 'SELECT',
  publications_consultation: 'SELECT, INSERT',
  ecrits:
    'SELECT, INSERT, UPDATE (contenu, a_remettre, copie_arabe, statut, date_signature, pdf, pdf_ar, signature, date_invalidation, invalide_par, motif_invalidation, date_modification, version)',
  examens: 'SELECT, INSERT, UPDATE',
  resultats_examen: 'SELECT, INSERT, UPDATE (patient_id, contenu, vu_le, vu_par, decision)',
  acces_dossier: 'SELECT, INSERT',
  exports_dossier: 'SELECT, INSERT, UPDATE',
  bilans_acces: 'SELECT, INSERT',
  // The trigger of `acces_dossier` moves the heads.
  acces_chaines: 'SELECT',
  demandes_droits: 'SELECT, INSERT, UPDATE',
  // Rows are moved by `medical.deplacer`, as the owner of them.
  fusions: 'SELECT, INSERT, UPDATE (annulee_le, annulee_par)',
  types_rendez_vous: 'SELECT, INSERT, UPDATE',
  rendez_vous_patients: 'SELECT, INSERT, UPDATE',
  attentes_patients: 'SELECT, INSERT, UPDATE',
  actes_rendez_vous: 'SELECT, INSERT',
  politiques_conservation: 'SELECT, INSERT, UPDATE',
  // Who signed for what stays; rows are destroyed by `medical.detruire`.
  purges: `SELECT, INSERT, UPDATE (statut, signee_par, signee_le, execution_le, detruite_le, faite_le, arretee_le, arretee_par,
    raison_arret, objets, bilan)`,
  retenues_conservation: 'SELECT, INSERT, UPDATE (levee_le, levee_par)',
};

/** The engine of appointments as practices reach it: views of what is their own (docs/decisions/064). */
const ENGINE_SCHEMA = 'moteur';

/** What the medical role may do there, view by view. */
const ENGINE_RIGHTS: Rights = {
  prestations: 'SELECT, INSERT, UPDATE',
  prestations_intervenants: 'SELECT, INSERT, UPDATE, DELETE',
  intervenants: 'SELECT, INSERT, UPDATE',
  seances: 'SELECT, INSERT, UPDATE',
  rendez_vous: 'SELECT, INSERT, UPDATE',
  occupations: 'SELECT',
  agendas_externes: 'SELECT',
  occupations_externes: 'SELECT',
  techniciens: 'SELECT',
  sites: 'SELECT',
  jours_feries: 'SELECT',
  // Holds no row; who locks rooms says that they would change them.
  salles: 'SELECT, UPDATE',
  participants: 'SELECT',
  plannings: 'SELECT',
};

/** What of it the owner of the tables does for the medical role. */
const MEDICAL_FUNCTIONS = ['acces_oublier(integer, smallint, bigint, text)'];

/**
 * And of the other tables: who somebody is, the keys under which a request was answered, and to add to the history what its
 * triggers let it (`historique_sans_medical`).
 */
const MEDICAL_RIGHTS_BESIDE: Rights = {
  codes_cim10: 'SELECT',
  users: 'SELECT (id, role, langue, is_active, tous_sites, nom, prenom)',
  sessions: 'SELECT (id, user_id, date_revocation, date_expiration)',
  seconds_facteurs: 'SELECT (user_id, date_activation)',
  techniciens: 'SELECT (id, user_id)',
  user_sites: 'SELECT',
  idempotence: 'SELECT, INSERT, UPDATE',
  historique: 'INSERT',
};

/**
 * Gives the application its rights, on every table there is now, and sees to it that `applicationUrl` can sign in and
 * has them; the same for what is medical and `medicalUrl`. To be run by the owner of the tables after each migration; safe to
 * run again and, since roles belong to the whole cluster, while it runs for another of its databases.
 * @param medicalUrl of a user of its own, or the application's: one account then does for both, and whoever could run any
 *   statement through it could change from one role to the other.
 */
export async function setUpRoles(
  owner: DataSource,
  applicationUrl: string,
  medicalUrl: string,
): Promise<void> {
  for (const role of [APPLICATION_ROLE, MEDICAL_ROLE]) await patiently(() => makeGroup(owner, role));
  await patiently(() => owner.transaction(grantRights));
  await patiently(() => makeLogin(owner, applicationUrl, APPLICATION_ROLE));
  await patiently(() => makeLogin(owner, medicalUrl, MEDICAL_ROLE));
  const [application, medical] = [applicationUrl, medicalUrl].map(userOf) as [string, string];
  if (application === medical) return;
  await patiently(() => takeAway(owner, MEDICAL_ROLE, application));
  await patiently(() => takeAway(owner, APPLICATION_ROLE, medical));
}

function userOf(url: string): string {
  return decodeURIComponent(new URL(url).username);
}

async function makeGroup(owner: DataSource, role: string): Promise<void> {
  if (await isRole(owner, role)) return;
  await owner.query(`CREATE ROLE ${role} NOLOGIN`);
}

/** What one account was given while it did for both. */
async function takeAway(owner: DataSource, role: string, user: string): Promise<void> {
  const members: unknown[] = await owner.query(
    `SELECT FROM pg_auth_members m WHERE m.roleid = to_regrole($1) AND m.member = to_regrole($2)`,
    [role, escapeIdentifier(user)],
  );
  const [{ current_user }] = await owner.query('SELECT current_user');
  if (members.length === 0 || user === current_user) return;
  await owner.query(`REVOKE ${role} FROM ${escapeIdentifier(user)}`);
}

/** For every table there is. What an earlier version granted and this one does not is taken away. Identity columns need no right of their own. */
async function grantRights(tx: EntityManager): Promise<void> {
  const [{ database }] = await tx.query('SELECT current_database() AS database');
  const roles = `${APPLICATION_ROLE}, ${MEDICAL_ROLE}`;
  await tx.query(`GRANT CONNECT ON DATABASE ${escapeIdentifier(database)} TO ${roles}`);
  await tx.query('REVOKE CREATE ON SCHEMA public FROM PUBLIC');
  await tx.query(`GRANT USAGE ON SCHEMA public TO ${roles}`);
  for (const name of await tablesOf(tx, 'public')) {
    const table = `public.${escapeIdentifier(name)}`;
    await tx.query(`REVOKE ALL ON ${table} FROM ${roles}`);
    await tx.query(`GRANT ${RIGHTS[name] ?? ALL_RIGHTS} ON ${table} TO ${APPLICATION_ROLE}`);
    const beside = MEDICAL_RIGHTS_BESIDE[name];
    if (beside !== undefined) await tx.query(`GRANT ${beside} ON ${table} TO ${MEDICAL_ROLE}`);
  }
  const medical = await tablesOf(tx, MEDICAL_SCHEMA);
  if (medical.length === 0) return;
  await tx.query(`REVOKE ALL ON SCHEMA ${MEDICAL_SCHEMA} FROM PUBLIC, ${APPLICATION_ROLE}`);
  await tx.query(`GRANT USAGE ON SCHEMA ${MEDICAL_SCHEMA} TO ${MEDICAL_ROLE}`);
  for (const name of medical) {
    const table = `${MEDICAL_SCHEMA}.${escapeIdentifier(name)}`;
    await tx.query(`REVOKE ALL ON ${table} FROM PUBLIC, ${roles}`);
    const rights = MEDICAL_RIGHTS[name];
    if (rights !== undefined) await tx.query(`GRANT ${rights} ON ${table} TO ${MEDICAL_ROLE}`);
  }
  const views = await tablesOf(tx, ENGINE_SCHEMA, 'v');
  if (views.length === 0) return;
  await tx.query(`REVOKE ALL ON SCHEMA ${ENGINE_SCHEMA} FROM PUBLIC, ${APPLICATION_ROLE}`);
  await tx.query(`GRANT USAGE ON SCHEMA ${ENGINE_SCHEMA} TO ${MEDICAL_ROLE}`);
  for (const name of views) {
    const table = `${ENGINE_SCHEMA}.${escapeIdentifier(name)}`;
    await tx.query(`REVOKE ALL ON ${table} FROM PUBLIC, ${roles}`);
    const rights = ENGINE_RIGHTS[name];
    if (rights !== undefined) await tx.query(`GRANT ${rights} ON ${table} TO ${MEDICAL_ROLE}`);
  }
  for (const signature of MEDICAL_FUNCTIONS) {
    const named = `${MEDICAL_SCHEMA}.${signature}`;
    const [{ known }] = await tx.query('SELECT to_regprocedure($1) IS NOT NULL AS known', [named]);
    if (known) await tx.query(`GRANT EXECUTE ON FUNCTION ${named} TO ${MEDICAL_ROLE}`);
  }
}

async function tablesOf(tx: EntityManager, schema: string, kinds = 'rp'): Promise<string[]> {
  const tables: { name: string }[] = await tx.query(
    `SELECT relname AS name FROM pg_class
     WHERE relnamespace = to_regnamespace($1) AND strpos($2, relkind::text) > 0 AND pg_has_role(relowner, 'USAGE')`,
    [schema, kinds],
  );
  return tables.map(({ name }) => name);
}

/** Makes the user of the URL, or sets their password, unless they can sign in as it is; then has them act as the role. */
async function makeLogin(owner: DataSource, signInUrl: string, role: string): Promise<void> {
  const url = new URL(signInUrl);
  const user = decodeURIComponent(url.username);
  const [{ current_user }] = await owner.query('SELECT current_user');
  if (user !== '' && user !== current_user && !(await canSignIn(signInUrl))) {
    const login = `LOGIN PASSWORD ${escapeLiteral(scramVerifier(decodeURIComponent(url.password)))}`;
    const verb = (await isRole(owner, user)) ? 'ALTER' : 'CREATE';
    await owner.query(`${verb} ROLE ${escapeIdentifier(user)} ${login}`);
  }
  const member = user === '' ? current_user : user;
  const [{ granted }] = await owner.query(`SELECT pg_has_role($1, $2, 'SET') AS granted`, [member, role]);
  if (!granted) await owner.query(`GRANT ${role} TO ${escapeIdentifier(member)}`);
}

async function isRole(owner: DataSource, name: string): Promise<boolean> {
  const rows: unknown[] = await owner.query('SELECT FROM pg_roles WHERE rolname = $1', [name]);
  return rows.length > 0;
}

/** Refused for want of a user or of the right password. */
const NOT_ADMITTED = /^28/;
/** Admitted, though not to this database yet. */
const INSUFFICIENT_PRIVILEGE = '42501';

async function canSignIn(connectionString: string): Promise<boolean> {
  const client = new Client({ connectionString, connectionTimeoutMillis: 5_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    return true;
  } catch (error) {
    const { code = '' } = error as { code?: string };
    if (NOT_ADMITTED.test(code)) return false;
    if (code === INSUFFICIENT_PRIVILEGE) return true;
    throw error;
  } finally {
    await client.end();
  }
}

const ITERATIONS = 4096;

/**
 * The password as PostgreSQL keeps it (RFC 5803), so that the password itself stands in no statement, which the server
 * may log.
 */
function scramVerifier(password: string): string {
  const salt = randomBytes(16);
  const salted = pbkdf2Sync(password.normalize('NFKC'), salt, ITERATIONS, 32, 'sha256');
  const hmac = (text: string) => createHmac('sha256', salted).update(text).digest();
  const stored = createHash('sha256').update(hmac('Client Key')).digest('base64');
  return `SCRAM-SHA-256$${ITERATIONS}:${salt.toString('base64')}$${stored}:${hmac('Server Key').toString('base64')}`;
}

/**
 * Somebody else was at the same at the same time: a role exists by now (duplicate object, unique violation), or a row of
 * the catalogue was changed under our hands, which PostgreSQL calls an internal error.
 */
const COLLISION = new Set(['42710', '23505', 'XX000']);
const ATTEMPTS = 20;

/** There is no lock that the databases of a cluster share, so a collision is answered by looking again. */
async function patiently(run: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await run();
    } catch (error) {
      const { driverError } = error as { driverError?: { code?: string } };
      if (attempt === ATTEMPTS || !COLLISION.has(driverError?.code ?? '')) throw error;
      await sleep(20 * Math.random() * attempt);
    }
  }
}
