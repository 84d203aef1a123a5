import { Document } from '../../src/db/documents/documents';
import type { User } from '../../src/db/identite/users';
import { Notification } from '../../src/db/messages/notifications';
import type { TestApi } from '../support/api';
import type { Client } from '../support/client';
import {
  makeEquipement,
  makeIntervention,
  makePlan,
  makePlanning,
  makeProposition,
  makeSite,
  makeTechnicien,
  makeUser,
} from '../support/factories';

/**
 * Two customers of one installation, each with a site, a client, a responsable, a technicien and rows of every kind. What
 * belongs to the second one says so in every text: where the word shows up for the first one, something leaked.
 */

export const SECRET = 'Zanzibar';

export interface Neighbour {
  site: number;
  people: Record<'client' | 'responsable' | 'technicien', { user: User; client: Client }>;
  /** Ids of one row of each kind, by the first segment of its path. */
  rows: Record<
    | 'equipements'
    | 'interventions'
    | 'documents'
    | 'notifications'
    | 'planning'
    | 'propositions'
    | 'preventif'
    | 'techniciens'
    | 'users',
    number
  >;
}

/** Makes one of them; `word` stands in all of its texts. */
export async function makeNeighbour(api: TestApi, word: string): Promise<Neighbour> {
  const { db } = api;
  const site = await makeSite(db, { nom: `Site ${word}` });
  const client = await makeUser(db, { role: 'client', nom: word, sites: [site.id] });
  const responsable = await makeUser(db, { role: 'responsable', nom: word, sites: [site.id] });
  const technicien = await makeTechnicien(db, { specialite: word }, { nom: word });
  const equipement = await makeEquipement(db, {
    nom: `Presse ${word}`,
    type: word,
    localisation: word,
    client_id: client.id,
    site_id: site.id,
  });
  const intervention = await makeIntervention(db, {
    titre: `Panne ${word}`,
    description: `La presse de ${word} fuit`,
    equipement_id: equipement.id,
    createur_id: client.id,
    technicien_id: technicien.id,
    statut: 'planifiee',
  });
  await db.query(
    `INSERT INTO commentaires (intervention_id, auteur_id, texte, date_creation) VALUES ($1, $2, $3, now())`,
    [intervention.id, client.id, word],
  );
  const visite = await makePlanning(db, {
    intervention_id: intervention.id,
    technicien_id: technicien.id,
    notes: word,
  });
  const plan = await makePlan(db, {
    nom: word,
    groupe: word,
    equipements: [equipement.id],
    createur_id: responsable.id,
  });
  const document = await db.manager.save(
    db.manager.create(Document, {
      nom: `${word}.pdf`,
      type_document: word,
      cle_stockage: `documents/${word}-${intervention.id}-${process.pid}`,
      taille: 4711,
      mime_type: 'application/pdf',
      checksum: '',
      visible_client: true,
      intervention_id: intervention.id,
    }),
  );
  const notification = await db.manager.save(
    db.manager.create(Notification, {
      titre: word,
      message: word,
      type: 'info',
      destinataire_id: client.id,
    }),
  );
  const proposition = await makeProposition(db, { site_ids: [site.id], createur_id: responsable.id });
  return {
    site: site.id,
    people: {
      client: { user: client, client: await api.as(client) },
      responsable: { user: responsable, client: await api.as(responsable) },
      technicien: { user: technicien.user, client: await api.as(technicien.user) },
    },
    rows: {
      equipements: equipement.id,
      interventions: intervention.id,
      documents: document.id,
      notifications: notification.id,
      planning: visite.id,
      propositions: proposition.id,
      techniciens: technicien.id,
      preventif: plan.id,
      users: client.id,
    },
  };
}
