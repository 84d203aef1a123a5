import { CleApi } from './cles-api';
import { Document } from './documents';
import { Equipement } from './equipements';
import { Historique } from './historique';
import { Commentaire, Demande, Intervention } from './interventions';
import { Message } from './messages';
import { Notification } from './notifications';
import { BesoinPiece, Piece } from './pieces';
import { Planning } from './planning';
import { Rapport } from './rapports';
import { CodeSecours, SecondFacteur } from './seconds-facteurs';
import { RefreshToken, Session } from './sessions';
import { Site } from './sites';
import { Technicien } from './techniciens';
import { User } from './users';

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
