import { MODELES_AVIS } from '../../src/domain/identite/textes';
import { messageText } from '../../src/domain/messages';
import { startTestApi, type TestApi } from '../support/api';
import type { Client, Reply } from '../support/client';
import {
  makeEquipement,
  makeIntervention,
  makePlanning,
  makeSite,
  makeTechnicien,
  makeUser,
  PASSWORD,
} from '../support/factories';

/** Speaking with another's voice: the system's, a customer's, somebody's mailbox; and reading what is somebody's alone. */

let api: TestApi;
let admin: Awaited<ReturnType<TestApi['newPerson']>>;
beforeAll(async () => {
  api = await startTestApi();
  admin = await api.newPerson('admin');
});
afterAll(() => api.close());

const champs = ({ status, body }: Reply) => [
  status,
  ...(body.erreurs ?? []).map(({ champ }: { champ: string }) => champ),
];

describe('a message that a person sends', () => {
  it('says who sent it; one of the system says that nobody did', async () => {
    const { user, client } = await api.newPerson('responsable');
    const reader = await api.newPerson('technicien');
    const sent = await client.post('/notifications', {
      destinataire_id: reader.user.id,
      titre: 'Réunion',
      message: 'À 8 h 30',
    });
    const expediteur = { id: user.id, nom: user.nom, prenom: user.prenom, cle_api: null };
    expect([sent.status, sent.body.expediteur]).toEqual([201, expediteur]);
    const { body: login } = await api.anonymous.post('/auth/login', {
      email: reader.user.email,
      password: PASSWORD,
    });
    expect(login.user.id).toBe(reader.user.id);
    await admin.client.patch(`/users/${reader.user.id}`, { password: 'Tournevis-Plat-83!' });
    const inbox = (await (await api.as(reader.user)).get('/notifications')).body;
    expect(inbox.map((notice: { expediteur: unknown }) => notice.expediteur)).toEqual([null, expediteur]);
    const read = await (await api.as(reader.user)).put(`/notifications/${sent.body.id}/lue`);
    expect(read.body.expediteur).toEqual(expediteur);
  });

  it('bears no title of the system’s, however it is written', async () => {
    const donnees = { date: new Date().toISOString(), adresse: null, auteur: null, session: null };
    for (const modele of MODELES_AVIS) {
      for (const langue of ['fr', 'en'] as const) {
        const { titre } = messageText({ modele, donnees }, langue);
        for (const written of [
          titre,
          ` ${titre.toUpperCase()} !`,
          titre.normalize('NFKD'),
          titre.split(' ').join('  '),
        ]) {
          const body = { destinataire_id: admin.user.id, titre: written, message: 'M' };
          expect([written, champs(await admin.client.post('/notifications', body))]).toEqual([
            written,
            [422, 'titre'],
          ]);
        }
      }
    }
    for (const titre of ['Intervention terminée', 'Intervention overdue', 'A\nB', 'A\u202eB', 'A\u200bB']) {
      const body = { destinataire_id: admin.user.id, titre, message: 'M' };
      expect([titre, champs(await admin.client.post('/notifications', body))]).toEqual([
        titre,
        [422, 'titre'],
      ]);
    }
  });

  it('says nothing in its metadata by which a frontend knows those of the system', async () => {
    for (const name of ['modele', 'intervention_id', 'priorite', 'etape', 'niveau', 'MODELE', 'modèle']) {
      const body = {
        destinataire_id: admin.user.id,
        titre: 'T',
        message: 'M',
        metadata: { [name]: 'x', salle: 'A' },
      };
      expect([name, champs(await admin.client.post('/notifications', body))]).toEqual([
        name,
        [422, `metadata.${name}`],
      ]);
    }
  });
});

describe('the rating of a customer', () => {
  async function finished(given: { sites?: number[] } = {}) {
    const customer = await api.newPerson('client', given);
    const equipement = await makeEquipement(api.db, {
      client_id: customer.user.id,
      site_id: given.sites?.[0] ?? null,
    });
    const technicien = await makeTechnicien(api.db);
    const { id } = await makeIntervention(api.db, {
      equipement_id: equipement.id,
      technicien_id: technicien.id,
      statut: 'terminee',
      rapport: 'Fait.',
      date_fin: new Date(),
    });
    return { id, customer, technicien };
  }
  const rate = (client: Client, id: number, note: number) =>
    client.post(`/interventions/${id}/satisfaction`, { note });
  const ratingOf = async (id: number) => (await admin.client.get(`/interventions/${id}`)).body.satisfaction;

  it('is given and changed by them alone: those who did or oversaw the work have no say', async () => {
    const { id, customer, technicien } = await finished();
    const staff = [admin.client, (await api.newPerson('responsable')).client, await api.as(technicien.user)];
    for (const client of staff) expect((await rate(client, id, 5)).status).toBe(403);
    expect((await rate(customer.client, id, 1)).status).toBe(201);
    for (const client of staff) expect((await rate(client, id, 5)).status).toBe(403);
    expect(await ratingOf(id)).toMatchObject({ note: 1 });
    expect((await rate(customer.client, id, 2)).status).toBe(201);
    const rows = await api.db.query(
      `SELECT auteur_id, apres->>'satisfaction_note' AS note FROM historique
       WHERE entite = 'intervention' AND entite_id = $1 AND action = 'satisfaction' ORDER BY id`,
      [id],
    );
    expect(rows).toEqual([
      { auteur_id: customer.user.id, note: '1' },
      { auteur_id: customer.user.id, note: '2' },
    ]);
  });

  it('is not overwritten by another client of the same site either', async () => {
    const site = (await makeSite(api.db)).id;
    const { id, customer } = await finished({ sites: [site] });
    const neighbour = await api.newPerson('client', { sites: [site] });
    expect((await rate(customer.client, id, 1)).status).toBe(201);
    expect((await rate(neighbour.client, id, 5)).status).toBe(403);
    expect(await ratingOf(id)).toMatchObject({ note: 1 });
  });
});

describe('why somebody is away', () => {
  const MOTIF = 'Hospitalisation';
  const away = { debut: '2030-08-03T07:00:00.000Z', fin: '2030-08-21T18:00:00.000Z' };

  it('is read by them, by who arranges their time and by administrators; others read when', async () => {
    const site = (await makeSite(api.db)).id;
    const { user, id } = await makeTechnicien(
      api.db,
      { absences: [{ ...away, motif: MOTIF }, away] },
      { sites: [site] },
    );
    const may = [
      admin.client,
      await api.as(user),
      (await api.newPerson('responsable')).client,
      (await api.newPerson('responsable', { sites: [site] })).client,
    ];
    const mayNot = [
      (await api.newPerson('technicien')).client,
      (await api.newPerson('technicien', { sites: [site] })).client,
      (await api.newPerson('responsable', { sites: [(await makeSite(api.db)).id] })).client,
    ];
    const rowOf = async (client: Client) =>
      (await client.get('/techniciens?limit=200')).body.find((row: { id: number }) => row.id === id);
    for (const client of may) {
      expect((await client.get(`/techniciens/${id}`)).body.absences).toEqual([
        { ...away, motif: MOTIF },
        away,
      ]);
      expect((await rowOf(client)).absences).toEqual([{ ...away, motif: MOTIF }, away]);
    }
    for (const client of mayNot) {
      expect((await client.get(`/techniciens/${id}`)).body.absences).toEqual([away, away]);
      expect((await rowOf(client)).absences).toEqual([away, away]);
    }
  });

  it('shows nowhere else to those who may not read it', async () => {
    const { user, id } = await makeTechnicien(api.db, { absences: [{ ...away, motif: MOTIF }] });
    const { id: visit } = await makePlanning(api.db, { technicien_id: id });
    await admin.client.patch(`/techniciens/${id}`, { absences: [{ ...away, motif: `${MOTIF} longue` }] });
    for (const role of ['responsable', 'technicien', 'client'] as const) {
      const { client } = await api.newPerson(role, role === 'responsable' ? { tous_sites: false } : {});
      for (const path of [
        '/techniciens',
        `/techniciens/${id}`,
        `/techniciens?q=${MOTIF}`,
        '/users',
        `/users/${user.id}`,
        '/planning',
        `/planning/technicien/${id}?date_debut=2020-01-01&date_fin=2020-01-31`,
        '/interventions',
        `/dashboard/stats`,
        '/audit?entite=technicien',
      ]) {
        const { body } = await client.get(path);
        expect([role, path, JSON.stringify(body).includes(MOTIF)]).toEqual([role, path, false]);
      }
    }
    expect(visit).toEqual(expect.any(Number));
  });
});

describe('a name', () => {
  const hostile = [
    'Votre compte sur www.exemple.ma',
    'exemple.ma',
    'Cliquez exemple.ma/lien',
    'https://exemple.ma',
    'ecrivez a@b.ma',
    'a＠b',
    'exemple．ma',
    'exemple。ma',
    'exem\u200cple.ma',
    'x.com',
    'X.COM',
    'sous.J.Exemple',
    'mailto:quelqu’un',
    'Sami\nVotre mot de passe',
    'Sami\r\nBcc: x',
    'Sami\u2028Bennani',
    'Sami\tBennani',
    'Sami\u202eimaS',
    'Sami\u2066x\u2069',
    'Sa\u200bmi',
    '\u00ad\u00ad',
    'a\\\\b',
    'N'.repeat(61),
  ];
  const real = [
    "O'Connor",
    'O’Connor',
    'El-Alaoui',
    'King Jr.',
    'Ait Ben Haddou',
    'د. محمد',
    'عبد الله',
    'María José',
    'Jean-François',
    'J.-P. Martin',
    'J.Dupont',
    'J.R.R. Tolkien',
    'M. Ben Saïd',
    'St. John',
    'Bennani, épouse Alaoui',
    'Lê Thị Hồng',
    'Müller-Lüdenscheidt',
    'علی\u200cرضا',
    '山田',
    'D’Arcy 3e',
    'N'.repeat(60),
  ];
  let counter = 0;
  const newcomer = (fields: object) => ({
    email: `nom-${++counter}@exemple.ma`,
    password: PASSWORD,
    nom: 'Bennani',
    prenom: 'Salma',
    role: 'client',
    ...fields,
  });

  it.each(hostile)('is none, wherever it is given: %j', async (text) => {
    const { user, client } = await api.newPerson('client');
    for (const field of ['nom', 'prenom']) {
      const fields = { [field]: text };
      expect(champs(await admin.client.post('/users', newcomer(fields)))).toEqual([422, field]);
      expect(champs(await client.patch(`/users/${user.id}`, fields))).toEqual([422, field]);
      expect(champs(await client.patch('/auth/me', fields))).toEqual([422, field]);
      const whole = { ...newcomer(fields), email: user.email, password: undefined, is_active: true };
      expect(champs(await admin.client.put(`/users/${user.id}`, whole))).toEqual([422, field]);
      const quoted = `"${text.replaceAll('"', '""')}"`;
      const line = field === 'nom' ? `${quoted},Salma` : `Bennani,${quoted}`;
      const { body } = await admin.client.send('POST', '/users/import', {
        body: `email,nom,prenom,role\nnom-${++counter}@exemple.ma,${line},client\n`,
        headers: { 'content-type': 'text/csv' },
      });
      expect([body.creees, body.erreurs.map(({ champ }: { champ: string }) => champ)]).toEqual([0, [field]]);
    }
    const key = { nom: text.length === 61 ? 'N'.repeat(101) : text, role: 'client' };
    expect(champs(await admin.client.post('/cles-api', key))).toEqual([422, 'nom']);
  });

  it.each(real)('is one: %j', async (text) => {
    const created = await admin.client.post('/users', newcomer({ nom: text, prenom: text }));
    expect([created.status, created.body.nom, created.body.prenom]).toEqual([201, text, text]);
  });

  it('that was given before stays, and everything else of its owner can be changed', async () => {
    const user = await makeUser(api.db, { role: 'client', nom: 'www.exemple.ma', prenom: 'N'.repeat(100) });
    const client = await api.as(user);
    const changed = await client.patch('/auth/me', { langue: 'en' });
    expect([changed.status, changed.body.nom]).toEqual([200, 'www.exemple.ma']);
  });
});

describe('invitations', () => {
  let counter = 0;
  const newcomer = () => ({
    email: `invitee-${++counter}@exemple.ma`,
    nom: 'Bennani',
    prenom: 'Salma',
    role: 'client',
  });
  const linksTo = async (userId: number) =>
    (await api.db.query('SELECT id FROM liens_mot_de_passe WHERE user_id = $1', [userId])).length;

  it('to one mailbox are few, whoever sends them, also when the account is made anew', async () => {
    const person = newcomer();
    const { body } = await admin.client.post('/users', person);
    const other = await api.newPerson('responsable');
    const replies: Reply[] = [];
    for (let n = 0; n < 6; n++) {
      replies.push(await (n % 2 ? other : admin).client.post(`/users/${body.id}/invitation`));
    }
    expect(replies.map(({ status }) => status)).toEqual([204, 204, 204, 204, 429, 429]);
    expect(replies.at(-1)!.body.code).toBe('TROP_DE_REQUETES');
    const wait = Number(replies.at(-1)!.headers.get('retry-after'));
    expect(wait).toBeGreaterThan(3_000);
    expect(wait).toBeLessThanOrEqual(3_600);
    expect(await linksTo(body.id)).toBe(5);
    expect((await admin.client.delete(`/users/${body.id}`)).status).toBe(204);
    const again = await admin.client.post('/users', { ...person, email: person.email.toUpperCase() });
    expect(again.status).toBe(429);
    const csv = `email,nom,prenom,role\n${person.email},Bennani,Salma,client\n`;
    const headers = { 'content-type': 'text/csv' };
    expect((await admin.client.send('POST', '/users/import', { body: csv, headers })).status).toBe(429);
    expect(await api.db.query('SELECT 1 FROM users WHERE email = $1', [person.email])).toEqual([]);
    // Nobody else is kept waiting.
    expect((await admin.client.post('/users', newcomer())).status).toBe(201);
  });

  it('sent at one moment are no more than one after the other', async () => {
    const { body } = await admin.client.post('/users', newcomer());
    const replies = await Promise.all(
      Array.from({ length: 12 }, () => admin.client.post(`/users/${body.id}/invitation`)),
    );
    expect(replies.filter(({ status }) => status === 204)).toHaveLength(4);
    expect(replies.filter(({ status }) => status === 429)).toHaveLength(8);
    expect(await linksTo(body.id)).toBe(5);
  });

  it('of one sender have an end as well, which is not that of others', async () => {
    const sender = await api.newPerson('admin');
    const file = () =>
      sender.client.send('POST', '/users/import', {
        body: `email,nom,prenom,role\n${Array.from({ length: 1_000 }, () => `masse-${++counter}@exemple.ma,A,B,client`).join('\n')}`,
        headers: { 'content-type': 'text/csv' },
      });
    expect([(await file()).status, (await file()).status]).toEqual([200, 200]);
    const refused = await file();
    expect([refused.status, Number(refused.headers.get('retry-after')) > 30]).toEqual([429, true]);
    expect((await sender.client.post('/users', newcomer())).status).toBe(429);
    // Whoever needs no mail is still made.
    expect((await sender.client.post('/users', { ...newcomer(), password: PASSWORD })).status).toBe(201);
    expect((await admin.client.post('/users', newcomer())).status).toBe(201);
  });
});
