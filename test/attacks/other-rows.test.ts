import type { Route } from '../../src/api/http/route';
import { startTestApi, type TestApi } from '../support/api';
import type { Client, Reply } from '../support/client';
import { makeNeighbour, type Neighbour, SECRET } from './neighbours';
import { GENERAL_ROUTES, nameOf, queryFields, sortFields } from './routes';

/** Lists, asked in every way by people to whom the rows of somebody else are nothing. */

let api: TestApi;
let own: Neighbour;
let other: Neighbour;
let admin: Client;
beforeAll(async () => {
  api = await startTestApi();
  own = await makeNeighbour(api, 'Agadir');
  other = await makeNeighbour(api, SECRET);
  admin = (await api.newPerson('admin')).client;
});
afterAll(() => api.close());

/** Lists that stand by themselves; those of an intervention are asked by the id of somebody else's. */
const LISTS = GENERAL_ROUTES.filter(({ answer, path }) => answer.list && !path.includes(':'));

/** What each role sees by the contract whoever's it is. */
const OPEN: Record<string, readonly string[]> = {
  client: ['GET /jours-feries'],
  responsable: [
    'GET /users',
    'GET /techniciens',
    'GET /pieces',
    'GET /jours-feries',
    'GET /niveaux-service',
    'GET /modeles-etapes',
    'GET /codes-panne',
  ],
  technicien: [
    'GET /techniciens',
    'GET /sites',
    'GET /equipements',
    'GET /pieces',
    'GET /jours-feries',
    'GET /preventif',
    'GET /codes-panne',
  ],
};

/** What a row of somebody else is, where it is not `planifiee`. */
const STATUTS: Record<string, string> = {
  '/equipements': 'operationnel',
  '/planning/propositions': 'prete',
  '/rendez-vous': 'confirme',
  '/listes-attente': 'en_attente',
};

/** Values of each filter of a list that mean rows of the other customer. */
function foreignValues(path: string): Record<string, (string | number)[]> {
  const { rows, site, people } = other;
  return {
    q: [SECRET, SECRET.slice(0, 4), 'nzib'],
    technicien_id: [rows.techniciens],
    equipement_id: [rows.equipements],
    intervention_id: [rows.interventions],
    prestation_id: [1],
    salle_id: [1],
    demandeur_id: [people.client.user.id],
    serie_id: ['00000000-0000-4000-8000-000000000000'],
    debut: ['2020-01-01'],
    fin: ['2090-01-01'],
    createur_id: [people.client.user.id],
    client_id: [people.client.user.id],
    intervenant_id: [1],
    auteur_id: [people.client.user.id],
    site_id: [site],
    compteur: ['Heures'],
    corrige: ['false'],
    cause: ['panne'],
    alerte:
      path === '/contrats'
        ? ['fin_proche', 'visites_epuisees']
        : ['en_panne', 'obsolete', 'maintenance_due', 'reparation_sous_garantie'],
    niveau_service_id: [1],
    nature: ['probleme'],
    parent_id: [path === '/equipements' ? rows.equipements : 1],
    actif: ['true'],
    valide_le: ['2030-06-01'],
    localisation: [SECRET],
    type: [SECRET],
    type_document: [SECRET],
    specialite: [SECRET],
    competences: ['hydraulique'],
    statut: [STATUTS[path] ?? 'planifiee'],
    genre: ['semaine'],
    semaine: ['2031-W03'],
    pays: ['MA'],
    etat: ['actif'],
    slug: ['conseil'],
    etiquette: ['visio'],
    declencheur: ['calendrier'],
    groupe: [SECRET],
    priorite: ['normale'],
    criticite: ['normale'],
    type_intervention: ['corrective'],
    niveau_experience: ['confirme'],
    role: ['client'],
    urgence: ['false'],
    en_retard: ['false'],
    lue: ['false'],
    is_active: ['true'],
    disponibilite: ['true'],
    maintenance_due: ['false'],
    en_alerte: ['true', 'false'],
    revoquee: ['false'],
    a_transmettre: ['false'],
    date_min: ['2020-01-01'],
    date_max: ['2090-01-01'],
    date_debut: ['2020-01-01'],
    date_fin: ['2090-01-01'],
    entite: ['intervention'],
    entite_id: [rows.interventions],
    action: ['creation'],
    cle_api_id: [1],
    adresse: ['127.0.0.1'],
    correlation_id: ['x'],
  };
}

const PAGING = ['limit', 'offset', 'sort', 'curseur'];

/** Whoever asks, on the lists where some rows are not theirs. */
function* asked(): Generator<{ role: string; client: Client; route: Route }> {
  for (const [role, { client }] of Object.entries(own.people)) {
    for (const route of LISTS) if (!OPEN[role]!.includes(nameOf(route))) yield { role, client, route };
  }
}

const idsOf = ({ body }: Reply) => (body as { id: number }[]).map(({ id }) => id).sort((a, b) => a - b);

/** The answer tells of nothing beyond the rows that its asker has anyway. */
function expectNothingOf(reply: Reply, mine: number[], question: string): void {
  const said = `${JSON.stringify(reply.body)} ${reply.headers.get('link')}`;
  const ids = idsOf(reply);
  expect({
    question,
    word: said.includes(SECRET) && !question.includes(SECRET),
    beyond: ids.filter((id) => !mine.includes(id)),
    counted: Number(reply.headers.get('x-total-count')) <= mine.length,
  }).toEqual({ question, word: false, beyond: [], counted: true });
}

describe('the rows of another customer', () => {
  it('are named by a value of every filter that there is', () => {
    const filters = new Set(LISTS.flatMap(queryFields).filter((name) => !PAGING.includes(name)));
    expect(Object.keys(foreignValues(''))).toEqual(expect.arrayContaining([...filters]));
  });

  it('show in no list, whichever filters ask for them, alone and two together', async () => {
    for (const { role, client, route } of asked()) {
      const values = foreignValues(route.path);
      const all = await client.get(`${route.path}?limit=200`);
      if (all.status === 403) continue;
      const mine = idsOf(all);
      expectNothingOf(all, mine, `${route.path} as ${role}`);
      const singles = queryFields(route)
        .filter((name) => !PAGING.includes(name))
        .flatMap((name) => values[name]!.map((value) => [name, String(value)] as const));
      const pairs = singles.flatMap((one, index) => singles.slice(index + 1).map((two) => [one, two]));
      for (const chosen of [...singles.map((one) => [one]), ...pairs.filter(([a, b]) => a![0] !== b![0])]) {
        const query = new URLSearchParams(chosen as [string, string][]);
        const reply = await client.get(`${route.path}?${query}&limit=200`);
        expect(reply.status).toBe(200);
        expectNothingOf(reply, mine, `${route.path}?${query} as ${role}`);
      }
    }
  });

  it('are found by no search for their words, nor counted by one', async () => {
    for (const { client, route } of asked()) {
      if (!queryFields(route).includes('q')) continue;
      const { status, body, headers } = await client.get(`${route.path}?q=${SECRET}`);
      if (status === 403) continue;
      expect([route.path, body, headers.get('x-total-count')]).toEqual([route.path, [], '0']);
    }
    // While they are there for whoever may see them.
    for (const path of ['/equipements', '/interventions', '/documents', '/users', '/techniciens']) {
      expect((await admin.get(`${path}?q=${SECRET}`)).body).not.toEqual([]);
    }
  });

  it('show in no order', async () => {
    for (const { role, client, route } of asked()) {
      const all = await client.get(`${route.path}?limit=200`);
      if (all.status === 403) continue;
      const fields = sortFields(route);
      expect(fields.length).toBeGreaterThan(0);
      const last = fields.at(-1)!;
      const pairs = fields.filter((field) => field !== last).map((field) => `${field},-${last}`);
      for (const sort of [...fields.flatMap((field) => [field, `-${field}`]), ...pairs]) {
        const reply = await client.get(`${route.path}?limit=200&sort=${sort}`);
        expectNothingOf(reply, idsOf(all), `${route.path} by ${sort} as ${role}`);
        expect(idsOf(reply)).toEqual(idsOf(all));
      }
    }
  });

  it('are on no page that a cursor leads to, were it made for an administrator or made up', async () => {
    for (const { role, client, route } of asked()) {
      const all = await client.get(`${route.path}?limit=200`);
      if (all.status === 403) continue;
      for (const sort of sortFields(route).flatMap((field) => [field, `-${field}`])) {
        const first = await admin.get(`${route.path}?limit=1&sort=${sort}`);
        const link = /<[^>]*[?&]curseur=([^&>]+)[^>]*>; rel="next"/.exec(first.headers.get('link') ?? '');
        if (link === null) continue;
        const [direction, ...seen] = JSON.parse(Buffer.from(link[1]!, 'base64url').toString());
        const made = [
          [direction, ...seen],
          [1 - direction, ...seen],
          // Before all others, and after them.
          [direction, ...seen.slice(0, -1), '0'],
          [1 - direction, ...seen.slice(0, -1), '999999999'],
        ].map((cursor) => Buffer.from(JSON.stringify(cursor)).toString('base64url'));
        for (const curseur of made) {
          const reply = await client.get(`${route.path}?limit=200&sort=${sort}&curseur=${curseur}`);
          expect(reply.status).toBe(200);
          expectNothingOf(reply, idsOf(all), `${route.path} by ${sort} from ${curseur} as ${role}`);
        }
      }
    }
  });

  it('move no count and no figure when there are more of them', async () => {
    const figures = async () => {
      const seen: unknown[] = [];
      for (const { role, client, route } of asked()) {
        const { status, headers } = await client.get(`${route.path}?limit=1`);
        seen.push([role, route.path, status, headers.get('x-total-count')]);
      }
      for (const { client } of Object.values(own.people)) {
        const { status, body } = await client.get('/dashboard/stats');
        // Everybody who arranges work sees all techniciens, and a technicien all equipment.
        seen.push([status, body.interventions, body.kpi]);
      }
      seen.push((await own.people.responsable.client.get('/dashboard/stats')).body.equipements);
      return seen;
    };
    const before = await figures();
    await makeNeighbour(api, `${SECRET} encore`);
    expect(await figures()).toEqual(before);
  });

  it('are embedded in none of one’s own', async () => {
    const { client } = own.people.client;
    const { rows } = own;
    for (const path of [
      `/equipements/${rows.equipements}`,
      `/interventions/${rows.interventions}`,
      ...['historique', 'commentaires', 'documents', 'pieces', 'workflow'].map(
        (part) => `/interventions/${rows.interventions}/${part}`,
      ),
      '/auth/me',
    ]) {
      const { status, body } = await client.get(path);
      expect([path, status, JSON.stringify(body).includes(SECRET)]).toEqual([path, 200, false]);
    }
    expect((await client.get(`/equipements/${rows.equipements}`)).body.interventions_count).toBe(1);
  });
});

describe('an Idempotency-Key', () => {
  it('of somebody else is one’s own: nothing of their answer comes back', async () => {
    const key = { 'Idempotency-Key': 'commande-1' };
    const said = (equipement_id: number, titre: string) => ({
      titre,
      description: 'La presse ne démarre plus',
      type_intervention: 'corrective',
      equipement_id,
    });
    const theirs = await other.people.client.client.post(
      '/interventions',
      said(other.rows.equipements, `Panne ${SECRET}`),
      key,
    );
    const same = await own.people.client.client.post(
      '/interventions',
      said(other.rows.equipements, `Panne ${SECRET}`),
      key,
    );
    const mine = await own.people.client.client.post(
      '/interventions',
      said(own.rows.equipements, 'Panne'),
      key,
    );
    expect([theirs.status, same.status, mine.status]).toEqual([201, 422, 201]);
    expect(same.headers.get('idempotency-replayed')).toBeNull();
    expect(mine.body.titre).toBe('Panne');
  });
});
