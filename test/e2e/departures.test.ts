import { Connection, Client as TemporalClient } from '@temporalio/client';
import type { User } from '../../src/db/identite/users';
import type { Client } from '../support/client';
import { eventually } from '../support/eventually';
import { makeEquipement, makePiece, makeSite, makeTechnicien, makeUser } from '../support/factories';
import { bringTo } from '../support/life';
import { anotherRound } from '../support/rounds';
import { startTestSystem, type TestSystem } from '../support/system';

/** A technicien who leaves, by whatever way: nothing stays planned for nobody, and the responsable hears at once. */

let system: TestSystem;
let admin: Client;
let connection: Connection;
let temporal: TemporalClient;
beforeAll(async () => {
  system = await startTestSystem();
  const { address, namespace } = system.config.temporal;
  connection = await Connection.connect({ address });
  temporal = new TemporalClient({ connection, namespace });
  admin = (await system.newPerson('admin')).client;
});
afterAll(async () => {
  await connection.close();
  await system.close();
});

const inHours = (n: number) => new Date(Date.now() + n * 3_600_000).toISOString();

/** A technicien with a visit to come, work under way, and work that waits for parts. */
async function busy() {
  const site = await makeSite(system.db);
  const responsable = await makeUser(system.db, { role: 'responsable', sites: [site.id] });
  const technicien = await makeTechnicien(system.db);
  const equipement = await makeEquipement(system.db, { site_id: site.id });
  const pieceId = (await makePiece(system.db)).id;
  const ids: number[] = [];
  for (const [index, statut] of (['planifiee', 'en_cours', 'attente_pieces'] as const).entries()) {
    const date = new Date(Date.now() + index * 3 * 3_600_000);
    ids.push(
      await bringTo(statut, {
        client: admin,
        equipementId: equipement.id,
        technicienId: technicien.id,
        date,
        pieceId,
      }),
    );
  }
  const [planned, started, waiting] = ids as [number, number, number];
  return { technicien, responsable, equipement, planned, started, waiting };
}

const read = async (id: number) => (await admin.get(`/interventions/${id}`)).body;
const actionsOf = async (id: number): Promise<string[]> =>
  (await admin.get(`/interventions/${id}/historique`)).body.map((row: { action: string }) => row.action);
const told = async (user: Pick<User, 'id'>): Promise<{ modele: string; id: number }[]> =>
  system.db.query(
    `SELECT modele, (donnees->>'intervention_id')::integer AS id FROM messages
     WHERE destinataire_id = $1 AND modele = 'technicien_parti' ORDER BY 2`,
    [user.id],
  );

async function untilSettled(ids: { planned: number; started: number; waiting: number }): Promise<void> {
  await eventually(
    async () => [await read(ids.planned), await read(ids.started), await read(ids.waiting)],
    ([planned, started, waiting]) =>
      planned.statut === 'ouverte' && started.a_transmettre && waiting.a_transmettre,
  );
}

/** How somebody leaves, and what it is called. */
const WAYS: Record<
  string,
  { leave: (technicien: { id: number; user: User }) => Promise<unknown>; raison: string }
> = {
  'are deactivated': {
    leave: ({ user }) => admin.patch(`/users/${user.id}`, { is_active: false }),
    raison: 'compte_desactive',
  },
  'lose the role': {
    leave: ({ user }) => admin.patch(`/users/${user.id}`, { role: 'client' }),
    raison: 'autre_role',
  },
  'are made unavailable': {
    leave: ({ id }) => admin.patch(`/techniciens/${id}`, { disponibilite: false }),
    raison: 'indisponible',
  },
};

describe('what a technicien was to do', () => {
  it.each(Object.keys(WAYS))('is open again, or to be handed over, when they %s', async (way) => {
    const world = await busy();
    const { technicien, responsable, planned, started, waiting } = world;
    const { leave, raison } = WAYS[way]!;
    expect(await leave(technicien)).toMatchObject({ status: 200 });
    await untilSettled(world);

    expect(await read(planned)).toMatchObject({ technicien_id: null, planning: null, a_transmettre: false });
    const history = (await admin.get(`/interventions/${planned}/historique`)).body.at(-1);
    expect(history).toMatchObject({
      action: 'retrait',
      auteur_id: null,
      apres: { raison, statut: 'ouverte' },
    });
    expect(await read(started)).toMatchObject({ statut: 'en_cours', technicien_id: technicien.id });
    expect((await actionsOf(started)).at(-1)).toBe('a_transmettre');
    expect(await read(waiting)).toMatchObject({ statut: 'attente_pieces' });
    const expected = [planned, started, waiting].map((id) => ({ modele: 'technicien_parti', id }));
    expect(await told(responsable)).toEqual(expected);

    const listed = (await admin.get('/interventions?a_transmettre=true&limit=200')).body;
    const ids = listed.map(({ id }: { id: number }) => id);
    expect(ids).toEqual(expect.arrayContaining([started, waiting]));
    expect(ids).not.toContain(planned);

    // Told once, however often somebody looks.
    for (const id of [planned, started, waiting]) {
      await temporal.workflow.getHandle(`intervention-${id}`).signal('synchroniser');
      await admin.patch(`/interventions/${id}`, { priorite: 'haute' });
    }
    expect(await told(responsable)).toEqual(expected);
    expect((await actionsOf(started)).filter((action) => action === 'a_transmettre')).toHaveLength(1);
  });

  it('is given to somebody else, and is theirs to finish', async () => {
    const world = await busy();
    await admin.patch(`/users/${world.technicien.user.id}`, { is_active: false });
    await untilSettled(world);
    const other = await makeTechnicien(system.db);
    const handed = await admin.put(`/interventions/${world.started}/assign`, { technicien_id: other.id });
    expect(handed.body).toMatchObject({ statut: 'en_cours', a_transmettre: false, technicien_id: other.id });
    const worker = await system.as(other.user);
    const done = await worker.put(`/interventions/${world.started}/statut`, {
      statut: 'terminee',
      rapport: 'Fait.',
    });
    expect(done.status).toBe(200);
    const again = await admin.put(`/interventions/${world.planned}/assign`, {
      technicien_id: other.id,
      date_planifiee: inHours(30),
    });
    expect(again.body).toMatchObject({ statut: 'planifiee' });
  });

  it('is found within a minute when nobody was told to look', async () => {
    const world = await busy();
    await system.db.query('UPDATE users SET is_active = false WHERE id = $1', [world.technicien.user.id]);
    await anotherRound(temporal.schedule.getHandle(`reconciliation-${system.config.temporal.taskQueue}`));
    await untilSettled(world);
    expect(await told(world.responsable)).toHaveLength(3);
  });

  it('goes on when they are back, and is told again when they leave again', async () => {
    const world = await busy();
    const { technicien, responsable, started } = world;
    await admin.patch(`/techniciens/${technicien.id}`, { disponibilite: false });
    await untilSettled(world);
    await admin.patch(`/techniciens/${technicien.id}`, { disponibilite: true });
    await eventually(
      async () => (await read(started)).a_transmettre,
      (marked) => !marked,
    );
    expect((await actionsOf(started)).at(-1)).toBe('retour');
    await admin.patch(`/techniciens/${technicien.id}`, { disponibilite: false });
    await eventually(
      async () => (await told(responsable)).filter(({ id }) => id === started),
      ({ length }) => length === 2,
    );
  });

  it('is to be handed over at once when it is reopened after they left', async () => {
    const { technicien, responsable, started } = await busy();
    await admin.put(`/interventions/${started}/statut`, { statut: 'terminee', rapport: 'Fait.' });
    await admin.patch(`/users/${technicien.user.id}`, { is_active: false });
    const reopened = await admin.put(`/interventions/${started}/statut`, { statut: 'en_cours' });
    expect(reopened.body).toMatchObject({ statut: 'en_cours', a_transmettre: true });
    expect((await told(responsable)).map(({ id }) => id)).toContain(started);
    await admin.put(`/interventions/${started}/statut`, { statut: 'annulee', motif: 'Sans objet' });
    expect(await read(started)).toMatchObject({ a_transmettre: false });
  });

  it('is told to the administrators where a site has no responsable', async () => {
    const { user: boss } = await system.newPerson('admin');
    const technicien = await makeTechnicien(system.db);
    const equipement = await makeEquipement(system.db, { site_id: (await makeSite(system.db)).id });
    const given = {
      client: admin,
      equipementId: equipement.id,
      technicienId: technicien.id,
      date: new Date(),
    };
    const id = await bringTo('planifiee', given);
    await admin.patch(`/users/${technicien.user.id}`, { is_active: false });
    await eventually(
      () => told(boss),
      (messages) => messages.some((message) => message.id === id),
    );
  });

  it('is never left with them, in any race of an assignment with their departure', async () => {
    const ends = new Set<string>();
    for (let round = 0; round < 12; round++) {
      const technicien = await makeTechnicien(system.db);
      const equipement = await makeEquipement(system.db);
      const id = await bringTo('ouverte', { client: admin, equipementId: equipement.id });
      const [assigned, left] = await Promise.all([
        admin.put(`/interventions/${id}/assign`, {
          technicien_id: technicien.id,
          date_planifiee: inHours(1),
        }),
        admin.patch(`/users/${technicien.user.id}`, { is_active: false }),
      ]);
      expect(left.status).toBe(200);
      const { technicien_id } = await eventually(
        () => read(id),
        ({ statut }) => statut === 'ouverte',
      );
      expect(technicien_id).toBeNull();
      ends.add(`${assigned.status} ${(await actionsOf(id)).at(-1)}`);
    }
    for (const end of ends) expect(['200 retrait', '422 creation']).toContain(end);
  });
});
