import { version } from '../../version';
import { BASE_PATH } from '../paths';
import { openApiPath, type Route } from '../route';
import { COMPONENTS, PROBLEM_SCHEMA } from './components';
import { SchemaCollector } from './json-schema';
import { operationOf } from './operation';

const DESCRIPTION = `
Gestion d'interventions : chaque intervention suit un processus durable qui tient lui-même ses délais.

- **Connexion** : \`POST ${BASE_PATH}/auth/login\` donne un jeton d'un quart d'heure, à envoyer dans
  \`Authorization: Bearer\`. Le bouton *Authorize* de cette page le fait avec l'adresse et le mot de passe.
- **Chemins** : une barre oblique finale est permise partout.
- **Dates** : RFC 3339 ; les réponses sont en UTC. Là où un jour suffit, \`2026-12-19\` est lu dans le fuseau du site.
- **Listes** : \`limit\`, \`offset\`, \`sort\` ; la suite se trouve dans l'en-tête \`Link\`, le nombre dans
  \`X-Total-Count\`. Tous les filtres se combinent ; plusieurs valeurs se séparent par des virgules.
- **Refus** : \`application/problem+json\` (RFC 9457) avec un \`code\` stable ; en anglais avec \`Accept-Language: en\`.
  Ce qu'on n'a pas le droit de voir est 404.
- **Second facteur** : pour qui en a un, \`code\` accompagne le mot de passe ; sans lui, 401 \`SECOND_FACTEUR_REQUIS\`.
- **Machines** : une clé d'API s'envoie comme un jeton, \`Authorization: Bearer regie_…\`.
- **Vérifier un jeton ailleurs** : les clés publiques (RS256) sont à \`/.well-known/jwks.json\`.
- **Répétitions** : \`Idempotency-Key\` sur tout POST ou PUT. **Changements concurrents** : \`ETag\` et \`If-Match\`.
- **Suivi** : \`X-Request-Id\` est repris ou donné, et se retrouve dans les journaux.
`.trim();

/** The OpenAPI 3.1 document of the declared routes. */
export function openApiDocument(routes: readonly Route[]): Record<string, unknown> {
  const collector = new SchemaCollector();
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    const path = BASE_PATH + openApiPath(route.path);
    paths[path] = { ...paths[path], [route.method]: operationOf(route, collector) };
  }
  const tags = new Set(routes.map(({ tag }) => tag));
  return {
    openapi: '3.1.0',
    info: { title: 'Régie', version, description: DESCRIPTION },
    servers: [{ url: '/' }],
    security: [{ bearer: [] }, { motDePasse: [] }],
    tags: [...tags].map((name) => ({ name })),
    paths,
    components: { schemas: { Problem: PROBLEM_SCHEMA, ...collector.schemas }, ...COMPONENTS },
  };
}
