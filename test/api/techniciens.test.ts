import { startTestApi, type TestApi } from '../support/api';
import type { Client } from '../support/client';
import { makeIntervention, makePlanning, makeTechnicien, makeUser } from '../support/factories';
import { type Field, faultsOf, unrefused } from '../support/faults';
import { statementsDuring } from '../support/queries';

let api: TestApi;
let responsable: Client;
beforeAll(async () => {
  api = await startTestApi();
  responsable = (await api.newPerson('responsable')).client;
});
afterAll(() => api.close());

const newUser = () => makeUser(api.db, { role: 'technicien' });

const COMPLETE = {
  specialite: 'Mécanique',
  competences: ['hydraulique', 'pneumatique'],
  habilitations: [{ competence: 'B2', valide_du: '2024-01-15', valide_jusqu_au: '2027-01-14' }],
  niveau_experience: 'senior',
  disponibilite: false,
  telephone: '+212612345678',
  localisation_base: 'Casablanca',
  latitude: 33.57,
  longitude: -7.59,
  horaires: {
    '1': [
      [480, 720],
      [840, 1080],
    ],
    '6': [[480, 720]],
  },
  absences: [{ debut: '2026-08-03T08:00:00+01:00', fin: '2026-08-21T18:00:00Z', motif: 'Congés' }],
};

const FIELDS: Record<string, Field> = {
  user_id: { accepts: 'number', required: true, refuses: [0, -1, 1.5, 999_999_999, 2 ** 31] },
  specialite: { accepts: 'string', required: true, maxLength: 100 },
  competences: { accepts: 'array', refuses: [[1], [''], ['x'.repeat(101)], ['a\0'], [['a']]] },
  habilitations: {
    accepts: 'array',
    refuses: [
      ['B2'],
      [{ valide_du: '2024-01-15' }],
      [{ competence: '' }],
      [{ competence: 'x'.repeat(101) }],
      [{ competence: 'B2', valide_du: '2024-02-30' }],
      [{ competence: 'B2', valide_du: '2024-01-15T00:00:00Z' }],
      [{ competence: 'B2', valide_du: '1899-01-15' }],
      [{ competence: 'B2', valide_du: '2024-01-15', valide_jusqu_au: '2024-01-14' }],
      [{ competence: 'B2', valide_a_vie: true }],
      Array.from({ length: 101 }, () => ({ competence: 'B2' })),
    ],
  },
  niveau_experience: { accepts: 'string', refuses: ['', 'débutant'] },
  disponibilite: { accepts: 'boolean', refuses: ['true'] },
  telephone: { accepts: 'string', nullable: true, maxLength: 30 },
  localisation_base: { accepts: 'string', nullable: true, maxLength: 200 },
  latitude: { accepts: 'number', nullable: true, refuses: [90.1, -91, '33'] },
  longitude: { accepts: 'number', nullable: true, refuses: [180.1, -181] },
  horaires: {
    accepts: 'object',
    nullable: true,
    refuses: [
      {},
      { '1': [] },
      { '0': [[480, 720]] },
      { '8': [[480, 720]] },
      { lundi: [[480, 720]] },
      { '1': [480, 720] },
      { '1': [[480]] },
      { '1': [[720, 480]] },
      { '1': [[480, 480]] },
      { '1': [[480, 1441]] },
      { '1': [[-1, 480]] },
      { '1': [['8:00', '12:00']] },
      { '1': [['08:00', '24:01']] },
      { '1': [['12:00', '08:00']] },
      {
        '1': [
          [480, 720],
          [700, 900],
        ],
      },
      {
        '1': [
          [840, 1080],
          [480, 720],
        ],
      },
    ],
  },
  absences: {
    accepts: 'array',
    refuses: [
      [{ debut: '2026-08-03' }],
      [{ debut: '2026-08-21', fin: '2026-08-03' }],
      [{ debut: '2026-08-03T10:00:00Z', fin: '2026-08-03T10:00:00Z' }],
      [{ debut: '2026-08-03T10:00:00', fin: '2026-08-04T10:00:00' }],
      [{ debut: '2026-02-30', fin: '2026-03-02' }],
      [{ debut: 1, fin: 2 }],
      [{ debut: '2026-08-03', fin: '2026-08-04', motif: 'a\0' }],
      [{ debut: '2026-08-03', fin: '2026-08-04', raison: 'autre' }],
      ['2026-08-03'],
    ],
  },
};

describe('techniciens', () => {
  it('are created with every field, and answered with the person they are', async () => {
    const user = await newUser();
    const created = await responsable.post('/techniciens/', { user_id: user.id, ...COMPLETE });
    expect(created.status).toBe(201);
    expect(created.headers.get('etag')).toBe('"1"');
    expect(created.body).toEqual({
      ...COMPLETE,
      id: expect.any(Number),
      user_id: user.id,
      user: {
        id: user.id,
        nom: user.nom,
        prenom: user.prenom,
        email: user.email,
        site_ids: [],
        tous_sites: true,
      },
      absences: [
        { id: 1, debut: '2026-08-03T07:00:00.000Z', fin: '2026-08-21T18:00:00.000Z', motif: 'Congés' },
      ],
      date_creation: expect.any(String),
      date_modification: expect.any(String),
      version: 1,
    });
    expect((await responsable.get(`/techniciens/${created.body.id}`)).body).toEqual(created.body);
  });

  it('need no more than a person and a speciality', async () => {
    const user = await newUser();
    const created = await responsable.post('/techniciens', { user_id: user.id, specialite: 'Froid' });
    expect(created.body).toMatchObject({
      competences: [],
      habilitations: [],
      niveau_experience: 'confirme',
      disponibilite: true,
      telephone: null,
      localisation_base: null,
      latitude: null,
      longitude: null,
      horaires: null,
      absences: [],
    });
  });

  it('read the bare dates of an absence as whole days of the site', async () => {
    const technicien = await makeTechnicien(api.db);
    const reply = await responsable.patch(`/techniciens/${technicien.id}`, {
      absences: [{ debut: '2026-08-03', fin: '2026-08-03' }],
    });
    expect(reply.body.absences).toEqual([
      { id: 1, debut: '2026-08-02T23:00:00.000Z', fin: '2026-08-03T23:00:00.000Z' },
    ]);
  });

  it('are made of people with the role and without a row, one each', async () => {
    const attempt = async (user_id: number) => {
      const reply = await responsable.post('/techniciens', { user_id, specialite: 'Froid' });
      return [reply.status, reply.body.erreurs?.[0]?.champ ?? reply.body.code];
    };
    expect(await attempt((await makeUser(api.db, { role: 'client' })).id)).toEqual([422, 'user_id']);
    expect(await attempt(999_999)).toEqual([422, 'user_id']);
    const { id } = await newUser();
    const outcomes = await Promise.all([attempt(id), attempt(id), attempt(id)]);
    expect(outcomes.map(([status]) => status).sort()).toEqual([201, 409, 409]);
    expect(await attempt(id)).toEqual([409, 'DEJA_EXISTANT']);
  });

  it('refuse every fault of every field and keep nothing', async () => {
    const user = await newUser();
    const body = { user_id: user.id, ...COMPLETE };
    expect(await unrefused(responsable, 'post', '/techniciens/', faultsOf(body, FIELDS))).toEqual([]);
    const rows = await api.db.query('SELECT id FROM techniciens WHERE user_id = $1', [user.id]);
    expect(rows).toEqual([]);

    const technicien = await makeTechnicien(api.db);
    const path = `/techniciens/${technicien.id}`;
    const { user_id: _, ...fields } = FIELDS;
    expect(await unrefused(responsable, 'patch', path, faultsOf({}, fields, true))).toEqual([]);
    expect(await unrefused(responsable, 'put', path, faultsOf(COMPLETE, fields))).toEqual([]);
    const moved = await responsable.patch(path, { user_id: user.id });
    expect([moved.status, moved.body.erreurs[0].champ]).toEqual([422, 'user_id']);
    expect((await responsable.get(path)).body.version).toBe(1);
  });

  it('change as a whole with PUT, in part with PATCH, and refuse a version that has passed', async () => {
    const technicien = await makeTechnicien(api.db, { telephone: '0600000000' });
    const path = `/techniciens/${technicien.id}`;
    const replaced = await responsable.put(
      path,
      { ...COMPLETE, telephone: undefined },
      { 'If-Match': '"1"' },
    );
    expect(replaced.body).toMatchObject({ specialite: 'Mécanique', telephone: null, version: 2 });
    const part = await responsable.patch(path, { specialite: 'Froid' }, { 'If-Match': '"2"' });
    expect(part.body).toMatchObject({ specialite: 'Froid', competences: COMPLETE.competences, version: 3 });
    const late = await responsable.patch(path, { specialite: 'Tard' }, { 'If-Match': '"2"' });
    expect([late.status, late.body.code]).toEqual([412, 'VERSION_PERIMEE']);
    // The same once more changes nothing, whatever the order in which the database keeps its keys.
    const same = await responsable.patch(path, { horaires: COMPLETE.horaires, absences: COMPLETE.absences });
    expect(same.body.version).toBe(3);
  });

  it('are found by a skill that is dated on the days on which it is valid', async () => {
    const given = async (...habilitations: [number | null, number | null][]) => {
      const day = (days: number | null) =>
        days === null ? null : new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
      return makeTechnicien(
        api.db,
        {
          competences: ['Haute tension'],
          habilitations: habilitations.map(([from, to]) => ({
            competence: 'haute tension',
            valide_du: day(from),
            valide_jusqu_au: day(to),
          })),
        },
        { nom: 'Datée', prenom: 'Aya' },
      );
    };
    const plain = await given();
    const valid = await given([-2, 2]);
    await given([-9, -2]);
    await given([2, null]);
    const renewed = await given([-9, -2], [-2, null]);
    const found = await responsable.get('/techniciens/?q=datée&competences=Haute tension');
    expect(found.body.map(({ id }: { id: number }) => id)).toEqual([plain.id, valid.id, renewed.id]);
    const [{ id: only }] = [
      await makeTechnicien(api.db, { habilitations: valid.habilitations }, { nom: 'Seule' }),
    ];
    expect((await responsable.get('/techniciens/?q=seule tension')).body[0].id).toBe(only);
  });

  it('are found by speciality, skills, experience, availability and text', async () => {
    const person = { nom: 'Recherche', prenom: 'Léa' };
    const one = await makeTechnicien(
      api.db,
      { specialite: 'Mécanique', competences: ['Hydraulique', 'soudure'], niveau_experience: 'expert' },
      person,
    );
    const two = await makeTechnicien(
      api.db,
      {
        specialite: 'Froid',
        competences: ['hydraulique'],
        niveau_experience: 'junior',
        disponibilite: false,
      },
      person,
    );
    const ids = async (query: string) =>
      (await responsable.get(`/techniciens/?q=recherche&${query}`)).body.map(({ id }: { id: number }) => id);
    expect(await ids('sort=niveau_experience')).toEqual([two.id, one.id]);
    expect(await ids('specialite=mecanique')).toEqual([one.id]);
    expect(await ids('competences=hydraulique')).toEqual([one.id, two.id]);
    expect(await ids('competences=hydraulique,Soudure')).toEqual([one.id]);
    expect(await ids('niveau_experience=junior,senior')).toEqual([two.id]);
    expect(await ids('disponibilite=true')).toEqual([one.id]);
    expect(await ids('competences=hydraulique&disponibilite=false&niveau_experience=expert')).toEqual([]);
    for (const query of ['competences=a%00', 'specialite=', 'disponibilite=1', 'sort=absences', 'user=1']) {
      expect([query, (await responsable.get(`/techniciens/?${query}`)).status]).toEqual([query, 422]);
    }
  });

  it('cost as many statements for one as for many', async () => {
    for (let n = 0; n < 5; n++) await makeTechnicien(api.db);
    const count = async (limit: number) =>
      (await statementsDuring(() => responsable.get(`/techniciens/?limit=${limit}`))).length;
    expect([await count(1), await count(200)]).toEqual([2, 2]);
  });

  it('are deleted only while no intervention or visit is theirs', async () => {
    const unused = await makeTechnicien(api.db);
    expect((await responsable.delete(`/techniciens/${unused.id}`)).status).toBe(204);
    expect((await responsable.get(`/techniciens/${unused.id}`)).status).toBe(404);
    const assigned = await makeTechnicien(api.db);
    await makeIntervention(api.db, { technicien_id: assigned.id, statut: 'planifiee' });
    const planned = await makeTechnicien(api.db);
    await makePlanning(api.db, { technicien_id: planned.id });
    const [ofCrew, sentAlong] = [await makeTechnicien(api.db), await makeTechnicien(api.db)];
    await makePlanning(api.db, { equipiers: [ofCrew.id] });
    await makeIntervention(api.db, { equipiers: [sentAlong.id] });
    for (const { id } of [assigned, planned, ofCrew, sentAlong]) {
      const refused = await responsable.delete(`/techniciens/${id}`);
      expect([refused.status, refused.body.code]).toEqual([409, 'DEPENDANCES']);
    }
  });

  it('have a history', async () => {
    const user = await newUser();
    const created = await responsable.post('/techniciens', { user_id: user.id, specialite: 'Froid' });
    const path = `/techniciens/${created.body.id}`;
    await responsable.patch(path, { disponibilite: false });
    await responsable.patch(path, { disponibilite: false });
    await responsable.delete(path);
    const history = await api.db.query(
      `SELECT action, avant, apres FROM historique WHERE entite = 'technicien' AND entite_id = $1 ORDER BY id`,
      [created.body.id],
    );
    expect(history.map(({ action }: { action: string }) => action)).toEqual([
      'creation',
      'modification',
      'suppression',
    ]);
    expect(history[1]).toMatchObject({ avant: { disponibilite: true }, apres: { disponibilite: false } });
  });
});

describe('who may do what with techniciens', () => {
  it('lets a technicien read all of them and change their own availability alone', async () => {
    const own = await makeTechnicien(api.db);
    const other = await makeTechnicien(api.db);
    const client = await api.as(own.user);
    expect((await client.get(`/techniciens/${other.id}`)).status).toBe(200);
    const { disponibilite, horaires, absences } = COMPLETE;
    const changed = await client.patch(`/techniciens/${own.id}`, { disponibilite, horaires, absences });
    expect(changed.body).toMatchObject({ disponibilite, horaires, version: 2 });
    for (const change of [{ specialite: 'Autre' }, { niveau_experience: 'expert' }, { ...COMPLETE }]) {
      expect((await client.patch(`/techniciens/${own.id}`, change)).status).toBe(403);
    }
    for (const change of [{ disponibilite: false }, {}]) {
      expect((await client.patch(`/techniciens/${other.id}`, change)).status).toBe(403);
    }
    expect((await client.post('/techniciens', { user_id: own.user.id, specialite: 'x' })).status).toBe(403);
    expect((await client.delete(`/techniciens/${own.id}`)).status).toBe(403);
  });

  it('keeps them from clients', async () => {
    const technicien = await makeTechnicien(api.db);
    const { client } = await api.newPerson('client');
    for (const path of ['/techniciens', `/techniciens/${technicien.id}`, '/techniciens/999999']) {
      expect([path, (await client.get(path)).status]).toEqual([path, 403]);
    }
    expect((await client.patch(`/techniciens/${technicien.id}`, {})).status).toBe(403);
  });
});

describe('absences', () => {
  const LEAVE = { debut: '2027-08-02', fin: '2027-08-20', motif: 'Congés' };

  it('are entered and withdrawn one by one by the person, and stand on their row', async () => {
    const technicien = await makeTechnicien(api.db);
    const client = await api.as(technicien.user);
    const path = `/techniciens/${technicien.id}`;
    const created = await client.post(`${path}/absences/`, LEAVE);
    const leave = {
      id: 1,
      debut: '2027-08-02T00:00:00.000Z',
      fin: '2027-08-21T00:00:00.000Z',
      motif: 'Congés',
    };
    expect([created.status, created.body]).toEqual([201, leave]);
    const second = await client.post(`${path}/absences`, { debut: '2027-01-04', fin: '2027-01-04' });
    expect(second.body.id).toBe(2);
    expect((await client.get(`${path}/absences`)).body).toEqual([leave, second.body]);
    const row = (await client.get(path)).body;
    expect(row.absences).toEqual([leave, second.body]);
    // Of whom somebody else arranges the time, the reason is not told.
    const { client: colleague } = await api.newPerson('technicien');
    expect((await colleague.get(`${path}/absences`)).body[0]).toEqual({ ...leave, motif: undefined });

    expect((await client.delete(`${path}/absences/1`)).status).toBe(204);
    expect((await client.delete(`${path}/absences/1`)).status).toBe(404);
    expect((await client.get(`${path}/absences`)).body).toEqual([second.body]);
    // No id is given twice, and the version of the row is theirs.
    expect((await client.post(`${path}/absences`, LEAVE)).body.id).toBe(3);
    expect((await client.post(`${path}/absences`, LEAVE, { 'If-Match': `"${row.version}"` })).status).toBe(
      412,
    );
    const history = await api.db.query(
      `SELECT apres FROM historique WHERE entite = 'technicien' AND entite_id = $1`,
      [technicien.id],
    );
    expect(history).toHaveLength(4);
  });

  it('keep their ids where the whole list is said again, with them or without', async () => {
    const technicien = await makeTechnicien(api.db);
    const path = `/techniciens/${technicien.id}`;
    const named = async (absences: object[]) =>
      (await responsable.patch(path, { absences })).body.absences.map(({ id }: { id: number }) => id);
    const other = { debut: '2027-01-04', fin: '2027-01-04' };
    expect(await named([LEAVE, other])).toEqual([1, 2]);
    expect(await named([other, LEAVE])).toEqual([2, 1]);
    expect(
      await named([
        { ...LEAVE, motif: 'Formation', id: 1 },
        { ...other, id: 77 },
      ]),
    ).toEqual([1, 2]);
    expect(await named([other])).toEqual([2]);
    expect(await named([LEAVE, other, other])).toEqual([3, 2, 4]);
  });

  it('are two when two people enter one at the same moment, and no more than there is room for', async () => {
    const technicien = await makeTechnicien(api.db);
    const path = `/techniciens/${technicien.id}/absences`;
    const days = ['2027-01-04', '2027-01-05', '2027-01-06', '2027-01-07'];
    await Promise.all(days.map((debut) => responsable.post(path, { debut, fin: debut })));
    const { body } = await responsable.get(path);
    expect(body.map(({ id }: { id: number }) => id)).toEqual([1, 2, 3, 4]);
    const many = Array.from({ length: 200 }, (_, id) => ({
      id: id + 1,
      debut: '2027-01-04T00:00:00.000Z',
      fin: '2027-01-05T00:00:00.000Z',
    }));
    await api.db.query('UPDATE techniciens SET absences = $1, derniere_absence = 200 WHERE id = $2', [
      JSON.stringify(many),
      technicien.id,
    ]);
    const refused = await responsable.post(path, LEAVE);
    expect([refused.status, refused.body.code]).toEqual([409, 'LIMITE_ATTEINTE']);
  });

  it('that were there before the ids have them now', async () => {
    const technicien = await makeTechnicien(api.db, {
      absences: [{ debut: '2027-01-04T00:00:00.000Z', fin: '2027-01-05T00:00:00.000Z' }],
    });
    const added = await responsable.post(`/techniciens/${technicien.id}/absences`, LEAVE);
    expect([added.status, added.body.id]).toEqual([201, 2]);
  });
});
