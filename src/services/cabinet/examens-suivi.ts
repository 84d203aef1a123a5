import sql from 'sql-template-tag';
import type { DataSource, EntityManager } from 'typeorm';
import { query, queryOne } from '../../db/sql';
import {
  type Attendu,
  NIVEAUX,
  type Niveau,
  prochainDe,
  type StatutExamen,
} from '../../domain/cabinet/examens';
import type { ModeleExamen } from '../../domain/cabinet/textes-examens';
import { dayAt } from '../../domain/local-time';
import type { Fonction } from '../../domain/roles';
import { systemActor } from '../actor';
import { announce } from '../messages/messages';
import { etatOf, follow } from './examens';
import { inEveryCabinet } from './transactions';

/**
 * What happens around an examen by itself: a doctor is told that it is late, and who has to look at what came, one after the
 * other, until somebody decides. The row says what is due (`suivi_le`); the workflow only that it is time. Messages hold the id
 * and which of these it is.
 */

/** How an examen stands, without anything that is somebody's: it is told to the engine. Instants are milliseconds. */
export interface SituationExamen {
  statut: StatutExamen;
  prochain: { date: number; attente: Attendu } | null;
}

interface Sources {
  db: DataSource;
  medical: DataSource;
}

interface Row {
  cabinet_id: number;
  auteur_id: number | null;
  statut: StatutExamen;
  numero: number;
  critique: boolean;
  attendu_fin: Date | null;
  recu_le: Date | null;
  retard_dit_le: Date | null;
  niveau: number;
  fuseau_horaire: string;
}

/** Rounds at most: each tells somebody, or finds that nothing is due. */
const ROUNDS = 2 + NIVEAUX.length;

/**
 * Does what is due of an examen, and says how it stands and what comes next. Safe to run again, also by two at once: everybody is
 * told of each thing once.
 * @returns null when it is no more.
 */
export async function suivreExamen(
  { db, medical }: Sources,
  examenId: number,
  now: Date,
): Promise<SituationExamen | null> {
  for (let round = 0; ; round++) {
    const found = await inEveryCabinet(medical, async (tx) => {
      const row = await read(tx, examenId);
      return row && { row, ...(await dueOf(tx, row, now)) };
    });
    if (found === null) return null;
    const { row, due, prochain } = found;
    if (due === null || round === ROUNDS) return { statut: row.statut, prochain };
    if (due.destinataires.length > 0) {
      // Under a name of its own for each thing that is told: whoever was told of it is not told again.
      const name = `examen:${examenId}:${due.attente}:${due.attente === 'retard' ? row.attendu_fin!.getTime() : row.numero}`;
      await db.transaction((tx) =>
        announce(tx, systemActor(now, `examen-${examenId}`), name, {
          modele: modeleOf(due.attente, row),
          donnees: { examen_id: examenId },
          audience: { users: due.destinataires },
        }),
      );
    }
    await inEveryCabinet(medical, async (tx) => {
      await mark(tx, examenId, row, due.attente, now);
    });
  }
}

function read(tx: EntityManager, id: number): Promise<Row | null> {
  return queryOne<Row>(
    tx,
    sql`SELECT e.cabinet_id, e.auteur_id, e.statut, e.numero, e.critique, e.attendu_fin, e.recu_le, e.retard_dit_le, e.niveau,
          c.fuseau_horaire
        FROM medical.examens e JOIN medical.cabinets c ON c.id = e.cabinet_id WHERE e.id = ${id}`,
  );
}

interface Due {
  attente: Attendu;
  destinataires: number[];
}

async function dueOf(
  tx: EntityManager,
  row: Row,
  now: Date,
): Promise<{ due: Due | null; prochain: SituationExamen['prochain'] }> {
  const prochain = prochainDe(etatOf(row));
  if (prochain === null || prochain.date > now.getTime()) return { due: null, prochain };
  const { attente } = prochain;
  if (attente === 'retard') {
    const destinataires = await firstOf(tx, row, now, ['auteur', 'gerant']);
    return { due: { attente, destinataires: destinataires?.people ?? [] }, prochain };
  }
  // Whoever is not there is passed over at once.
  const found = await firstOf(tx, row, now, NIVEAUX.slice(row.niveau));
  const due = { attente: found?.niveau ?? NIVEAUX.at(-1)!, destinataires: found?.people ?? [] };
  return { due, prochain };
}

/** The first of these of whom there is anybody today. */
async function firstOf(
  tx: EntityManager,
  { cabinet_id, auteur_id, fuseau_horaire }: Row,
  now: Date,
  niveaux: readonly Niveau[],
): Promise<{ niveau: Niveau; people: number[] } | null> {
  const jour = dayAt(now.getTime(), fuseau_horaire);
  const membres = await query<{ user_id: number; fonction: Fonction }>(
    tx,
    sql`SELECT m.user_id, m.fonction FROM medical.membres_cabinet m JOIN users u ON u.id = m.user_id
        WHERE m.cabinet_id = ${cabinet_id} AND u.is_active AND m.date_debut <= ${jour}
          AND (m.date_fin IS NULL OR m.date_fin >= ${jour})
        ORDER BY m.user_id`,
  );
  const those = (...fonctions: Fonction[]) => [
    ...new Set(membres.filter(({ fonction }) => fonctions.includes(fonction)).map(({ user_id }) => user_id)),
  ];
  const author = those('medecin', 'remplacant').filter((id) => id === auteur_id);
  const people: Record<Niveau, number[]> = {
    // Whoever asked has left, or nobody did: it is for every doctor of the practice.
    auteur: author.length > 0 ? author : those('medecin'),
    remplacant: those('remplacant').filter((id) => id !== auteur_id),
    gerant: those('gerant'),
  };
  const niveau = niveaux.find((one) => people[one].length > 0);
  return niveau === undefined ? null : { niveau, people: people[niveau] };
}

function modeleOf(attente: Attendu, { critique }: Row): ModeleExamen {
  if (attente === 'retard') return 'examen_en_retard';
  return critique ? 'examen_critique_a_voir' : 'examen_a_voir';
}

/** That it was said, unless something else has come of it meanwhile: then that is looked at anew. */
async function mark(
  tx: EntityManager,
  id: number,
  { numero, niveau, statut, attendu_fin }: Row,
  attente: Attendu,
  now: Date,
): Promise<void> {
  const said =
    attente === 'retard' ? sql`retard_dit_le = ${now}` : sql`niveau = ${NIVEAUX.indexOf(attente) + 1}`;
  await query(
    tx,
    sql`UPDATE medical.examens SET ${said}
        WHERE id = ${id} AND numero = ${numero} AND niveau = ${niveau} AND statut = ${statut}
          AND attendu_fin IS NOT DISTINCT FROM ${attendu_fin}::timestamptz`,
  );
  await follow(tx, id);
}

/** What was due so long ago has been missed, in seconds. */
const GRACE = 30;

/** Examens of which something was due, and nobody did it, in the order of their ids. */
export function forgottenExamens(
  medical: DataSource,
  after: number,
  limit: number,
): Promise<{ id: number }[]> {
  return inEveryCabinet(medical, (tx) =>
    query<{ id: number }>(
      tx,
      sql`SELECT id FROM medical.examens
          WHERE suivi_le < now() - make_interval(secs => ${GRACE}) AND id > ${after} ORDER BY id LIMIT ${limit}`,
    ),
  );
}
