import type { User } from '../../src/db/identite/users';
import { systemActor } from '../../src/services/actor';
import { announce } from '../../src/services/messages/messages';
import type { Client } from '../support/client';
import {
  makeEquipement,
  makeIntervention,
  makeSite,
  makeTechnicien,
  makeUser,
  PASSWORD,
} from '../support/factories';
import { startTestSystem, type TestSystem } from '../support/system';

/**
 * From one site to all of them: by making somebody who reaches further, by changing who does not belong to one, by losing
 * a site, and by work that leads there. Overseeing everything is said, never the absence of sites.
 */

let system: TestSystem;
let admin: Client;
let nord: number;
let sud: number;
/** A responsable of Nord. */
let responsable: Client;
const places: Record<'nord' | 'sud' | 'nulle_part', number> = { nord: 0, sud: 0, nulle_part: 0 };
beforeAll(async () => {
  system = await startTestSystem();
  const { db } = system;
  admin = (await system.newPerson('admin')).client;
  nord = (await makeSite(db, { nom: 'Nord' })).id;
  sud = (await makeSite(db, { nom: 'Sud' })).id;
  responsable = (await system.newPerson('responsable', { sites: [nord] })).client;
  places.nord = (await makeEquipement(db, { site_id: nord })).id;
  places.sud = (await makeEquipement(db, { site_id: sud })).id;
  places.nulle_part = (await makeEquipement(db)).id;
  for (const equipement_id of Object.values(places)) await makeIntervention(db, { equipement_id });
});
afterAll(() => system.close());

let counter = 0;
const newcomer = (fields: object) => ({
  email: `site-${++counter}@exemple.ma`,
  password: PASSWORD,
  nom: 'Nouveau',
  prenom: 'Sami',
  ...fields,
});
const signIn = async (email: string): Promise<Client> => {
  const { body } = await system.anonymous.post('/auth/login', { email, password: PASSWORD });
  const authorization = { authorization: `Bearer ${body.access_token}` };
  return {
    ...system.anonymous,
    get: (path, headers) => system.anonymous.get(path, { ...authorization, ...headers }),
  };
};
/** The places of which somebody sees equipment, and of which interventions. */
async function seen(client: Client): Promise<{ equipements: string[]; interventions: string[] }> {
  const of = (rows: Record<string, number>[], field: string) =>
    Object.keys(places).filter((place) =>
      rows.some((row) => row[field] === places[place as keyof typeof places]),
    );
  return {
    equipements: of((await client.get('/equipements?limit=200')).body, 'id'),
    interventions: of((await client.get('/interventions?limit=200')).body, 'equipement_id'),
  };
}
const lone = async (role: User['role']) => system.newPerson(role, { tous_sites: false });

describe('a responsable of one site', () => {
  it('makes nobody who reaches further than they do, one by one or from a file', async () => {
    const refused = [
      { role: 'technicien' },
      { role: 'technicien', tous_sites: true },
      { role: 'technicien', tous_sites: false },
      { role: 'technicien', site_ids: [nord, sud] },
      { role: 'technicien', site_ids: [sud] },
      { role: 'responsable', tous_sites: true },
      { role: 'responsable', site_ids: [sud] },
      { role: 'client', site_ids: [sud] },
    ];
    for (const fields of refused) {
      expect([fields, (await responsable.post('/users', newcomer(fields))).status]).toEqual([fields, 403]);
    }
    const lines = [
      'technicien,,',
      'technicien,,true',
      'technicien,,false',
      `technicien,${nord} ${sud},`,
      `responsable,,true`,
      `client,${sud},`,
    ].map((line) => `site-${++counter}@exemple.ma,Nouveau,Sami,${line}`);
    const { body } = await responsable.send('POST', '/users/import', {
      body: ['email,nom,prenom,role,site_ids,tous_sites', ...lines].join('\n'),
      headers: { 'content-type': 'text/csv' },
    });
    expect([body.creees, body.erreurs.map(({ champ }: { champ: string }) => champ)]).toEqual([
      0,
      lines.map(() => 'site_ids'),
    ]);
  });

  it('makes a technicien of theirs, who sees nothing of the others', async () => {
    const person = newcomer({ role: 'technicien', site_ids: [nord] });
    const created = await responsable.post('/users', person);
    expect([created.status, created.body.tous_sites]).toEqual([201, false]);
    const fiche = { user_id: created.body.id, specialite: 'Froid' };
    expect((await responsable.post('/techniciens', fiche)).status).toBe(201);
    const theirs = await signIn(person.email);
    expect(await seen(theirs)).toEqual({ equipements: ['nord'], interventions: ['nord'] });
    for (const place of ['sud', 'nulle_part'] as const) {
      expect((await theirs.get(`/equipements/${places[place]}`)).status).toBe(404);
      expect((await theirs.get(`/documents?equipement_id=${places[place]}`)).body).toEqual([]);
    }
  });

  it('changes, makes and removes no technicien who works elsewhere too', async () => {
    const here = await makeTechnicien(system.db, {}, { sites: [nord] });
    const others = [
      await makeTechnicien(system.db, {}, { sites: [sud] }),
      await makeTechnicien(system.db, {}, { sites: [nord, sud] }),
      await makeTechnicien(system.db),
      await makeTechnicien(system.db, {}, { tous_sites: false }),
    ];
    const away = { absences: [{ debut: '2030-01-01', fin: '2030-01-02' }] };
    expect((await responsable.patch(`/techniciens/${here.id}`, away)).status).toBe(200);
    for (const { id } of others) {
      for (const change of [away, { disponibilite: false }, { competences: [] }, { telephone: null }]) {
        expect(
          (await responsable.patch(`/techniciens/${id}`, { ...change, specialite: 'Froid' })).status,
        ).toBe(403);
      }
      expect((await responsable.delete(`/techniciens/${id}`)).status).toBe(403);
    }
    for (const given of [{ sites: [sud] }, { sites: [nord, sud] }, {}]) {
      const user = await makeUser(system.db, { role: 'technicien', ...given });
      const fiche = { user_id: user.id, specialite: 'Froid' };
      expect((await responsable.post('/techniciens', fiche)).status).toBe(403);
    }
    expect((await responsable.delete(`/techniciens/${here.id}`)).status).toBe(204);
  });

  it('sees in the figures those alone who may be sent to their site', async () => {
    const before = (await responsable.get('/dashboard/stats')).body.techniciens.total;
    await makeTechnicien(system.db, {}, { sites: [sud] });
    await makeTechnicien(system.db, {}, { tous_sites: false });
    expect((await responsable.get('/dashboard/stats')).body.techniciens.total).toBe(before);
    await makeTechnicien(system.db, {}, { sites: [nord, sud] });
    expect((await responsable.get('/dashboard/stats')).body.techniciens.total).toBe(before + 1);
  });
});

describe('a site that goes', () => {
  it.each(['responsable', 'technicien'] as const)(
    'from a %s leaves them nothing rather than everything, be it withdrawn or deleted',
    async (role) => {
      const site = (await makeSite(system.db)).id;
      const withdrawn = await system.newPerson(role, { sites: [site] });
      const deleted = await system.newPerson(role, { sites: [site] });
      expect((await admin.patch(`/users/${withdrawn.user.id}`, { site_ids: [] })).status).toBe(200);
      await system.db.query('DELETE FROM sites WHERE id = $1', [site]);
      for (const { client, user } of [withdrawn, deleted]) {
        expect(await seen(client)).toEqual({ equipements: [], interventions: [] });
        expect((await client.get('/documents')).body).toEqual([]);
        expect((await client.get('/planning')).body).toEqual([]);
        expect((await client.get('/dashboard/stats')).body.interventions.total).toBe(0);
        expect((await admin.get(`/users/${user.id}`)).body).toMatchObject({
          tous_sites: false,
          site_ids: [],
        });
      }
    },
  );

  it('lets nobody who has none make or change anybody', async () => {
    const { client } = await lone('responsable');
    expect((await client.post('/users', newcomer({ role: 'responsable' }))).status).toBe(403);
    expect((await client.post('/users', newcomer({ role: 'technicien', tous_sites: true }))).status).toBe(
      403,
    );
    const technicien = await makeTechnicien(system.db, {}, { tous_sites: false });
    expect((await client.patch(`/techniciens/${technicien.id}`, { specialite: 'Froid' })).status).toBe(403);
    expect((await client.post('/equipements', { nom: 'X', type: 'Y', numero_serie: 'SN-X' })).status).toBe(
      403,
    );
  });
});

describe('work on a site', () => {
  const tomorrow = () => new Date(Date.now() + (++counter + 1) * 86_400_000).toISOString();
  const open = async (equipement_id: number): Promise<number> => {
    const { body } = await admin.post('/interventions', {
      titre: 'Fuite',
      description: 'La presse fuit de nouveau',
      type_intervention: 'corrective',
      equipement_id,
    });
    return body.id;
  };

  it('is given to nobody who does not work there, with a date or without', async () => {
    const there = await makeTechnicien(system.db, {}, { sites: [sud] });
    const nowhere = await makeTechnicien(system.db, {}, { tous_sites: false });
    for (const place of ['nord', 'nulle_part'] as const) {
      const id = await open(places[place]);
      for (const technicien of [there, nowhere]) {
        for (const when of [{}, { date_planifiee: tomorrow() }]) {
          const body = { technicien_id: technicien.id, ...when };
          const refused = await admin.put(`/interventions/${id}/assign`, body);
          expect([refused.status, refused.body.erreurs?.[0].champ]).toEqual([422, 'technicien_id']);
        }
      }
      expect((await admin.get(`/interventions/${id}`)).body.statut).toBe('ouverte');
    }
  });

  it('is never chosen for them either', async () => {
    const expert = await makeTechnicien(
      system.db,
      { competences: ['cryogenie'], niveau_experience: 'expert' },
      { sites: [sud] },
    );
    const local = await makeTechnicien(
      system.db,
      { competences: ['cryogenie'], niveau_experience: 'junior' },
      { sites: [nord] },
    );
    await system.db.query('UPDATE techniciens SET disponibilite = false WHERE id <> ALL($1)', [
      [expert.id, local.id],
    ]);
    const id = await open(places.nord);
    await admin.patch(`/interventions/${id}`, { competences_requises: ['cryogenie'] });
    const chosen = await admin.put(`/interventions/${id}/assign`, { date_planifiee: tomorrow() });
    expect([chosen.status, chosen.body.technicien_id]).toEqual([200, local.id]);
    await system.db.query('UPDATE techniciens SET disponibilite = false WHERE id = $1', [local.id]);
    const nobody = await admin.put(`/interventions/${await open(places.nord)}/assign`, {});
    expect([nobody.status, nobody.body.code]).toEqual([409, 'HORS_DISPONIBILITE']);
    expect(Object.keys(nobody.body.exclusions)).toEqual(['inactif']);
    await system.db.query('UPDATE techniciens SET disponibilite = true');
  });

  it('that was given to somebody stays theirs to see and do when their site goes', async () => {
    const { user, client } = await system.newPerson('technicien', { sites: [sud] });
    const [technicien] = await system.db.query('SELECT id FROM techniciens WHERE user_id = $1', [user.id]);
    const id = await open(places.sud);
    const body = { technicien_id: technicien.id, date_planifiee: tomorrow() };
    expect((await admin.put(`/interventions/${id}/assign`, body)).status).toBe(200);
    expect((await admin.patch(`/users/${user.id}`, { site_ids: [] })).status).toBe(200);
    expect((await client.get('/interventions')).body.map((row: { id: number }) => row.id)).toEqual([id]);
    expect((await client.get('/planning')).body).toHaveLength(1);
    expect((await client.put(`/interventions/${id}/statut`, { statut: 'en_cours' })).status).toBe(200);
    expect((await client.get(`/equipements/${places.sud}`)).status).toBe(404);
  });

  it('is told to the responsables of the site and to those who oversee everything', async () => {
    const people = {
      nord: await makeUser(system.db, { role: 'responsable', sites: [nord] }),
      sud: await makeUser(system.db, { role: 'responsable', sites: [sud] }),
      nulle_part: await makeUser(system.db, { role: 'responsable', tous_sites: false }),
      partout: await makeUser(system.db, { role: 'responsable' }),
    };
    const told = async (siteId: number | null) => {
      const evenement = `essai:${++counter}`;
      await system.db.transaction((tx) =>
        announce(tx, systemActor(new Date(), 'essai'), evenement, {
          audience: { responsables: true },
          siteId,
          modele: 'stock_bas',
          donnees: {
            piece_id: 1,
            reference: 'J-1',
            designation: 'Joint',
            stock: 0,
            disponible: 0,
            seuil_alerte: 1,
          },
        }),
      );
      const rows = await system.db.query('SELECT destinataire_id AS id FROM messages WHERE evenement = $1', [
        evenement,
      ]);
      const ids = rows.map(({ id }: { id: number }) => id);
      return Object.entries(people).flatMap(([name, { id }]) => (ids.includes(id) ? [name] : []));
    };
    expect(await told(nord)).toEqual(['nord', 'partout']);
    expect(await told(null)).toEqual(['partout']);
  });
});
