import type { Client } from '../support/client';
import { makeEquipement, makePiece, makeTechnicien } from '../support/factories';
import { eventually, startTestSystem, type TestSystem } from '../support/system';

let system: TestSystem;
let admin: Client;
beforeAll(async () => {
  system = await startTestSystem();
  admin = (await system.newPerson('admin')).client;
});
afterAll(() => system.close());

const tomorrow = (hour: number) => {
  const date = new Date(Date.now() + 86_400_000);
  date.setUTCHours(hour, 0, 0, 0);
  return date.toISOString();
};

async function report(given: Record<string, unknown> = {}) {
  const equipement = await makeEquipement(system.db);
  const created = await admin.post('/interventions/', {
    titre: 'Réparation fuite hydraulique',
    description: 'Fuite détectée au niveau du circuit principal',
    type_intervention: 'corrective',
    priorite: 'haute',
    equipement_id: equipement.id,
    ...given,
  });
  expect(created.status).toBe(201);
  return created.body as { id: number };
}

describe('the life of an intervention', () => {
  it('goes from report to report: ouverte, planifiee, en_cours, attente_pieces, en_cours, terminee', async () => {
    const technicien = await makeTechnicien(system.db);
    const piece = await makePiece(system.db, { stock: 1 });
    const { id } = await report();

    const assigned = await admin.put(`/interventions/${id}/assign`, {
      technicien_id: technicien.id,
      date_planifiee: tomorrow(9),
      duree_estimee: 240,
    });
    expect(assigned.status).toBe(200);
    expect(assigned.body).toMatchObject({
      id,
      statut: 'planifiee',
      technicien_id: technicien.id,
      planning: { duree_estimee: 240, date_planifiee: tomorrow(9) },
    });

    const worker = await system.as(technicien.user);
    const started = await worker.put(`/interventions/${id}/statut`, { statut: 'en_cours' });
    expect(started.body).toMatchObject({ statut: 'en_cours' });
    const waiting = await worker.put(`/interventions/${id}/statut`, {
      statut: 'attente_pieces',
      pieces: [{ piece_id: piece.id, quantite: 1 }],
    });
    expect(waiting.body).toMatchObject({ statut: 'attente_pieces' });
    const resumed = await worker.post(`/interventions/${id}/pieces/recues`);
    expect(resumed.body).toMatchObject({ statut: 'en_cours' });
    const done = await worker.put(`/interventions/${id}/statut`, {
      statut: 'terminee',
      rapport: 'Joint remplacé.',
    });
    expect(done.body).toMatchObject({ statut: 'terminee', rapport: 'Joint remplacé.' });

    const pdf = await eventually(
      () => admin.get(`/interventions/${id}/rapport`),
      ({ status }) => status === 200,
    );
    expect(pdf.headers.get('content-type')).toBe('application/pdf');
    const history = await admin.get(`/interventions/${id}/historique`);
    expect(history.body.map((row: { action: string }) => row.action)).toEqual([
      'creation',
      'assignation',
      'debut',
      'attente_pieces',
      'reprise',
      'fin',
    ]);
    const workflow = await admin.get(`/interventions/${id}/workflow`);
    expect(workflow.body).toMatchObject({ workflow_id: `intervention-${id}`, statut: 'RUNNING' });
  });
});
