import type { EntityManager } from 'typeorm';
import type { Access } from '../../../auth/access';
import { notFound } from '../../../domain/errors';
import { isStarted } from '../../../domain/interventions/interventions';
import type { Exclusion } from '../../../domain/planification/candidats';
import { type Actor, systemActor } from '../../actor';
import { settleDeparture } from './depart';
import { CANDIDATS, type Candidats, refresh } from './derivation';
import { writeEvenement } from './evenement';
import { type LockedIntervention, lockAndRead, subjectOf } from './locked';

/**
 * Escalates critical work that nobody can take, at once: the responsables and the administrators are told, without waiting
 * for the time that there is to assign it. Told is told: they hear it once for what armed the step, however often somebody
 * tries, and not once more when that time has passed.
 *
 * It needs the database alone, and the workflow is told afterwards (`wakeInBackground`), so that people hear of it also
 * while the engine is away.
 * @param exclusions how many cannot, and why.
 * @param timeZone of sites that name none.
 * @returns whether anybody was told by this.
 * @throws {RegieError} `INTROUVABLE`, `INTERDIT`, `NON_AUTHENTIFIE`
 */
export async function escalateUntakeable(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  interventionId: number,
  exclusions: Readonly<Partial<Record<Exclusion, number>>>,
  timeZone: string,
): Promise<boolean> {
  const locked = await lockAndRead<Candidats>(tx, interventionId, timeZone, CANDIDATS);
  await access.confirm(tx);
  if (locked === null || !access.may('read', 'Intervention', subjectOf(locked))) throw notFound();
  access.require('assign', 'Intervention', subjectOf(locked));
  await settleDeparture(tx, locked, actor.now);
  const cle = keyOf(locked);
  const { intervention } = locked;
  if (intervention.priorite !== 'critique' || cle === null || intervention.escalades.includes(cle))
    return false;

  await refresh(tx, locked, actor.now);
  const told = intervention.echeances.filter(({ etape }) => etape === 'affectation').map((due) => due.cle);
  await writeEvenement(tx, systemActor(actor.now, actor.correlationId), locked, {
    action: 'sans_candidat',
    cause: cle,
    changes: { escalades: [...intervention.escalades, cle, ...told], niveau_escalade: 3 },
    details: { etape: 'affectation', niveau: 3, exclusions },
    annonces: [
      {
        modele: 'sans_candidat',
        audience: { responsables: true, admins: true },
        donnees: { exclusions },
      },
    ],
  });
  return true;
}

/** Names the present wait for somebody; null while somebody has the work. */
function keyOf({ intervention }: LockedIntervention): string | null {
  const { statut, arme_le, a_transmettre_depuis } = intervention;
  const since = isStarted(statut) ? a_transmettre_depuis : statut === 'ouverte' ? arme_le : null;
  return since === null ? null : `sans_candidat:${since.getTime()}`;
}
