import type { Historique } from '../../src/db/audit/historique';
import type { User } from '../../src/db/identite/users';
import { record } from '../../src/services/historique';
import { startTestApi, type TestApi } from '../support/api';
import type { Client } from '../support/client';
import { makeIntervention, makePiece, makeUser } from '../support/factories';
import { statementsDuring } from '../support/queries';

let api: TestApi;
let admin: Client;
let auteur: User;
beforeAll(async () => {
  api = await startTestApi();
  admin = (await api.newPerson('admin')).client;
  auteur = await makeUser(api.db, { nom: 'Benali', prenom: 'Salma', role: 'responsable' });
});
afterAll(() => api.close());

/** A line of the audit; whatever is not given is made up. */
async function makeLine(given: Partial<Historique> = {}): Promise<void> {
  await record(
    api.db.manager,
    {
      userId: given.auteur_id ?? null,
      cleApiId: given.cle_api_id ?? null,
      now: given.date ?? new Date(),
      correlationId: given.correlation_id ?? 'essai',
      adresse: given.adresse ?? null,
    },
    {
      entite: given.entite ?? 'essai',
      entiteId: given.entite_id ?? null,
      action: given.action ?? 'modification',
      avant: given.avant,
      apres: given.apres,
    },
  );
}

/** Numbers of the lines, as their `apres` tells, that a query finds. */
async function found(query: string): Promise<number[]> {
  const { status, body } = await admin.get(`/audit/?${query}`);
  expect([status, body.erreurs]).toEqual([200, undefined]);
  return body.map(({ apres }: { apres: { n: number } }) => apres.n);
}

describe('the audit', () => {
  it('tells who did what, when and from where, before and after', async () => {
    const { user, client } = await api.newPerson('responsable');
    const piece = await makePiece(api.db, { stock: 12 });
    const before = Date.now();
    const changed = await client.patch(`/pieces/${piece.id}`, { stock: 9 });
    const { body } = await admin.get(`/audit?entite=piece&entite_id=${piece.id}`);
    expect(body).toEqual([
      {
        id: expect.any(Number),
        entite: 'piece',
        entite_id: piece.id,
        action: 'modification',
        auteur_id: user.id,
        auteur: { nom: user.nom, prenom: user.prenom, role: 'responsable' },
        cle_api_id: null,
        adresse: '127.0.0.1',
        date: expect.any(String),
        avant: { stock: 12 },
        apres: { stock: 9 },
        correlation_id: changed.headers.get('x-request-id'),
      },
    ]);
    expect(Date.parse(body[0].date)).toBeGreaterThanOrEqual(before);
    expect((await admin.get(`/audit/${body[0].id}`)).body).toEqual(body[0]);
  });

  it('is for administrators alone; that others tried is on record in it', async () => {
    for (const role of ['responsable', 'technicien', 'client'] as const) {
      const { user, client } = await api.newPerson(role);
      for (const path of ['/audit', '/audit/1', '/audit/export']) {
        expect((await client.get(path)).status).toBe(403);
      }
      const { body } = await admin.get(`/audit?action=refus&auteur_id=${user.id}&sort=id`);
      expect(body.map(({ apres }: { apres: object }) => apres)).toEqual(
        ['/audit', '/audit/:id', '/audit/export'].map((path) => ({
          requete: `GET ${path}`,
          id: path.endsWith(':id') ? 1 : null,
        })),
      );
    }
    expect((await api.anonymous.get('/audit')).status).toBe(401);
  });

  it('can only be read', async () => {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      expect((await admin.send(method, '/audit/1')).status).toBe(405);
      expect((await admin.send(method, '/audit')).status).toBe(405);
    }
    expect((await admin.get('/audit/2000000000')).status).toBe(404);
  });

  it('is found by every filter, alone and together', async () => {
    const [one, other] = [await makeUser(api.db), await makeUser(api.db)];
    const date = (day: number) => new Date(`2026-03-${day}T23:30:00Z`);
    const common = { entite: 'filtre', date: date(10) };
    await makeLine({ ...common, entite_id: 1, auteur_id: one.id, action: 'creation', apres: { n: 1 } });
    await makeLine({ ...common, entite_id: 2, auteur_id: other.id, adresse: '10.0.0.7', apres: { n: 2 } });
    await makeLine({ ...common, entite_id: 1, cle_api_id: 41, date: date(11), apres: { n: 3 } });
    await makeLine({
      ...common,
      entite: 'filtre_b',
      correlation_id: 'req-4',
      date: date(12),
      apres: { n: 4 },
    });

    expect(await found('entite=filtre&sort=id')).toEqual([1, 2, 3]);
    expect(await found('entite=filtre,filtre_b&sort=-id')).toEqual([4, 3, 2, 1]);
    expect(await found('entite=filtre&entite_id=1&sort=id')).toEqual([1, 3]);
    expect(await found('entite=filtre&action=creation')).toEqual([1]);
    expect(await found('entite=filtre&action=creation,modification&sort=id')).toEqual([1, 2, 3]);
    expect(await found(`auteur_id=${one.id}`)).toEqual([1]);
    expect(await found(`auteur_id=${one.id},${other.id}&sort=id`)).toEqual([1, 2]);
    expect(await found('cle_api_id=41')).toEqual([3]);
    expect(await found('adresse=10.0.0.7')).toEqual([2]);
    expect(await found('correlation_id=req-4')).toEqual([4]);
    expect(await found(`auteur_id=${one.id}&adresse=10.0.0.7`)).toEqual([]);
  });

  it('takes bare dates as days where the site is, and both ends of a period with it', async () => {
    const at = (date: string, n: number) => makeLine({ entite: 'jour', date: new Date(date), apres: { n } });
    // Casablanca is an hour ahead of UTC: the 10th begins at 23:00 of the 9th.
    await at('2026-06-09T22:59:59.999Z', 1);
    await at('2026-06-09T23:00:00Z', 2);
    await at('2026-06-10T22:59:59.999Z', 3);
    await at('2026-06-10T23:00:00Z', 4);
    expect(await found('entite=jour&date_min=2026-06-10&date_max=2026-06-10&sort=date')).toEqual([2, 3]);
    expect(await found('entite=jour&date_min=2026-06-10')).toEqual([4, 3, 2]);
    expect(await found('entite=jour&date_max=2026-06-09T23:00:00%2B00:00')).toEqual([1]);
  });

  it('pages by keyset without losing or repeating a line', async () => {
    const date = new Date('2026-04-01T12:00:00Z');
    for (let n = 1; n <= 7; n++) await makeLine({ entite: 'page', date, apres: { n } });
    for (const sort of ['', '&sort=date', '&sort=-id']) {
      const seen: number[] = [];
      for (let path: string | undefined = `/api/v1/audit?entite=page&limit=3${sort}`; path !== undefined; ) {
        const reply: Awaited<ReturnType<Client['get']>> = await admin.get(`${api.baseUrl}${path}`);
        expect(reply.headers.get('x-total-count')).toBe('7');
        seen.push(...reply.body.map(({ apres }: { apres: { n: number } }) => apres.n));
        path = /<([^>]+)>; rel="next"/.exec(reply.headers.get('link') ?? '')?.[1];
      }
      expect(seen).toEqual(sort === '&sort=date' ? [1, 2, 3, 4, 5, 6, 7] : [7, 6, 5, 4, 3, 2, 1]);
    }
  });

  it('takes as many statements for a page of one as for a page of fifty', async () => {
    for (let n = 1; n <= 50; n++) await makeLine({ entite: 'nombre', auteur_id: auteur.id, apres: { n } });
    const statements = async (limit: number) =>
      (await statementsDuring(() => admin.get(`/audit?entite=nombre&limit=${limit}`))).length;
    await statements(1);
    expect(await statements(50)).toBe(await statements(1));
  });

  it.each([
    ['entite_id=abc', 'entite_id.0'],
    ['auteur_id=0', 'auteur_id.0'],
    ['sort=apres', 'sort'],
    ['date_min=hier', 'date_min'],
    ['date_max=2026-13-01', 'date_max'],
    ["entite='%00", 'entite.0'],
    ['limit=1000', 'limit'],
    ['curseur=xyz', 'curseur'],
    ['inconnu=1', 'inconnu'],
  ])('refuses %s with 422', async (query, champ) => {
    const { status, body } = await admin.get(`/audit?${query}`);
    expect([status, body.erreurs[0].champ]).toEqual([422, champ]);
  });
});

describe('secrets', () => {
  it('are masked before they are written, however deep; what only names them is not', async () => {
    await makeLine({
      entite: 'secret',
      avant: { mot_de_passe: 'Atelier-1', totp_secret: null, refresh_token: 'abc' },
      apres: {
        nom: 'Caisse',
        cle_api_id: 3,
        cle: 'k_123',
        compte: { password: 'Atelier-2', liste: [{ jeton: 'j', accessToken: 't', monnaie: 'MAD' }] },
      },
    });
    const { body } = await admin.get('/audit?entite=secret');
    expect(body[0].avant).toEqual({ mot_de_passe: '***', totp_secret: null, refresh_token: '***' });
    expect(body[0].apres).toEqual({
      nom: 'Caisse',
      cle_api_id: 3,
      cle: '***',
      compte: { password: '***', liste: [{ jeton: '***', accessToken: '***', monnaie: 'MAD' }] },
    });
  });

  it('are nowhere in what a whole life of an account leaves behind', async () => {
    const password = 'Presse-Hydraulique-2031!';
    const created = await admin.post('/users', {
      email: 'secret@exemple.ma',
      nom: 'Essai',
      prenom: 'Essai',
      role: 'client',
      password,
    });
    expect(created.status).toBe(201);
    const login = await api.anonymous.post('/auth/login', { email: 'secret@exemple.ma', password });
    expect(login.status).toBe(200);
    await api.anonymous.post('/auth/login', { email: 'secret@exemple.ma', password: `${password}faux` });
    const [{ text }] = await api.db.query(
      `SELECT string_agg(coalesce(avant::text, '') || coalesce(apres::text, ''), ' ') AS text FROM historique`,
    );
    for (const secret of [password, login.body.access_token, login.body.refresh_token, 'argon2']) {
      expect(text).not.toContain(secret);
    }
  });
});

describe('the export of the audit', () => {
  /** Cells by line, of a CSV whose cells hold no line breaks. */
  const linesOf = (text: string) => text.split('\r\n').slice(0, -1);

  it('is CSV that spreadsheets open, of all the lines that meet the filters', async () => {
    const date = new Date('2026-05-02T08:00:00Z');
    await makeLine({
      entite: 'csv',
      entite_id: 7,
      auteur_id: auteur.id,
      adresse: '10.0.0.8',
      date,
      apres: { n: 1 },
    });
    await makeLine({ entite: 'csv', date, avant: { texte: 'dit « "non" », puis\r\nl’été' } });
    const reply = await admin.get('/audit/export?entite=csv');
    expect(reply.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(reply.headers.get('content-disposition')).toMatch(
      /^attachment; filename="audit-\d{4}-\d\d-\d\d\.csv"$/,
    );
    expect([...reply.bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    const [header, first, second, ...others] = linesOf(reply.bytes.toString().slice(1));
    expect(others).toEqual([]);
    expect(header).toBe(
      'id,date,entite,entite_id,action,auteur_id,auteur,role,cle_api_id,adresse,correlation_id,avant,apres',
    );
    expect(first).toMatch(
      new RegExp(
        `^\\d+,2026-05-02T08:00:00\\.000Z,csv,7,modification,${auteur.id},Salma Benali,responsable,,10\\.0\\.0\\.8,essai,,"{""n"":1}"$`,
      ),
    );
    expect(second).toContain(`,"{""texte"":""dit « \\""non\\"" », puis\\r\\nl’été""}",`);
  });

  it.each(['=1+1', '+33', '-2', '@somme', '\tx', '＝1+1'])(
    'makes text of %j, which would be a formula',
    async (word) => {
      const name = `formule-${word.codePointAt(0)}`;
      await makeLine({ entite: name, action: `${word},x` });
      const reply = await admin.get(`/audit/export?entite=${encodeURIComponent(name)}`);
      expect(reply.bytes.toString()).toContain(`,"'${word},x",`);
    },
  );

  it('comes whole, however many lines there are, and each of them once', async () => {
    await api.database.owner.query(
      `INSERT INTO historique (entite, entite_id, action, date, apres)
       SELECT 'masse', n, 'essai', '2026-07-01'::timestamptz + (n / 7) * interval '1 second', jsonb_build_object('n', n)
       FROM generate_series(1, 2500) n`,
    );
    let text = '';
    const statements = await statementsDuring(async () => {
      text = (await admin.get('/audit/export?entite=masse')).bytes.toString();
    });
    const ids = linesOf(text)
      .slice(1)
      .map((line) => Number(line.split(',')[3]));
    expect(ids).toEqual(Array.from({ length: 2500 }, (_, index) => index + 1));
    expect(statements.filter((statement) => /ORDER BY h\.date, h\.id LIMIT/.test(statement))).toHaveLength(3);
  });

  it('is itself on record, with its filters, before the first line leaves', async () => {
    const { user, client } = await api.newPerson('admin');
    await client.get('/audit/export?entite=rien,nul&date_min=2026-01-01');
    await client.send('HEAD', '/audit/export?entite=tete');
    const { body } = await admin.get(`/audit?auteur_id=${user.id}`);
    expect(body).toMatchObject([
      {
        entite: 'audit',
        action: 'export',
        apres: { filtres: { entite: ['rien', 'nul'], date_min: '2026-01-01' } },
      },
    ]);
  });

  it('refuses what the list refuses', async () => {
    expect((await admin.get('/audit/export?entite_id=x')).status).toBe(422);
    expect((await admin.get('/audit/export?limit=5')).status).toBe(422);
  });
});

describe('files that are handed out', () => {
  it('are on record, the report of an intervention too', async () => {
    const intervention = await makeIntervention(api.db);
    await api.app.store.put('rapports/essai.pdf', Buffer.from('%PDF-1.4'), {
      contentType: 'application/pdf',
    });
    const [{ id }] = await api.db.query(
      `INSERT INTO documents (nom, type_document, cle_stockage, taille, mime_type, checksum, intervention_id, cle_unique)
       VALUES ('rapport.pdf', 'rapport_intervention', 'rapports/essai.pdf', 8, 'application/pdf', 'abc', $1, $2)
       RETURNING id`,
      [intervention.id, `rapport:${intervention.id}:1`],
    );
    const { user, client } = await api.newPerson('admin');
    const reply = await client.get(`/interventions/${intervention.id}/rapport`);
    expect([reply.status, reply.bytes.toString()]).toEqual([200, '%PDF-1.4']);
    await client.send('HEAD', `/interventions/${intervention.id}/rapport`);
    expect((await client.get(`/documents/${id}/telecharger`)).status).toBe(200);
    const { body } = await admin.get(`/audit?action=telechargement&auteur_id=${user.id}`);
    expect(body).toMatchObject([
      { entite: 'document', entite_id: id },
      { entite: 'document', entite_id: id },
    ]);
    expect(body).toHaveLength(2);
  });
});
