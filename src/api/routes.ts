import { interventionRoutes } from './interventions/routes';
import { pieceRoutes } from './pieces/routes';
import type { Route } from './route';

/** Every route of the API, in the order of the OpenAPI page. */
export const ROUTES: readonly Route[] = [...interventionRoutes, ...pieceRoutes];
