import { ROUTES } from '../../src/api/routes';
import { MEDICAL_SUBJECTS, SUBJECTS } from '../../src/auth/permissions';
import { Notification } from '../../src/db/messages/notifications';
import { RESSOURCES, RESSOURCES_DE_CABINET } from '../../src/domain/evenements';
import { KINDS, makeWorld, PERSONAS, type Persona, type World } from '../permissions/world';
import { startTestApi, type TestApi } from '../support/api';
import { signIn } from '../support/factories';
import { type Following, follow } from '../support/following';

/** Everybody listens while everything changes: nobody is told of what they could not read. */

let api: TestApi;
let world: World;
beforeAll(async () => {
  api = await startTestApi();
  world = await makeWorld(api);
});
afterAll(() => api.close());

const PEOPLE = PERSONAS.filter((persona) => !persona.startsWith('cle_'));
/** What happens in practices is told by what somebody does there (`flux-cabinet`). */
const isMedical = (subject: string) => (MEDICAL_SUBJECTS as readonly string[]).includes(subject);
const subjects = SUBJECTS.filter(
  (subject) => !isMedical(subject) && RESSOURCES.some((one) => one === ressourceOf(subject)),
);

/** `niveau_service` for `NiveauService`. */
function ressourceOf(subject: string): string {
  return subject.replace(/(?<!^)[A-Z]/g, '_$&').toLowerCase();
}

/** Every row of a subject that the world has. */
function rowsOf(subject: (typeof subjects)[number]): number[] {
  const kinds = KINDS[subject as keyof typeof KINDS];
  const ids = kinds.flatMap((kind) =>
    PEOPLE.map((persona) => world.row(subject as keyof typeof KINDS, kind, persona)),
  );
  return [...new Set(ids)];
}

/** Which of those rows somebody is answered when they ask. */
async function readable(
  persona: Persona,
  subject: (typeof subjects)[number],
  ids: number[],
): Promise<number[]> {
  const { client } = world.people[persona];
  const lists = {
    Planning: '/planning?limit=200',
    Notification: '/notifications?limit=200',
    RendezVous: '/rendez-vous?limit=200',
  };
  if (subject in lists) {
    const { status, body } = await client.get(lists[subject as keyof typeof lists]);
    return status === 200 ? ids.filter((id) => body.some((row: { id: number }) => row.id === id)) : [];
  }
  const route = ROUTES.find(
    ({ method, path, access }) =>
      method === 'get' && access[0] === 'read' && access[1] === subject && /^(\/[a-z-]+)+\/:id$/.test(path),
  )!;
  const found: number[] = [];
  for (const id of ids) {
    const { status } = await client.get(route.path.replace(':id', String(id)));
    if (status === 200) found.push(id);
  }
  return found;
}

it('each person is told of exactly the rows that they are answered when they ask', async () => {
  const listening = new Map<Persona, Following>();
  for (const persona of PEOPLE) {
    const token = await signIn(api.db, api.app.tokens, world.people[persona].user);
    listening.set(persona, await follow(api.baseUrl, token));
  }
  const changed = new Map(subjects.map((subject) => [subject, rowsOf(subject)]));
  for (const [subject, ids] of changed) {
    for (const id of ids) {
      // Of these their own rows tell, and no line of the history.
      const table = { Planning: 'plannings', RendezVous: 'rendez_vous' }[subject as string];
      if (table !== undefined) {
        await api.db.query(`UPDATE ${table} SET version = version + 1 WHERE id = $1`, [id]);
        continue;
      }
      const action = subject === 'Notification' ? 'lecture' : 'modification';
      await api.db.query(
        'INSERT INTO historique (entite, entite_id, action, date) VALUES ($1, $2, $3, now())',
        [ressourceOf(subject), id, action],
      );
    }
  }
  const differences: string[] = [];
  for (const [persona, one] of listening) {
    const last = await api.db.manager.save(
      api.db.manager.create(Notification, {
        titre: 'a',
        message: 'b',
        type: 'info',
        destinataire_id: world.people[persona].user.id,
        metadata: {},
      }),
    );
    // It comes after everything else.
    await one.until(({ type, id_ressource }) => type === 'notification' && id_ressource === last.id);
    for (const [subject, ids] of changed) {
      const told = one
        .events()
        .filter(({ ressource, type }) => type === 'changement' && ressource === ressourceOf(subject));
      const expected = await readable(persona, subject, ids);
      const got = told.map(({ id_ressource }) => id_ressource!).toSorted((a, b) => a - b);
      if (JSON.stringify(got) !== JSON.stringify(expected.toSorted((a, b) => a - b))) {
        differences.push(`${persona} ${subject}: told of ${got}, reads ${expected}`);
      }
    }
    one.close();
  }
  expect(differences).toEqual([]);
  // It says something: everybody reads some rows and not others.
  expect(subjects.length).toBe(RESSOURCES.length - RESSOURCES_DE_CABINET.length);
});

it('what is gone is told of only to those whom nothing limits', async () => {
  const listening = new Map<Persona, Following>();
  for (const persona of PEOPLE) {
    const token = await signIn(api.db, api.app.tokens, world.people[persona].user);
    listening.set(persona, await follow(api.baseUrl, token));
  }
  for (const subject of subjects) {
    if (subject === 'Planning' || subject === 'RendezVous' || subject === 'Notification') continue;
    await api.db.query(
      `INSERT INTO historique (entite, entite_id, action, date) VALUES ($1, 999999, 'suppression', now())`,
      [ressourceOf(subject)],
    );
  }
  const told: Record<string, string[]> = {};
  for (const [persona, one] of listening) {
    const last = await api.db.manager.save(
      api.db.manager.create(Notification, {
        titre: 'a',
        message: 'b',
        type: 'info',
        destinataire_id: world.people[persona].user.id,
        metadata: {},
      }),
    );
    await one.until(({ type, id_ressource }) => type === 'notification' && id_ressource === last.id);
    told[persona] = one.events().flatMap(({ ressource, type }) => (type === 'changement' ? ressource! : []));
    one.close();
  }
  const all = RESSOURCES.filter(
    (one) => !['planning', 'rendez_vous', 'notification', ...RESSOURCES_DE_CABINET].includes(one),
  );
  expect(told.admin!.toSorted()).toEqual(all.toSorted());
  expect(told.responsable_nord!.toSorted()).toEqual(
    ['code_panne', 'jour_ferie', 'modele_etapes', 'niveau_service', 'piece', 'technicien', 'user'].toSorted(),
  );
  expect(told.client_nord).toEqual(['jour_ferie']);
});
