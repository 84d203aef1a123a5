import sql, { type Sql } from 'sql-template-tag';
import { type Executor, queryOne } from '../../db/sql';
import { displayedTelephone } from '../../domain/identite/telephone';
import { RAPPORT } from '../../domain/limites';
import type { DonneesRapport } from '../../pdf/rapports/intervention';

/** Nobody reads how many more there are beyond this, and counting them all would take the longer the more there are. */
const MAX_COUNTED = 10_000;

/** One more than is shown, so that whoever shows it sees that there is more. */
const shortened = (column: Sql, { caracteres }: { caracteres: number }) =>
  sql`left(${column}, ${caracteres + 1}::integer)`;
const line = (column: Sql) => shortened(column, RAPPORT.ligne);
const paragraphs = (column: Sql) => shortened(column, RAPPORT.texte);
const remaining = (rows: Sql, shown: number) =>
  sql`(SELECT greatest(count(*) - ${shown}::integer, 0) FROM (SELECT ${rows} LIMIT ${MAX_COUNTED}) c)`;

/** The life of the intervention; that somebody was refused something is no part of it. */
const HISTORIQUE = sql`FROM historique h
  WHERE h.entite = 'intervention' AND h.entite_id = i.id AND h.action <> 'refus'`;

/**
 * Everything that the report says, in one statement that reads no more than the report shows (`domain/limites.ts`),
 * however much there is.
 * @param date of the report; unless said, the end of the intervention.
 * @returns null for an intervention that has not ended, unless a date is given.
 */
export async function readRapportData(
  executor: Executor,
  interventionId: number,
  timeZone: string,
  date: Date | null = null,
): Promise<DonneesRapport | null> {
  const row = await queryOne<Omit<DonneesRapport, 'fuseau_horaire'> & { fuseau_horaire: string | null }>(
    executor,
    sql`SELECT to_json(coalesce(${date}::timestamptz, i.date_fin)) #>> '{}' AS date_rapport, s.fuseau_horaire,
          json_build_object('id', i.id, 'titre', ${line(sql`i.titre`)}, 'description', ${paragraphs(sql`i.description`)},
            'type_intervention', i.type_intervention, 'statut', i.statut, 'priorite', i.priorite,
            'urgence', i.urgence, 'date_creation', i.date_creation, 'date_limite', i.date_limite,
            'cout_pieces', i.cout_pieces::text, 'depasse_le', i.depasse_le, 'date_debut', i.date_debut, 'date_fin', i.date_fin,
            'rapport', ${shortened(sql`i.rapport`, RAPPORT.compteRendu)},
            'motif_annulation', ${paragraphs(sql`i.motif_annulation`)}) AS intervention,
          (SELECT json_build_object('date_planifiee', p.date_planifiee, 'duree_estimee', p.duree_estimee)
             FROM plannings p WHERE p.intervention_id = i.id AND p.statut <> 'annulee'
             ORDER BY p.id DESC LIMIT 1) AS planning,
          json_build_object('nom', ${line(sql`e.nom`)}, 'type', ${line(sql`e.type`)}, 'modele', ${line(sql`e.modele`)},
            'numero_serie', ${line(sql`e.numero_serie`)}, 'localisation', ${line(sql`e.localisation`)},
            'site', ${line(sql`s.nom`)}) AS equipement,
          CASE WHEN c.id IS NOT NULL THEN json_build_object('nom', ${line(sql`c.nom`)}, 'prenom', ${line(sql`c.prenom`)},
            'email', ${line(sql`c.email::text`)}, 'telephone', ${line(sql`c.telephone`)}) END AS client,
          CASE WHEN t.id IS NOT NULL THEN json_build_object('nom', ${line(sql`tu.nom`)}, 'prenom', ${line(sql`tu.prenom`)},
            'specialite', ${line(sql`t.specialite`)}, 'telephone', ${line(sql`t.telephone`)}) END AS technicien,
          (SELECT coalesce(json_agg(json_build_object('reference', ${line(sql`p.reference`)},
             'designation', ${line(sql`p.designation`)}, 'quantite', b.quantite, 'statut', b.statut,
             'prix_unitaire', b.prix_unitaire::text, 'montant', (b.quantite * b.prix_unitaire)::text) ORDER BY b.id), '[]')
             FROM (SELECT id, piece_id, quantite, statut, prix_unitaire FROM besoins_pieces WHERE intervention_id = i.id
                   ORDER BY id LIMIT ${RAPPORT.pieces}) b
             JOIN pieces p ON p.id = b.piece_id) AS pieces,
          (SELECT coalesce(json_agg(json_build_object('libelle', ${line(sql`x.libelle`)}, 'type', x.type,
             'min', x.min, 'max', x.max, 'unite', x.unite, 'obligatoire', x.obligatoire,
             'valeur', CASE WHEN jsonb_typeof(x.valeur) = 'string' THEN to_jsonb(${paragraphs(sql`x.valeur #>> '{}'`)})
                            ELSE x.valeur END,
             'photo', CASE WHEN x.type = 'photo' THEN (SELECT ${line(sql`d.nom`)} FROM documents d
                        WHERE d.id = (x.valeur #>> '{}')::integer) END,
             'hors_limites', x.hors_limites, 'date', x.date_reponse, 'suite_id', x.suite_id, 'auteur',
             CASE WHEN u.id IS NULL THEN NULL ELSE ${line(sql`concat_ws(' ', u.prenom, u.nom)`)} END)
             ORDER BY x.ordre, x.id), '[]')
             FROM (SELECT * FROM etapes WHERE intervention_id = i.id ORDER BY ordre, id LIMIT ${RAPPORT.etapes}) x
             LEFT JOIN users u ON u.id = x.auteur_id) AS etapes,
          (SELECT coalesce(json_agg(json_build_object('nature', x.nature, 'debut', x.debut, 'fin', x.fin,
             'personne', ${line(sql`concat_ws(' ', u.prenom, u.nom)`)}) ORDER BY x.debut, x.id), '[]')
             FROM (SELECT * FROM temps WHERE intervention_id = i.id AND fin IS NOT NULL
                   ORDER BY debut, id LIMIT ${RAPPORT.temps}) x
             JOIN techniciens xt ON xt.id = x.technicien_id JOIN users u ON u.id = xt.user_id) AS temps,
          (SELECT json_build_object('trajet', coalesce(sum(m) FILTER (WHERE nature = 'trajet'), 0),
             'travail', coalesce(sum(m) FILTER (WHERE nature = 'travail'), 0),
             'attente', coalesce(sum(m) FILTER (WHERE nature = 'attente'), 0))
             FROM (SELECT nature, round(sum(extract(epoch FROM fin - debut)) / 60)::integer AS m FROM temps
                   WHERE intervention_id = i.id AND fin IS NOT NULL GROUP BY nature) spent) AS minutes,
          (SELECT coalesce(json_agg(json_build_object('nature', x.nature, 'code', ${line(sql`x.code::text`)},
             'libelle', ${line(sql`x.libelle`)}) ORDER BY array_position(ARRAY['probleme', 'cause', 'remede'], x.nature)),
             '[]')
             FROM codes_panne x
             WHERE x.id IN (i.panne_probleme_id, i.panne_cause_id, i.panne_remede_id)) AS pannes,
          (SELECT coalesce(json_agg(json_build_object('date', k.date_creation,
             'auteur', ${line(sql`concat_ws(' ', u.prenom, u.nom)`)}, 'texte', k.texte) ORDER BY k.id), '[]')
             FROM (SELECT id, date_creation, auteur_id, ${paragraphs(sql`texte`)} AS texte FROM commentaires
                   WHERE intervention_id = i.id ORDER BY id DESC LIMIT ${RAPPORT.commentaires}) k
             JOIN users u ON u.id = k.auteur_id) AS commentaires,
          (SELECT coalesce(json_agg(json_build_object('date', h.date, 'action', h.action, 'auteur',
             CASE WHEN u.id IS NULL THEN NULL ELSE ${line(sql`concat_ws(' ', u.prenom, u.nom)`)} END) ORDER BY h.id), '[]')
             FROM (SELECT h.id, h.date, h.action, h.auteur_id ${HISTORIQUE}
                   ORDER BY h.id DESC LIMIT ${RAPPORT.historique}) h
             LEFT JOIN users u ON u.id = h.auteur_id) AS historique,
          json_build_object(
            'pieces', ${remaining(sql`FROM besoins_pieces WHERE intervention_id = i.id`, RAPPORT.pieces)},
            'etapes', ${remaining(sql`FROM etapes WHERE intervention_id = i.id`, RAPPORT.etapes)},
            'temps', ${remaining(sql`FROM temps WHERE intervention_id = i.id AND fin IS NOT NULL`, RAPPORT.temps)},
            'commentaires', ${remaining(sql`FROM commentaires WHERE intervention_id = i.id`, RAPPORT.commentaires)},
            'historique', ${remaining(HISTORIQUE, RAPPORT.historique)}) AS reste
        FROM interventions i
        JOIN equipements e ON e.id = i.equipement_id
        LEFT JOIN sites s ON s.id = e.site_id
        LEFT JOIN users c ON c.id = e.client_id
        LEFT JOIN techniciens t ON t.id = i.technicien_id
        LEFT JOIN users tu ON tu.id = t.user_id
        WHERE i.id = ${interventionId} AND coalesce(${date}::timestamptz, i.date_fin) IS NOT NULL`,
  );
  if (row === null) return null;
  return {
    ...row,
    client: withReadableTelephone(row.client),
    technicien: withReadableTelephone(row.technicien),
    fuseau_horaire: row.fuseau_horaire ?? timeZone,
  };
}

function withReadableTelephone<Person extends { telephone: string | null } | null>(person: Person): Person {
  if (person?.telephone == null) return person;
  return { ...person, telephone: displayedTelephone(person.telephone) };
}
