import { ROUTES } from '../../src/api/routes';
import { loadMachine } from '../../src/auth/api-keys';
import { type Conditions, type Rule, rulesFor } from '../../src/auth/permissions';
import type { Principal } from '../../src/auth/principal';
import { loadPrincipal } from '../../src/auth/sessions';
import { ROLES, type Role } from '../../src/domain/roles';
import { filledPath } from '../support/filled-paths';
import { startTestSystem, type TestSystem } from '../support/system';
import { closedDifferences, differences, rowDifferences } from './ask';
import { type Check, REQUESTS } from './requests';
import { makeWorld, PERSONAS, type Persona, type World } from './world';

/** Every route, by everybody, on their own rows and on others', against the table of contract §2. */

let system: TestSystem;
let world: World;
const people = new Map<Persona, Principal>();
beforeAll(async () => {
  system = await startTestSystem();
  world = await makeWorld(system);
  for (const persona of PERSONAS) people.set(persona, await principalOf(world.people[persona]));
});
afterAll(() => system.close());

describe('the matrix of permissions', () => {
  it('asks every route of the API', () => {
    const routes = ROUTES.map(({ method, path }) => `${method.toUpperCase()} ${path}`);
    expect(Object.keys(REQUESTS).sort()).toEqual(routes.sort());
  });

  it('is what the API does: every route, every role, own and other rows', async () => {
    const found: string[] = [];
    for await (const difference of differences(world)) found.push(difference);
    expect(found).toEqual([]);
  });

  it('is what each permission says by itself, also of rows that the person does not see', async () => {
    const found: string[] = [];
    for await (const difference of rowDifferences(world, people)) found.push(difference);
    expect(found).toEqual([]);
  });

  it('keeps what is of practices, and of other patients, from everybody', () => {
    expect([...closedDifferences(world, people)]).toEqual([]);
  });

  it('lets nobody in without a token, except where the route is open to all', async () => {
    for (const { method, path, access } of ROUTES) {
      const { status, body, headers } = await system.anonymous.send(method.toUpperCase(), filledPath(path));
      const refused = status === 401 && body.code === 'NON_AUTHENTIFIE';
      // A refresh token is what `refresh` asks for.
      const open = access === 'public' && path !== '/auth/refresh';
      expect({ path, refused }).toEqual({ path, refused: !open });
      if (refused) expect(headers.get('www-authenticate')).toBe('Bearer');
    }
  });
});

describe('a change of the rules', () => {
  afterEach(() => {
    system.app.rulesFor = rulesFor;
  });

  it('is noticed, whichever rule, action, condition, value or field is taken away', async () => {
    const changes = changesOf([...people.values()]);
    expect(changes.length).toBeGreaterThan(100);
    const unnoticed: string[] = [];
    for (const { name, role, subject, apply } of changes) {
      system.app.rulesFor = (principal) =>
        role === null || principal.role === role ? apply(rulesFor(principal)) : rulesFor(principal);
      const personas = PERSONAS.filter((persona) => role === null || people.get(persona)!.role === role);
      // What the permissions say by themselves is asked in a moment; the API takes a thousand requests where all is alike.
      if (closedDifferences(world, people, { personas, subject }).next().done !== true) continue;
      const byItself = await rowDifferences(world, people, { personas, subject }).next();
      if (byItself.done !== true) continue;
      const concerns = (check: Check) => concernsSubject(check, subject);
      const asked = await differences(world, { personas, concerns }).next();
      if (asked.done === true) unnoticed.push(name);
    }
    expect(unnoticed).toEqual([]);
  });
});

async function principalOf({ user, cle }: World['people'][Persona]): Promise<Principal> {
  if (cle !== undefined) return (await loadMachine(system.db, cle, new Date()))!.principal;
  const [session] = await system.db.query('SELECT id FROM sessions WHERE user_id = $1 LIMIT 1', [user.id]);
  return (await loadPrincipal(system.db, session.id))!;
}

/** Checks in which a rule about this subject has a say. */
function concernsSubject(check: Check, subject: Rule['subject']): boolean {
  switch (check.on) {
    case 'row':
    case 'list':
    case 'create':
    case 'role':
    case 'medical':
      return check.subject === subject;
    case 'figures':
      return subject === 'Dashboard';
    default:
      return subject === 'User' || subject === 'Notification';
  }
}

interface RuleChange {
  name: string;
  /** Null for a rule that all roles have. */
  role: Role | null;
  subject: Rule['subject'];
  apply(rules: Rule[]): Rule[];
}

/** A rule of one action, as it is told apart from others: values differ from person to person, fields do not. */
const nameOf = (action: string, { subject, where, fields }: Rule, alternative: Conditions | null) =>
  `${action} ${subject} where ${alternative === null ? (where?.length ?? 'all') : Object.keys(alternative).sort().join(' and ')}` +
  (fields === undefined ? '' : ` only ${fields.join(', ')}`);

/** Every way to take one thing away from the rules, by role; those that all roles share once. */
function changesOf(people: Principal[]): RuleChange[] {
  const byName = new Map<
    string,
    { roles: Set<Role>; subject: Rule['subject']; apply: RuleChange['apply'] }
  >();
  for (const principal of people) {
    for (const rule of rulesFor(principal).flatMap(single)) {
      for (const { name, alter } of alterations(rule)) {
        const key = keyOf(rule);
        const apply = (rules: Rule[]) =>
          rules.flatMap(single).flatMap((other) => (keyOf(other) === key ? alter(other) : [other]));
        const known = byName.get(name) ?? { roles: new Set<Role>(), subject: rule.subject, apply };
        known.roles.add(principal.role);
        byName.set(name, known);
      }
    }
  }
  return [...byName].flatMap(([name, { roles, subject, apply }]): RuleChange[] => {
    if (roles.size === ROLES.length) return [{ name, role: null, subject, apply }];
    return [...roles].map((role) => ({ name: `${role}: ${name}`, role, subject, apply }));
  });
}

/** A rule as rules of one action and one alternative of conditions each. */
function single(rule: Rule): Rule[] {
  return [rule.action].flat().flatMap((action) =>
    (rule.where ?? [undefined]).map((conditions) => ({
      action: action as Rule['action'],
      subject: rule.subject,
      ...(conditions === undefined ? {} : { where: [conditions] }),
      ...(rule.fields === undefined ? {} : { fields: rule.fields }),
    })),
  );
}

function keyOf(rule: Rule): string {
  return nameOf(String(rule.action), rule, rule.where?.[0] ?? null);
}

/** What can be taken away from a rule of one action and one alternative. */
function alterations(rule: Rule): { name: string; alter: (rule: Rule) => Rule[] }[] {
  const name = keyOf(rule);
  const conditions = Object.entries(rule.where?.[0] ?? {});
  return [
    { name: `without ${name}`, alter: () => [] },
    ...conditions.map(([field]) => ({
      name: `${name}, without the condition on ${field}`,
      alter: (other: Rule) => [withoutCondition(other, field)],
    })),
    ...conditions.flatMap(([field, value]) =>
      typeof value === 'object' && value !== null && '$in' in value && typeof value.$in[0] === 'string'
        ? value.$in.map((taken) => ({
            name: `${name}, without ${field} ${taken}`,
            alter: (other: Rule) => [
              {
                ...other,
                where: [{ ...other.where![0], [field]: { $in: value.$in.filter((one) => one !== taken) } }],
              },
            ],
          }))
        : [],
    ),
    ...(rule.fields === undefined
      ? []
      : [
          {
            name: `${name}, on every field`,
            alter: ({ fields: _, ...other }: Rule) => [other],
          },
          ...rule.fields.map((field) => ({
            name: `${name}, without the field ${field}`,
            alter: (other: Rule) => [{ ...other, fields: other.fields!.filter((one) => one !== field) }],
          })),
        ]),
  ];
}

function withoutCondition(rule: Rule, field: string): Rule {
  const { [field]: _, ...rest } = rule.where![0]!;
  const { where, ...other } = rule;
  return Object.keys(rest).length === 0 ? other : { ...other, where: [rest] };
}
