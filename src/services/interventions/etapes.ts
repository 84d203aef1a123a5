import sql from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import type { Access } from '../../auth/access';
import { Etape } from '../../db/interventions/etapes';
import { type Executor, query, queryOne } from '../../db/sql';
import { invalid, RegieError, unknownReference } from '../../domain/errors';
import {
  compteurOf,
  type DefinitionEtape,
  faultsOfDefinition,
  isBeyondLimits,
  refuseValeur,
  type ValeurEtape,
  writeLimits,
  writeMeasure,
} from '../../domain/interventions/etapes';
import { requireRoomFor } from '../../domain/limites';
import { clip, clipLine } from '../../domain/lines';
import type { Actor } from '../actor';
import { record } from '../historique';
import {
  type Changement,
  lastCorrection,
  lockCompteurs,
  type ReleveRow,
  recordReleve,
} from '../parc/releves';
import { requireVersion } from '../versions';
import { addStepsSql } from './etapes-automatiques';
import { type InterventionRow, lockOpen, type Opened, openSuite, readIntervention } from './interventions';

/** The steps of the work of an intervention (docs/decisions/039). Whoever reads the intervention reads them. */

export interface EtapeRow extends DefinitionEtape {
  id: number;
  intervention_id: number;
  valeur: ValeurEtape | null;
  hors_limites: boolean;
  /** Who answered last, and when. */
  auteur: { id: number; nom: string; prenom: string } | null;
  date_reponse: Date | null;
  suite_id: number | null;
  /** The last reading of a meter that an answer has entered. */
  releve_id: number | null;
  version: number;
}

const COLUMNS = sql`s.id, s.intervention_id, s.libelle, s.type, s.obligatoire, s.suite, s.min, s.max, s.unite, s.choix,
  s.compteur, s.valeur, s.hors_limites, s.date_reponse, s.suite_id, s.releve_id, s.version,
  CASE WHEN u.id IS NOT NULL THEN json_build_object('id', u.id, 'nom', u.nom, 'prenom', u.prenom) END AS auteur`;
const FROM = sql`etapes s LEFT JOIN users u ON u.id = s.auteur_id`;

/** @throws {RegieError} `INTROUVABLE` when there is no such intervention that the caller may see. */
export async function listEtapes(
  executor: Executor,
  access: Access,
  interventionId: number,
): Promise<EtapeRow[]> {
  await readIntervention(executor, access, interventionId);
  return readEtapes(executor, interventionId);
}

function readEtapes(executor: Executor, interventionId: number): Promise<EtapeRow[]> {
  return query<EtapeRow>(
    executor,
    sql`SELECT ${COLUMNS} FROM ${FROM} WHERE s.intervention_id = ${interventionId} ORDER BY s.ordre, s.id`,
  );
}

/** Steps as they are given, or a template that has them. */
export type NewEtapes = { etapes: DefinitionEtape[] } | { modele_id: number };

/**
 * Adds steps after those that there are.
 * @returns all of them.
 * @throws {RegieError} `INTROUVABLE`, `INTERDIT`, `CLOTUREE`, `LIMITE_ATTEINTE`, `VALIDATION` with every fault, also for a
 *   template that does not exist
 */
export async function addEtapes(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  interventionId: number,
  given: NewEtapes,
): Promise<EtapeRow[]> {
  await lockOpen(tx, access, actor, interventionId, 'update');
  const etapes = 'etapes' in given ? given.etapes : await stepsOf(tx, access, given.modele_id);
  requireSound(etapes);
  const { present, after } = (await queryOne<{ present: number; after: number }>(
    tx,
    sql`SELECT count(*)::integer AS present, coalesce(max(ordre), 0) AS after FROM etapes
        WHERE intervention_id = ${interventionId}`,
  ))!;
  requireRoomFor('etapes', present, etapes.length);
  await insertEtapes(tx, actor, interventionId, after, etapes, 'modele_id' in given ? given : {});
  return readEtapes(tx, interventionId);
}

async function insertEtapes(
  tx: EntityManager,
  actor: Actor,
  interventionId: number,
  after: number,
  etapes: readonly DefinitionEtape[],
  details: object,
): Promise<void> {
  const added = await query<{ id: number }>(
    tx,
    addStepsSql(
      sql`${interventionId}::integer`,
      sql`${after}::integer`,
      sql`${JSON.stringify(etapes)}::jsonb`,
    ),
  );
  await record(tx, actor, {
    entite: 'etape',
    entiteId: added[0]!.id,
    action: 'creation',
    apres: { intervention_id: interventionId, etapes, ...details },
  });
}

/** Steps that a new intervention is known to have, after those of its kind of equipment. A template that is gone by now has none. */
export async function equipNew(
  tx: EntityManager,
  actor: Actor,
  interventionId: number,
  { modele_etapes_id, etapes }: { modele_etapes_id: number | null; etapes: readonly DefinitionEtape[] },
): Promise<void> {
  if (modele_etapes_id === null && etapes.length === 0) return;
  const row = await queryOne<{ modele: DefinitionEtape[] | null; after: number }>(
    tx,
    sql`SELECT (SELECT m.etapes FROM modeles_etapes m WHERE m.id = ${modele_etapes_id}::integer) AS modele,
          (SELECT coalesce(max(s.ordre), 0) FROM etapes s WHERE s.intervention_id = ${interventionId}) AS after`,
  );
  const all = [...(row!.modele ?? []), ...etapes];
  if (all.length > 0) await insertEtapes(tx, actor, interventionId, row!.after, all, {});
}

/** @throws {RegieError} `VALIDATION` with every fault of every step. */
export function requireSound(etapes: readonly DefinitionEtape[]): void {
  const faults = etapes.flatMap((etape, index) => faultsOfDefinition(etape, `etapes.${index}`));
  if (faults.length > 0) throw invalid(...faults);
}

async function stepsOf(tx: EntityManager, access: Access, modeleId: number): Promise<DefinitionEtape[]> {
  const modele = await queryOne<{ etapes: DefinitionEtape[] }>(
    tx,
    sql`SELECT m.etapes FROM modeles_etapes m
        WHERE m.id = ${modeleId} AND ${access.where('read', 'ModeleEtapes', {})} FOR SHARE`,
  );
  if (modele === null) throw unknownReference('modele_id');
  return modele.etapes;
}

/** What somebody answers. */
export interface Reponse {
  /** Null takes the answer back. */
  valeur: ValeurEtape | null;
  /** Of a meter that was read: why it shows less than before. */
  remplacement: boolean;
  rotation: boolean;
}

/**
 * Answers a step, or takes the answer back. A value out of limits that is to be followed up opens an intervention, once
 * however often the step is answered; its workflow is for the caller to start after the commit. What a meter showed is entered
 * among its readings, and another answer corrects that: one that was only taken back stays, since readings do.
 * @param expected version of the step named by the caller, or null.
 * @param timeZone of sites that name none.
 * @returns the step, the intervention that this opened, and meters that show something else by now: whoever acts on meters
 *   does so in the same transaction.
 * @throws {RegieError} `INTROUVABLE`, `INTERDIT`, `CLOTUREE`, `VERSION_PERIMEE`, `VALIDATION`
 */
export async function answerEtape(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  { interventionId, etapeId }: { interventionId: number; etapeId: number },
  reponse: Reponse,
  expected: number | null,
  timeZone: string,
): Promise<Answered> {
  const { valeur } = reponse;
  const intervention = await lockOpen(tx, access, actor, interventionId, 'work');
  const etape = await readEtape(tx, interventionId, etapeId);
  requireVersion(etape, expected);
  const equipementId = intervention.equipement_id;
  if (valeur === etape.valeur) return { etape, suite: null, equipementId, changements: [] };
  await requireValeur(tx, etape, valeur);
  // First of all that takes a lock of the equipment: the follow-up takes less of it.
  const lu = await enterReading(tx, actor, equipementId, etape, reponse);
  const hors_limites = isBeyondLimits(etape, valeur);
  const suite =
    hors_limites && etape.suite && etape.suite_id === null
      ? await openSuite(tx, access, actor, suiteOf(intervention, etape, valeur as number), timeZone)
      : null;
  const answered = valeur !== null;
  await query(
    tx,
    sql`UPDATE etapes SET valeur = ${answered ? JSON.stringify(valeur) : null}::jsonb, hors_limites = ${hors_limites},
          auteur_id = ${answered ? access.principal.userId : null}::integer,
          date_reponse = ${answered ? actor.now : null}::timestamptz, suite_id = ${suite?.row.id ?? etape.suite_id}::integer,
          releve_id = ${lu?.releve.id ?? etape.releve_id}::integer,
          version = version + 1, date_modification = now()
        WHERE id = ${etapeId}`,
  );
  await record(tx, actor, {
    entite: 'etape',
    entiteId: etapeId,
    action: 'reponse',
    avant: { valeur: etape.valeur },
    apres: {
      intervention_id: interventionId,
      valeur,
      hors_limites,
      ...(suite === null ? {} : { suite_id: suite.row.id }),
      ...(lu === null ? {} : { releve_id: lu.releve.id }),
    },
  });
  return {
    etape: await readEtape(tx, interventionId, etapeId),
    suite,
    equipementId,
    changements: lu?.changements ?? [],
  };
}

interface Answered {
  etape: EtapeRow;
  suite: Opened | null;
  /** That the intervention is on, and the meters of it that show something else by now. */
  equipementId: number;
  changements: Changement[];
}

/** What was read of a meter; null where the answer is no reading of any. In the name of who answers, who need not be one who may read meters. */
async function enterReading(
  tx: EntityManager,
  actor: Actor,
  equipementId: number,
  etape: EtapeRow,
  { valeur, remplacement, rotation }: Reponse,
): Promise<{ releve: ReleveRow; changements: Changement[] } | null> {
  if (etape.type !== 'releve' || typeof valeur !== 'number') return null;
  const equipement = await lockCompteurs(tx, equipementId);
  const compteur = compteurOf(etape, equipement.compteurs);
  if (compteur === null) return null;
  const corrige_id = etape.releve_id === null ? null : await lastCorrection(tx, etape.releve_id);
  const lecture = { compteur, valeur, remplacement, rotation, date: null, corrige_id };
  return recordReleve(tx, actor, equipement, lecture);
}

async function requireValeur(tx: EntityManager, etape: EtapeRow, valeur: ValeurEtape | null): Promise<void> {
  if (valeur === null) return;
  const refused = refuseValeur(etape, valeur);
  if (refused !== null) throw invalid({ champ: 'valeur', message: refused });
  if (etape.type !== 'photo') return;
  const document = await queryOne(
    tx,
    // Held, so that nobody deletes it meanwhile.
    sql`SELECT id FROM documents WHERE id = ${valeur}::integer AND intervention_id = ${etape.intervention_id}
          AND date_suppression IS NULL FOR SHARE`,
  );
  if (document !== null) return;
  throw invalid({
    champ: 'valeur',
    message: {
      fr: 'Ne désigne aucun document de l’intervention',
      en: 'Refers to no document of the intervention',
    },
  });
}

/** What is to be done about a value out of limits, as somebody would report it. */
function suiteOf(intervention: InterventionRow, etape: EtapeRow, valeur: number) {
  const { id, titre, priorite, equipement_id, competences_requises } = intervention;
  const said = `${etape.libelle} : ${writeMeasure(valeur, etape.unite)}, hors limites`;
  return {
    titre: clipLine(`Suite : ${said}`, { caracteres: 199 }),
    description: clip(
      `${said} (${writeLimits(etape)}).\nRelevé pendant l’intervention n° ${id} : ${titre}`,
      DESCRIPTION,
    ),
    type_intervention: 'corrective' as const,
    priorite,
    urgence: false,
    equipement_id,
    competences_requises,
    suite_de: id,
  };
}

const DESCRIPTION = { caracteres: 1_999, lignes: 10 };

/**
 * Removes a step that nobody has answered.
 * @throws {RegieError} `INTROUVABLE`, `INTERDIT`, `CLOTUREE`, `VERSION_PERIMEE`, `DEPENDANCES` once there is, or was, an
 *   answer from which something followed
 */
export async function removeEtape(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  { interventionId, etapeId }: { interventionId: number; etapeId: number },
  expected: number | null,
): Promise<void> {
  await lockOpen(tx, access, actor, interventionId, 'update');
  const etape = await readEtape(tx, interventionId, etapeId);
  requireVersion(etape, expected);
  if (etape.valeur !== null || etape.suite_id !== null) {
    throw new RegieError('DEPENDANCES', {
      detail: { fr: 'Quelqu’un a répondu à cette étape', en: 'Somebody has answered this step' },
    });
  }
  await tx.delete(Etape, { id: etapeId });
  const { libelle, type } = etape;
  await record(tx, actor, {
    entite: 'etape',
    entiteId: etapeId,
    action: 'suppression',
    avant: { intervention_id: interventionId, libelle, type },
  });
}

/** @throws {RegieError} `INTROUVABLE` for a step that is none of the intervention's. */
async function readEtape(executor: Executor, interventionId: number, etapeId: number): Promise<EtapeRow> {
  const row = await queryOne<EtapeRow>(
    executor,
    sql`SELECT ${COLUMNS} FROM ${FROM} WHERE s.id = ${etapeId} AND s.intervention_id = ${interventionId}`,
  );
  if (row !== null) return row;
  throw new RegieError('INTROUVABLE', {
    detail: { fr: 'Aucune étape sous cet identifiant', en: 'No step under this id' },
  });
}
