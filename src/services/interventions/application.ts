import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { Access } from '../../auth/access';
import { type AuthorRow, authorSql, toPrincipal } from '../../auth/author';
import type { Secrets } from '../../auth/secrets';
import { queryOne } from '../../db/sql';
import { RegieError } from '../../domain/errors';
import type { Ordre, SealedOrdre } from '../../domain/interventions/ordres';
import {
  type AuteurApplication,
  changesSince,
  isSamePlan,
  type LigneRestante,
  nextOf,
  type Plan,
  type Vue,
} from '../../domain/planification/propositions';
import type { Actor } from '../actor';
import {
  closeApplication,
  forgetOrdre,
  type LigneRestanteRow,
  noteLiberee,
  noteOrdre,
  noteResultat,
  readApplication,
  readEmplois,
  readRestantes,
} from '../planification/applications';
import type { LignesApplication } from '../planification/propositions';
import { readVues } from '../planification/situation';
import { placeOrdre, withdrawOrdre } from './ordres';

/**
 * Carries a proposal out: each line an order of whoever asked for it, through the workflow of its intervention, like one that
 * they give by hand. So it is allowed what they are, at the moment it is done, and refused what they would be.
 *
 * The order that is under way for a line is written down before it is sent. Whoever goes on after a crash takes it back: then
 * it has been carried out, which its history knows, or it never will be (docs/decisions/034).
 */

export interface ApplicationTools {
  db: DataSource;
  secrets: Secrets;
  /** Has an order carried out. @throws {RegieError} */
  execute(interventionId: number, ordre: SealedOrdre): Promise<unknown>;
  /** Is told that it goes on; throws when it should not. */
  goOn(): void;
  clock(): Date;
}

/** Orders under way at once: people give theirs meanwhile. */
const CONCURRENCY = 4;

/**
 * @returns what became of its lines; null when nobody is to apply it, or it has been.
 * @throws {RegieError} `SERVICE_INDISPONIBLE` when it has to be gone on with later.
 */
export async function applyProposition(
  tools: ApplicationTools,
  propositionId: number,
): Promise<LignesApplication> {
  const { db, goOn, clock } = tools;
  for (;;) {
    goOn();
    const auteur = await readApplication(db, propositionId);
    if (auteur === null) break;
    const rows = await readRestantes(db, propositionId);
    if (rows.length === 0) break;
    const round = await openRound(tools, auteur, rows);
    if (round === null) {
      for (const { id } of rows) await noteResultat(db, id, 'refusee', { code: 'NON_AUTHENTIFIE' });
      continue;
    }
    const { appliquer, liberer } = await suiteOf(tools, round);
    const steps = appliquer.map((ligne) => () => carryOut(tools, round, round.rows.get(ligne.id)!));
    if (liberer !== null) steps.push(() => release(tools, round, round.rows.get(liberer.id)!));
    await each(steps, goOn);
  }
  return db.transaction((tx) => closeApplication(tx, propositionId, clock()));
}

/** Who asks, and how everything stands, at the beginning of a round. */
interface Round {
  access: Access;
  auteur: AuteurApplication;
  /** Lines whose order is not under way any more. */
  rows: Map<number, LigneRestanteRow>;
  /** How each intervention stands by now. */
  present: Map<number, Vue & { version: number }>;
}

/** @returns null when the author has been signed out. */
async function openRound(
  { db, goOn }: ApplicationTools,
  auteur: AuteurApplication,
  rows: readonly LigneRestanteRow[],
): Promise<Round | null> {
  const settled: LigneRestanteRow[] = [];
  for (const row of rows) {
    goOn();
    const left = row.ordre_id === null ? row : await settle(db, row);
    if (left !== null) settled.push(left);
  }
  const author = await queryOne<AuthorRow>(db, authorSql(auteur));
  const principal = toPrincipal(author, auteur);
  if (principal === null) return null;
  const present = await readVues(
    db,
    settled.map(({ intervention_id }) => intervention_id),
  );
  return {
    access: new Access(principal),
    auteur,
    rows: new Map(settled.map((row) => [row.id, row])),
    present,
  };
}

/**
 * An order was sent for the line, and nobody knows what came of it.
 * @returns the line as it is to be gone on with; null when it is done.
 */
async function settle(db: DataSource, row: LigneRestanteRow): Promise<LigneRestanteRow | null> {
  const done = !(await withdrawOrdre(db, row.intervention_id, row.ordre_id!));
  if (!done) {
    await forgetOrdre(db, row.id, row.ordre_id!);
    return { ...row, ordre_id: null, etape: null };
  }
  if (row.etape === 'affectation') {
    await noteResultat(db, row.id, 'appliquee');
    return null;
  }
  await noteLiberee(db, row.id);
  return { ...row, liberee: true, ordre_id: null, etape: null };
}

async function suiteOf({ db }: ApplicationTools, { rows }: Round) {
  const lignes = [...rows.values()].map(restanteOf);
  const times = lignes.flatMap(({ segments }) => segments.flat());
  const people = [...new Set(lignes.flatMap(({ techniciens }) => techniciens))];
  if (lignes.length === 0) return { appliquer: [], liberer: null };
  const [first, last] = [Math.min(...times), Math.max(...times)];
  return nextOf(lignes, await readEmplois(db, people, new Date(first), new Date(last)));
}

function restanteOf(row: LigneRestanteRow): LigneRestante {
  return {
    id: row.id,
    interventionId: row.intervention_id,
    priorite: row.vue.priorite,
    techniciens: [row.technicien_id, ...row.equipiers],
    segments: row.segments.map(({ debut, fin }) => [Date.parse(debut), Date.parse(fin)]),
  };
}

/** Plans one visit as it is proposed, unless things are not as they were. */
async function carryOut(tools: ApplicationTools, round: Round, row: LigneRestanteRow): Promise<void> {
  const { db } = tools;
  const wanted: Plan = {
    technicien_id: row.technicien_id,
    date_planifiee: row.date_planifiee.toISOString(),
    duree_estimee: row.duree_estimee,
  };
  const present = presentOf(round, row);
  if (await isOtherwise(db, row, present)) return;
  if (isSamePlan(present!.actuel, wanted)) return noteResultat(db, row.id, 'inchangee');
  // A crew goes along as it was; whoever leads now is none of it any more.
  const order = { type: 'assignation' as const, ...wanted, equipiers: row.equipiers };
  const refusal = await give(tools, round, row, order, 'affectation');
  if (refusal === null) return noteResultat(db, row.id, 'appliquee');
  if (refusal !== 'again') await refuse(tools, round, row, refusal);
}

/** Takes a visit off its place, so that others of the proposal can have it. */
async function release(tools: ApplicationTools, round: Round, row: LigneRestanteRow): Promise<void> {
  const { db } = tools;
  if (await isOtherwise(db, row, presentOf(round, row))) return;
  const refusal = await give(tools, round, row, { type: 'statut', statut: 'ouverte' }, 'retrait');
  if (refusal === null) return noteLiberee(db, row.id);
  if (refusal !== 'again') await noteResultat(db, row.id, 'refusee', { code: refusal });
}

/** A line that is refused after it left its place is put back there, if that is still free. */
async function refuse(
  tools: ApplicationTools,
  round: Round,
  row: LigneRestanteRow,
  code: string,
): Promise<void> {
  const { db } = tools;
  const { actuel } = row.vue;
  await noteResultat(db, row.id, 'refusee', { code });
  if (!row.liberee || actuel === null) return;
  const sealed = await place(
    tools,
    round,
    row,
    { type: 'assignation', ...actuel, equipiers: row.vue.equipiers },
    randomUUID(),
  ).catch(() => null);
  // Whoever may not put it back is told by the line that it has left its place.
  if (sealed !== null) await tools.execute(row.intervention_id, sealed).catch(() => {});
}

function presentOf({ present }: Round, row: LigneRestanteRow) {
  return present.get(row.intervention_id) ?? null;
}

async function isOtherwise(db: DataSource, row: LigneRestanteRow, present: Vue | null): Promise<boolean> {
  const changements = present === null ? ['statut'] : changesSince(row.vue, present, row.liberee);
  if (changements.length === 0) return false;
  await noteResultat(db, row.id, 'modifiee_entretemps', { changements });
  return true;
}

/**
 * Gives one order, written down before.
 * @returns null when it has been carried out, what was said against it, or `again` when things changed under its hands, or
 *   somebody else is at the same.
 * @throws {RegieError} `SERVICE_INDISPONIBLE` when nobody knows.
 */
async function give(
  tools: ApplicationTools,
  round: Round,
  row: LigneRestanteRow,
  ordre: Ordre,
  etape: 'retrait' | 'affectation',
): Promise<string | null> {
  const ordreId = randomUUID();
  if (!(await noteOrdre(tools.db, row.id, row.ordre_id, ordreId, etape))) return 'again';
  try {
    const sealed = await place(tools, round, row, ordre, ordreId);
    await tools.execute(row.intervention_id, sealed);
    return null;
  } catch (error) {
    if (!(error instanceof RegieError) || error.code === 'SERVICE_INDISPONIBLE') throw error;
    // It is looked at once more, and then seen to have changed.
    return error.code === 'VERSION_PERIMEE' ? 'again' : error.code;
  }
}

function place(
  { db, secrets, clock }: ApplicationTools,
  { access, auteur, present }: Round,
  { intervention_id }: LigneRestanteRow,
  ordre: Ordre,
  id: string,
): Promise<SealedOrdre> {
  const { userId, cleApiId, correlationId, adresse, requete } = auteur;
  const actor: Actor = { userId, cleApiId, now: clock(), correlationId, adresse };
  return placeOrdre(db, secrets, access, actor, intervention_id, {
    id,
    ordre,
    action: ordre.type === 'statut' ? 'move' : 'assign',
    requete,
    expectedVersion: present.get(intervention_id)!.version,
    key: null,
  });
}

/** A few at a time; the first failure ends it once those under way are done. */
async function each(steps: (() => Promise<void>)[], goOn: () => void): Promise<void> {
  const failures: unknown[] = [];
  const work = async () => {
    for (let step = steps.shift(); step !== undefined && failures.length === 0; step = steps.shift()) {
      try {
        goOn();
        await step();
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, work));
  if (failures.length > 0) throw failures[0];
}
