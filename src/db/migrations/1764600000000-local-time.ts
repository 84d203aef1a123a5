import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What follows from local time is computed by the application and stored (docs/decisions/019), and what has been told is
 * remembered by the act that armed it (docs/decisions/020).
 */
export class LocalTime1764600000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...EQUIPEMENTS, ...INTERVENTIONS]) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}

const EQUIPEMENTS = [
  // Filled by the setup, which knows the zones.
  'ALTER TABLE equipements ADD COLUMN prochaine_maintenance timestamptz(3)',
  `CREATE INDEX equipements_prochaine_maintenance
     ON equipements ((coalesce(prochaine_maintenance, '9999-01-01T00:00:00Z')), id)`,
];

const INTERVENTIONS = [
  `ALTER TABLE interventions
     ADD COLUMN demarrage_arme_le timestamptz(3),
     ADD COLUMN resolution_armee_le timestamptz(3) NOT NULL DEFAULT now(),
     ADD COLUMN resolution_depuis timestamptz(3) NOT NULL DEFAULT now(),
     ADD COLUMN pauses jsonb NOT NULL DEFAULT '[]',
     ADD COLUMN depasse_le timestamptz(3),
     DROP COLUMN reste_resolution`,
  // From where the clock of the resolution runs, and its pauses, as the history tells them.
  `UPDATE interventions i SET resolution_depuis = coalesce(
     (SELECT max(h.date) FROM historique h
      WHERE h.entite = 'intervention' AND h.entite_id = i.id AND h.action = 'reouverture'), i.date_creation)`,
  `UPDATE interventions i SET pauses = waits.pauses
   FROM (SELECT id, jsonb_agg(jsonb_build_object('debut', millis(debut), 'fin', millis(fin)) ORDER BY debut) AS pauses
         FROM (SELECT o.id, h.date AS debut,
                 (SELECT min(n.date) FROM historique n
                  WHERE n.entite = 'intervention' AND n.entite_id = o.id AND n.numero_evenement > h.numero_evenement
                    AND n.action IN ('reprise', 'annulation')) AS fin
               FROM interventions o JOIN historique h ON h.entite = 'intervention' AND h.entite_id = o.id
               WHERE h.action = 'attente_pieces' AND h.date >= o.resolution_depuis) wait
         WHERE fin IS NOT NULL GROUP BY id) waits
   WHERE waits.id = i.id`,
  // What has passed by now; of deadlines that were moved later nothing is known.
  `UPDATE interventions SET depasse_le = date_limite
   WHERE date_limite < coalesce(date_fin, horloge_arretee_le, now())`,
  // The figures of a dashboard go on reading an index alone.
  'DROP INDEX interventions_terminees',
  `CREATE INDEX interventions_terminees ON interventions (date_fin)
     INCLUDE (date_creation, depasse_le, satisfaction_note, technicien_id, equipement_id)
     WHERE statut = 'terminee'`,
  // Rows of before do not say when their visit or deadline was set. Any moment does that later ones differ from.
  `UPDATE interventions SET resolution_armee_le = date_creation,
     demarrage_arme_le = CASE WHEN technicien_id IS NOT NULL THEN date_creation END`,
  /*
   * What was told named the deadline. Of the present ones are those that lie behind the present start of the wait, the
   * present visit, or are the present deadline: what was told of former ones had passed before those were set.
   */
  `UPDATE interventions i SET escalades = (
     SELECT array_agg(CASE
         WHEN etape = 'affectation' AND echeance > millis(i.arme_le)
           THEN concat_ws(':', etape, niveau, millis(i.arme_le))
         WHEN etape = 'demarrage' AND echeance > (
             SELECT millis(p.date_planifiee) FROM plannings p
             WHERE p.intervention_id = i.id AND p.statut IN ('planifiee', 'en_cours'))
           THEN concat_ws(':', etape, niveau, millis(i.demarrage_arme_le))
         WHEN etape = 'resolution' AND echeance = millis(i.date_limite)
           THEN concat_ws(':', etape, niveau, millis(i.resolution_armee_le))
         ELSE cle END ORDER BY rang)
     FROM (
       SELECT cle, rang, split_part(cle, ':', 1) AS etape, split_part(cle, ':', 2) AS niveau,
         CASE WHEN cle ~ '^(affectation|demarrage|resolution):\\d:\\d+$' THEN split_part(cle, ':', 3)::bigint END AS echeance
       FROM unnest(i.escalades) WITH ORDINALITY AS told (cle, rang)) told)
   WHERE escalades <> '{}'`,
].map((statement) => statement.replaceAll(/millis\(([^)]+)\)/g, '(extract(epoch FROM $1) * 1000)::bigint'));

const DOWN = [
  `ALTER TABLE interventions
     DROP COLUMN demarrage_arme_le, DROP COLUMN resolution_armee_le,
     DROP COLUMN resolution_depuis, DROP COLUMN pauses, DROP COLUMN depasse_le,
     ADD COLUMN reste_resolution bigint`,
  'DROP INDEX IF EXISTS interventions_terminees',
  `CREATE INDEX interventions_terminees ON interventions (date_fin)
     INCLUDE (date_creation, date_limite, satisfaction_note, technicien_id, equipement_id)
     WHERE statut = 'terminee'`,
  'ALTER TABLE equipements DROP COLUMN prochaine_maintenance',
];
