import { serve } from '../threads/serve';
import { renderRapport } from './render';

/** Entry of the thread that makes reports. */
serve(renderRapport);
