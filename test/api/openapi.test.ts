import SwaggerParser from '@apidevtools/swagger-parser';
import type { DataSource } from 'typeorm';
import { z } from 'zod';
import { openApiDocument } from '../../src/api/http/openapi/document';
import type { Route } from '../../src/api/http/route';
import { ROUTES } from '../../src/api/routes';
import { Document } from '../../src/db/documents/documents';
import { Notification } from '../../src/db/messages/notifications';
import { Participant } from '../../src/db/rendez-vous/rendez-vous';
import { createJeton } from '../../src/services/rendez-vous/jetons';
import { startTestApi, type TestApi } from '../support/api';
import {
  keepForAMonth,
  makeAgenda,
  makeAttentePatient,
  makeDue,
  makePatient,
  makeRendezVousCabinet,
} from '../support/cabinets';
import { consentement, entreesDe, note } from '../support/dossiers';
import { makeEcritures, makePrescripteur } from '../support/ecrits';
import { makeExport } from '../support/exports';
import {
  makeAgendaExterne,
  makeAttente,
  makeCodePanne,
  makeContrat,
  makeEquipement,
  makeFerie,
  makeIntervenant,
  makeIntervention,
  makeLivraison,
  makeModeleEtapes,
  makeNiveau,
  makePiece,
  makePlan,
  makePlanning,
  makePrestation,
  makeProposition,
  makeRapportDemande,
  makeRendezVous,
  makeSalle,
  makeSite,
  makeTechnicien,
  PASSWORD,
} from '../support/factories';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

interface Operation {
  operationId: string;
  security?: unknown[];
  parameters: {
    in?: string;
    name?: string;
    required?: boolean;
    schema?: Record<string, unknown>;
    $ref?: string;
  }[];
  requestBody?: { content: Record<string, { schema: Record<string, unknown> }> };
  responses: Record<string, { headers?: Record<string, unknown>; content?: Record<string, unknown> }>;
}
type Paths = Record<string, Record<string, Operation>>;

const name = ({ method, path }: Route) => `${method.toUpperCase()} ${path}`;
const operations = () => {
  const { paths } = openApiDocument(ROUTES) as { paths: Paths };
  return ROUTES.map((route) => ({
    route,
    operation: paths[`/api/v1${route.path.replace(/:(\w+)/g, '{$1}')}`]![route.method]!,
  }));
};

describe('the document', () => {
  it('is valid OpenAPI 3.1', async () => {
    const document = openApiDocument(ROUTES);
    expect(document.openapi).toBe('3.1.0');
    await SwaggerParser.validate(structuredClone(document) as never);
  });

  it('holds every route and no other, under paths without a slash at the end', async () => {
    const { paths } = openApiDocument(ROUTES) as { paths: Paths };
    const documented = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const declared = ROUTES.map(
      ({ method, path }) => `${method.toUpperCase()} /api/v1${path.replace(/:(\w+)/g, '{$1}')}`,
    );
    expect(documented.sort()).toEqual(declared.sort());
    expect(Object.keys(paths).filter((path) => path.endsWith('/'))).toEqual([]);
    const ids = operations().map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('names for each route the statuses that it may answer', () => {
    for (const { route, operation } of operations()) {
      const statuses = Object.keys(operation.responses).map(Number);
      const expected = [
        route.answer.status,
        503,
        ...(route.access === 'public' ? [] : [401, 403]),
        ...(route.path.includes(':') ? [404] : []),
        ...(route.query === undefined && route.body === undefined ? [] : [422]),
        ...(route.body === undefined ? [] : [400, 413, 415]),
        ...(route.refusals?.includes('VERSION_PERIMEE') ? [400, 412] : []),
      ];
      expect([name(route), statuses]).toEqual([name(route), expect.arrayContaining(expected)]);
      expect([name(route), operation.security]).toEqual([
        name(route),
        route.access === 'public' ? [] : undefined,
      ]);
    }
  });

  it('tells a client what travels: numbers, booleans, dates and lists, never a blank', () => {
    const schemas = operations().flatMap(({ operation }) => [
      ...operation.parameters.filter(({ $ref }) => $ref === undefined).map(({ schema }) => schema!),
      ...Object.values(operation.requestBody?.content ?? {}).map(({ schema }) => schema),
    ]);
    for (const schema of schemas) {
      expect(
        Object.keys(schema).some((key) => ['type', 'anyOf', 'oneOf', 'enum', '$ref'].includes(key)),
      ).toBe(true);
    }
    const { paths } = openApiDocument(ROUTES) as { paths: Paths };
    const list = Object.fromEntries(
      paths['/api/v1/interventions']!.get!.parameters.map((one) => [one.name, one.schema]),
    );
    expect(list.limit).toEqual({ type: 'integer', minimum: 1, maximum: 200, default: 20 });
    expect(list.urgence).toEqual({ type: 'boolean' });
    expect(list.date_min).toEqual({
      anyOf: [
        { type: 'string', format: 'date-time' },
        { type: 'string', format: 'date' },
      ],
    });
    expect(list.equipement_id).toMatchObject({ type: 'array', items: { type: 'integer', minimum: 1 } });
    const path = paths['/api/v1/pieces/{id}']!.get!.parameters;
    expect(path[0]).toMatchObject({
      in: 'path',
      name: 'id',
      required: true,
      schema: { type: 'integer', minimum: 1 },
    });
  });

  it('shows the headers of lists, versions, repetitions and ranges where they apply', () => {
    const { paths } = openApiDocument(ROUTES) as { paths: Paths };
    const headersOf = (operation: Operation, status: number) =>
      Object.keys(operation.responses[status]!.headers!);
    const parametersOf = ({ parameters }: Operation) =>
      parameters.flatMap(({ $ref }) => $ref?.split('/').at(-1) ?? []);
    const pieces = paths['/api/v1/pieces']!;
    const piece = paths['/api/v1/pieces/{id}']!;
    const file = paths['/api/v1/documents/{id}/telecharger']!.get!;
    expect(headersOf(pieces.get!, 200)).toEqual(['X-Total-Count', 'X-Total-Count-Exact', 'Link']);
    expect([headersOf(pieces.post!, 201), parametersOf(pieces.post!)]).toEqual([
      ['ETag', 'Idempotency-Replayed'],
      ['Idempotency-Key'],
    ]);
    expect(headersOf(piece.get!, 200)).toEqual(['ETag']);
    expect(parametersOf(piece.patch!)).toEqual(['If-Match']);
    expect(parametersOf(file)).toEqual(['If-None-Match', 'Range']);
    expect(Object.keys(file.responses)).toEqual(expect.arrayContaining(['200', '206', '304', '416']));
  });

  it('gives examples that the API itself accepts', () => {
    for (const route of ROUTES) {
      const example = route.examples?.body;
      if (example === undefined || route.bodyType === 'multipart') continue;
      expect([name(route), route.body!.safeParse(example).error?.issues]).toEqual([name(route), undefined]);
    }
  });
});

describe('the answers', () => {
  it('of every route that reads are what the document says, field by field', async () => {
    const { user, client } = await api.newPerson('admin');
    const { db } = api;
    // Away, so that the visit is a conflict too.
    const absences = [{ id: 1, debut: '2020-01-01T00:00:00Z', fin: '2090-01-01T00:00:00Z', motif: 'Congé' }];
    const technicien = await makeTechnicien(db, { absences });
    const equipement = await makeEquipement(db);
    const intervention = await makeIntervention(db, {
      createur_id: user.id,
      equipement_id: equipement.id,
      technicien_id: technicien.id,
      statut: 'planifiee',
    });
    await makePlanning(db, { technicien_id: technicien.id, intervention_id: intervention.id });
    await client.patch(`/interventions/${intervention.id}`, { titre: 'Fuite au circuit principal' });
    await client.post(`/interventions/${intervention.id}/commentaires`, { texte: 'Accès par la cour' });
    const document = await db.manager.save(
      db.manager.create(Document, {
        nom: 'plan.pdf',
        type_document: 'plan',
        cle_stockage: 'documents/x',
        taille: 1,
        mime_type: 'application/pdf',
        checksum: 'x',
        intervention_id: intervention.id,
      }),
    );
    await db.manager.save(
      db.manager.create(Notification, {
        titre: 'T',
        message: 'M',
        type: 'info',
        destinataire_id: user.id,
        metadata: {},
      }),
    );
    await client.post(`/equipements/${equipement.id}/compteurs`, { nom: 'Heures', unite: 'h', valeur: 12 });
    await client.patch(`/equipements/${equipement.id}`, { statut: 'en_panne' });
    const cle = await client.post('/cles-api', { nom: 'Capteurs', role: 'client' });
    const plan = await makePlan(db, { equipements: [equipement.id] });
    await db.query(
      `INSERT INTO echeances_preventives (plan_id, equipement_id, cle, date, resultat, motif, date_decision)
       VALUES ($1, $2, '2026-01-01', now(), 'sautee', 'pause', now())`,
      [plan.id, equipement.id],
    );
    const { id: prestation_id } = await makePrestation(db);
    const { jeton, hash } = createJeton();
    const { id: rendez_vous_id } = await makeRendezVous(db, { prestation_id });
    await db.manager.update(
      Participant,
      { rendez_vous_id },
      { jeton_hash: hash, jeton_expire_le: new Date(9e12) },
    );
    const attente = await makeAttente(db, { prestation_id });
    const waiting = createJeton();
    await db.manager.update(
      Participant,
      { liste_attente_id: attente.id },
      { jeton_hash: waiting.hash, jeton_expire_le: new Date(9e12) },
    );
    const ids: Record<string, number | string> = {
      'public/prestations': (await makePrestation(db)).slug,
      'public/gestion': jeton,
      users: user.id,
      'cles-api': cle.body.id,
      techniciens: technicien.id,
      equipements: equipement.id,
      interventions: intervention.id,
      pieces: (await makePiece(db)).id,
      sites: (await makeSite(db)).id,
      'jours-feries': (await makeFerie(db)).id,
      'codes-panne': (await makeCodePanne(db)).id,
      'modeles-etapes': (await makeModeleEtapes(db)).id,
      'niveaux-service': (await makeNiveau(db)).id,
      contrats: (await makeContrat(db)).id,
      intervenants: (await makeIntervenant(db)).id,
      salles: (await makeSalle(db)).id,
      'agendas-externes': (await makeAgendaExterne(db)).id,
      prestations: (await makePrestation(db)).id,
      'rendez-vous': (await makeRendezVous(db, { prestation_id })).uid,
      'listes-attente': attente.id,
      'public/attente': waiting.jeton,
      rapports: (await makeRapportDemande(db)).id,
      preventif: plan.id,
      planning: technicien.id,
      documents: document.id,
      'planning/propositions': await propositionWithALine(db, intervention.id, technicien.id),
      webhooks: (await makeLivraison(db)).webhook_id,
      audit: (await db.query('SELECT min(id) AS id FROM historique'))[0].id,
    };

    // What happened to the appointments that were made as rows.
    await db.query(
      `INSERT INTO historique (entite, entite_id, action, date, apres)
       SELECT 'rendez_vous', id, 'confirmation', now(), '{"statut": "confirme"}' FROM rendez_vous`,
    );

    const cabinet = await makeAgenda(api, client);
    const doctor = cabinet.people.medecin;
    ids.cabinets = cabinet.id;
    const identifiants = [{ type: 'cin', valeur: 'A 1' }];
    const verified = { statut_identite: 'validee', justificatif: 'passeport' };
    ids.patients = (await makePatient(doctor.client, { identifiants, ...verified })).id;
    const desk = cabinet.people.secretaire.client;
    const unshared = await makePatient(desk, { partage_cabinet: false });
    const opened = await doctor.client.post(`/patients/${unshared.id}/bris-de-glace`, {
      motif: 'Malaise au cabinet',
    });
    expect(opened.status).toBe(201);
    const patient = (await api.newPerson('client')).client;
    const { code } = (await patient.get('/mon/code')).body;
    expect((await desk.put(`/patients/${ids.patients}/compte`, { code })).status).toBe(200);
    const entered = { ...entreesDe('Samira'), consentements: { body: consentement('Samira') } };
    for (const [segment, { body }] of Object.entries(entered)) {
      const { status } = await doctor.client.post(`/patients/${ids.patients}/${segment}`, body);
      expect([segment, status]).toEqual([segment, 201]);
    }
    ids.exports = await makeExport(api.app, doctor.client, ids.patients);
    const written = { patient_id: ids.patients, ...note('Samira') };
    ids.consultations = (await doctor.client.post('/consultations', written)).body.id;
    const read = (await doctor.client.post('/consultations', written)).body.id;
    const proof = { mot_de_passe: PASSWORD };
    expect((await doctor.client.post(`/consultations/${read}/signature`, proof)).status).toBe(201);
    expect((await doctor.client.put(`/consultations/${read}/publication`)).status).toBe(200);
    await makePrescripteur(cabinet);
    const ecritures = await makeEcritures(doctor.client, Number(ids.patients));
    Object.assign(ids, ecritures.signe, { examens: ecritures.examen });

    const gerant = cabinet.people.gerant.client;
    const avec = (await makePatient(doctor.client)).id;
    const right = { patient_id: ids.patients, nature: 'acces', demande: 'Copie' };
    ids['demandes-droits'] = (await doctor.client.post('/demandes-droits', right)).body.id;
    await keepForAMonth(gerant, cabinet.id);
    const due = await makeDue(api.database.owner, doctor.client);
    for (const [path, body] of [
      [`/patients/${ids.patients}/fusion`, { avec }],
      ['/conservation/purges', { patient_id: due }],
    ] as const) {
      expect([path, (await gerant.post(path, body)).status]).toEqual([path, 201]);
    }
    const uids: string[] = [];
    for (const statut of ['confirme', 'arrive']) {
      const debut = new Date(Math.ceil(Date.now() / 3_600_000 + 24 + uids.length) * 3_600_000);
      const given = { patient_id: ids.patients, motif: 'Toux' };
      const { uid } = await makeRendezVousCabinet(doctor.client, cabinet, debut, given);
      await api.database.owner.query(
        // Who is there is asked of the day, by the clocks of UTC; what became of the others of an hour ago.
        `UPDATE medical.rendez_vous_patients SET statut = $2, arrive_le = now(),
           debut = CASE WHEN $2 = 'arrive' THEN greatest(now() - interval '1 hour', date_trunc('day', now(), 'UTC'))
             ELSE now() - interval '1 hour' END
         WHERE uid = $1`,
        [uid, statut],
      );
      uids.push(uid);
    }

    const { id: attenteId } = await makeAttentePatient(desk, cabinet, Number(ids.patients), { days: 30 });

    const seen: string[] = [];
    for (const { route, operation } of operations()) {
      const { schema, list } = route.answer;
      const asks = operation.parameters.some((parameter) => parameter.in === 'query' && parameter.required);
      if (route.method !== 'get' || schema === undefined || asks) continue;
      const [, first, second] = route.path.split('/');
      const id = ids[`${first}/${second}`] ?? ids[first!];
      const member = route.medical?.enPatient ? patient : doctor.client;
      const asker = route.medical === undefined ? client : member;
      const path = route.path
        .replace(/:(?:u?id|slug|jeton)\b/, String(id))
        .replace(':uid', uids[0]!)
        .replace(':attente_id', String(attenteId));
      const reply = await asker.get(path);
      expect([name(route), reply.status]).toEqual([name(route), 200]);
      // What the schema does not know is not in what it parses.
      const { data, error } = (list ? z.array(schema).min(1) : schema).safeParse(reply.body);
      expect([name(route), error?.issues, data]).toEqual([name(route), undefined, reply.body]);
      seen.push(name(route));
    }
    expect(seen).toEqual(
      expect.arrayContaining([
        'GET /interventions',
        'GET /documents/:id',
        'GET /dashboard/stats',
        'GET /health/db',
      ]),
    );
  });
});

async function propositionWithALine(
  db: DataSource,
  interventionId: number,
  technicienId: number,
): Promise<number> {
  const bilan = {
    affectees: 1,
    non_affectees: 1,
    retard_minutes: 0,
    trajet_minutes: 12,
    km: 4.5,
    ecart_charge: 0,
  };
  const { id } = await makeProposition(db, {
    bilan,
    avant: bilan,
    progression: {
      iteration: 5,
      total: 10,
      non_affectees: 1,
      cout: { non_affectees: 1, retard: 0, trajet: 12, desequilibre: 0, ecart: 0 },
    },
    non_affectees: [
      {
        intervention: interventionId,
        comptes: { competence: 1 },
        meilleurs: [{ technicien: technicienId, code: 'competence' }],
      },
    ],
    trajets: 'grand_cercle',
    application_debut: new Date(),
  });
  const debut = '2031-01-13T09:00:00.000Z';
  const plan = { technicien_id: technicienId, date_planifiee: debut, duree_estimee: 60 };
  await db.query(
    `INSERT INTO propositions_lignes (proposition_id, intervention_id, technicien_id, date_planifiee, duree_estimee,
       segments, trajet_minutes, vue, resultat, changements)
     VALUES ($1, $2, $3, $4, 60, $5, 12, $6, 'modifiee_entretemps', '{statut}')`,
    [
      id,
      interventionId,
      technicienId,
      debut,
      JSON.stringify([{ debut, fin: '2031-01-13T10:00:00.000Z' }]),
      { actuel: plan },
    ],
  );
  return id;
}

describe('the pages', () => {
  it.each(['', '/api/v1'])(
    'are served below "%s", with and without a slash, and load nothing from elsewhere',
    async (prefix) => {
      const document = await api.anonymous.get(`${api.baseUrl}${prefix}/openapi.json`);
      expect(document.body).toEqual(JSON.parse(JSON.stringify(openApiDocument(ROUTES))));
      const etag = document.headers.get('etag')!;
      const again = await api.anonymous.get(`${api.baseUrl}${prefix}/openapi.json`, {
        'If-None-Match': etag,
      });
      expect(again.status).toBe(304);

      for (const viewer of ['docs', 'redoc']) {
        const page = await api.anonymous.get(`${api.baseUrl}${prefix}/${viewer}/`);
        expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
        expect(page.headers.get('content-security-policy')).toContain("script-src 'self'");
        const links: string[] = [...page.body.matchAll(/(?:src|href|data-document|spec-url)="([^"]+)"/g)].map(
          (match) => match[1],
        );
        expect(links.length).toBeGreaterThan(2);
        for (const link of links) {
          expect(link.startsWith(`${prefix}/`)).toBe(true);
          const loaded = await api.anonymous.get(api.baseUrl + link);
          expect([link, loaded.status, loaded.bytes.length > 100]).toEqual([link, 200, true]);
          expect(loaded.headers.get('content-type')).toMatch(/javascript|css|png|json/);
        }
      }
    },
  );

  it('alone may run scripts', async () => {
    const { headers } = await api.anonymous.get('/health');
    expect(headers.get('content-security-policy')).toBe("default-src 'none'; frame-ancestors 'none'");
  });

  it('are only read, and nothing else lies beside them', async () => {
    const posted = await api.anonymous.send('POST', `${api.baseUrl}/docs`);
    expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    const head = await api.anonymous.send('HEAD', `${api.baseUrl}/docs/swagger-ui.js`);
    expect([head.status, head.bytes.length]).toEqual([200, 0]);
    for (const path of ['/docs/package.json', '/docs/..%2fpackage.json', '/redoc/x', '/openapi.yaml']) {
      expect((await api.anonymous.get(api.baseUrl + path)).status).toBe(404);
    }
  });
});
