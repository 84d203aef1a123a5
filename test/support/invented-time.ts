import type { EntityManager } from 'typeorm';
import { Access } from '../../src/auth/access';
import { type Intervention } from '../../src/db/interventions/interventions';
import type { Ordre } from '../../src/domain/interventions/ordres';
import { type Actor, systemActor } from '../../src/services/actor';
import { applyOrdre } from '../../src/services/interventions/cycle/apply';
import { escalate } from '../../src/services/interventions/cycle/escalade';
import { createIntervention, type NewIntervention } from '../../src/services/interventions/interventions';
import { askedBy } from './asked';
import type { TestDatabase } from './database';
import { makeAdmin, makeEquipement, makeTechnicien, makeUser } from './factories';

/** What people and the engine do to interventions, at moments that a test makes up: services and database, no engine. */
export interface InventedTime {
  /** Of an admin, for one use. */
  accessOnce(): Access;
  /** An admin, who may do everything, at this moment. */
  actorAt(now: number): Actor;
  /** Creates one on which somebody is at work. @returns its id. */
  begin(given: Partial<NewIntervention>, now: number): Promise<number>;
  /** Has something done, as its workflow does. */
  order(interventionId: number, ordre: Ordre, now: number): Promise<void>;
  /** Tells everything that is due by now, once. @returns the keys. */
  tellDue(interventionId: number, now: number): Promise<string[]>;
  rowOf(interventionId: number): Promise<Intervention>;
  /** What `now()` is to a statement of this transaction; those of the answers speak of it. */
  pretend(tx: EntityManager, now: number): Promise<void>;
}

export const ZONE = 'UTC';

export async function inventTime({ db, owner }: TestDatabase): Promise<InventedTime> {
  const { admin, principal } = await makeAdmin(db);
  // Each level of escalation has somebody: one that has nobody is told to the next at once.
  await makeUser(db, { role: 'responsable' });
  const accessOnce = () => new Access(principal);
  // Found before the one of PostgreSQL only where the path of names says so.
  await owner.query(`CREATE SCHEMA essai`);
  await owner.query(`CREATE FUNCTION essai.now() RETURNS timestamptz STABLE LANGUAGE sql
    AS $$ SELECT pg_catalog.current_setting('essai.now')::timestamptz $$`);
  await owner.query(`GRANT USAGE ON SCHEMA essai TO PUBLIC`);
  const { id: technicien_id } = await makeTechnicien(db);

  const actorAt = (now: number) => ({ ...systemActor(new Date(now), 'test'), userId: admin.id });
  const rowOf = async (id: number): Promise<Intervention> =>
    (await db.query('SELECT * FROM interventions WHERE id = $1', [id]))[0];
  return {
    accessOnce,
    actorAt,
    rowOf,
    begin: async (given, now) => {
      const fields: NewIntervention = {
        titre: 'Fuite',
        description: 'Fuite au circuit principal',
        type_intervention: 'corrective',
        priorite: 'normale',
        urgence: false,
        competences_requises: [],
        ...given,
        equipement_id: given.equipement_id ?? (await makeEquipement(db)).id,
      };
      const { row } = await db.transaction((tx) =>
        createIntervention(tx, accessOnce(), actorAt(now), fields, ZONE),
      );
      await db.query(`UPDATE interventions SET statut = 'en_cours', technicien_id = $2 WHERE id = $1`, [
        row.id,
        technicien_id,
      ]);
      return row.id;
    },
    order: async (interventionId, ordre, now) => {
      const asked = askedBy(principal, ordre);
      await db.transaction((tx) => applyOrdre(tx, interventionId, asked, new Date(now), ZONE));
    },
    tellDue: async (interventionId, now) => {
      const told: string[] = [];
      for (;;) {
        const due = (await rowOf(interventionId)).echeances.find(({ date }) => date <= now);
        if (due === undefined || due.etape === 'cloture') return told;
        told.push(due.cle);
        // Twice, as an engine may that did not hear the answer.
        for (let n = 0; n < 2; n++) {
          await db.transaction((tx) => escalate(tx, interventionId, due.cle, new Date(now), ZONE));
        }
      }
    },
    pretend: async (tx, now) => {
      await tx.query(
        `SELECT set_config('essai.now', $1, true),
        set_config('search_path', 'essai, public, pg_catalog', true)`,
        [new Date(now).toISOString()],
      );
    },
  };
}
