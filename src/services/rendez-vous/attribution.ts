import sql from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { query } from '../../db/sql';
import { dayAfter, dayAt, startOfDay } from '../../domain/local-time';
import type { Creneau } from '../../domain/rendez-vous/creneaux';
import { type Candidat, calibrer, choisir, type Tour } from '../../domain/rendez-vous/tour-de-role';
import type { Situation } from './creneaux';

/** Who receives, of those who could. */

export interface Attribution {
  intervenants: number[];
  /** Why it is this person, where it was somebody's turn. */
  raison: Tour | null;
}

/**
 * Chooses among those who are free at a time.
 * @param preferes whoever of them is free keeps it: those who had the appointment before it was moved.
 */
export async function attribuer(
  tx: EntityManager,
  { prestation, zone }: Situation,
  creneau: Creneau,
  preferes: readonly number[] = [],
): Promise<Attribution> {
  const { mode, intervenants } = prestation;
  if (mode === 'collectif') return { intervenants: [...creneau.intervenants], raison: null };
  const libres = new Set(creneau.intervenants);
  const presents = intervenants.filter(({ id }) => libres.has(id));
  const requis = presents.filter(({ obligatoire }) => obligatoire).map(({ id }) => id);
  const autres = presents.filter(({ obligatoire }) => !obligatoire);
  if (autres.length === 0) return { intervenants: requis, raison: null };
  const gardes = autres.filter(({ id }) => preferes.includes(id));
  const kept = gardes[0];
  if (kept !== undefined) return { intervenants: sorted([...requis, kept.id]), raison: null };
  if (mode === 'un') {
    const tour = choisir(
      autres.map((one) => ({ ...one, faits: 0, calibration: 0, dernier: null }) satisfies Candidat),
    );
    return { intervenants: sorted([...requis, tour.id]), raison: null };
  }
  const tour = choisir(
    await readCandidats(tx, prestation.id, new Set(autres.map(({ id }) => id)), creneau, zone),
  );
  return { intervenants: sorted([...requis, tour.id]), raison: tour };
}

const sorted = (ids: number[]) => ids.sort((a, b) => a - b);

/** In days: whoever got nothing for so long before the month has waited as long as somebody who never got any. */
const FORGOTTEN_AFTER = 92;

interface CandidatRow {
  id: number;
  priorite: number;
  poids: number;
  depuis: Date;
  /** When each that counts in the month was given, as milliseconds. */
  attributions: number[];
  dernier: number | null;
}

/** Those who take turns, with what they have in the month in which the appointment lies, and how long they have waited. */
async function readCandidats(
  tx: EntityManager,
  prestationId: number,
  libres: ReadonlySet<number>,
  creneau: Creneau,
  zone: string,
): Promise<Candidat[]> {
  const first = `${dayAt(creneau.debut, zone).slice(0, 7)}-01`;
  const next = `${dayAfter(first, 31).slice(0, 7)}-01`;
  const [since, from, to] = [dayAfter(first, -FORGOTTEN_AFTER), first, next].map(
    (day) => new Date(startOfDay(day, zone)),
  );
  const rows = await query<CandidatRow>(
    tx,
    sql`SELECT pi.intervenant_id AS id, pi.priorite, pi.poids, pi.depuis, got.attributions, got.dernier
        FROM prestations_intervenants pi JOIN intervenants v ON v.id = pi.intervenant_id AND v.actif
          CROSS JOIN LATERAL (
            SELECT coalesce(json_agg(given.le ORDER BY given.le) FILTER (WHERE given.du_mois), '[]') AS attributions,
              -- Those of a series are given at one instant, one after the other.
              max(given.numero) AS dernier
            FROM (
              -- A workshop is one, however many come.
              SELECT extract(epoch FROM min(b.date_creation)) * 1000 AS le, min(b.id) AS numero,
                min(b.debut) >= ${from} AND min(b.debut) < ${to} AS du_mois
              FROM rendez_vous b
              WHERE b.prestation_id = pi.prestation_id AND b.debut >= ${since}
                AND b.statut IN ('retenu', 'a_valider', 'confirme', 'arrive', 'honore')
                AND pi.intervenant_id = ANY(b.intervenants)
              GROUP BY b.seance_id) given) got
        WHERE pi.prestation_id = ${prestationId} AND NOT pi.obligatoire ORDER BY pi.intervenant_id`,
  );
  const calibrations = calibrer(rows.map((row) => ({ ...row, depuis: row.depuis.getTime() })));
  return rows
    .filter(({ id }) => libres.has(id))
    .map(({ id, priorite, poids, attributions, dernier }) => ({
      id,
      priorite,
      poids,
      faits: attributions.length,
      calibration: calibrations.get(id)!,
      dernier,
    }));
}
