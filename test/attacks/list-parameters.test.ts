import { Client as PgClient } from 'pg';
import type { Route } from '../../src/api/http/route';
import { startTestApi, type TestApi } from '../support/api';
import type { Client } from '../support/client';
import { queriesDuring } from '../support/queries';
import { fillTables } from './crowd';
import { GENERAL_ROUTES, nameOf, queryFields, sortFields } from './routes';

/** Work multiplied by a parameter: each list, asked for each of its parameters with the worst value that it takes. */

let api: TestApi;
let admin: Client;
let owner: PgClient;
beforeAll(async () => {
  api = await startTestApi();
  const person = await api.newPerson('admin');
  admin = person.client;
  await fillTables(api.database.owner, person.user.id);
  owner = new PgClient({ connectionString: api.database.ownerUrl });
  await owner.connect();
});
afterAll(async () => {
  await owner.end();
  await api.close();
});

const LISTS = GENERAL_ROUTES.filter(({ answer, path }) => answer.list && !path.includes(':'));

const FIFTY = Array.from({ length: 50 }, (_, index) => index + 1);
const many = (of: (index: number) => string | number) => FIFTY.map(of).join(',');

/** Values that a parameter takes, among them those that cost the most. */
const WORST: Record<string, readonly string[]> = {
  limit: ['200'],
  offset: ['10000'],
  // Letters that nearly every text holds, a pair that none does, ten words at once, long ones.
  q: ['e', 'zq', 'a b c d e f g h i j', 'zqxzqxzqx'.repeat(20), '%', '_ _', 'panne presse atelier'],
  technicien_id: [many((n) => n), '999999'],
  equipement_id: [many((n) => n), '999999'],
  intervention_id: [many((n) => n * 300)],
  createur_id: [many((n) => n), '999999'],
  client_id: ['1', '999999'],
  auteur_id: [many((n) => n)],
  site_id: ['1', '999999'],
  parent_id: ['1', '999999'],
  alerte: [
    'en_panne',
    'obsolete',
    'en_panne,maintenance_due,reparation_sous_garantie,obsolete',
    'fin_proche',
  ],
  niveau_service_id: ['1', '999999'],
  nature: ['probleme,cause,remede'],
  actif: ['true', 'false'],
  valide_le: ['2027-01-01', '2090-01-01'],
  localisation: ['Atelier 3', 'nulle part'],
  type: ['Presse', 'aucun'],
  type_document: [many((n) => `type ${n}`), 'aucun'],
  specialite: ['hydraulique', 'aucune'],
  competences: [many((n) => `compétence ${n}`), 'hydraulique', 'aucune'],
  statut: ['annulee', 'planifiee', 'operationnel', 'hors_service'],
  etiquette: [many((n) => `étiquette ${n}`), 'aucune'],
  intervenant_id: [many((n) => n), '1'],
  salle_id: [many((n) => n), '1'],
  prestation_id: [many((n) => n), '1'],
  demandeur_id: [many((n) => n), '1'],
  serie_id: ['00000000-0000-4000-8000-000000000000'],
  slug: ['aucune'],
  genre: ['semaine', 'journee'],
  semaine: [many((n) => `2026-W${String(n).padStart(2, '0')}`), '2031-W03'],
  pays: ['MA', 'FR,MA,BE'],
  etat: ['en_pause', 'actif,en_pause'],
  declencheur: ['combine', 'calendrier,compteur,condition,combine'],
  groupe: ['presse', 'aucun'],
  priorite: ['critique', 'basse,normale,haute,critique'],
  criticite: ['critique'],
  type_intervention: ['predictive', 'corrective,preventive,predictive'],
  niveau_experience: ['expert'],
  role: ['responsable', 'client'],
  urgence: ['true', 'false'],
  en_retard: ['true', 'false'],
  a_transmettre: ['true', 'false'],
  lue: ['true', 'false'],
  is_active: ['true', 'false'],
  disponibilite: ['true', 'false'],
  maintenance_due: ['true', 'false'],
  en_alerte: ['true', 'false'],
  revoquee: ['true', 'false'],
  debut: ['1990-01-01T00:00:00Z', '2900-01-01T00:00:00Z'],
  fin: ['1990-01-01T00:00:00Z', '2900-01-01T00:00:00Z'],
  date_min: ['1990-01-01', '2900-01-01'],
  date_max: ['1990-01-01', '2900-01-01'],
  date_debut: ['1990-01-01', '2900-01-01'],
  date_fin: ['1990-01-01', '2900-01-01'],
  entite: [many((n) => `entite ${n}`), 'intervention'],
  entite_id: [many((n) => n * 7)],
  action: [many((n) => `action ${n}`), 'creation'],
  cle_api_id: [many((n) => n)],
  adresse: [many((n) => `10.0.0.${n}`)],
  correlation_id: ['aucune'],
};

/** What the planner expects the statements of a request to cost, with the values that it sent. */
async function costOf(path: string): Promise<{ status: number; cost: number }> {
  let status = 0;
  const sent = await queriesDuring(async () => {
    ({ status } = await admin.get(path));
  });
  let cost = 0;
  for (const { text, values } of sent.filter(({ text: statement }) => /^\s*SELECT/i.test(statement))) {
    const { rows } = await owner.query(`EXPLAIN (FORMAT JSON) ${text}`, values);
    cost += rows[0]['QUERY PLAN'][0].Plan['Total Cost'];
  }
  return { status, cost };
}

/**
 * In the planner's units, of which a page read in order is one. The tables hold 20,000 interventions of some 1,500 pages:
 * reading and sorting one whole costs several thousand. Counting up to 10,000 rows in an index, as each list does, is
 * within it.
 */
const BOUND = 1_600;

function* asked(route: Route): Generator<string> {
  yield '';
  for (const sort of sortFields(route)) {
    yield `sort=${sort}`;
    yield `sort=-${sort}`;
  }
  for (const field of queryFields(route)) {
    if (field === 'sort' || field === 'curseur') continue;
    const values = WORST[field];
    if (values === undefined) throw new Error(`What is the worst value of ${field}?`);
    for (const value of values) yield new URLSearchParams({ [field]: value }).toString();
  }
}

describe('a list', () => {
  it('costs the database about as much as a page, whatever one parameter asks for', async () => {
    const expensive: { request: string; cost: number }[] = [];
    let seen = 0;
    for (const route of LISTS) {
      for (const query of asked(route)) {
        const request = `${nameOf(route)}?${query}`;
        const { status, cost } = await costOf(`${route.path}?${query}`);
        expect([request, [200, 422].includes(status)]).toEqual([request, true]);
        if (cost > BOUND) expensive.push({ request, cost: Math.round(cost) });
        if (status === 200) seen += 1;
      }
    }
    expect(expensive).toEqual([]);
    expect(seen).toBeGreaterThan(120);
  });

  it('asks for each value of a filter once, however often it is repeated', async () => {
    const repeated = (value: string) => Array(50).fill(value).join(',');
    for (const [path, parameter, value] of [
      ['/techniciens', 'competences', 'hydraulique'],
      ['/interventions', 'statut', 'ouverte'],
      ['/interventions', 'technicien_id', '7'],
      ['/audit', 'action', 'creation'],
    ] as const) {
      const once = await costOf(`${path}?${parameter}=${value}`);
      const fifty = await costOf(`${path}?${parameter}=${repeated(value)}`);
      expect([path, fifty]).toEqual([path, once]);
    }
  });

  it.each([
    ['/interventions?offset=10001', 'offset'],
    ['/interventions?sort=titre,titre', 'sort'],
    ['/interventions?sort=titre,-titre', 'sort'],
    [`/interventions?technicien_id=${Array.from({ length: 51 }, (_, n) => n + 1)}`, 'technicien_id'],
    ['/interventions?q=a+b+c+d+e+f+g+h+i+j+k', 'q'],
  ])('refuses what would only cost: %s', async (path, champ) => {
    const { status, body } = await admin.get(path);
    expect([status, body.erreurs[0].champ]).toEqual([422, champ]);
  });
});
