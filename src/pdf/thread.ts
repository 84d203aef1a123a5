import { serve } from '../threads/serve';
import { render } from './render';

/** Entry of the thread that makes reports. */
serve(render);
