import { proposerTournee } from '../domain/planification/tournee/tournee';
import { serve } from './serve';

/** Entry of the thread that finds the way through a day. */
serve(proposerTournee);
