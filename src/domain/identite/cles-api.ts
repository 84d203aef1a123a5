/**
 * What a key may be used for: `/interventions` with all below it, `GET /equipements` by that method alone, with the
 * parameters of a path as the API's own page writes them: `/interventions/{id}/commentaires`.
 */
export const CHEMIN = /^(?:(?:GET|POST|PUT|PATCH|DELETE) )?(?:\/(?:[a-z0-9][a-z0-9.-]*|\{[a-z_]+\}))+$/;

/**
 * Whether one of the paths covers a route, segment by segment. `path` is the route's own, as it was declared: nothing
 * that a request can write in its address plays a part.
 */
export function covers(chemins: readonly string[], method: string, path: string): boolean {
  return chemins.some((chemin) => {
    const [prefix, only] = chemin.split(' ').reverse();
    return (only === undefined || only === method) && (path === prefix || path.startsWith(`${prefix}/`));
  });
}
