import { auditRoutes } from './audit/routes';
import { passwordLinkRoutes } from './auth/password-links';
import { authRoutes } from './auth/routes';
import { secondFactorRoutes } from './auth/second-facteur';
import { sessionRoutes } from './auth/sessions';
import { cleApiRoutes } from './cles-api/routes';
import { dashboardRoutes } from './dashboard/routes';
import { documentRoutes } from './documents/routes';
import { equipementRoutes } from './equipements/routes';
import { healthRoutes } from './health/routes';
import type { Route } from './http/route';
import { interventionRoutes } from './interventions/routes';
import { notificationRoutes } from './notifications/routes';
import { pieceRoutes } from './pieces/routes';
import { planningRoutes } from './planning/routes';
import { technicienRoutes } from './techniciens/routes';
import { userRoutes } from './users/routes';

/** Every route of the API, in the order of the OpenAPI page. */
export const ROUTES: readonly Route[] = [
  ...authRoutes,
  ...passwordLinkRoutes,
  ...sessionRoutes,
  ...secondFactorRoutes,
  ...userRoutes,
  ...cleApiRoutes,
  ...technicienRoutes,
  ...equipementRoutes,
  ...interventionRoutes,
  ...pieceRoutes,
  ...planningRoutes,
  ...documentRoutes,
  ...notificationRoutes,
  ...dashboardRoutes,
  ...auditRoutes,
  ...healthRoutes,
];
