import { mondayOf, semaineOf } from '../../src/domain/planification/propositions';
import type { Client } from '../support/client';
import {
  makeEquipement,
  makeIntervention,
  makePlanning,
  makeSite,
  makeTechnicien,
} from '../support/factories';
import { eventually, startTestSystem, type TestSystem } from '../support/system';

/** A week as it is proposed, looked at, changed by hand and carried out, on the real servers. */

let system: TestSystem;
beforeAll(async () => {
  system = await startTestSystem();
});
afterAll(() => system.close());

const DAY = 86_400_000;
/** A week that is not this one: whatever day it is, all of it lies ahead. */
const NEXT_WEEK = semaineOf(new Date(Date.now() + 10 * DAY).toISOString().slice(0, 10));
const inNextWeek = (day: number, hour: number) =>
  new Date(Date.parse(mondayOf(NEXT_WEEK)!) + day * DAY + hour * 3_600_000);

interface Ligne {
  id: number;
  intervention_id: number;
  technicien_id: number;
  date_planifiee: string;
  resultat: string | null;
}

/** A site of its own with people and work, and somebody who plans it. */
async function makeScene(techniciens = 2, interventions = 6) {
  const { db } = system;
  const site = await makeSite(db, { latitude: 32.88, longitude: -6.9 });
  const { client, user } = await system.newPerson('responsable', { sites: [site.id] });
  const people: number[] = [];
  for (let count = 0; count < techniciens; count++) {
    const one = await makeTechnicien(
      db,
      { latitude: 32.9 + count / 100, longitude: -6.9, horaires: null },
      { sites: [site.id] },
    );
    people.push(one.id);
  }
  const equipement = await makeEquipement(db, { site_id: site.id });
  const work: number[] = [];
  for (let count = 0; count < interventions; count++) {
    const { id } = await makeIntervention(db, {
      equipement_id: equipement.id,
      competences_requises: ['hydraulique'],
      workflow_demarre: true,
    });
    work.push(id);
  }
  return { site, client, user, people, work, equipement };
}

const read = async (client: Client, id: number) => (await client.get(`/planning/propositions/${id}`)).body;

async function generate(client: Client, body: object = {}): Promise<number> {
  const reply = await client.post('/planning/generer', { semaine: NEXT_WEEK, ...body });
  expect([reply.status, reply.body.code]).toEqual([202, undefined]);
  expect(reply.headers.get('location')).toBe(`/api/v1/planning/propositions/${reply.body.id}`);
  return reply.body.id;
}

async function ready(client: Client, id: number) {
  const body = await eventually(
    () => read(client, id),
    ({ statut }) => statut !== 'en_cours',
  );
  expect(body.statut).toBe('prete');
  return body;
}

const applied = (client: Client, id: number) =>
  eventually(
    () => read(client, id),
    ({ statut }) => statut === 'appliquee',
  );

const visitOf = async (id: number) =>
  (
    await system.db.query(
      `SELECT technicien_id, date_planifiee FROM plannings WHERE intervention_id = $1 AND statut = 'planifiee'`,
      [id],
    )
  ).map((row: { technicien_id: number; date_planifiee: Date }) => ({
    ...row,
    date_planifiee: row.date_planifiee.toISOString(),
  }))[0];

describe('A week', () => {
  it('is proposed, applied line by line, and stands in the rows as it was proposed', async () => {
    const { client, work, people } = await makeScene();
    const id = await generate(client);
    const proposed = await ready(client, id);
    expect(proposed.visites.map((ligne: Ligne) => ligne.intervention_id).sort()).toEqual([...work].sort());
    expect(proposed.bilan.affectees).toBe(work.length);
    expect(proposed.avant.affectees).toBe(0);
    expect(proposed.non_affectees).toEqual([]);
    expect(proposed.application).toBeNull();
    for (const { technicien_id } of proposed.visites) expect(people).toContain(technicien_id);

    const reply = await client.post(`/planning/propositions/${id}/application`);
    expect(reply.status).toBe(202);
    expect(reply.headers.get('location')).toBe(`/api/v1/planning/propositions/${id}`);
    const done = await applied(client, id);
    expect(done.application.lignes).toEqual({
      appliquee: work.length,
      inchangee: 0,
      modifiee_entretemps: 0,
      refusee: 0,
      restantes: 0,
    });
    for (const ligne of done.visites as Ligne[]) {
      expect(ligne.resultat).toBe('appliquee');
      const { technicien_id, date_planifiee } = ligne;
      expect(await visitOf(ligne.intervention_id)).toEqual({ technicien_id, date_planifiee });
    }
    const again = await client.post(`/planning/propositions/${id}/application`);
    expect([again.status, again.body.code, again.body.statut]).toEqual([
      409,
      'TRANSITION_INVALIDE',
      'appliquee',
    ]);
  });

  it('is proposed alike twice for the same situation', async () => {
    const { client } = await makeScene(3, 12);
    const plan = async () =>
      (await ready(client, await generate(client))).visites.map(
        ({ intervention_id, technicien_id, date_planifiee }: Ligne) => [
          intervention_id,
          technicien_id,
          date_planifiee,
        ],
      );
    const first = await plan();
    expect(first).toHaveLength(12);
    expect(await plan()).toEqual(first);
  });

  it('exchanges the places of visits that stand in each other’s way', async () => {
    const { client, people, work } = await makeScene(1, 2);
    const [technicien] = people as [number];
    const [one, other] = work as [number, number];
    // Both planned, each at the time that the other is to have.
    for (const [intervention, hour] of [
      [one, 9],
      [other, 10],
    ] as const) {
      const plan = { technicien_id: technicien, date_planifiee: inNextWeek(0, hour).toISOString() };
      expect((await client.put(`/interventions/${intervention}/assign`, plan)).status).toBe(200);
    }
    const id = await generate(client);
    const { visites } = await ready(client, id);
    const times = { [one]: inNextWeek(0, 10), [other]: inNextWeek(0, 9) };
    for (const ligne of visites as Ligne[]) {
      const debut = times[ligne.intervention_id]!;
      await system.db.query(
        `UPDATE propositions_lignes SET date_planifiee = $2, duree_estimee = 60, segments = $3 WHERE id = $1`,
        [ligne.id, debut, JSON.stringify([{ debut, fin: new Date(debut.getTime() + 3_600_000) }])],
      );
    }
    await client.post(`/planning/propositions/${id}/application`);
    const done = await applied(client, id);
    expect(done.application.lignes).toMatchObject({ appliquee: 2, refusee: 0 });
    expect((await visitOf(one)).date_planifiee).toBe(times[one]!.toISOString());
    expect((await visitOf(other)).date_planifiee).toBe(times[other]!.toISOString());
  });

  it('tells what changed meanwhile, and leaves it as it is', async () => {
    const { client, work, people } = await makeScene(2, 3);
    const id = await generate(client);
    await ready(client, id);
    const [touched, gone] = work as [number, number];
    const elsewhere = {
      technicien_id: people[0],
      date_planifiee: inNextWeek(6, 9).toISOString(),
      force: true,
    };
    expect((await client.put(`/interventions/${touched}/assign`, elsewhere)).status).toBe(200);
    await client.put(`/interventions/${gone}/statut`, { statut: 'annulee', motif: 'Doublon' });
    await client.post(`/planning/propositions/${id}/application`);
    const done = await applied(client, id);
    const lineOf = (intervention: number) =>
      done.visites.find((ligne: Ligne) => ligne.intervention_id === intervention);
    expect(lineOf(touched)).toMatchObject({ resultat: 'modifiee_entretemps' });
    expect(lineOf(touched).changements).toEqual(
      expect.arrayContaining(['statut', 'technicien_id', 'date_planifiee']),
    );
    expect(lineOf(gone)).toMatchObject({ resultat: 'modifiee_entretemps', changements: ['statut'] });
    expect((await visitOf(touched)).date_planifiee).toBe(elsewhere.date_planifiee);
    expect(done.application.lignes).toMatchObject({ appliquee: 1, modifiee_entretemps: 2 });
  });

  it('is carried out with the rights of whoever applies it, as they are by then', async () => {
    const { client, user, work } = await makeScene(1, 2);
    const id = await generate(client);
    await ready(client, id);
    await system.db.query(
      `UPDATE propositions SET application_debut = now(), battement = now() - interval '1 hour',
         application_auteur = $2 WHERE id = $1`,
      [
        id,
        {
          userId: user.id,
          sessionId: '00000000-0000-4000-8000-000000000000',
          cleApiId: null,
          requete: 'POST /planning/propositions/{id}/application',
          correlationId: 'test',
          adresse: null,
        },
      ],
    );
    system.app.engine.startApplicationInBackground(id);
    const done = await applied(client, id);
    expect(done.visites.map(({ resultat, code }: Ligne & { code: string }) => [resultat, code])).toEqual([
      ['refusee', 'NON_AUTHENTIFIE'],
      ['refusee', 'NON_AUTHENTIFIE'],
    ]);
    for (const intervention of work) expect(await visitOf(intervention)).toBeUndefined();
  });

  it('tells why work found no place', async () => {
    const { client, equipement, site } = await makeScene(1, 0);
    const { id: welding } = await makeIntervention(system.db, {
      equipement_id: equipement.id,
      competences_requises: ['soudure'],
    });
    await makeTechnicien(
      system.db,
      {
        competences: ['soudure'],
        absences: [{ debut: '2020-01-01T00:00:00Z', fin: '2100-01-01T00:00:00Z' }],
        horaires: null,
      },
      { sites: [site.id] },
    );
    const { non_affectees, bilan } = await ready(client, await generate(client));
    expect(bilan).toMatchObject({ affectees: 0, non_affectees: 1 });
    expect(non_affectees).toHaveLength(1);
    expect(non_affectees[0]).toMatchObject({
      intervention_id: welding,
      raisons: [
        { code: 'competence', techniciens: 1 },
        { code: 'absent', techniciens: 1 },
      ],
    });
  });

  it('takes the time that others plan as taken, and says nothing of what takes it', async () => {
    const { client, people, work } = await makeScene(1, 1);
    const elsewhere = await makeSite(system.db);
    const foreign = await makeEquipement(system.db, { site_id: elsewhere.id });
    const taken: number[] = [];
    for (let day = 0; day < 7; day++) {
      const { id } = await makeIntervention(system.db, {
        equipement_id: foreign.id,
        statut: 'planifiee',
        technicien_id: people[0],
      });
      taken.push(id);
      await makePlanning(system.db, {
        intervention_id: id,
        technicien_id: people[0],
        date_planifiee: inNextWeek(day, 0),
        duree_estimee: 1_439,
      });
    }
    const body = await ready(client, await generate(client));
    expect(body.visites).toEqual([]);
    expect(body.non_affectees).toMatchObject([
      { intervention_id: work[0], raisons: [{ code: 'creneau_pris', techniciens: 1 }] },
    ]);
    for (const id of taken) expect(JSON.stringify(body)).not.toContain(`"intervention_id":${id}`);
  });

  it('that is given up while it is computed ends its search', async () => {
    const { client } = await makeScene(12, 400);
    const id = await generate(client);
    await eventually(
      () => read(client, id),
      ({ progression }) => progression !== null,
    );
    expect((await client.delete(`/planning/propositions/${id}`)).status).toBe(204);
    const body = await read(client, id);
    expect(body).toMatchObject({ statut: 'annulee', motif: 'demande', visites: [] });
    // Its place is free at once: another is computed meanwhile.
    const { client: other } = await makeScene(1, 1);
    await ready(other, await generate(other));
    expect((await read(client, id)).visites).toEqual([]);
  });
});

describe('A proposal', () => {
  const patch = (client: Client, id: number, visites: object[], headers: Record<string, string> = {}) =>
    client.patch(`/planning/propositions/${id}`, { visites }, headers);
  const at = (ligne: Ligne) => Date.parse(ligne.date_planifiee);

  it('is changed by hand, and carried out as it was changed', async () => {
    const { client, people } = await makeScene(2, 3);
    const id = await generate(client);
    const before = await ready(client, id);
    const [moved, out, kept] = before.visites as [Ligne, Ligne, Ligne];
    const date_planifiee = inNextWeek(3, 15).toISOString();
    const other = people.find((person) => person !== moved.technicien_id)!;
    const reply = await patch(
      client,
      id,
      [
        { id: moved.id, technicien_id: other, date_planifiee },
        { id: out.id, retiree: true },
        { id: kept.id, verrouillee: true },
      ],
      { 'if-match': `"${before.version}"` },
    );
    expect([reply.status, reply.body.code]).toEqual([200, undefined]);
    expect(reply.headers.get('etag')).toBe(`"${before.version + 1}"`);
    expect(reply.body.bilan).toMatchObject({ affectees: 2, non_affectees: 1 });
    const lineOf = (body: { visites: Ligne[] }, { id: ligne }: Ligne) =>
      body.visites.find((one) => one.id === ligne);
    expect(lineOf(reply.body, moved)).toMatchObject({
      technicien_id: other,
      date_planifiee,
      segments: [
        { debut: date_planifiee, fin: new Date(Date.parse(date_planifiee) + 3_600_000).toISOString() },
      ],
    });
    expect(lineOf(reply.body, kept)).toMatchObject({ verrouillee: true });

    await client.post(`/planning/propositions/${id}/application`);
    const done = await applied(client, id);
    expect(done.application.lignes).toMatchObject({ appliquee: 2, restantes: 0 });
    expect(lineOf(done, out)).toMatchObject({ retiree: true, resultat: null });
    expect(await visitOf(moved.intervention_id)).toEqual({ technicien_id: other, date_planifiee });
    expect(await visitOf(out.intervention_id)).toBeUndefined();
  });

  it('takes no change that a rule speaks against, and none of those beside it', async () => {
    const { client, people, site } = await makeScene(1, 2);
    const { id: welder } = await makeTechnicien(
      system.db,
      { competences: ['soudure'] },
      { sites: [site.id] },
    );
    const id = await generate(client);
    const { visites, version } = await ready(client, id);
    const [one, other] = visites as [Ligne, Ligne];
    const move = { id: one.id, date_planifiee: inNextWeek(2, 9).toISOString() };
    const refused = async (...changes: object[]) => {
      const { status, body } = await patch(client, id, [move, ...changes]);
      return [status, body.code, body.raisons ?? body.conflits?.length ?? body.erreurs?.[0].champ];
    };
    expect(await refused({ id: other.id, date_planifiee: inNextWeek(2, 3).toISOString() })).toEqual([
      409,
      'HORS_DISPONIBILITE',
      ['hors_horaires'],
    ]);
    expect(await refused({ id: other.id, technicien_id: welder })).toEqual([
      409,
      'HORS_DISPONIBILITE',
      ['competence'],
    ]);
    expect(await refused({ id: other.id, date_planifiee: inNextWeek(2, 9.5).toISOString() })).toEqual([
      409,
      'CONFLIT_PLANNING',
      1,
    ]);
    expect(await refused({ id: other.id, date_planifiee: inNextWeek(8, 9).toISOString() })).toEqual([
      422,
      'VALIDATION',
      'visites.1.date_planifiee',
    ]);
    expect(await refused({ id: other.id, technicien_id: 2_000_000_000 })).toEqual([
      422,
      'VALIDATION',
      'visites.1.technicien_id',
    ]);
    expect(await refused({ id: 2_000_000_000, retiree: true })).toEqual([422, 'VALIDATION', 'visites.1.id']);
    await system.db.query(`UPDATE techniciens SET absences = $2 WHERE id = $1`, [
      people[0],
      JSON.stringify([{ id: 1, debut: inNextWeek(4, 0).toISOString(), fin: inNextWeek(5, 0).toISOString() }]),
    ]);
    expect(await refused({ id: other.id, date_planifiee: inNextWeek(4, 9).toISOString() })).toEqual([
      409,
      'HORS_DISPONIBILITE',
      ['absent'],
    ]);
    const after = await read(client, id);
    expect(after.version).toBe(version);
    expect(after.visites.map(at)).toEqual(visites.map(at));
  });

  it('keeps locked lines where they are until they are unlocked', async () => {
    const { client } = await makeScene(1, 1);
    const id = await generate(client);
    const [ligne] = (await ready(client, id)).visites as [Ligne];
    const move = { id: ligne.id, date_planifiee: inNextWeek(2, 9).toISOString() };
    await patch(client, id, [{ id: ligne.id, verrouillee: true }]);
    const refused = await patch(client, id, [move]);
    expect([refused.status, refused.body.code, refused.body.ligne_id]).toEqual([
      409,
      'TRANSITION_INVALIDE',
      ligne.id,
    ]);
    const freed = await patch(client, id, [{ ...move, verrouillee: false }]);
    expect([freed.status, at(freed.body.visites[0])]).toEqual([200, inNextWeek(2, 9).getTime()]);
  });

  it('counts what a line that was taken out keeps as taken', async () => {
    const { client, people, work } = await makeScene(1, 2);
    const [planned, open] = work as [number, number];
    const date_planifiee = inNextWeek(1, 9).toISOString();
    await client.put(`/interventions/${planned}/assign`, { technicien_id: people[0], date_planifiee });
    const id = await generate(client);
    const { visites } = await ready(client, id);
    const lineOf = (intervention: number) =>
      (visites as Ligne[]).find((ligne) => ligne.intervention_id === intervention)!.id;
    const reply = await patch(client, id, [
      { id: lineOf(planned), retiree: true },
      { id: lineOf(open), date_planifiee },
    ]);
    expect([reply.status, reply.body.code]).toEqual([409, 'CONFLIT_PLANNING']);
  });

  it('is out of date after a while, and neither changed nor applied then', async () => {
    const { client } = await makeScene(1, 1);
    const id = await generate(client);
    const { visites, version } = await ready(client, id);
    await system.db.query(`UPDATE propositions SET date_expiration = now() WHERE id = $1`, [id]);
    expect((await read(client, id)).statut).toBe('perimee');
    const listed = await client.get('/planning/propositions?statut=perimee');
    expect(listed.body.map((row: { id: number }) => row.id)).toEqual([id]);
    for (const reply of [
      await patch(client, id, [{ id: visites[0].id, retiree: true }]),
      await client.post(`/planning/propositions/${id}/application`),
    ]) {
      expect([reply.status, reply.body.code, reply.body.statut]).toEqual([
        409,
        'TRANSITION_INVALIDE',
        'perimee',
      ]);
    }
    const stale = await client.post(`/planning/propositions/${id}/application`, undefined, {
      'if-match': `"${version + 5}"`,
    });
    expect(stale.status).toBe(412);
  });

  it('is asked for once for a key, and for nothing that is over or not one’s own', async () => {
    const { client, site, people, work } = await makeScene(1, 1);
    const other = await makeScene(1, 1);
    const body = { semaine: NEXT_WEEK, site_id: site.id, techniciens: people, interventions: work };
    const headers = { 'idempotency-key': `semaine-${site.id}` };
    const first = await client.post('/planning/generer', body, headers);
    const again = await client.post('/planning/generer', body, headers);
    expect([first.status, again.status, again.body.id]).toEqual([202, 202, first.body.id]);
    expect(again.headers.get('location')).toBe(first.headers.get('location'));
    const fault = async (given: object) => {
      const { status, body: told } = await client.post('/planning/generer', { semaine: NEXT_WEEK, ...given });
      return [status, told.erreurs?.[0].champ];
    };
    expect(await fault({ semaine: '2020-W10' })).toEqual([422, 'semaine']);
    expect(await fault({ semaine: '2027-W53' })).toEqual([422, 'semaine']);
    expect(await fault({ site_id: other.site.id })).toEqual([422, 'site_id']);
    expect(await fault({ techniciens: other.people })).toEqual([422, 'techniciens']);
    expect(await fault({ interventions: other.work })).toEqual([422, 'interventions']);
    expect((await other.client.get(`/planning/propositions/${first.body.id}`)).status).toBe(404);
  });
});

describe('A day', () => {
  /** A technicien who goes to and fro: three visits of places in a row, in the worst order. */
  async function makeDay() {
    const { db } = system;
    const sites = await Promise.all(
      [-6.6, -6.8, -6.7].map((longitude) => makeSite(db, { latitude: 32.9, longitude })),
    );
    const { client } = await system.newPerson('responsable', { sites: sites.map(({ id }) => id) });
    const technicien = await makeTechnicien(
      db,
      { latitude: 32.9, longitude: -6.9, horaires: null },
      { sites: sites.map(({ id }) => id) },
    );
    const work: number[] = [];
    for (const [index, site] of sites.entries()) {
      const equipement = await makeEquipement(db, { site_id: site.id });
      const { id } = await makeIntervention(db, { equipement_id: equipement.id });
      const plan = {
        technicien_id: technicien.id,
        date_planifiee: inNextWeek(1, [8, 10, 14][index]!).toISOString(),
        duree_estimee: 45,
      };
      const reply = await client.put(`/interventions/${id}/assign`, plan);
      expect([reply.status, reply.body.code]).toEqual([200, undefined]);
      work.push(id);
    }
    const date = inNextWeek(1, 0).toISOString().slice(0, 10);
    return { client, technicien, work, path: `/planning/technicien/${technicien.id}/tournee?date=${date}` };
  }

  it('is compared with the best order, on a map with the longitude first', async () => {
    const { client, technicien, work, path } = await makeDay();
    const [far, near, middle] = work;
    const { status, body } = await client.get(path);
    expect([status, body.methode, body.trajets]).toEqual([200, 'exacte', 'grand_cercle']);
    expect(body.actuel.ordre).toEqual([far, near, middle]);
    expect(body.propose.minutes).toBeLessThan(body.actuel.minutes);
    expect(body.propose.km).toBeLessThan(body.actuel.km);
    const { features } = body.geojson;
    expect(features[0]).toEqual({
      type: 'Feature',
      geometry: { type: 'Point', coordinates: [-6.9, 32.9] },
      properties: { genre: 'base' },
    });
    const lines = features.filter(
      ({ geometry }: { geometry: { type: string } }) => geometry.type === 'LineString',
    );
    expect(lines.map(({ properties }: { properties: { plan: string } }) => properties.plan)).toEqual([
      'actuel',
      'propose',
    ]);
    expect(lines[0].geometry.coordinates).toEqual([
      [-6.9, 32.9],
      [-6.6, 32.9],
      [-6.8, 32.9],
      [-6.7, 32.9],
      [-6.9, 32.9],
    ]);
    // Whose day it is sees it too, and nobody else of them.
    const own = await system.as(technicien.user);
    expect((await own.get(path)).body.actuel.ordre).toEqual([far, near, middle]);
    const { client: colleague } = await system.newPerson('technicien');
    expect((await colleague.get(path)).status).toBe(404);
    expect((await own.post(path)).status).toBe(403);
  });

  it('is carried out as it is proposed, as orders of whoever asks', async () => {
    const { client, path } = await makeDay();
    const { body: journee } = await client.get(path);
    const reply = await client.post(path);
    expect(reply.status).toBe(202);
    expect(reply.headers.get('location')).toBe(`/api/v1/planning/propositions/${reply.body.id}`);
    const done = await applied(client, reply.body.id);
    expect(done).toMatchObject({
      genre: 'journee',
      application: { statut: 'terminee', lignes: { refusee: 0 } },
    });
    for (const { intervention_id, date_planifiee } of journee.propose.arrets) {
      expect((await visitOf(intervention_id)).date_planifiee).toBe(date_planifiee);
    }
    const { body: after } = await client.get(path);
    expect(after.actuel.ordre).toEqual(journee.propose.ordre);
    expect(after.actuel.minutes).toBe(journee.propose.minutes);
  });

  it('of visits elsewhere shows only that the time is taken', async () => {
    const { client, technicien, path } = await makeDay();
    const foreign = await makeEquipement(system.db, { site_id: (await makeSite(system.db)).id });
    const { id } = await makeIntervention(system.db, {
      equipement_id: foreign.id,
      statut: 'planifiee',
      technicien_id: technicien.id,
    });
    await makePlanning(system.db, {
      intervention_id: id,
      technicien_id: technicien.id,
      date_planifiee: inNextWeek(1, 16),
      duree_estimee: 60,
    });
    const { body } = await client.get(path);
    expect(JSON.stringify(body)).not.toContain(String(id));
    for (const { date_planifiee, fin } of body.propose.arrets) {
      expect(
        Date.parse(fin) <= inNextWeek(1, 16).getTime() ||
          Date.parse(date_planifiee) >= inNextWeek(1, 17).getTime(),
      ).toBe(true);
    }
  });

  it('that is over, or empty, has nothing to propose', async () => {
    const { client, technicien } = await makeDay();
    const path = `/planning/technicien/${technicien.id}/tournee?date=`;
    const over = await client.get(`${path}2020-01-01`);
    expect([over.status, over.body.erreurs[0].champ]).toEqual([422, 'date']);
    const free = await client.get(`${path}${inNextWeek(2, 0).toISOString().slice(0, 10)}`);
    expect(free.body).toMatchObject({ methode: null, actuel: { ordre: [], minutes: 0 }, propose: null });
  });
});
