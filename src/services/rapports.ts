import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import sql from 'sql-template-tag';
import type { DataSource, EntityManager } from 'typeorm';
import { queryOne } from '../db/sql';
import { RegieError } from '../domain/errors';
import { type DonneesRapport, renderRapport } from '../rapports/render';
import type { ObjectStore } from '../storage/objects';
import { systemActor } from './actor';
import { record } from './historique';

/** The PDF report of a finished intervention: made once for each end, filed among its documents. */

const TYPE_DOCUMENT = 'rapport_intervention';

/**
 * Makes the report and files it, unless that has been done. The object is stored before the row that names
 * it; when this dies in between, the object without a row is swept away and the report made again.
 * @param cle name of the report, from the snapshot.
 */
export async function fileRapport(
  db: DataSource,
  store: ObjectStore,
  interventionId: number,
  cle: string,
  timeZone: string,
): Promise<void> {
  if (await isFiled(db, cle)) return;
  const donnees = await readRapportData(db, interventionId, timeZone);
  if (donnees === null) return;
  const cleStockage = `rapports/${interventionId}/${randomUUID()}.pdf`;
  const pdf = await renderRapport(donnees);
  const stored = await store.put(cleStockage, pdf, { contentType: 'application/pdf' });
  const filed = await db.transaction((tx) =>
    insertDocument(tx, interventionId, { cle, cleStockage, ...stored }),
  );
  if (!filed) await store.remove(cleStockage);
}

async function isFiled(db: DataSource, cle: string): Promise<boolean> {
  return (await queryOne(db, sql`SELECT id FROM documents WHERE cle_unique = ${cle}`)) !== null;
}

/** @returns false when somebody else filed it meanwhile. */
async function insertDocument(
  tx: EntityManager,
  interventionId: number,
  {
    cle,
    cleStockage,
    taille,
    checksum,
  }: { cle: string; cleStockage: string; taille: number; checksum: string },
): Promise<boolean> {
  const nom = `rapport_intervention_${interventionId}.pdf`;
  const inserted = await queryOne<{ id: number }>(
    tx,
    sql`INSERT INTO documents (nom, type_document, cle_stockage, taille, mime_type, checksum, intervention_id,
                               visible_client, cle_unique, numero_version)
        VALUES (${nom}, ${TYPE_DOCUMENT}, ${cleStockage}, ${taille}, 'application/pdf', ${checksum}, ${interventionId},
                true, ${cle},
                (SELECT count(*) + 1 FROM documents WHERE intervention_id = ${interventionId} AND nom = ${nom}))
        ON CONFLICT (cle_unique) DO NOTHING RETURNING id`,
  );
  if (inserted === null) return false;
  const actor = systemActor(new Date(), cle);
  await record(tx, actor, {
    entite: 'document',
    entiteId: inserted.id,
    action: 'creation',
    apres: { nom, type_document: TYPE_DOCUMENT, intervention_id: interventionId, checksum },
  });
  return true;
}

/**
 * The latest report of an intervention that the caller is known to see.
 * @throws {RegieError} `INTROUVABLE` before there is one, with `Retry-After` while it is being made
 */
export async function openRapport(
  db: DataSource,
  store: ObjectStore,
  interventionId: number,
): Promise<{ id: number; nom: string; taille: number; checksum: string; stream: Readable }> {
  const row = await queryOne<{
    id: number;
    nom: string | null;
    taille: number;
    checksum: string;
    cle_stockage: string;
    statut: string;
  }>(
    db,
    sql`SELECT d.id, d.nom, d.taille, d.checksum, d.cle_stockage, i.statut
        FROM interventions i
        LEFT JOIN documents d ON d.intervention_id = i.id AND d.cle_unique LIKE ${`rapport:${interventionId}:%`}
        WHERE i.id = ${interventionId} ORDER BY d.id DESC LIMIT 1`,
  );
  if (row?.nom == null) {
    throw new RegieError('INTROUVABLE', {
      detail: { fr: "Il n'y a pas encore de rapport", en: 'There is no report yet' },
      ...(row?.statut === 'terminee' ? { retryAfter: 1 } : {}),
    });
  }
  const { id, nom, taille, checksum, cle_stockage } = row;
  return { id, nom, taille, checksum, stream: await store.get(cle_stockage) };
}

/** Everything that the report says, in one statement. */
function readRapportData(
  db: DataSource,
  interventionId: number,
  timeZone: string,
): Promise<DonneesRapport | null> {
  return queryOne<DonneesRapport>(
    db,
    sql`SELECT to_json(i.date_fin) #>> '{}' AS date_rapport, coalesce(s.fuseau_horaire, ${timeZone}) AS fuseau_horaire,
          json_build_object('id', i.id, 'titre', i.titre, 'description', i.description,
            'type_intervention', i.type_intervention, 'statut', i.statut, 'priorite', i.priorite,
            'urgence', i.urgence, 'date_creation', i.date_creation, 'date_limite', i.date_limite,
            'date_debut', i.date_debut, 'date_fin', i.date_fin, 'rapport', i.rapport,
            'motif_annulation', i.motif_annulation) AS intervention,
          (SELECT json_build_object('date_planifiee', p.date_planifiee, 'duree_estimee', p.duree_estimee)
             FROM plannings p WHERE p.intervention_id = i.id AND p.statut <> 'annulee'
             ORDER BY p.id DESC LIMIT 1) AS planning,
          json_build_object('nom', e.nom, 'type', e.type, 'modele', e.modele, 'numero_serie', e.numero_serie,
            'localisation', e.localisation, 'site', s.nom) AS equipement,
          CASE WHEN c.id IS NOT NULL THEN json_build_object('nom', c.nom, 'prenom', c.prenom,
            'email', c.email, 'telephone', c.telephone) END AS client,
          CASE WHEN t.id IS NOT NULL THEN json_build_object('nom', tu.nom, 'prenom', tu.prenom,
            'specialite', t.specialite, 'telephone', t.telephone) END AS technicien,
          (SELECT coalesce(json_agg(json_build_object('reference', p.reference, 'designation', p.designation,
             'quantite', b.quantite, 'statut', b.statut) ORDER BY b.id), '[]')
             FROM besoins_pieces b JOIN pieces p ON p.id = b.piece_id WHERE b.intervention_id = i.id) AS pieces,
          (SELECT coalesce(json_agg(json_build_object('date', k.date_creation,
             'auteur', concat_ws(' ', u.prenom, u.nom), 'texte', k.texte) ORDER BY k.id), '[]')
             FROM commentaires k JOIN users u ON u.id = k.auteur_id WHERE k.intervention_id = i.id) AS commentaires,
          (SELECT coalesce(json_agg(json_build_object('date', h.date, 'action', h.action,
             'auteur', CASE WHEN u.id IS NULL THEN NULL ELSE concat_ws(' ', u.prenom, u.nom) END) ORDER BY h.id), '[]')
             FROM historique h LEFT JOIN users u ON u.id = h.auteur_id
             WHERE h.entite = 'intervention' AND h.entite_id = i.id AND h.action <> 'refus') AS historique
        FROM interventions i
        JOIN equipements e ON e.id = i.equipement_id
        LEFT JOIN sites s ON s.id = e.site_id
        LEFT JOIN users c ON c.id = e.client_id
        LEFT JOIN techniciens t ON t.id = i.technicien_id
        LEFT JOIN users tu ON tu.id = t.user_id
        WHERE i.id = ${interventionId} AND i.date_fin IS NOT NULL`,
  );
}
