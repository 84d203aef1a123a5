import { requireDeclaredAccess } from '../../../src/api/http/declared-access';
import type { Route } from '../../../src/api/http/route';
import { ROUTES } from '../../../src/api/routes';

const routeWith = (access: unknown, path = '/secrets') => ({ ...ROUTES[0]!, path, access }) as Route;

describe('the start', () => {
  it('is made with the routes as they are', () => {
    expect(() => requireDeclaredAccess(ROUTES)).not.toThrow();
  });

  it.each([
    ['no permission at all', undefined, /POST \/secrets does not say who may call it/],
    ['an empty one', [], /asks for a permission that does not exist/],
    ['a word nobody knows', 'anybody', /does not say who may call it/],
    ['an action that does not exist', ['peek', 'User'], /does not exist: peek User/],
    ['a subject that does not exist', ['read', 'Secret'], /does not exist: read Secret/],
    ['a permission that no role has', ['rate', 'User'], /can be called by nobody: no rule gives rate User/],
  ])('is refused with a route that has %s', (_, access, message) => {
    expect(() => requireDeclaredAccess([...ROUTES, routeWith(access)])).toThrow(message);
  });

  it('is refused with two routes of one name, of which one would hide the other', () => {
    expect(() => requireDeclaredAccess([...ROUTES, ROUTES[0]!])).toThrow(/is declared twice/);
  });

  it('tells of every fault at once', () => {
    const faulty = [routeWith(undefined, '/a'), routeWith('anybody', '/b')];
    expect(() => requireDeclaredAccess(faulty)).toThrow(/\/a[\s\S]*\/b/);
  });
});
