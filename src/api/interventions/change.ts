import type { z } from 'zod';
import type { Modification } from '../../domain/interventions/ordres';
import { updateTexts } from '../../services/interventions/interventions';
import { inTransaction } from '../http/idempotency';
import { type Answer, type Call, resource } from '../http/route';
import { order } from './orders';
import { presentIntervention } from './present';
import type { interventionChanges } from './schemas';

type Changes = z.output<typeof interventionChanges>;
type ChangeCall = Call<{ id: number }, unknown, Changes>;

/** Whether something follows from a change, other deadlines or another state of the equipment: it is for the workflow then. */
export function movesMore({ priorite, urgence, date_limite, arret }: Changes): boolean {
  return [priorite, urgence, date_limite, arret].some((value) => value !== undefined);
}

/** Changes an intervention: through its workflow when more than texts do, straight in the database when only those do. */
export async function change(call: ChangeCall): Promise<Answer> {
  const { access, actor, params, ifMatch } = call;
  const { priorite, urgence, date_limite, arret, ...texts } = call.body;
  if (!movesMore(call.body)) {
    return inTransaction(call, async ({ tx }) =>
      resource(presentIntervention(await updateTexts(tx, access, actor, params.id, texts, ifMatch))),
    );
  }
  const changements: Modification = { ...texts, priorite, urgence, date_limite, arret };
  return order(call, 'update', { type: 'modification', changements }, (row) =>
    resource(presentIntervention(row)),
  );
}
