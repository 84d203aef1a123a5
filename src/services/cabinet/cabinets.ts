import sql, { raw } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { CABINET_COLUMNS, MEMBRE_COLUMNS, PRATICIEN_COLUMNS, runsPractice } from '../../auth/columns';
import { Cabinet, MembreCabinet, Praticien } from '../../db/cabinet/cabinets';
import { exclusionViolation } from '../../db/errors';
import { queryOne } from '../../db/sql';
import { forbidden, invalid, notFound, RegieError, unknownReference } from '../../domain/errors';
import { type Asked, createCrud } from '../crud';
import { refuseDuplicate } from '../duplicates';
import { record } from '../historique';
import type { ListSpec } from '../list';

/** Practices, who belongs to them, and what they say of those who receive patients. */

export type CabinetFields = Pick<
  Cabinet,
  'nom' | 'adresse' | 'telephone' | 'fuseau_horaire' | 'pays' | 'actif'
>;
export type MembreFields = Pick<MembreCabinet, 'user_id' | 'fonction' | 'date_debut' | 'date_fin'>;
export type PraticienFields = Pick<
  Praticien,
  'user_id' | 'titre' | 'specialite' | 'inpe' | 'rpps' | 'numero_ordre' | 'email' | 'telephone' | 'actif'
>;

export const CABINET_LIST: ListSpec = {
  columns: sql`c.id, c.nom, c.adresse, c.telephone, c.fuseau_horaire, c.pays, c.actif, c.date_creation,
    c.date_modification, c.version`,
  from: sql`medical.cabinets c`,
  alias: 'c',
  sortable: {
    id: { expression: 'c.id', cast: 'integer' },
    nom: { expression: 'c.nom', cast: 'text' },
    date_creation: { expression: 'c.date_creation', cast: 'timestamptz' },
  },
  defaultSort: 'nom',
};

export const CABINETS = createCrud<Cabinet, CabinetFields>({
  subject: 'Cabinet',
  permissions: CABINET_COLUMNS,
  entite: 'cabinet',
  entity: Cabinet,
  table: 'medical.cabinets',
  list: CABINET_LIST,
  write: (write) =>
    refuseDuplicate(
      'cabinets_nom_unique',
      { fr: 'Un cabinet porte déjà ce nom', en: 'A practice has this name already' },
      write,
    ),
});

/** A member as they are read, with whom it is. */
export type Membre = MembreCabinet & { user: { nom: string; prenom: string } };

const USER = sql`json_build_object('nom', u.nom, 'prenom', u.prenom) AS "user"`;

export const MEMBRE_LIST: ListSpec = {
  columns: sql`m.id, m.cabinet_id, m.user_id, ${USER}, m.fonction, m.date_debut::text AS date_debut,
    m.date_fin::text AS date_fin, m.date_creation, m.date_modification, m.version`,
  from: sql`medical.membres_cabinet m JOIN users u ON u.id = m.user_id`,
  alias: 'm',
  sortable: {
    id: { expression: 'm.id', cast: 'integer' },
    date_creation: { expression: 'm.date_creation', cast: 'timestamptz' },
  },
  defaultSort: 'id',
};

export const MEMBRES = createCrud<Membre, MembreFields & { cabinet_id: number }>({
  subject: 'MembreCabinet',
  permissions: MEMBRE_COLUMNS,
  entite: 'membre_cabinet',
  entity: MembreCabinet as never,
  table: 'medical.membres_cabinet',
  list: MEMBRE_LIST,
  check: async (_, fields) => requireOrder(fields),
  write: refuseTwice,
});

export type PraticienLu = Praticien & { user: { nom: string; prenom: string } };

export const PRATICIEN_LIST: ListSpec = {
  columns: sql`d.id, d.cabinet_id, d.user_id, ${USER}, d.titre, d.specialite, d.inpe, d.rpps, d.numero_ordre, d.email,
    d.telephone, d.actif, d.date_creation, d.date_modification, d.version`,
  from: sql`medical.praticiens d JOIN users u ON u.id = d.user_id`,
  alias: 'd',
  sortable: {
    id: { expression: 'd.id', cast: 'integer' },
    date_creation: { expression: 'd.date_creation', cast: 'timestamptz' },
  },
  defaultSort: 'id',
};

export const PRATICIENS = createCrud<PraticienLu, PraticienFields & { cabinet_id: number }>({
  subject: 'Praticien',
  permissions: PRATICIEN_COLUMNS,
  entite: 'praticien',
  entity: Praticien as never,
  table: 'medical.praticiens',
  list: PRATICIEN_LIST,
  check: async ({ tx }, { cabinet_id, user_id }) => {
    const doctor = await queryOne(
      tx,
      sql`SELECT id FROM medical.membres_cabinet WHERE cabinet_id = ${cabinet_id} AND user_id = ${user_id}
            AND fonction IN ('medecin', 'remplacant') LIMIT 1`,
    );
    if (doctor === null) throw unknownReference('user_id');
  },
  write: (write) =>
    refuseDuplicate(
      'praticiens_user_unique',
      { fr: 'Ce praticien est déjà inscrit', en: 'This doctor is there already' },
      write,
    ),
});

/**
 * Makes somebody a member. Whoever administers the house names the first who runs a practice, and nobody else: themselves least
 * of all, since what is read there is not theirs.
 * @throws {RegieError} `INTROUVABLE` for a practice that the caller may not see, `INTERDIT`, `VALIDATION`, `DEJA_EXISTANT`
 */
export async function addMembre(asked: Asked, cabinetId: number, fields: MembreFields): Promise<Membre> {
  const { tx, access, actor } = asked;
  // One after the other: of two who name the first who runs it, one is the second.
  await tx.query('SELECT id FROM medical.cabinets WHERE id = $1 FOR UPDATE', [cabinetId]);
  await access.confirm(tx);
  await CABINETS.read(tx, access, cabinetId);
  const { role, userId, appartenances = [] } = access.principal;
  const runs = appartenances.some((one) => one.cabinetId === cabinetId && one.fonction === 'gerant');
  if (!runs && fields.user_id === userId) throw forbidden();
  const row = { ...fields, cabinet_id: cabinetId };
  const first = role === 'admin' && !(await hasGerant(tx, cabinetId));
  access.require('create', 'MembreCabinet', { ...row, cabinet: { sans_gerant: first } });
  requireOrder(row);
  await requireStaff(tx, row.user_id);
  const id = await refuseTwice(async () => {
    const inserted = await tx.insert(MembreCabinet, row);
    return inserted.identifiers[0]!.id as number;
  });
  await record(tx, actor, { entite: 'membre_cabinet', entiteId: id, action: 'creation', apres: row });
  return MEMBRES.read(tx, access, id);
}

async function refuseTwice(write: () => Promise<number>): Promise<number> {
  try {
    return await write();
  } catch (error) {
    if (exclusionViolation(error) !== 'membres_cabinet_sans_doublon') throw error;
    throw new RegieError('DEJA_EXISTANT', { detail: ALREADY, cause: error });
  }
}

function requireOrder({ date_debut, date_fin }: Pick<MembreFields, 'date_debut' | 'date_fin'>): void {
  if (date_fin !== null && date_fin < date_debut) throw invalid({ champ: 'date_fin', message: BEFORE });
}

async function hasGerant(tx: EntityManager, cabinetId: number): Promise<boolean> {
  const found = await queryOne(
    tx,
    sql`SELECT id FROM medical.membres_cabinet m WHERE cabinet_id = ${cabinetId} AND ${raw(runsPractice('m'))} LIMIT 1`,
  );
  return found !== null;
}

/** The same, where a path names a practice and a row of it. @throws {RegieError} `INTROUVABLE` */
export function requireWithin(row: { cabinet_id: number }, cabinetId: number): void {
  if (row.cabinet_id !== cabinetId) throw notFound();
}

/** Patients have accounts too: who works in a practice is none of them, and nobody learns their names by trying. */
async function requireStaff(tx: EntityManager, userId: number): Promise<void> {
  const user = await queryOne(
    tx,
    sql`SELECT id FROM users WHERE id = ${userId} AND is_active AND role <> 'client'`,
  );
  if (user === null) throw unknownReference('user_id');
}

const BEFORE = { fr: 'La fin précède le début', en: 'The end precedes the start' };
const ALREADY = {
  fr: 'Cette personne a déjà cette fonction à ces dates',
  en: 'This person does this already at these dates',
};
