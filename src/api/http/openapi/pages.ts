/** The pages on which people read and try the API. Everything they load lies beside them, below `prefix`. */

const page = (title: string, head: string, body: string) => `<!doctype html>
<html lang="fr">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${title}</title>
    ${head}
  </head>
  <body>
    ${body}
  </body>
</html>
`;

/** Swagger UI: one can sign in and try each operation. */
export function swaggerPage(prefix: string): string {
  return page(
    'Régie, API',
    `<link rel="icon" type="image/png" href="${prefix}/docs/icon.png">
    <link rel="stylesheet" href="${prefix}/docs/swagger-ui.css">
    <style>body { margin: 0 }</style>`,
    `<div id="api" data-document="${prefix}/openapi.json"></div>
    <script src="${prefix}/docs/swagger-ui.js"></script>
    <script src="${prefix}/docs/start.js"></script>`,
  );
}

/** What the page of Swagger UI runs; a file of its own, since no script may stand in the page itself. */
export const SWAGGER_START = `
const place = document.getElementById('api');
SwaggerUIBundle({
  domNode: place,
  url: place.dataset.document,
  deepLinking: true,
  docExpansion: 'none',
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  filter: true,
  tryItOutEnabled: true,
  validatorUrl: null,
});
`;

/** Redoc: made for reading. */
export function redocPage(prefix: string): string {
  return page(
    'Régie, référence de l’API',
    // The viewer's mark is a picture on its maker's server, which the policy of the page does not let through.
    `<link rel="icon" type="image/png" href="${prefix}/docs/icon.png">
    <style>body { margin: 0 } img[src^="https:"] { display: none }</style>`,
    `<redoc spec-url="${prefix}/openapi.json"></redoc>
    <script src="${prefix}/redoc/redoc.js"></script>`,
  );
}
