import { DOMParser } from '@xmldom/xmldom';
import { startTestApi, type TestApi } from '../support/api';
import type { Reply } from '../support/client';
import {
  makeEquipement,
  makeFerie,
  makeIntervention,
  makePlanning,
  makeSite,
  makeTechnicien,
} from '../support/factories';
import { statementsDuring } from '../support/queries';

/** The picture of a week, as the API answers it: whose lines, and what of each visit. How it is drawn: `test/svg/`. */

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

const WEEK = 'semaine=2026-W51';
const parser = new DOMParser({
  onError: (_, message) => {
    throw new Error(message);
  },
});

/** Of a picture, the people in it with the titles of their visits. */
function peopleOf({ status, body }: Reply): Map<number, string[]> {
  expect(status).toBe(200);
  const root = parser.parseFromString(body, 'image/svg+xml').documentElement!;
  const groups = [...root.getElementsByTagName('g')];
  const rows = groups.filter((g) => g.hasAttribute('data-technicien'));
  return new Map(
    rows.map((row) => [
      Number(row.getAttribute('data-technicien')),
      [...row.getElementsByTagName('g')]
        .filter((g) => g.getAttribute('class') === 'visite')
        .map(
          (g) =>
            `${g.getElementsByTagName('title')[0]!.textContent} [${g.getAttribute('data-conflits') ?? ''}]`,
        ),
    ]),
  );
}

/** A visit on a site, for work with this title. */
async function visitAt(
  technicien_id: number,
  site_id: number | null,
  titre: string,
  date: string,
  given: object = {},
) {
  const equipement = await makeEquipement(api.db, { site_id, nom: `Machine ${titre}` });
  const intervention = await makeIntervention(api.db, {
    equipement_id: equipement.id,
    technicien_id,
    statut: 'planifiee',
    titre,
    date_limite: new Date('2027-06-01T00:00:00Z'),
  });
  return makePlanning(api.db, {
    intervention_id: intervention.id,
    technicien_id,
    date_planifiee: new Date(date),
    ...given,
  });
}

describe('the picture of a week', () => {
  it('is an image that does nothing, with a tag by which one knows that it has not changed', async () => {
    const { client } = await api.newPerson('admin');
    const technicien = await makeTechnicien(api.db);
    const site = await makeSite(api.db);
    await visitAt(technicien.id, site.id, 'Graissage', '2026-12-14T09:00:00Z');
    const path = `/planning/semaine.svg?${WEEK}&site_id=${site.id}&limit=60`;
    const first = await client.get(path);
    expect(peopleOf(first).get(technicien.id)).toEqual([
      'Graissage · Machine Graissage · 09:00–10:00 · Priorité normale · à finir avant 1er juin 2027 00:00 []',
    ]);
    expect(Object.fromEntries(first.headers)).toMatchObject({
      'content-type': 'image/svg+xml; charset=utf-8',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
      'x-content-type-options': 'nosniff',
      'cache-control': 'private, no-cache',
    });
    const etag = first.headers.get('etag')!;
    const same = await client.get(path, { 'If-None-Match': etag });
    expect([same.status, same.body]).toEqual([304, '']);
    await visitAt(technicien.id, site.id, 'Contrôle', '2026-12-15T09:00:00Z');
    expect((await client.get(path, { 'If-None-Match': etag })).status).toBe(200);
  });

  it('is of the present week when none is named, in the language of whoever asks', async () => {
    const technicien = await makeTechnicien(api.db, {}, { langue: 'ar' });
    const { body } = await (await api.as(technicien.user)).get('/planning/semaine.svg');
    expect(body).toContain('xml:lang="ar"');
    expect(body).toContain('برنامج الأسبوع');
    expect(body).toContain('class="maintenant"');
  });

  it('tells of travel, lateness, absences, closed days and hours', async () => {
    const { client } = await api.newPerson('admin');
    const site = await makeSite(api.db, {
      fuseau_horaire: 'Europe/Brussels',
      pays: 'BE',
      latitude: 32.88,
      longitude: -6.9,
      fermetures: [{ date_debut: '2026-12-18', date_fin: '2026-12-18', motif: 'Inventaire' }],
    });
    await makeFerie(api.db, { date: '2026-12-17', libelle: 'Fête de la mine' });
    const technicien = await makeTechnicien(api.db, {
      latitude: 32.88,
      longitude: -6.8,
      horaires: null,
      absences: [{ debut: '2026-12-15T23:00:00.000Z', fin: '2026-12-16T23:00:00.000Z' }],
    });
    const at = (titre: string, date: string, minutes = 60) =>
      visitAt(technicien.id, site.id, titre, date, { duree_estimee: minutes });
    const late = await at('En retard', '2026-12-14T09:00:00Z');
    await api.db.query(`UPDATE interventions SET date_limite = '2026-12-14T09:30:00Z' WHERE id = $1`, [
      late.intervention_id,
    ]);
    await at('Absence', '2026-12-16T09:00:00Z');
    await at('Férié', '2026-12-17T09:00:00Z');
    await at('Fermé', '2026-12-18T09:00:00Z');
    await at('Le soir', '2026-12-15T20:00:00Z');
    const reply = await client.get(`/planning/semaine.svg?${WEEK}&site_id=${site.id}&limit=60`);
    const seen = peopleOf(reply)
      .get(technicien.id)!
      .map((text) => [text.split(' · ')[0], text.split(' · ').at(-1)]);
    expect(seen).toEqual([
      ['En retard', 'retard 30 min []'],
      ['Le soir', 'hors des horaires [hors_horaires]'],
      ['Absence', 'pendant une absence [absent]'],
      ['Férié', 'jour férié ou fermeture [ferie]'],
      ['Fermé', 'jour férié ou fermeture [ferie]'],
    ]);
    expect(reply.body).toContain('>Fête de la mine<');
    expect(reply.body).toContain('>Fermeture<');
    // 0.1 degrees of longitude, 9.3 km, on roads at 40 km/h; by the clocks of Brussels.
    expect(peopleOf(reply).get(technicien.id)![0]).toContain(
      '10:00–11:00 · Priorité normale · trajet 18 min',
    );
  });

  it('shows a technicien their own line, and no other, whatever site they name', async () => {
    const site = await makeSite(api.db);
    const technicien = await makeTechnicien(api.db);
    const colleague = await makeTechnicien(api.db);
    await visitAt(technicien.id, site.id, 'La mienne', '2026-12-14T09:00:00Z');
    await visitAt(colleague.id, site.id, 'La leur', '2026-12-14T09:00:00Z');
    const client = await api.as(technicien.user);
    for (const query of [WEEK, `${WEEK}&site_id=${site.id}`]) {
      const reply = await client.get(`/planning/semaine.svg?${query}&limit=60`);
      expect([...peopleOf(reply).keys()]).toEqual([technicien.id]);
      expect(reply.headers.get('x-total-count')).toBe('1');
      expect(reply.body).not.toContain('La leur');
      expect(reply.body).not.toContain(colleague.user.nom);
    }
  });

  it('shows who oversees a site its people; of their visits elsewhere, that the time is taken', async () => {
    const [here, elsewhere] = [await makeSite(api.db), await makeSite(api.db, { nom: 'Zanzibar-Port' })];
    const local = await makeTechnicien(api.db, {}, { sites: [here.id] });
    const detached = await makeTechnicien(api.db, {}, { sites: [elsewhere.id] });
    const stranger = await makeTechnicien(api.db, {}, { sites: [elsewhere.id] });
    await visitAt(local.id, here.id, 'Ici', '2026-12-14T09:00:00Z');
    await visitAt(local.id, elsewhere.id, 'Zanzibar-Titre', '2026-12-14T10:30:00Z', {
      notes: 'Zanzibar-Note',
    });
    await visitAt(detached.id, here.id, 'Renfort', '2026-12-15T09:00:00Z');
    await visitAt(stranger.id, elsewhere.id, 'Zanzibar-Autre', '2026-12-15T09:00:00Z');
    const { client } = await api.newPerson('responsable', { sites: [here.id] });
    for (const query of [WEEK, `${WEEK}&site_id=${here.id}`]) {
      const reply = await client.get(`/planning/semaine.svg?${query}&limit=60`);
      const people = peopleOf(reply);
      expect(people.get(local.id)).toEqual([expect.stringMatching(/^Ici · /), 'occupé · 10:30–11:30 []']);
      expect(people.get(detached.id)).toEqual([expect.stringMatching(/^Renfort · /)]);
      expect(people.has(stranger.id)).toBe(false);
      expect(reply.body).not.toContain('Zanzibar');
    }
    expect((await (await api.newPerson('client')).client.get('/planning/semaine.svg')).status).toBe(403);
    expect((await api.anonymous.get('/planning/semaine.svg')).status).toBe(401);
  });

  it('tells nothing by its travel of where a visit is that one may not see', async () => {
    const place = { latitude: 32.88, longitude: -6.9 };
    const [here, elsewhere] = [
      await makeSite(api.db, place),
      await makeSite(api.db, { ...place, longitude: -7.9 }),
    ];
    const technicien = await makeTechnicien(api.db, place, { sites: [here.id] });
    await visitAt(technicien.id, elsewhere.id, 'Là-bas', '2026-12-14T08:00:00Z');
    await visitAt(technicien.id, here.id, 'Ici', '2026-12-14T14:00:00Z');
    const seenBy = async (sites: number[]) => {
      const { client } = await api.newPerson('responsable', { sites });
      return peopleOf(await client.get(`/planning/semaine.svg?${WEEK}&site_id=${here.id}`)).get(
        technicien.id,
      )!;
    };
    expect((await seenBy([here.id]))[1]).not.toContain('trajet');
    expect((await seenBy([here.id, elsewhere.id]))[1]).toContain('trajet 3 h');
  });

  it('shows the parts of a long visit, to everybody who goes, and what is under way as it goes on', async () => {
    const site = await makeSite(api.db);
    const [lead, crew] = [await makeTechnicien(api.db), await makeTechnicien(api.db)];
    const visit = await visitAt(lead.id, site.id, 'Révision', '2026-12-14T16:00:00Z', {
      duree_estimee: 240,
      segments: [
        { debut: '2026-12-14T16:00:00.000Z', fin: '2026-12-14T18:00:00.000Z' },
        { debut: '2026-12-15T08:00:00.000Z', fin: '2026-12-15T10:00:00.000Z' },
      ],
      equipiers: [crew.id],
    });
    await api.db.query('UPDATE interventions SET equipiers = $1 WHERE id = $2', [
      [crew.id],
      visit.intervention_id,
    ]);
    for (const user of [lead.user, crew.user]) {
      const reply = await (await api.as(user)).get(`/planning/semaine.svg?${WEEK}`);
      expect([...peopleOf(reply).values()]).toEqual([
        [
          expect.stringMatching(/^Révision · Machine Révision · 16:00–18:00 · .*/),
          expect.stringMatching(/^Révision · Machine Révision · 08:00–10:00 · .*/),
        ],
      ]);
    }
    await api.db.query(
      `UPDATE plannings SET statut = 'realisee', duree_estimee = 120, segments = $1,
         debut_reel = '2026-12-14T16:20Z', fin_reelle = '2026-12-14T17:05Z' WHERE id = $2`,
      [JSON.stringify([visit.segments[0]]), visit.id],
    );
    const done = await (await api.as(lead.user)).get(`/planning/semaine.svg?${WEEK}`);
    expect(peopleOf(done).get(lead.id)).toEqual([
      expect.stringContaining('16:20–17:05 · Priorité normale · Réalisée'),
    ]);
  });

  it('leaves out who has left, unless they still have a visit, and what was cancelled', async () => {
    const { client } = await api.newPerson('admin');
    const site = await makeSite(api.db);
    const gone = await makeTechnicien(api.db, { disponibilite: false }, { sites: [site.id] });
    const busy = await makeTechnicien(api.db, { disponibilite: false }, { sites: [site.id] });
    const idle = await makeTechnicien(api.db, {}, { sites: [site.id] });
    await visitAt(busy.id, site.id, 'Reste', '2026-12-14T09:00:00Z');
    await visitAt(idle.id, site.id, 'Annulée', '2026-12-14T09:00:00Z', { statut: 'annulee' });
    const people = peopleOf(await client.get(`/planning/semaine.svg?${WEEK}&site_id=${site.id}&limit=60`));
    expect([people.has(gone.id), people.get(busy.id)?.length, people.get(idle.id)]).toEqual([false, 1, []]);
  });

  it('shows so many people at a time, by name, and says how many there are', async () => {
    const site = await makeSite(api.db);
    const { client } = await api.newPerson('responsable', { sites: [site.id] });
    await api.db.query('UPDATE users SET tous_sites = FALSE');
    const ids: number[] = [];
    for (const nom of ['Alaoui', 'Berrada', 'Chraïbi']) {
      ids.push((await makeTechnicien(api.db, {}, { nom, sites: [site.id] })).id);
    }
    const ask = (query: string) => client.get(`/planning/semaine.svg?${WEEK}&site_id=${site.id}&${query}`);
    const pages = [await ask('limit=2'), await ask('limit=2&offset=2'), await ask('limit=2&offset=4')];
    expect(pages.map((page) => [...peopleOf(page).keys()])).toEqual([ids.slice(0, 2), ids.slice(2), []]);
    expect(pages.map(({ headers }) => headers.get('x-total-count'))).toEqual(['3', '3', '3']);
    expect(pages[0]!.body).toContain('Personnes 1 à 2 sur 3');
    expect(pages[1]!.body).toContain('Personnes 3 à 3 sur 3');
  });

  it.each([
    ['a week that is none', 'semaine=2026-51', 'semaine'],
    ['a week that its year does not have', 'semaine=2025-W53', 'semaine'],
    ['a site that is none', `${WEEK}&site_id=2147483647`, 'site_id'],
    ['more people than a picture holds', 'limit=61', 'limit'],
    ['what it does not know', 'jour=2026-12-14', 'jour'],
  ])('refuses %s', async (_, query, champ) => {
    const { client } = await api.newPerson('admin');
    const reply = await client.get(`/planning/semaine.svg?${query}`);
    expect([reply.status, reply.body.erreurs?.[0].champ]).toEqual([422, champ]);
  });

  it('answers a site that is not theirs like one that is none', async () => {
    const [here, elsewhere] = [await makeSite(api.db), await makeSite(api.db)];
    const { client } = await api.newPerson('responsable', { sites: [here.id] });
    const [foreign, none] = [elsewhere.id, 2_147_483_647].map((id) =>
      client.get(`/planning/semaine.svg?${WEEK}&site_id=${id}`),
    );
    const { correlation_id: _, ...told } = (await foreign!).body;
    const { correlation_id: __, ...nowhere } = (await none!).body;
    expect(told).toEqual(nowhere);
    expect(told.status).toBe(422);
  });

  it('takes as many statements, however many people and visits there are', async () => {
    const site = await makeSite(api.db);
    const { client } = await api.newPerson('admin');
    const path = `/planning/semaine.svg?${WEEK}&site_id=${site.id}&limit=60`;
    const statements = async () => (await statementsDuring(() => client.get(path))).length;
    const { id: first } = await makeTechnicien(api.db, {}, { sites: [site.id] });
    await visitAt(first, site.id, 'Une', '2026-12-14T09:00:00Z');
    expect(await statements()).toBe(8);
    for (let n = 0; n < 3; n++) {
      const { id } = await makeTechnicien(api.db, {}, { sites: [site.id] });
      await visitAt(id, site.id, 'Une', '2026-12-14T09:00:00Z');
      await visitAt(id, site.id, 'Deux', '2026-12-15T09:00:00Z');
    }
    expect(await statements()).toBe(8);
  });
});
