import { Access } from '../../auth/access';
import { ACTIONS, MEDICAL_SUBJECTS, SUBJECTS } from '../../auth/permissions';
import type { Principal } from '../../auth/principal';
import { FONCTIONS, ROLES, type Role } from '../../domain/roles';
import type { Route } from './route';

const WORDS: readonly unknown[] = ['public', 'session', 'enrolment'];

/**
 * Makes sure, before anything is served, that every route says who may call it, in words that the permissions know.
 * @throws {Error} naming every route that does not: nothing starts with a hole in it.
 */
export function requireDeclaredAccess(routes: readonly Route[]): void {
  const faults = routes.flatMap((route) => {
    const fault = faultOf(route.access) ?? medicalFaultOf(route);
    return fault === null ? [] : [`${route.method.toUpperCase()} ${route.path} ${fault}`];
  });
  const names = routes.map(({ method, path }) => `${method.toUpperCase()} ${path}`);
  const twice = names.filter((name, index) => names.indexOf(name) < index);
  faults.push(...twice.map((name) => `${name} is declared twice`));
  if (faults.length > 0) throw new Error(`Routes without a proper permission:\n  ${faults.join('\n  ')}`);
}

function faultOf(access: Route['access'] | undefined): string | null {
  if (WORDS.includes(access)) return null;
  if (!Array.isArray(access)) return 'does not say who may call it';
  const [action, subject] = access;
  if (!ACTIONS.includes(action) || !SUBJECTS.includes(subject)) {
    return `asks for a permission that does not exist: ${action} ${subject}`;
  }
  const allowed = ROLES.some((role) => new Access(someone(role)).mayEver(action, subject));
  return allowed ? null : `can be called by nobody: no rule gives ${action} ${subject}`;
}

/** A route of what is medical says what is on record of it, and how it is answered again. */
function medicalFaultOf({ access, medical, method }: Route): string | null {
  const reaches = Array.isArray(access) && (MEDICAL_SUBJECTS as readonly string[]).includes(access[1]);
  if (reaches !== (medical !== undefined))
    return 'does not say that it reaches what is medical, or says so wrongly';
  const acts = method === 'post' || method === 'put';
  return acts && medical !== undefined && medical.replay === undefined
    ? 'does not say how it answers an Idempotency-Key again'
    : null;
}

/** A person of a role with all that rules ask for. */
function someone(role: Role): Principal {
  return {
    userId: 1,
    role,
    technicienId: 1,
    sites: [1],
    tousSites: true,
    langue: 'fr',
    sessionId: null,
    cleApiId: null,
    chemins: null,
    secondFacteur: true,
    appartenances: FONCTIONS.map((fonction) => ({ cabinetId: 1, fonction })),
  };
}
