import sql from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import type { Access } from '../auth/access';
import { Parametres } from '../db/parametres';
import { type Executor, query, queryOne } from '../db/sql';
import { encreSur, lisibleSurBlanc } from '../domain/couleurs';
import { notFound, RegieError } from '../domain/errors';
import type { Langue } from '../domain/writing';
import type { Actor } from './actor';
import { difference, record } from './historique';
import { requireVersion } from './versions';

/** The house that runs this installation, as reports and mails show it. Everything speaks through it, so it is of no area. */

export type ParametresFields = Pick<Parametres, 'nom' | 'couleur' | 'coordonnees' | 'langue'>;

/** What letters of the house are written with. */
export interface Maison {
  nom: string;
  /** `#rrggbb`: for grounds and rules. */
  couleur: string;
  /** What can be read on that colour as a ground, black or white. */
  encre: string;
  /** The colour, as dark as text on white has to be. */
  couleur_texte: string;
  /** Lines of the letterhead. */
  coordonnees: string[];
  langue: Langue;
  logo: Logo | null;
}

/** A PNG in the store; pixels and bytes. */
export interface Logo {
  cle: string;
  checksum: string;
  taille: number;
  largeur: number;
  hauteur: number;
}

/** What holds where nobody has said anything else, and for a database that has no such row. */
const USUAL: ParametresFields = { nom: 'Régie', couleur: '#0f766e', coordonnees: [], langue: 'fr' };

/** What letters of the house are written with; never fails for want of a row. */
export async function readParametres(executor: Executor): Promise<Maison> {
  const row = await find(executor);
  const { nom, couleur, coordonnees, langue } = row ?? USUAL;
  return {
    nom,
    couleur,
    encre: encreSur(couleur),
    couleur_texte: lisibleSurBlanc(couleur),
    coordonnees,
    langue,
    logo: row === null ? null : logoOf(row),
  };
}

function logoOf({
  logo_cle: cle,
  logo_checksum: checksum,
  logo_taille: taille,
  logo_largeur: largeur,
  logo_hauteur: hauteur,
}: Parametres): Logo | null {
  if (cle === null || checksum === null || taille === null || largeur === null || hauteur === null)
    return null;
  return { cle, checksum, taille, largeur, hauteur };
}

function find(executor: Executor): Promise<Parametres | null> {
  return queryOne(
    executor,
    sql`SELECT id, nom, couleur, coordonnees, langue, logo_cle, logo_checksum, logo_taille, logo_largeur, logo_hauteur,
               date_creation, date_modification, version
        FROM parametres WHERE id = 1`,
  );
}

/** The row as it is answered. */
export interface ParametresRow extends Omit<Maison, 'logo'> {
  id: number;
  logo: Omit<Logo, 'cle'> | null;
  date_creation: Date;
  date_modification: Date;
  version: number;
}

/** @throws {RegieError} `INTROUVABLE` for whoever may not see them */
export async function showParametres(executor: Executor, access: Access): Promise<ParametresRow> {
  const row = await find(executor);
  if (row === null || !access.may('read', 'Parametres', row)) throw notFound();
  return shown(row);
}

/** @throws {RegieError} `INTROUVABLE` for whoever may not see it, and when the house has none */
export async function findLogo(executor: Executor, access: Access): Promise<Logo> {
  const row = await find(executor);
  if (row === null || !access.may('read', 'Parametres', row)) throw notFound();
  const logo = logoOf(row);
  if (logo !== null) return logo;
  throw new RegieError('INTROUVABLE', {
    detail: { fr: 'La maison n’a pas de logo', en: 'The house has no logo' },
  });
}

function shown(row: Parametres): ParametresRow {
  const { id, nom, couleur, coordonnees, langue, date_creation, date_modification, version } = row;
  const logo = logoOf(row);
  const { cle, ...visible } = logo ?? {};
  return {
    id,
    nom,
    couleur,
    encre: encreSur(couleur),
    couleur_texte: lisibleSurBlanc(couleur),
    coordonnees,
    langue,
    logo: logo && (visible as Omit<Logo, 'cle'>),
    date_creation,
    date_modification,
    version,
  };
}

/**
 * Changes what is given. Letters written from now on show it; what lies filed stays as it is.
 * @param expected version named by the caller, or null.
 * @throws {RegieError} `INTERDIT`, `VERSION_PERIMEE`
 */
export async function updateParametres(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  changes: Partial<ParametresFields>,
  expected: number | null,
): Promise<ParametresRow> {
  const row = await lock(tx, access, expected, Object.keys(changes));
  const { avant, apres } = difference<Partial<ParametresFields>>(row, changes);
  if (Object.keys(apres).length === 0) return shown(row);
  await tx.update(Parametres, { id: row.id }, changes);
  await record(tx, actor, {
    entite: 'parametres',
    entiteId: row.id,
    action: 'modification',
    avant,
    apres,
  });
  return shown((await find(tx))!);
}

/**
 * Puts a logo in the place of the one before, or none. The object of the one before is left to the sweep of orphans: a
 * report that is being made may still read it.
 * @param logo lies in the store already.
 * @throws {RegieError} `INTERDIT`, `VERSION_PERIMEE`
 */
export async function setLogo(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  logo: Logo | null,
  expected: number | null,
): Promise<ParametresRow> {
  const row = await lock(tx, access, expected, ['logo']);
  const before = logoOf(row);
  if (before === null && logo === null) return shown(row);
  await tx.update(
    Parametres,
    { id: row.id },
    {
      logo_cle: logo?.cle ?? null,
      logo_checksum: logo?.checksum ?? null,
      logo_taille: logo?.taille ?? null,
      logo_largeur: logo?.largeur ?? null,
      logo_hauteur: logo?.hauteur ?? null,
    },
  );
  await record(tx, actor, {
    entite: 'parametres',
    entiteId: row.id,
    action: 'logo',
    avant: { checksum: before?.checksum ?? null },
    apres: { checksum: logo?.checksum ?? null },
  });
  return shown((await find(tx))!);
}

async function lock(
  tx: EntityManager,
  access: Access,
  expected: number | null,
  fields: string[],
): Promise<Parametres> {
  await query(tx, sql`SELECT id FROM parametres WHERE id = 1 FOR NO KEY UPDATE`);
  await access.confirm(tx);
  const row = await find(tx);
  if (row === null) throw notFound();
  access.require('update', 'Parametres', row, fields);
  requireVersion(row, expected);
  return row;
}

/** Those of these keys of the store that hold the logo of today. */
export async function logosAmong(executor: Executor, keys: readonly string[]): Promise<string[]> {
  const rows = await query<{ logo_cle: string }>(
    executor,
    sql`SELECT logo_cle FROM parametres WHERE logo_cle = ANY(${keys})`,
  );
  return rows.map(({ logo_cle }) => logo_cle);
}
