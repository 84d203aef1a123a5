import type { Statut } from '../../src/domain/interventions/interventions';
import type { Client, Reply } from './client';

/** Steps of the life of an intervention, as people take them through the API. */

export const PANNE = {
  titre: 'Presse arrêtée',
  description: 'La presse ne démarre plus depuis ce matin',
  type_intervention: 'corrective',
  priorite: 'normale',
};

/** The step that leads into each state, and the state it starts from. */
const STEPS: Record<Exclude<Statut, 'ouverte' | 'planifiee'>, { from: Statut; body: object }> = {
  en_cours: { from: 'planifiee', body: {} },
  attente_pieces: { from: 'en_cours', body: {} },
  terminee: { from: 'en_cours', body: { rapport: 'Joint remplacé.' } },
  annulee: { from: 'ouverte', body: { motif: 'Fausse alerte' } },
};

export interface Given {
  client: Client;
  equipementId: number;
  /** Of the visit, which every state beyond `ouverte` has had, except `annulee`. */
  technicienId?: number;
  date?: Date;
  /** Needed for `attente_pieces`. */
  pieceId?: number;
}

/** Brings a new intervention into a state. @returns its id. */
export async function bringTo(statut: Statut, given: Given): Promise<number> {
  const { client, equipementId, technicienId, date, pieceId } = given;
  if (statut === 'ouverte') {
    return ok(await client.post('/interventions/', { ...PANNE, equipement_id: equipementId })).id;
  }
  if (statut === 'planifiee') {
    const id = await bringTo('ouverte', given);
    ok(
      await client.put(`/interventions/${id}/assign`, {
        technicien_id: technicienId,
        date_planifiee: date!.toISOString(),
      }),
    );
    return id;
  }
  const { from, body } = STEPS[statut];
  const id = await bringTo(from, given);
  const pieces = statut === 'attente_pieces' ? { pieces: [{ piece_id: pieceId, quantite: 1 }] } : {};
  ok(await client.put(`/interventions/${id}/statut`, { statut, ...body, ...pieces }));
  return id;
}

function ok(reply: Reply): { id: number } {
  if (reply.status >= 300) throw new Error(`Answered ${reply.status}: ${JSON.stringify(reply.body)}`);
  return reply.body;
}
