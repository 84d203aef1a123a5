import type { PlanPreventif } from '../../src/db/preventif/plans';
import { decidePlan } from '../../src/services/preventif/decision';
import type { TestDatabase } from './database';
import { makePlan, makeTechnicien } from './factories';

/** Plans at moments that a test makes up: services and database, no engine. */
export interface PlansInTime {
  /** A plan that was made at this moment. */
  plan(given: Partial<PlanPreventif> & { equipements?: number[] }, madeAt: string): Promise<number>;
  /** Decides each time that something is due, from one moment to another, as an engine would that is there all along. */
  live(planIds: readonly number[], until: string): Promise<void>;
  /** Decides once, at a moment: after having been away. */
  decideAt(planId: number, now: string): Promise<void>;
  /** What became of each date: day or key, result, reason. */
  outcomes(planId: number): Promise<[cle: string, resultat: string, motif: string | null][]>;
  /** When each of its interventions was due, in UTC, to the minute. */
  dates(planId: number, resultat?: string): Promise<string[]>;
  /** Has the work of a date done at a moment, or undone. */
  finish(planId: number, cle: string, at: string | null): Promise<void>;
  cancel(planId: number, cle: string): Promise<void>;
}

export async function plansInTime({ db }: Pick<TestDatabase, 'db'>, timeZone: string): Promise<PlansInTime> {
  const { id: technicienId } = await makeTechnicien(db);
  const decide = async (planId: number, now: Date) => {
    for (let more = true; more; ) {
      ({ more } = await db.transaction((tx) => decidePlan(tx, planId, now, timeZone)));
    }
  };
  const next = async (planIds: readonly number[]): Promise<{ id: number; due: Date }[]> =>
    db.query(
      `SELECT id, prochaine_decision AS due FROM plans_preventifs
       WHERE id = ANY($1) AND etat = 'actif' AND prochaine_decision IS NOT NULL ORDER BY prochaine_decision, rang, id`,
      [planIds],
    );
  const workOf = async (planId: number, cle: string): Promise<number> => {
    const [row] = await db.query(
      'SELECT intervention_id AS id FROM echeances_preventives WHERE plan_id = $1 AND cle = $2',
      [planId, cle],
    );
    return row.id;
  };
  return {
    plan: async (given, madeAt) => {
      const { id } = await makePlan(db, { ...given, suivi_depuis: new Date(madeAt) });
      await decide(id, new Date(madeAt));
      return id;
    },
    live: async (planIds, until) => {
      for (;;) {
        const [first] = await next(planIds);
        if (first === undefined || first.due > new Date(until)) return;
        await decide(first.id, first.due);
      }
    },
    decideAt: (planId, now) => decide(planId, new Date(now)),
    outcomes: async (planId) =>
      (
        await db.query(
          'SELECT cle, resultat, motif FROM echeances_preventives WHERE plan_id = $1 ORDER BY date, id',
          [planId],
        )
      ).map(({ cle, resultat, motif }: Record<string, string>) => [cle, resultat, motif]),
    dates: async (planId, resultat = 'creee') =>
      (
        await db.query(
          'SELECT date FROM echeances_preventives WHERE plan_id = $1 AND resultat = $2 ORDER BY date, id',
          [planId, resultat],
        )
      ).map(({ date }: { date: Date }) => date.toISOString().slice(0, 16)),
    finish: async (planId, cle, at) => {
      await db.query(
        `UPDATE interventions SET statut = $2, date_fin = $3, rapport = 'Fait', technicien_id = $4, date_modification = now()
         WHERE id = $1`,
        [await workOf(planId, cle), at === null ? 'en_cours' : 'terminee', at, technicienId],
      );
    },
    cancel: async (planId, cle) => {
      await db.query(
        `UPDATE interventions SET statut = 'annulee', motif_annulation = 'Inutile', date_fin = now(), date_modification = now()
         WHERE id = $1`,
        [await workOf(planId, cle)],
      );
    },
  };
}
