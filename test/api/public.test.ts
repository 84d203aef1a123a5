import { resoudre } from '../../src/domain/rendez-vous/preuve';
import { hashJeton } from '../../src/services/rendez-vous/jetons';
import { startTestApi, type TestApi } from '../support/api';
import type { Client } from '../support/client';
import { weekdayAhead } from '../support/days';
import { makeIntervenant, makePrestation } from '../support/factories';

let api: TestApi;
let nobody: Client;

beforeAll(async () => {
  api = await startTestApi({ RDV_PREUVE_BITS: '6' });
  nobody = api.anonymous;
});
afterAll(() => api.close());

/** The next Tuesday but one. */
const TUESDAY = weekdayAhead(2);
const at = (time: string) => `${TUESDAY}T${time}:00+00:00`;

/** Something that one person does on Tuesdays from nine to noon, by the clocks of UTC. */
async function offered(given: Parameters<typeof makePrestation>[1] = {}, nom_public = 'Nadia') {
  const one = await makeIntervenant(api.db, {
    nom_public,
    fuseau_horaire: 'UTC',
    pays: 'BE',
    horaires: { 2: [[540, 720]] } as never,
  });
  return { ...(await makePrestation(api.db, { intervenants: [one.id], ...given })), one };
}

const COME = [{ nom: 'Amal Idrissi', email: 'amal@example.com' }];

/** A body with the work that is asked for. */
async function asking(prestation: string, more: object) {
  const { body } = await nobody.get(`/public/prestations/${prestation}`);
  const { defi, bits } = body.preuve;
  return { prestation, participants: COME, preuve: { defi, reponse: resoudre(defi, bits) }, ...more };
}
const book = async (prestation: string, more: object) =>
  nobody.post('/public/rendez-vous', await asking(prestation, more));

describe('what can be booked without an account', () => {
  it('is told with its questions, its place, and those among whom one may choose', async () => {
    const { slug, one } = await offered({
      visibilite: 'lien',
      lieu: { type: 'visio', valeur: 'https://meet.example.com/secret' },
      questions: [{ nom: 'sujet', libelle: 'Votre sujet', type: 'texte', obligatoire: true }],
    });
    const { status, body } = await nobody.get(`/public/prestations/${slug}`);
    expect([status, body]).toEqual([
      200,
      expect.objectContaining({
        slug,
        lieu: { type: 'visio', valeur: null },
        intervenants: [{ id: one.id, nom_public: 'Nadia' }],
        preuve: { defi: expect.any(String), bits: 6 },
      }),
    ]);
    expect(JSON.stringify(body)).not.toContain('secret');
  });

  it('names nobody where the house chooses', async () => {
    const { slug } = await offered({ mode: 'tour_de_role' }, 'Somebody of the house');
    expect((await nobody.get(`/public/prestations/${slug}`)).body.intervenants).toEqual([]);
  });

  it('is nothing that is inactive, or for members alone', async () => {
    for (const given of [{ visibilite: 'interne' }, { actif: false }] as const) {
      const { slug } = await offered(given);
      const asked = `prestation=${slug}&debut=${TUESDAY}&fin=${TUESDAY}`;
      expect((await nobody.get(`/public/prestations/${slug}`)).status).toBe(404);
      expect((await nobody.get(`/public/creneaux?${asked}`)).status).toBe(404);
      expect((await nobody.post('/public/retenues', { prestation: slug, debut: at('09:00') })).status).toBe(
        404,
      );
      expect((await nobody.get(`/rdv/${slug}`)).status).toBe(404);
    }
  });
});

describe('a booking without an account', () => {
  it('is made of a hold, answers with the link of whoever booked, and keeps its digest alone', async () => {
    const { slug } = await offered();
    const visiteur = 'visiteur-0123456789';
    const held = await nobody.post('/public/retenues', { prestation: slug, debut: at('09:00'), visiteur });
    expect([held.status, held.body]).toEqual([
      201,
      { uid: expect.any(String), expire_le: expect.any(String) },
    ]);
    const free = async (more = '') => {
      const asked = `prestation=${slug}&debut=${TUESDAY}&fin=${TUESDAY}&fuseau_horaire=UTC`;
      return (await nobody.get(`/public/creneaux?${asked}${more}`)).body[TUESDAY][0].debut;
    };
    expect(await free()).toBe(at('09:30'));
    expect(await free(`&visiteur=${visiteur}`)).toBe(at('09:00'));

    const { status, body } = await book(slug, { debut: at('09:00'), retenue: held.body.uid, visiteur });
    expect([status, body]).toEqual([
      201,
      {
        uid: held.body.uid,
        statut: 'confirme',
        attente: null,
        sequence: 0,
        debut: `${TUESDAY}T09:00:00.000Z`,
        fin: `${TUESDAY}T09:30:00.000Z`,
        jeton: expect.stringMatching(/^[\w-]{43}$/),
        gestion: expect.stringContaining(`/rdv/gestion/${body.jeton}`),
      },
    ]);
    const rows = await api.db.query(
      'SELECT jeton_hash, jeton_expire_le > now() AS open FROM participants WHERE nom = $1',
      ['Amal Idrissi'],
    );
    expect(rows).toEqual([{ jeton_hash: hashJeton(body.jeton), open: true }]);
  });

  it('is refused without the work that is asked for, with that for something else, and with what machines fill in', async () => {
    const [{ slug }, other] = [await offered(), await offered()];
    const refused = async (more: object) => {
      const { status, body } = await book(slug, { debut: at('10:00'), ...more });
      return [status, body.erreurs?.[0].champ];
    };
    expect(await refused({ preuve: undefined })).toEqual([422, 'preuve']);
    const foreign = (await asking(other.slug, {})).preuve;
    expect(await refused({ preuve: foreign })).toEqual([422, 'preuve']);
    expect(await refused({ preuve: { ...foreign, defi: foreign.defi.replace(/^6/, '0') } })).toEqual([
      422,
      'preuve',
    ]);
    expect(await refused({ site_web: 'https://spam.example.com' })).toEqual([422, 'site_web']);
    expect((await book(slug, { debut: at('10:00') })).status).toBe(201);
  });

  it('of a time that is taken is told what else is free', async () => {
    const { slug } = await offered();
    expect((await book(slug, { debut: at('09:00') })).status).toBe(201);
    const { status, body } = await book(slug, { debut: at('09:00') });
    expect([status, body.code, body.alternatives.length]).toEqual([409, 'CRENEAU_PRIS', 3]);
    expect(Date.parse(body.alternatives[0].debut)).toBe(Date.parse(at('09:30')));
  });
});

describe('the link of a participant', () => {
  it('shows their part, whatever is asked of it, and moves and cancels it when they say so', async () => {
    const { slug } = await offered();
    const { jeton, uid } = (await book(slug, { debut: at('09:00') })).body;
    const path = `/public/gestion/${jeton}`;
    const read = async () => (await nobody.get(path)).body;
    expect(await read()).toMatchObject({
      uid,
      sequence: 0,
      statut: 'confirme',
      actes: ['annuler', 'reporter'],
    });
    expect((await fetch(`${api.baseUrl}/api/v1${path}`, { method: 'HEAD' })).status).toBe(200);

    const stale = await nobody.post(path, { acte: 'reporter', debut: at('10:00') }, { 'If-Match': '"7"' });
    expect(stale.status).toBe(412);
    expect((await nobody.post(path, { acte: 'reporter' })).status).toBe(422);
    expect((await nobody.post(path, { acte: 'reporter', debut: at('10:00') })).status).toBe(204);
    expect(await read()).toMatchObject({ uid, sequence: 1, debut: `${TUESDAY}T10:00:00.000Z` });

    expect((await nobody.post(path, { acte: 'annuler', motif: 'Empêchée' })).status).toBe(204);
    expect([(await nobody.get(path)).status, (await nobody.get(path)).body.code]).toEqual([
      422,
      'LIEN_INVALIDE',
    ]);
    expect((await nobody.post(path, { acte: 'annuler' })).status).toBe(422);
    expect((await nobody.get(`${api.baseUrl}/rdv/gestion/${jeton}`)).status).toBe(404);
    // What was cancelled is free again.
    expect((await book(slug, { debut: at('10:00') })).status).toBe(201);
  });

  it('of a workshop touches one place, and names nobody else', async () => {
    const { slug } = await offered({ places: 3 });
    const seat = async (nom: string) =>
      (await book(slug, { debut: at('09:00'), participants: [{ nom, email: `${nom}@example.com` }] })).body;
    const [zineb, yassine] = [await seat('Zineb'), await seat('Yassine')];
    const of = async ({ jeton }: { jeton: string }) => nobody.get(`/public/gestion/${jeton}`);
    expect(JSON.stringify((await of(zineb)).body)).not.toContain('Yassine');
    const page = await nobody.get(`${api.baseUrl}/rdv/gestion/${zineb.jeton}`);
    expect([page.status, page.body.includes('Zineb'), page.body.includes('Yassine')]).toEqual([
      200,
      true,
      false,
    ]);
    expect((await nobody.post(`/public/gestion/${zineb.jeton}`, { acte: 'annuler' })).status).toBe(204);
    expect([(await of(zineb)).status, (await of(yassine)).body.statut]).toEqual([422, 'confirme']);
  });

  it('of a seat moves that seat alone', async () => {
    const { slug } = await offered({ places: 3 });
    const seat = async (nom: string) =>
      (await book(slug, { debut: at('09:00'), participants: [{ nom, email: `${nom}@example.com` }] })).body;
    const [hind, karim] = [await seat('Hind'), await seat('Karim')];
    const moved = await nobody.post(`/public/gestion/${hind.jeton}`, {
      acte: 'reporter',
      debut: at('10:00'),
    });
    expect(moved.status).toBe(204);
    const rows = await api.db.query(
      `SELECT b.uid, b.debut, b.sequence, s.prises, s.debut = b.debut AS there
       FROM rendez_vous b JOIN seances s ON s.id = b.seance_id WHERE b.uid = ANY($1) ORDER BY b.debut`,
      [[hind.uid, karim.uid]],
    );
    expect(rows).toEqual([
      { uid: karim.uid, debut: new Date(at('09:00')), sequence: 0, prises: 1, there: true },
      { uid: hind.uid, debut: new Date(at('10:00')), sequence: 1, prises: 1, there: true },
    ]);
  });

  it('of the time to what the visitor holds uses the hold up', async () => {
    const { slug } = await offered();
    const { jeton } = (await book(slug, { debut: at('09:00') })).body;
    const visiteur = 'v'.repeat(20);
    const held = await nobody.post('/public/retenues', { prestation: slug, debut: at('10:00'), visiteur });
    expect(held.status).toBe(201);
    const reporter = (more: object) =>
      nobody.post(`/public/gestion/${jeton}`, { acte: 'reporter', debut: at('10:00'), ...more });
    expect((await reporter({ visiteur: 'w'.repeat(20) })).body.code).toBe('CRENEAU_PRIS');
    expect((await reporter({ visiteur })).status).toBe(204);
  });

  it('is needed: the uid, which others may know, gives no rights', async () => {
    const { slug } = await offered();
    const { uid } = (await book(slug, { debut: at('09:00') })).body;
    const stranger = (await api.newPerson('client')).client;
    for (const path of [`/public/gestion/${uid}`, `/public/gestion/${uid}${'A'.repeat(43 - uid.length)}`]) {
      expect([404, 422]).toContain((await nobody.get(path)).status);
      expect([404, 422]).toContain((await nobody.post(path, { acte: 'annuler' })).status);
    }
    for (const [by, status] of [
      [nobody, 401],
      [stranger, 404],
    ] as const) {
      expect((await by.get(`/rendez-vous/${uid}`)).status).toBe(status);
      for (const acte of ['annuler', 'reporter'])
        expect(
          (
            await by.put(`/rendez-vous/${uid}/${acte}`, {
              ...(acte === 'reporter' && { debut: at('10:00') }),
            })
          ).status,
        ).toBe(status);
      expect((await by.get(`/rendez-vous/${uid}/historique`)).status).toBe(status);
    }
    // A hold is its holder's, whoever knows how it is called.
    const held = await nobody.post('/public/retenues', {
      ...{ prestation: slug, debut: at('10:00'), visiteur: 'h'.repeat(20) },
    });
    const stolen = await book(slug, { debut: at('10:00'), retenue: held.body.uid, visiteur: 's'.repeat(20) });
    expect([stolen.status, stolen.body.code]).toEqual([409, 'RETENUE_EXPIREE']);
    const [row] = await api.db.query('SELECT statut, sequence FROM rendez_vous WHERE uid = $1', [uid]);
    expect(row).toEqual({ statut: 'confirme', sequence: 0 });
  });

  it('of one who comes along moves nothing, and gives back their own part alone', async () => {
    const { slug } = await offered({ places: 4 });
    const participants = ['Un', 'Deux'].map((nom) => ({ nom, email: `${nom}@example.com` }));
    const { jeton } = (await book(slug, { debut: at('11:00'), participants })).body;
    const path = `/public/gestion/${jeton}`;
    expect((await nobody.get(path)).body.actes).toEqual(['annuler']);
    expect((await nobody.post(path, { acte: 'reporter', debut: at('09:00') })).status).toBe(403);
    expect((await nobody.post(path, { acte: 'annuler' })).status).toBe(204);
    const [row] = await api.db.query(
      `SELECT b.statut, b.places FROM rendez_vous b JOIN participants p ON p.rendez_vous_id = b.id WHERE p.nom = 'Deux'`,
    );
    expect(row).toEqual({ statut: 'confirme', places: 1 });
  });

  it('that we never made opens nothing, and neither does one whose time is over', async () => {
    const { slug } = await offered();
    const { jeton } = (await book(slug, { debut: at('09:00') })).body;
    for (const other of [`${jeton.slice(1)}A`, 'A'.repeat(43)])
      expect((await nobody.get(`/public/gestion/${other}`)).status).toBe(422);
    await api.db.query(
      `UPDATE participants SET jeton_expire_le = now() - interval '1 day' WHERE jeton_hash = $1`,
      [hashJeton(jeton)],
    );
    await api.db.query(
      `UPDATE rendez_vous SET debut = now() - interval '3 days', fin = now() - interval '2 days'
       WHERE id = (SELECT rendez_vous_id FROM participants WHERE jeton_hash = $1)`,
      [hashJeton(jeton)],
    );
    expect((await nobody.get(`/public/gestion/${jeton}`)).status).toBe(422);
  });
});

describe('limits', () => {
  it('keep one address from holding and booking without end, and leave others alone', async () => {
    const limited = await startTestApi({
      RDV_PREUVE_BITS: '0',
      TRUSTED_PROXIES: 'loopback',
      RATE_LIMITS: 'on',
    });
    try {
      const from = (adresse: string) => ({ 'X-Forwarded-For': adresse });
      const hold = async (adresse: string) =>
        (
          await limited.anonymous.post(
            '/public/retenues',
            { prestation: 'none', debut: at('09:00') },
            from(adresse),
          )
        ).status;
      const statuses: number[] = [];
      for (let n = 0; n < 21; n++) statuses.push(await hold('203.0.113.9'));
      expect(statuses).toEqual([...Array(20).fill(404), 429]);
      expect(await hold('203.0.113.10')).toBe(404);
    } finally {
      await limited.close();
    }
  });
});
