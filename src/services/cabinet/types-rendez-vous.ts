import { randomBytes } from 'node:crypto';
import sql from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { TYPE_RENDEZ_VOUS_COLUMNS } from '../../auth/columns';
import { onEngine } from '../../db/medical';
import { query, queryOne } from '../../db/sql';
import { notFound, unknownReference } from '../../domain/errors';
import type { Preavis } from '../../domain/rendez-vous/prestations';
import type { Asked } from '../crud';
import { refuseDuplicate } from '../duplicates';
import { difference, record } from '../historique';
import { type ListSpec, list, type Page, type PageRequest } from '../list';
import {
  confierPourCabinet,
  creneauxDeCabinet,
  fixerHoraires,
  type Horaires,
  inscrirePourCabinet,
  modifierPourCabinet,
  type OffreDeCabinet,
  ouvrirPourCabinet,
} from '../rendez-vous/cabinet';
import type { CreneauAnswer, JoursDemandes } from '../rendez-vous/creneaux';
import { requireVersion } from '../versions';
import { CABINETS, PRATICIENS, type PraticienLu, requireWithin } from './cabinets';
import { drawId } from './tirage';

/**
 * What can be booked in a practice, with whom, and when they receive. What a kind of appointment is called stands here; how
 * long it is, and who provides it, is the engine's (docs/decisions/064).
 */

export interface TypeFields {
  libelle: string;
  /** Minutes, one of which is chosen. */
  durees: number[];
  pas: number | 'auto';
  tampon_avant: number;
  tampon_apres: number;
  /** Minutes before the start from which on whoever cancels is late. */
  preavis_annuler: number;
  /** Days ahead for which it can be booked. */
  jours: number;
  /** How long before patients are reminded, ISO 8601. */
  rappels: string[];
  /** Ids of `praticiens`. */
  praticiens: number[];
  actif: boolean;
}

export interface TypeRendezVous extends TypeFields {
  id: number;
  cabinet_id: number;
  slug: string;
  date_creation: Date;
  date_modification: Date;
  version: number;
}

export const TYPE_LIST: ListSpec = {
  columns: sql`t.id, t.cabinet_id, t.slug, t.libelle, f.durees, f.pas, f.tampon_avant, f.tampon_apres,
    (f.preavis ->> 'annuler')::integer AS preavis_annuler, (f.fenetre ->> 'jours')::integer AS jours, t.rappels,
    ARRAY(SELECT d.id FROM moteur.prestations_intervenants pi JOIN moteur.intervenants v ON v.id = pi.intervenant_id
          JOIN medical.praticiens d ON d.user_id = v.user_id AND d.cabinet_id = t.cabinet_id
          WHERE pi.prestation_id = t.prestation_id ORDER BY d.id) AS praticiens,
    t.actif, t.date_creation, t.date_modification, t.version`,
  from: sql`medical.types_rendez_vous t JOIN moteur.prestations f ON f.id = t.prestation_id`,
  alias: 't',
  sortable: {
    id: { expression: 't.id', cast: 'integer' },
    libelle: { expression: 't.libelle', cast: 'text' },
    date_creation: { expression: 't.date_creation', cast: 'timestamptz' },
  },
  defaultSort: 'libelle',
};

/** @throws {RegieError} `INTROUVABLE` for a practice that the caller may not see. */
export async function listTypes(
  { tx, access }: Pick<Asked, 'tx' | 'access'>,
  cabinetId: number,
  { actif }: { actif?: boolean | undefined },
  page: PageRequest,
): Promise<Page<TypeRendezVous>> {
  await CABINETS.read(tx, access, cabinetId);
  const conditions = [
    sql`t.cabinet_id = ${cabinetId}`,
    access.where('read', 'TypeRendezVous', TYPE_RENDEZ_VOUS_COLUMNS),
    ...(actif === undefined ? [] : [sql`t.actif = ${actif}`]),
  ];
  return list<TypeRendezVous>(tx, TYPE_LIST, conditions, page);
}

/** @throws {RegieError} `INTROUVABLE` */
export async function readType(
  { tx, access }: Pick<Asked, 'tx' | 'access'>,
  id: number,
): Promise<TypeRendezVous> {
  const row = await queryOne<TypeRendezVous>(
    tx,
    sql`SELECT ${TYPE_LIST.columns} FROM ${TYPE_LIST.from}
        WHERE t.id = ${id} AND ${access.where('read', 'TypeRendezVous', TYPE_RENDEZ_VOUS_COLUMNS)}`,
  );
  if (row === null) throw notFound();
  return row;
}

/** A desk is held to no notice; who cancels may be late. */
const preavisOf = ({ preavis_annuler }: TypeFields): Preavis => ({
  creer: 0,
  modifier: 0,
  annuler: preavis_annuler,
});

const offreOf = (fields: TypeFields): OffreDeCabinet => ({ ...fields, preavis: preavisOf(fields) });

/** @throws {RegieError} `INTROUVABLE`, `INTERDIT`, `VALIDATION`, `DEJA_EXISTANT` */
export async function createType(
  asked: Asked,
  cabinetId: number,
  fields: TypeFields,
): Promise<TypeRendezVous> {
  const { tx, access, actor } = asked;
  await access.confirm(tx);
  await CABINETS.read(tx, access, cabinetId);
  access.require('create', 'TypeRendezVous', { cabinet_id: cabinetId });
  const slug = `c-${randomBytes(9).toString('hex')}`;
  const prestationId = await onEngine(tx, () => ouvrirPourCabinet(tx, slug, offreOf(fields)));
  const id = await refuseTwice(async () => {
    const row = await queryOne<{ id: number }>(
      tx,
      sql`INSERT INTO medical.types_rendez_vous (id, cabinet_id, prestation_id, slug, libelle, rappels, actif)
          VALUES (${drawId()}, ${cabinetId}, ${prestationId}, ${slug}, ${fields.libelle},
                  ${fields.rappels}::text[], ${fields.actif})
          RETURNING id`,
    );
    return row!.id;
  });
  await confier(asked, cabinetId, prestationId, fields.praticiens);
  await record(tx, actor, {
    entite: 'type_rendez_vous',
    entiteId: id,
    action: 'creation',
    apres: { cabinet_id: cabinetId, ...unnamed(fields) },
  });
  return readType(asked, id);
}

/**
 * Changes what is given.
 * @param expected version named by the caller, or null.
 * @throws {RegieError} `INTROUVABLE`, `INTERDIT`, `VERSION_PERIMEE`, `VALIDATION`, `DEJA_EXISTANT`
 */
export async function updateType(
  asked: Asked,
  cabinetId: number,
  id: number,
  changes: Partial<TypeFields>,
  expected: number | null,
): Promise<TypeRendezVous> {
  const { tx, access, actor } = asked;
  await query(tx, sql`SELECT id FROM medical.types_rendez_vous WHERE id = ${id} FOR UPDATE`);
  await access.confirm(tx);
  const row = await readType(asked, id);
  requireWithin(row, cabinetId);
  access.require('update', 'TypeRendezVous', row);
  requireVersion(row, expected);
  const { avant, apres } = difference<TypeFields>(row, changes);
  if (Object.keys(apres).length === 0) return row;
  const next = { ...row, ...changes };
  await refuseTwice(() =>
    query(
      tx,
      sql`UPDATE medical.types_rendez_vous SET libelle = ${next.libelle}, rappels = ${next.rappels}::text[],
            actif = ${next.actif}, date_modification = ${actor.now}, version = version + 1 WHERE id = ${id}`,
    ).then(() => id),
  );
  const found = await queryOne<{ prestation_id: number }>(
    tx,
    sql`SELECT prestation_id FROM medical.types_rendez_vous WHERE id = ${id}`,
  );
  const { prestation_id } = found!;
  await onEngine(tx, () => modifierPourCabinet({ tx, actor }, prestation_id, offreOf(next)));
  await confier(asked, cabinetId, prestation_id, next.praticiens);
  await record(tx, actor, {
    entite: 'type_rendez_vous',
    entiteId: id,
    action: 'modification',
    avant: unnamed(avant),
    apres: { ...unnamed(apres), champs: Object.keys(apres) },
  });
  return readType(asked, id);
}

/** As the house may know of it: what for is the practice's. */
function unnamed<Fields extends { libelle?: unknown }>({ libelle: _, ...rest }: Fields) {
  return rest;
}

function refuseTwice(write: () => Promise<number>): Promise<number> {
  return refuseDuplicate(
    'types_rendez_vous_libelle',
    { fr: 'Un type de rendez-vous porte déjà ce libellé', en: 'A kind of appointment is called so already' },
    write,
  );
}

/** Has doctors of the practice provide a kind of appointment: from then on they are people who receive. */
async function confier(
  asked: Asked,
  cabinetId: number,
  prestationId: number,
  praticiens: readonly number[],
): Promise<void> {
  const ids: number[] = [];
  for (const [rang, id] of praticiens.entries()) {
    const intervenant = await inscrire(asked.tx, cabinetId, id);
    if (intervenant === null) throw unknownReference(`praticiens.${rang}`);
    ids.push(intervenant);
  }
  await onEngine(asked.tx, () => confierPourCabinet(asked.tx, prestationId, ids));
}

/** Makes a doctor one who receives. @returns by which the engine knows them; null for none of the practice. */
async function inscrire(tx: EntityManager, cabinetId: number, praticienId: number): Promise<number | null> {
  const doctor = await queryOne<{ user_id: number; nom: string; fuseau_horaire: string; pays: string }>(
    tx,
    sql`SELECT d.user_id, concat_ws(' ', d.titre, u.prenom, u.nom) AS nom, c.fuseau_horaire, c.pays
        FROM medical.praticiens d JOIN users u ON u.id = d.user_id JOIN medical.cabinets c ON c.id = d.cabinet_id
        WHERE d.id = ${praticienId} AND d.cabinet_id = ${cabinetId}`,
  );
  if (doctor === null) return null;
  const { nom: nom_public, ...rest } = doctor;
  return onEngine(tx, () => inscrirePourCabinet(tx, { ...rest, nom_public }));
}

/** Says when a doctor receives. @throws {RegieError} `INTROUVABLE`, `INTERDIT` */
export async function updateHoraires(
  asked: Asked,
  cabinetId: number,
  praticienId: number,
  horaires: Horaires,
): Promise<PraticienLu> {
  const { tx, access, actor } = asked;
  await access.confirm(tx);
  const praticien = await PRATICIENS.read(tx, access, praticienId);
  requireWithin(praticien, cabinetId);
  access.require('update', 'Praticien', praticien);
  const intervenant = (await inscrire(tx, cabinetId, praticienId))!;
  await onEngine(tx, () => fixerHoraires({ tx, actor }, intervenant, horaires));
  await record(tx, actor, {
    entite: 'praticien',
    entiteId: praticienId,
    action: 'horaires',
    apres: { ...horaires },
  });
  return praticien;
}

export interface DemandeDeCreneaux extends Omit<JoursDemandes, 'fuseau_horaire'> {
  /** The slug of a kind of appointment. */
  prestation: string;
  praticien_id?: number | undefined;
  duree?: number | undefined;
}

/**
 * What is free in a practice, by its days.
 * @throws {RegieError} `INTROUVABLE` for a practice or a kind of appointment that there is none of, `VALIDATION`
 */
export async function listCreneauxDeCabinet(
  asked: Asked,
  cabinetId: number,
  { prestation, praticien_id, duree, ...jours }: DemandeDeCreneaux,
): Promise<Record<string, CreneauAnswer[]>> {
  const { tx, access, actor } = asked;
  const { fuseau_horaire } = await CABINETS.read(tx, access, cabinetId);
  const type = await queryOne(
    tx,
    sql`SELECT t.id FROM medical.types_rendez_vous t WHERE t.cabinet_id = ${cabinetId} AND t.slug = ${prestation}
          AND ${access.where('read', 'TypeRendezVous', TYPE_RENDEZ_VOUS_COLUMNS)}`,
  );
  if (type === null) throw notFound();
  let intervenantId: number | undefined;
  if (praticien_id !== undefined) {
    intervenantId = (await intervenantDe(tx, cabinetId, praticien_id))?.id;
    if (intervenantId === undefined) throw unknownReference('praticien_id');
  }
  return onEngine(tx, () =>
    creneauxDeCabinet(
      { tx, actor, timeZone: fuseau_horaire },
      { slug: prestation, intervenantId, duree },
      { ...jours, fuseau_horaire },
    ),
  );
}

/** By which the engine knows a doctor of a practice; null for none who receives. */
export function intervenantDe(
  tx: EntityManager,
  cabinetId: number,
  praticienId: number,
): Promise<{ id: number; user_id: number } | null> {
  return queryOne(
    tx,
    sql`SELECT v.id, v.user_id FROM medical.praticiens d JOIN moteur.intervenants v ON v.user_id = d.user_id
        WHERE d.id = ${praticienId} AND d.cabinet_id = ${cabinetId} AND d.actif`,
  );
}
