import sql, { join, type Sql } from 'sql-template-tag';
import type { Access } from '../../auth/access';
import { INTERVENANT_COLUMNS, RENDEZ_VOUS_COLUMNS } from '../../auth/columns';
import { type Executor, query } from '../../db/sql';
import { invalid } from '../../domain/errors';
import type { Absence } from '../../domain/identite/techniciens';
import { dayAfter, endOfDay, startOfDay } from '../../domain/local-time';
import type { Intervalle } from '../../domain/rendez-vous/intervalles';
import {
  DEMANDES,
  type LignesRapport,
  minutesOuvertes,
  type NomRapport,
  type Occupation,
  TENUS,
  taux,
  VENUS,
} from '../../domain/rendez-vous/rapports';
import {
  type AbsenceIntervenant,
  type Exception,
  exceptionsByDay,
} from '../../domain/rendez-vous/ressources';
import { TEXTES_RAPPORTS } from '../../domain/rendez-vous/textes-rapports';
import type { Langue } from '../../domain/writing';
import { type Barre, drawBarres } from '../../svg/barres';
import { oneOf } from '../conditions';
import { calendarOf, calendrierSql } from '../planification/calendriers';
import { absencesOf, siteOf } from './creneaux';

/**
 * Figures of appointments, within what the caller may see: those of prestations of their sites, or of their own agenda, as
 * far as they see who receives. One statement each, whatever there is. What they mean: `domain/rendez-vous/rapports.ts`.
 */

/** The longest period, in days. */
export const MAX_JOURS_RAPPORT = 366;

export interface RapportDemande {
  /** Days, both included. */
  debut: string;
  fin: string;
  /** Whose days they are; the zone of the house when not said. */
  fuseau_horaire?: string | undefined;
  prestation_id?: readonly number[] | undefined;
  /** Of the prestations. */
  site_id?: readonly number[] | undefined;
}

export interface Rapport<Nom extends NomRapport = NomRapport> {
  rapport: Nom;
  debut: string;
  fin: string;
  fuseau_horaire: string;
  lignes: LignesRapport[Nom][];
  total: LignesRapport[Nom];
}

interface Asked {
  executor: Executor;
  access: Access;
  demande: RapportDemande;
  periode: Intervalle;
  now: Date;
  timeZone: string;
}

/**
 * @param timeZone of the house.
 * @throws {RegieError} `VALIDATION` for a period that ends before it begins, or is too long.
 */
export async function readRapport<Nom extends NomRapport>(
  executor: Executor,
  access: Access,
  nom: Nom,
  demande: RapportDemande,
  now: Date,
  timeZone: string,
): Promise<Rapport<Nom>> {
  const { debut, fin, fuseau_horaire = timeZone } = demande;
  if (fin < debut || fin > dayAfter(debut, MAX_JOURS_RAPPORT - 1)) {
    const message = {
      fr: `Le jour du début, ou après lui, et au plus ${MAX_JOURS_RAPPORT} jours en tout`,
      en: `The day of the start or a later one, and at most ${MAX_JOURS_RAPPORT} days in all`,
    };
    throw invalid({ champ: 'fin', message });
  }
  const periode: Intervalle = [startOfDay(debut, fuseau_horaire), endOfDay(fin, fuseau_horaire)];
  const rows = await READ[nom]({ executor, access, demande, periode, now, timeZone });
  return {
    ...{ rapport: nom, debut, fin, fuseau_horaire },
    lignes: rows.filter(({ id }) => id !== null),
    total: rows.find(({ id }) => id === null)!,
  };
}

/** Each reads its lines, and among them, without an id, the one of all together. */
const READ: { [Nom in NomRapport]: (asked: Asked) => Promise<LignesRapport[Nom][]> } = {
  occupation: readOccupation,
  absences: async (asked) => {
    const rows = await parPrestation<LignesRapport['absences']>(
      asked,
      sql`${countOf(VENUS)} AS venus, ${countOf(['absent'])} AS absents,
        (count(*) FILTER (WHERE b.statut = 'confirme' AND b.fin <= ${asked.now}::timestamptz))::integer AS non_renseignes`,
    );
    return rows.map((row) => ({ ...row, taux: taux(row.absents, row.venus + row.absents) }));
  },
  delais: (asked) => {
    const hours = sql`greatest(0, extract(epoch FROM b.debut - b.date_creation)::double precision / 3600)`;
    const stands = sql`FILTER (WHERE b.statut = ANY(${TENUS}::text[]))`;
    const rounded = (figure: Sql) => sql`round((${figure})::numeric, 2)::double precision`;
    return parPrestation<LignesRapport['delais']>(
      asked,
      sql`${countOf(TENUS)} AS nombre,
        ${rounded(sql`percentile_cont(0.5) WITHIN GROUP (ORDER BY ${hours}) ${stands}`)} AS mediane_heures,
        ${rounded(sql`percentile_cont(0.9) WITHIN GROUP (ORDER BY ${hours}) ${stands}`)} AS p90_heures,
        ${rounded(sql`avg(${hours}) ${stands}`)} AS moyenne_heures`,
    );
  },
  annulations: async (asked) => {
    const by = (who: string) =>
      sql`(count(*) FILTER (WHERE b.statut = 'annule' AND b.annule_par = ${who}))::integer`;
    const rows = await parPrestation<LignesRapport['annulations']>(
      asked,
      sql`count(*)::integer AS demandes, ${countOf(['annule'])} AS annules, ${by('client')} AS par_client,
        ${by('intervenant')} AS par_intervenant, ${by('membre')} AS par_membre, ${by('systeme')} AS par_systeme,
        (count(*) FILTER (WHERE b.statut = 'annule' AND b.tardif))::integer AS tardifs`,
    );
    return rows.map((row) => ({ ...row, taux: taux(row.annules, row.demandes) }));
  },
  'par-intervenant': (asked) => {
    // What several do together is one of all.
    const countOnce = (condition: Sql) => sql`(count(DISTINCT b.id) FILTER (WHERE ${condition}))::integer`;
    // So is what somebody said of it: a sum of distinct people, one for each point that they gave.
    const given = (note: number) => sql`count(DISTINCT p.id) FILTER (WHERE p.note >= ${note})`;
    const { now, executor, access } = asked;
    return query<LignesRapport['par-intervenant']>(
      executor,
      sql`SELECT v.id, v.nom_public AS nom, count(DISTINCT b.id)::integer AS demandes,
            ${countOnce(sql`b.statut IN ('a_valider', 'confirme') AND b.fin > ${now}::timestamptz`)} AS a_venir,
            ${countOnce(sql`b.statut = 'confirme' AND b.fin <= ${now}::timestamptz`)} AS non_renseignes,
            ${countOnce(sql`b.statut = ANY(${VENUS}::text[])`)} AS venus, ${countOnce(sql`b.statut = 'absent'`)} AS absents,
            ${countOnce(sql`b.statut = 'annule'`)} AS annules, ${countOnce(sql`b.statut = 'refuse'`)} AS refuses,
            (count(DISTINCT b.seance_id) FILTER (WHERE b.statut = ANY(${TENUS}::text[])))::integer AS seances,
            count(DISTINCT p.id)::integer AS avis,
            round((${join(NOTES.map(given), ' + ')})::numeric / nullif(count(DISTINCT p.id), 0), 2)::double precision AS note_moyenne
          FROM rendez_vous b JOIN prestations f ON f.id = b.prestation_id
          JOIN intervenants v ON v.id = ANY(b.intervenants)
          LEFT JOIN participants p ON p.rendez_vous_id = b.id AND p.note IS NOT NULL
          WHERE ${join(counted(asked), ' AND ')} AND ${access.where('read', 'Intervenant', INTERVENANT_COLUMNS)}
          GROUP BY GROUPING SETS ((v.id, v.nom_public), ()) ORDER BY v.nom_public, v.id`,
    );
  },
};

const NOTES = [1, 2, 3, 4, 5];

function countOf(statuts: readonly string[]): Sql {
  return sql`(count(*) FILTER (WHERE b.statut = ANY(${statuts}::text[])))::integer`;
}

/** Which prestations `f` count. */
function offered({ demande: { prestation_id, site_id } }: Asked): Sql[] {
  return [
    ...(prestation_id === undefined ? [] : [oneOf('f.id', prestation_id)]),
    ...(site_id === undefined ? [] : [oneOf('f.site_id', site_id)]),
  ];
}

/** Which appointments `b`, of `f`, count: that begin in the period and that the caller may see. */
function counted(asked: Asked): Sql[] {
  const [debut, fin] = asked.periode;
  return [
    sql`b.debut >= ${new Date(debut)}::timestamptz AND b.debut < ${new Date(fin)}::timestamptz`,
    sql`b.statut = ANY(${DEMANDES}::text[])`,
    asked.access.where('read', 'RendezVous', RENDEZ_VOUS_COLUMNS),
    ...offered(asked),
  ];
}

function parPrestation<Row>({ executor, access, ...asked }: Asked, figures: Sql): Promise<Row[]> {
  // What somebody has booked for themselves is theirs to read, and not theirs to count.
  const seen = sql`EXISTS (SELECT FROM intervenants v
    WHERE v.id = ANY(b.intervenants) AND ${access.where('read', 'Intervenant', INTERVENANT_COLUMNS)})`;
  return query<Row>(
    executor,
    sql`SELECT f.id, f.nom, ${figures} FROM rendez_vous b JOIN prestations f ON f.id = b.prestation_id
        WHERE ${join([...counted({ executor, access, ...asked }), seen], ' AND ')}
        GROUP BY GROUPING SETS ((f.id, f.nom), ()) ORDER BY f.nom, f.id`,
  );
}

interface PersonRow {
  id: number;
  nom: string;
  calendrier: string;
  exceptions: Exception[];
  absences: AbsenceIntervenant[];
  absences_technicien: Absence[];
  minutes_reservees: number;
}

/** No appointment is longer than a day. */
const LONGEST = 24 * 3_600_000;

/** Those who offer what is counted, and those who had an appointment for it. */
async function readOccupation(asked: Asked): Promise<Occupation[]> {
  const { executor, access, periode, timeZone } = asked;
  const [debut, fin] = periode.map((instant) => new Date(instant)) as [Date, Date];
  const hours = sql`coalesce(v.horaires, l.horaires)`;
  const site = siteOf(hours, sql`v.fuseau_horaire`, sql`v.pays`, sql`v.site_id`);
  const chosen = offered(asked);
  const offers =
    chosen.length === 0
      ? sql`TRUE`
      : sql`EXISTS (SELECT FROM prestations_intervenants o JOIN prestations f ON f.id = o.prestation_id
          WHERE o.intervenant_id = v.id AND ${join(chosen, ' AND ')})`;
  // Seances of one person never overlap: their sum is the time that is taken.
  const rows = await query<PersonRow>(
    executor,
    sql`WITH stands AS MATERIALIZED (
          SELECT DISTINCT b.seance_id, b.intervenants, b.debut, b.fin
          FROM rendez_vous b JOIN prestations f ON f.id = b.prestation_id
          WHERE b.debut < ${fin}::timestamptz AND b.debut > ${new Date(debut.getTime() - LONGEST)}::timestamptz
            AND b.fin > ${debut}::timestamptz AND b.statut = ANY(${TENUS}::text[])
            AND ${join([access.where('read', 'RendezVous', RENDEZ_VOUS_COLUMNS), ...chosen], ' AND ')}),
        booked AS MATERIALIZED (
          SELECT one.id, round(sum(extract(epoch FROM least(fin, ${fin}::timestamptz)
            - greatest(debut, ${debut}::timestamptz))) / 60)::integer AS minutes
          FROM stands CROSS JOIN unnest(intervenants) AS one (id) GROUP BY one.id)
        SELECT v.id, v.nom_public AS nom, v.exceptions, v.absences, coalesce(t.absences, '[]') AS absences_technicien,
          ${calendrierSql(timeZone)} AS calendrier, coalesce(booked.minutes, 0) AS minutes_reservees
        FROM intervenants v LEFT JOIN techniciens t ON t.user_id = v.user_id LEFT JOIN booked ON booked.id = v.id
        CROSS JOIN ${site}
        WHERE (booked.minutes IS NOT NULL OR v.actif AND ${offers})
          AND ${access.where('read', 'Intervenant', INTERVENANT_COLUMNS)}
        ORDER BY v.nom_public, v.id`,
  );
  const lignes = rows.map((row): Occupation => {
    const { id, nom, minutes_reservees } = row;
    const calendar = {
      ...calendarOf(executor, row.calendrier, timeZone),
      exceptions: exceptionsByDay(row.exceptions),
    };
    const minutes_ouvertes = minutesOuvertes(calendar, absencesOf(row, calendar.zone), periode);
    return { id, nom, minutes_ouvertes, minutes_reservees, taux: taux(minutes_reservees, minutes_ouvertes) };
  });
  const sum = (of: (ligne: Occupation) => number) => lignes.reduce((total, ligne) => total + of(ligne), 0);
  const [open, booked] = [sum((one) => one.minutes_ouvertes), sum((one) => one.minutes_reservees)];
  const total = { id: null, nom: null, minutes_ouvertes: open, minutes_reservees: booked };
  return [...lignes, { ...total, taux: taux(booked, open) }];
}

/** What the bars of each are long by. */
const LONG: { [Nom in NomRapport]: (ligne: LignesRapport[Nom]) => Pick<Barre, 'valeur' | 'jusque'> } = {
  occupation: (ligne) => ({ valeur: ligne.taux }),
  absences: (ligne) => ({ valeur: ligne.taux }),
  delais: ({ mediane_heures, p90_heures }) => ({ valeur: mediane_heures, jusque: p90_heures }),
  annulations: (ligne) => ({ valeur: ligne.taux }),
  'par-intervenant': ({ demandes }) => ({ valeur: demandes }),
};

/** More bars than these nobody reads. */
const MAX_BARRES = 40;

/** The figures as a picture, in a language. */
export function drawRapport<Nom extends NomRapport>(
  { rapport, debut, fin, fuseau_horaire, lignes, total }: Rapport<Nom>,
  langue: Langue,
): string {
  const textes = TEXTES_RAPPORTS[langue];
  const shown = lignes.slice(0, MAX_BARRES);
  const barre = (ligne: LignesRapport[Nom]): Barre => ({
    nom: ligne.nom ?? textes.total,
    ...LONG[rapport](ligne),
    texte: textes.valeur[rapport](ligne),
  });
  const left = lignes.length - shown.length;
  const none = lignes.length === 0 ? textes.aucune : null;
  return drawBarres({
    langue,
    titre: textes.titre[rapport],
    sousTitre: `${textes.periode(debut, fin)} · ${fuseau_horaire}`,
    mesure: textes.mesure[rapport],
    description: textes.description(textes.mesure[rapport], shown.length),
    barres: shown.map(barre),
    total: lignes.length === 0 ? null : barre(total),
    note: left > 0 ? textes.autres(left) : none,
    echelle: (valeur) => textes.echelle[rapport](valeur),
    entier: rapport === 'par-intervenant',
  });
}
