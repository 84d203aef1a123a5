import sql, { type Sql } from 'sql-template-tag';
import { type Executor, query } from '../../db/sql';
import { calendarUid, type Personne, storedEvent } from '../../domain/rendez-vous/ical';
import { TEXTES_AGENDA } from '../../domain/rendez-vous/textes-agenda';
import type { Langue } from '../../domain/writing';
import { type AccesAgenda, ecrireObjet, lireObjet, retirerObjet } from '../../net/caldav';
import type { Outgoing } from '../../net/outgoing';
import { lieuSql } from './agendas';
import { fauteDe } from './fautes-agendas';

/**
 * What is booked, in the calendar of who receives. What has to stand there follows from the rows; what stands there is
 * written down with its tag. Each round makes the one into the other, so that a round that was cut short anywhere is taken
 * up by the next. A seance with one place is its appointment, under the UID of the invitations; a workshop stands there
 * once, with whoever comes.
 */

/** What stands, and is not over. */
const SHOWN = sql`('a_valider', 'confirme', 'arrive')`;

/** What has to stand in an agenda, each with what tells one state of it from another. @param x alias of `agendas_externes` */
function voulu(x: Sql): Sql {
  const lieu = lieuSql(sql`f`, sql`s`);
  return sql`SELECT s.id AS seance_id, CASE WHEN s.places = 1 THEN min(b.uid) END AS uid, s.places,
      sum(b.places)::integer AS prises,
      CASE WHEN s.places = 1 THEN ${calendarUid('')} || min(b.uid) ELSE 'seance-' || s.id END AS cle,
      s.debut, s.fin, f.nom AS prestation, ${lieu} AS lieu,
      max(b.sequence) AS sequence, max(b.date_modification) AS modification,
      bool_and(b.statut = 'a_valider') AS a_valider,
      md5(concat_ws('|', s.debut, s.fin, f.nom, ${lieu},
        string_agg(b.id || ' ' || b.version || ' ' || b.statut, ',' ORDER BY b.id))) AS etat
    FROM seances s JOIN rendez_vous b ON b.seance_id = s.id AND b.statut IN ${SHOWN}
    JOIN prestations f ON f.id = s.prestation_id
    WHERE ${x}.ecriture AND s.prises > 0 AND s.fin > now() AND ${x}.intervenant_id = ANY(s.intervenants)
    GROUP BY s.id, f.id`;
}

/** What has to stand in an agenda beside what we know to stand there, where they differ. */
function differences(x: Sql): Sql {
  return sql`FROM (${voulu(x)}) d
    FULL JOIN (SELECT e.* FROM evenements_externes e WHERE e.agenda_id = ${x}.id AND e.fin > now()) w ON w.cle = d.cle
    WHERE d.etat IS DISTINCT FROM w.etat`;
}

/** Whether there is anything to write into an agenda, or to take out of it. @param x alias of `agendas_externes` */
export function aEcrire(x: Sql): Sql {
  return sql`EXISTS (SELECT 1 ${differences(x)})`;
}

interface Travail {
  cle: string;
  /** Whether we have written it before, or may have. */
  connu: boolean;
  etag: string | null;
  /** Null for what is to be removed. */
  voulu: {
    uid: string | null;
    places: number;
    prises: number;
    debut: string;
    fin: string;
    prestation: string;
    lieu: string | null;
    sequence: number;
    modification: string;
    a_valider: boolean;
    etat: string;
  } | null;
  participants: string[];
  intervenant: Personne & { langue: Langue };
}

/** A round writes at most so many; the next takes up the rest. */
const MAX_ECRITURES = 200;

function travaux(executor: Executor, agendaId: number): Promise<Travail[]> {
  return query<Travail>(
    executor,
    sql`SELECT t.*, json_build_object('nom', v.nom_public, 'email', u.email, 'langue', u.langue) AS intervenant
        FROM agendas_externes x JOIN intervenants v ON v.id = x.intervenant_id JOIN users u ON u.id = v.user_id
        CROSS JOIN LATERAL (
          SELECT coalesce(d.cle, w.cle) AS cle, w.cle IS NOT NULL AS connu, w.etag,
            CASE WHEN d.cle IS NOT NULL THEN to_jsonb(d) END AS voulu,
            ARRAY(SELECT p.nom FROM participants p JOIN rendez_vous o ON o.id = p.rendez_vous_id
                  WHERE o.seance_id = d.seance_id AND o.statut IN ${SHOWN} AND p.statut <> 'annule'
                  ORDER BY o.id, p.rang LIMIT 50) AS participants
          ${differences(sql`x`)}) t
        WHERE x.id = ${agendaId} ORDER BY t.voulu ->> 'debut', t.cle LIMIT ${MAX_ECRITURES}`,
  );
}

/** What writing takes. */
export interface EcritureContext {
  db: Executor;
  outgoing: Outgoing;
  /** Whom the invitations are from. */
  organisateur: Personne;
}

/** Makes what stands in an agenda into what has to. What cannot be written is written down, and tried again. */
export async function ecrireRendezVous(
  context: EcritureContext,
  agendaId: number,
  acces: AccesAgenda,
): Promise<void> {
  for (const travail of await travaux(context.db, agendaId)) {
    try {
      if (travail.voulu === null) await retirer(context, agendaId, acces, travail);
      else await ecrire(context, agendaId, acces, travail, travail.voulu);
    } catch (error) {
      const faute = fauteDe(error);
      if (faute === null) throw error;
      await query(
        context.db,
        sql`UPDATE evenements_externes SET erreur = ${faute.erreur}, date_ecriture = now()
            WHERE agenda_id = ${agendaId} AND cle = ${travail.cle}`,
      );
      // Each of the others would wait as long for the same.
      if (faute.erreur !== 'reponse') return;
    }
  }
}

async function ecrire(
  { db, outgoing, organisateur }: EcritureContext,
  agendaId: number,
  acces: AccesAgenda,
  travail: Travail,
  voulu: NonNullable<Travail['voulu']>,
): Promise<void> {
  const { cle, connu } = travail;
  const nom = `${cle}.ics`;
  if (!connu) {
    // Before it is out: should nobody come to write down that it was, it is known to perhaps stand there.
    await query(
      db,
      sql`INSERT INTO evenements_externes (agenda_id, cle, fin, date_ecriture)
          VALUES (${agendaId}, ${cle}, ${voulu.fin}::timestamptz, now()) ON CONFLICT DO NOTHING`,
    );
  }
  const texte = texteDe(travail, voulu, organisateur);
  let { etag } = travail;
  // Whoever edited it meanwhile, also its owner: what the house has booked stands as it was booked.
  if (connu && etag === null) etag = (await lireObjet(outgoing, acces, nom))?.etag ?? null;
  let ecrit = await ecrireObjet(outgoing, acces, nom, texte, etag);
  if (ecrit === 'conflit') {
    etag = (await lireObjet(outgoing, acces, nom))?.etag ?? null;
    ecrit = await ecrireObjet(outgoing, acces, nom, texte, etag);
  }
  const erreur = ecrit === 'conflit' ? 'conflit' : null;
  await query(
    db,
    sql`UPDATE evenements_externes
        SET etat = CASE WHEN ${erreur}::text IS NULL THEN ${voulu.etat} ELSE etat END,
          etag = ${ecrit === 'conflit' ? null : ecrit.etag}, fin = ${voulu.fin}::timestamptz, erreur = ${erreur},
          date_ecriture = now()
        WHERE agenda_id = ${agendaId} AND cle = ${cle}`,
  );
}

async function retirer(
  { db, outgoing }: EcritureContext,
  agendaId: number,
  acces: AccesAgenda,
  { cle, etag }: Travail,
): Promise<void> {
  const nom = `${cle}.ics`;
  let retire = await retirerObjet(outgoing, acces, nom, etag);
  if (retire === 'conflit') {
    const now = await lireObjet(outgoing, acces, nom);
    retire = now === null ? 'retire' : await retirerObjet(outgoing, acces, nom, now.etag);
  }
  await query(
    db,
    retire === 'retire'
      ? sql`DELETE FROM evenements_externes WHERE agenda_id = ${agendaId} AND cle = ${cle}`
      : sql`UPDATE evenements_externes SET erreur = 'conflit', etag = NULL, date_ecriture = now()
            WHERE agenda_id = ${agendaId} AND cle = ${cle}`,
  );
}

function texteDe(
  { cle, participants, intervenant }: Travail,
  voulu: NonNullable<Travail['voulu']>,
  organisateur: Personne,
): string {
  const textes = TEXTES_AGENDA[intervenant.langue];
  const { places, prises, prestation, a_valider: aValider } = voulu;
  const lines = [
    ...(participants.length === 0 ? [] : [textes.avec(participants.join(', '))]),
    ...(places === 1 ? [] : [textes.places(prises, places)]),
  ];
  return storedEvent(
    {
      uid: voulu.uid ?? '',
      cle,
      sequence: voulu.sequence,
      horodatage: new Date(voulu.modification),
      debut: new Date(voulu.debut),
      fin: new Date(voulu.fin),
      titre: aValider ? textes.aValider(prestation) : prestation,
      description: lines.join('\n'),
      lieu: voulu.lieu,
      aValider,
      organisateur,
      langue: intervenant.langue,
    },
    intervenant,
  );
}
