import type { Access } from '../auth/access';
import type { Subject } from '../auth/permissions';
import type { Executor } from '../db/sql';
import { readDocument } from '../services/documents/documents';
import { readLivraison } from '../services/echanges/livraisons';
import { readWebhook } from '../services/echanges/webhooks';
import { readCleApi } from '../services/identite/cles-api';
import { readTechnicien } from '../services/identite/techniciens';
import { readUser } from '../services/identite/users';
import { readCode } from '../services/interventions/codes-panne';
import { readIntervention } from '../services/interventions/interventions';
import { readModele } from '../services/interventions/modeles-etapes';
import { requireNotification } from '../services/messages/notifications';
import { showParametres } from '../services/parametres';
import { readContrat } from '../services/parc/contrats';
import { readEquipement } from '../services/parc/equipements';
import { readNiveau } from '../services/parc/niveaux';
import { readSite } from '../services/parc/sites';
import { readRapport } from '../services/pilotage/rapports';
import { readFerie } from '../services/planification/feries';
import { readProposition } from '../services/planification/propositions';
import { readPlan } from '../services/preventif/plans';
import { readAgendaExterne } from '../services/rendez-vous/agendas-externes';
import { readListeAttente } from '../services/rendez-vous/attente';
import { INTERVENANTS } from '../services/rendez-vous/intervenants';
import { readRendezVousById } from '../services/rendez-vous/lecture';
import { PRESTATIONS } from '../services/rendez-vous/prestations';
import { SALLES } from '../services/rendez-vous/salles';
import { readPiece } from '../services/stock/pieces';
import type { About, Call, Route } from './http/route';

/** Whether somebody may still see what an answer that they were given before is about. */

type Reader = (executor: Executor, access: Access, id: number) => Promise<unknown>;

/** As each resource is read by its own route; every subject that a POST or PUT may answer about. */
const READERS: Readonly<Partial<Record<Subject, Reader>>> = {
  User: readUser,
  Technicien: readTechnicien,
  Equipement: readEquipement,
  NiveauService: readNiveau,
  // Whether it is seen does not depend on the day.
  Contrat: (executor, access, id) => readContrat(executor, access, id, { now: new Date(), timeZone: 'UTC' }),
  Intervention: readIntervention,
  ModeleEtapes: readModele,
  CodePanne: readCode,
  Site: readSite,
  Piece: readPiece,
  JourFerie: readFerie,
  Proposition: readProposition,
  PlanPreventif: readPlan,
  Document: readDocument,
  Intervenant: INTERVENANTS.read,
  Salle: SALLES.read,
  Prestation: PRESTATIONS.read,
  AgendaExterne: readAgendaExterne,
  RendezVous: readRendezVousById,
  ListeAttente: readListeAttente,
  Notification: requireNotification,
  CleApi: readCleApi,
  Parametres: showParametres,
  Webhook: readWebhook,
  Livraison: readLivraison,
  Rapport: readRapport,
};

/**
 * @param body of the answer
 * @throws {RegieError} `INTROUVABLE`
 */
export async function requireSight(
  { access, route, params }: Pick<Call<unknown, unknown, unknown>, 'access' | 'route' | 'params'>,
  executor: Executor,
  body: unknown,
): Promise<void> {
  const about = aboutOf(route, params, body);
  if (about === null) return;
  const read = READERS[about.subject];
  if (read === undefined) throw new Error(`Nothing says how a ${about.subject} is seen`);
  await read(executor, access, about.id);
}

/** What an answer of a route is about, or null for nothing that has rows of its own to be seen. */
function aboutOf({ access, about }: Route, params: unknown, body: unknown): About | null {
  if (about !== undefined) return about(body);
  if (typeof access === 'string') return null;
  const id = idOf(params) ?? idOf(body);
  return id === null ? null : { subject: access[1], id };
}

function idOf(holder: unknown): number | null {
  const id = (holder as { id?: unknown } | null | undefined)?.id;
  return typeof id === 'number' ? id : null;
}
