import { lireAgenda } from '../domain/rendez-vous/lecture-agenda';
import { serve } from './serve';

/** Entry of the thread that reads calendars which others have written. */
serve(lireAgenda);
