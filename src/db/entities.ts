import { Historique } from './audit/historique';
import { Document } from './documents/documents';
import { CleApi } from './identite/cles-api';
import { CodeSecours, SecondFacteur } from './identite/seconds-facteurs';
import { RefreshToken, Session } from './identite/sessions';
import { Technicien } from './identite/techniciens';
import { User } from './identite/users';
import { Commentaire, Demande, Intervention } from './interventions/interventions';
import { Rapport } from './interventions/rapports';
import { Message } from './messages/messages';
import { Notification } from './messages/notifications';
import { Equipement } from './parc/equipements';
import { Site } from './parc/sites';
import { Planning } from './planification/planning';
import { BesoinPiece, Piece } from './stock/pieces';

export const ENTITIES = [
  BesoinPiece,
  CleApi,
  CodeSecours,
  Commentaire,
  Demande,
  Document,
  Equipement,
  Historique,
  Intervention,
  Message,
  Notification,
  Piece,
  Planning,
  Rapport,
  RefreshToken,
  SecondFacteur,
  Session,
  Site,
  Technicien,
  User,
];
