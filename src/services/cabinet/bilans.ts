import sql from 'sql-template-tag';
import type { DataSource, EntityManager } from 'typeorm';
import { query, queryOne } from '../../db/sql';
import { EN_MASSE, estHomonyme, type Intervalle, type Semaine, semaineDue } from '../../domain/cabinet/bilan';
import type { DonneesBilan, Lecteur } from '../../domain/cabinet/textes-acces';
import { systemActor } from '../actor';
import { announce } from '../messages/messages';
import { gerantsDe } from './gerants';
import { inCabinet, inEveryCabinet } from './transactions';

/**
 * Tells those who run a practice, once a week, what of the accesses to records is worth a look: emergencies, whoever read
 * somebody of their own name, many on one day, or at night. Numbers of rows and of people of the practice, nobody's name: the
 * mail is read where the record is not.
 */

/** Kinds of access in which somebody chose whom they read. */
const CHOISIS = ['lecture', 'export', 'impression', 'telechargement', 'bris_de_glace'];

/**
 * To be called in each round of the reconciler: what was told already is not told again, also when whoever told it could not
 * write that down.
 * @returns how many practices were told.
 */
export async function tellBilans(
  { medical, db }: { medical: DataSource; db: DataSource },
  now: Date,
): Promise<number> {
  const weeks = await inEveryCabinet(medical, (tx) => weeksDue(tx, now));
  let told = 0;
  for (const { cabinet, semaine } of weeks) {
    const { donnees, gerants } = await inCabinet(medical, cabinet, (tx) =>
      bilanOf(tx, cabinet, semaine, now),
    );
    if (gerants.length > 0 && isWorthIt(donnees)) {
      const actor = systemActor(now, `cabinet-${cabinet}-bilan`);
      await db.transaction((tx) =>
        announce(tx, actor, `cabinet:${cabinet}:bilan:${semaine.du}`, {
          modele: 'bilan_acces',
          audience: { users: gerants },
          donnees,
        }),
      );
      told += 1;
    }
    await inCabinet(medical, cabinet, async (tx) => {
      await query(
        tx,
        sql`INSERT INTO medical.bilans_acces (cabinet_id, semaine, date) VALUES (${cabinet}, ${semaine.du}, ${now})
            ON CONFLICT DO NOTHING`,
      );
    });
  }
  return told;
}

async function weeksDue(tx: EntityManager, now: Date): Promise<{ cabinet: number; semaine: Semaine }[]> {
  const cabinets = await query<{ id: number; fuseau: string; dernier: string | null }>(
    tx,
    sql`SELECT c.id, c.fuseau_horaire AS fuseau,
          (SELECT max(b.semaine)::text FROM medical.bilans_acces b WHERE b.cabinet_id = c.id) AS dernier
        FROM medical.cabinets c WHERE c.actif ORDER BY c.id`,
  );
  return cabinets.flatMap(({ id, fuseau, dernier }) => {
    const semaine = semaineDue(now.getTime(), fuseau);
    return dernier !== null && dernier >= semaine.du ? [] : [{ cabinet: id, semaine }];
  });
}

/** A week in which nobody read anything, and nothing waits, is none to write of. */
function isWorthIt({ acces, refus, a_revoir }: DonneesBilan): boolean {
  return acces + refus + a_revoir > 0;
}

async function bilanOf(
  tx: EntityManager,
  cabinet: number,
  semaine: Semaine,
  now: Date,
): Promise<{ donnees: DonneesBilan; gerants: number[] }> {
  const { du, au } = semaine;
  const counts = await queryOne<{ acces: number; refus: number }>(
    tx,
    sql`SELECT (count(*) FILTER (WHERE a.action <> 'refus'))::integer AS acces,
          (count(*) FILTER (WHERE a.action = 'refus'))::integer AS refus
        FROM medical.acces_dossier a WHERE ${ofWeek(cabinet, semaine)}`,
  );
  const bris = await queryOne<{ ids: number[]; a_revoir: number }>(
    tx,
    sql`SELECT coalesce(array_agg(b.id ORDER BY b.date_debut)
            FILTER (WHERE b.date_debut >= ${new Date(semaine.debut)} AND b.date_debut < ${new Date(semaine.fin)}), '{}') AS ids,
          (count(*) FILTER (WHERE b.revue_le IS NULL))::integer AS a_revoir
        FROM medical.bris_de_glace b WHERE b.cabinet_id = ${cabinet}`,
  );
  return {
    donnees: {
      ...{ cabinet_id: cabinet, du, au, acces: counts!.acces, refus: counts!.refus },
      ...{ bris_de_glace: bris!.ids, a_revoir: bris!.a_revoir },
      homonymes: await homonymes(tx, cabinet, semaine),
      en_masse: await enMasse(tx, cabinet, semaine),
      de_nuit: await deNuit(tx, cabinet, semaine),
    },
    gerants: await gerantsDe(tx, cabinet, now),
  };
}

/** What others than the patients themselves read in a week. */
function ofWeek(cabinet: number, { debut, fin }: Intervalle) {
  return sql`a.cabinet_id = ${cabinet} AND a.date >= ${new Date(debut)}::timestamptz AND a.date < ${new Date(fin)}::timestamptz
    AND a.finalite <> 'PATRQT'`;
}

/** Intervals as the rows of a statement. */
function rowsOf(intervalles: readonly Intervalle[]) {
  const [debuts, fins] = [intervalles.map(({ debut }) => debut), intervalles.map(({ fin }) => fin)].map(
    (all) => all.map((one) => new Date(one)),
  );
  return sql`unnest(${debuts}::timestamptz[], ${fins}::timestamptz[]) WITH ORDINALITY AS j (debut, fin, rang)`;
}

/** Whoever read the record of somebody of their own name, and of how many. */
async function homonymes(tx: EntityManager, cabinet: number, semaine: Semaine): Promise<Lecteur[]> {
  const read = await query<{ user_id: number; nom: string; nom_naissance: string; nom_usage: string | null }>(
    tx,
    sql`SELECT a.user_id, u.nom, p.nom_naissance, p.nom_usage
        FROM (SELECT DISTINCT a.user_id, a.patient_id FROM medical.acces_dossier a
              WHERE ${ofWeek(cabinet, semaine)} AND a.action = ANY(${CHOISIS}::text[])) a
          JOIN users u ON u.id = a.user_id
          JOIN medical.patients p ON p.cabinet_id = ${cabinet} AND p.id = a.patient_id
        ORDER BY a.user_id`,
  );
  const counted = new Map<number, number>();
  for (const { user_id, nom, nom_naissance, nom_usage } of read) {
    if (estHomonyme(nom, [nom_naissance, nom_usage])) counted.set(user_id, (counted.get(user_id) ?? 0) + 1);
  }
  return [...counted].map(([user_id, nombre]) => ({ user_id, nombre }));
}

/** Whoever read more patients on one day than one receives, and how many that was on the worst of them. */
function enMasse(tx: EntityManager, cabinet: number, semaine: Semaine): Promise<Lecteur[]> {
  return query<Lecteur>(
    tx,
    sql`SELECT d.user_id, max(d.nombre)::integer AS nombre
        FROM (SELECT a.user_id, j.rang, count(DISTINCT a.patient_id) AS nombre
              FROM medical.acces_dossier a JOIN ${rowsOf(semaine.jours)} ON a.date >= j.debut AND a.date < j.fin
              WHERE ${ofWeek(cabinet, semaine)} AND a.action = ANY(${CHOISIS}::text[]) GROUP BY a.user_id, j.rang) d
        WHERE d.nombre > ${EN_MASSE} GROUP BY d.user_id ORDER BY d.user_id`,
  );
}

/** Whoever read at night, and how often. */
function deNuit(tx: EntityManager, cabinet: number, semaine: Semaine): Promise<Lecteur[]> {
  return query<Lecteur>(
    tx,
    sql`SELECT a.user_id, count(*)::integer AS nombre
        FROM medical.acces_dossier a JOIN ${rowsOf(semaine.nuits)} ON a.date >= j.debut AND a.date < j.fin
        WHERE ${ofWeek(cabinet, semaine)} GROUP BY a.user_id ORDER BY a.user_id`,
  );
}
