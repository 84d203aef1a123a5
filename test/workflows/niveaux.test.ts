import type { Palier } from '../../src/domain/parc/niveaux';
import {
  makeContrat,
  makeEquipement,
  makeNiveau,
  makeSite,
  makeTechnicien,
  makeUser,
} from '../support/factories';
import { type SkippingSystem, startSkippingSystem } from '../support/time-skipping';

/** Levels of service, as the workflow of an intervention has them told. */

let system: SkippingSystem;
beforeAll(async () => {
  system = await startSkippingSystem();
});
afterAll(() => system.close());

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Everybody who is written to of time, in the order in which they were: what, to whom, minutes since. */
async function told(id: number, since: Date): Promise<[string, number, number][]> {
  const rows: { modele: string; destinataire_id: number; date: Date }[] = await system.db.query(
    `SELECT m.modele, m.destinataire_id, h.date FROM messages m
     JOIN historique h ON h.entite = 'intervention' AND h.entite_id = $1
       AND m.evenement = 'intervention:' || h.entite_id || ':' || h.numero_evenement
     WHERE m.modele IN ('escalade', 'echeance_proche') ORDER BY h.id, m.destinataire_id`,
    [id],
  );
  return rows.map(({ modele, destinataire_id, date }) => [
    modele,
    destinataire_id,
    Math.round((date.getTime() - since.getTime()) / MINUTE),
  ]);
}

/** A machine of a client on a site that somebody is responsible for, under a contract with these levels. */
async function served(niveaux: Palier[]) {
  const { db } = system;
  const client = await makeUser(db, { role: 'client' });
  const site = await makeSite(db);
  const responsable = await makeUser(db, { role: 'responsable', sites: [site.id] });
  // Oversees another site: hears nothing of this one.
  await makeUser(db, { role: 'responsable', sites: [(await makeSite(db)).id] });
  const equipement = await makeEquipement(db, { client_id: client.id, site_id: site.id });
  const niveau = await makeNiveau(db, { niveaux });
  const contrat = await makeContrat(db, { client_id: client.id, niveau_service_id: niveau.id });
  return { client, responsable, equipement, niveau, contrat };
}

describe('a level with -25 % and +PT1H', () => {
  const PALIERS: Palier[] = [
    { a: '-25%', destinataires: ['technicien'] },
    { a: '+0', destinataires: ['technicien', 'responsable'] },
    { a: '+PT1H', destinataires: ['admin', 'client'] },
  ];

  it('is told exactly once each, to the right people', async () => {
    const { client, responsable, equipement } = await served(PALIERS);
    const technicien = await makeTechnicien(system.db);
    const start = await system.now();
    // A critique: four hours around the clock, of which three have passed after 180 minutes.
    const id = await system.report({}, equipement);
    await system.plan(id, technicien.id);
    await system.order(id, { type: 'statut', statut: 'en_cours' });
    await system.pass(179 * MINUTE);
    expect(await told(id, start)).toEqual([]);
    await system.pass(2 * MINUTE);
    const ahead = ['echeance_proche', technicien.user.id, 180];
    expect(await told(id, start)).toEqual([ahead]);
    await system.pass(HOUR);
    const passed = [responsable.id, technicien.user.id]
      .sort((a, b) => a - b)
      .map((who) => ['escalade', who, 240]);
    expect(await told(id, start)).toEqual([ahead, ...passed]);
    // Woken in between, as after a restart: nothing is told again.
    await system.wake(id);
    await system.pass(HOUR);
    const after = [system.admin.id, client.id].sort((a, b) => a - b).map((who) => ['escalade', who, 300]);
    expect(await told(id, start)).toEqual([ahead, ...passed, ...after]);
    await system.wake(id);
    await system.pass(48 * HOUR);
    expect(await told(id, start)).toEqual([ahead, ...passed, ...after]);
    // The customer is not told how far up it went.
    const [{ donnees }] = await system.db.query(
      `SELECT donnees FROM messages WHERE modele = 'escalade' AND destinataire_id = $1`,
      [client.id],
    );
    expect(donnees).toMatchObject({ etape: 'resolution' });
    expect(donnees).not.toHaveProperty('niveau');
  });

  it('tells what nobody heard of the end to the next at once, and a warning to nobody to nobody', async () => {
    const { client, responsable, equipement } = await served([
      { a: '-25%', destinataires: ['technicien'] },
      { a: '+0', destinataires: ['technicien'] },
      { a: '+PT1H', destinataires: ['responsable'] },
      { a: '+PT2H', destinataires: ['client'] },
    ]);
    const start = await system.now();
    // Nobody is assigned: the assignment is due after 15 minutes, a warning after 11 and a quarter.
    const id = await system.report({}, equipement);
    await system.pass(3 * HOUR);
    expect(await told(id, start)).toEqual([
      ['escalade', responsable.id, 15],
      ['escalade', client.id, 135],
    ]);
    const [{ apres }] = await system.db.query(
      `SELECT apres FROM historique WHERE entite = 'intervention' AND entite_id = $1 AND action = 'rappel'`,
      [id],
    );
    expect(apres).toMatchObject({ etape: 'affectation', sans_destinataire: [1] });
  });
});

it('a contract that comes later is followed by the workflow, which repeats nothing', async () => {
  const { client, responsable, equipement, contrat } = await served([{ a: '+0', destinataires: ['client'] }]);
  await system.db.query('DELETE FROM contrats WHERE id = $1', [contrat.id]);
  const technicien = await makeTechnicien(system.db);
  const start = await system.now();
  const id = await system.report({}, equipement);
  await system.plan(id, technicien.id);
  await system.order(id, { type: 'statut', statut: 'en_cours' });
  await system.pass(4 * HOUR + 5 * MINUTE);
  const byHouse = ['escalade', technicien.user.id, 240];
  expect(await told(id, start)).toEqual([byHouse]);
  const niveau = await makeNiveau(system.db, {
    niveaux: [
      { a: '+PT1M', destinataires: ['technicien'] },
      { a: '+PT2H', destinataires: ['responsable', 'technicien'] },
    ],
  });
  await makeContrat(system.db, { client_id: client.id, niveau_service_id: niveau.id });
  // Nobody wakes the workflow: it looks when the house would tell the responsable, after four hours more.
  await system.pass(8 * HOUR);
  // The technicien knew of the end when the contract was seen, so of both its levels only the later tells the other one.
  expect(await told(id, start)).toEqual([byHouse, ['escalade', responsable.id, 480]]);
  const [{ apres }] = await system.db.query(
    `SELECT apres FROM historique WHERE entite = 'intervention' AND entite_id = $1 AND action = 'recalcul'`,
    [id],
  );
  expect(apres.franchis_retroactivement).toEqual([{ etape: 'resolution', a: '+PT1M' }]);
});
