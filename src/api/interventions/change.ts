import type { z } from 'zod';
import type { Modification } from '../../domain/interventions/demandes';
import { updateTexts } from '../../services/interventions/interventions';
import { inTransaction } from '../http/idempotency';
import { type Answer, type Call, resource } from '../http/route';
import { order } from './orders';
import { presentIntervention } from './present';
import type { interventionChanges } from './schemas';

type ChangeCall = Call<{ id: number }, unknown, z.output<typeof interventionChanges>>;

/** Changes an intervention: through its workflow when deadlines move, straight in the database when only texts do. */
export async function change(call: ChangeCall): Promise<Answer> {
  const { access, actor, params, ifMatch } = call;
  const { priorite, urgence, date_limite, ...texts } = call.body;
  if (priorite === undefined && urgence === undefined && date_limite === undefined) {
    return inTransaction(call, async ({ tx }) =>
      resource(presentIntervention(await updateTexts(tx, access, actor, params.id, texts, ifMatch))),
    );
  }
  const changements: Modification = { ...texts, priorite, urgence, date_limite };
  return order(call, 'update', { type: 'modification', changements }, (row) =>
    resource(presentIntervention(row)),
  );
}
