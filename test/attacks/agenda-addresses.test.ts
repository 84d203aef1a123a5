import { rafraichirDus } from '../../src/activities/agendas';
import { lireAgenda } from '../../src/domain/rendez-vous/lecture-agenda';
import { lireCollection } from '../../src/net/caldav';
import { type Outgoing, type OutgoingAnswer } from '../../src/net/outgoing';
import type { TestApi } from '../support/api';
import type { Client } from '../support/client';
import { makeIntervenant } from '../support/factories';
import type { NameServer } from '../support/name-server';
import { type ForbiddenAddresses, prepareForbiddenAddresses } from './forbidden-addresses';

/** Calendars elsewhere as a way into the house, and servers of calendars that mean harm. */

let house: ForbiddenAddresses;
let api: TestApi;
let client: Client;
let names: NameServer;
let outgoing: Outgoing;
let port: number;

beforeAll(async () => {
  house = await prepareForbiddenAddresses();
  ({ api, client, names, outgoing, port } = house);
});
afterAll(() => house.close());

const register = async (url: string) =>
  client.post('/agendas-externes', {
    intervenant_id: (await makeIntervenant(api.db)).id,
    nom: 'Agenda',
    genre: 'ics',
    url,
  });

it('lead nowhere in the house, neither when they are given nor when they are read', async () => {
  for (const host of [
    '127.0.0.1',
    '2130706433',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '169.254.169.254',
    'localhost',
    'db.internal',
  ]) {
    const { status, body } = await register(`https://${host}:${port}/a.ics`);
    expect([host, status, body.erreurs?.[0].champ]).toEqual([host, 422, 'url']);
  }
  names.set('tourne.exemple.ma', ['93.184.216.34'], ['127.0.0.1']);
  const made = await register(`https://tourne.exemple.ma:${port}/a.ics`);
  expect(made.status).toBe(201);
  await rafraichirDus(
    {
      db: api.db,
      secrets: api.app.secrets,
      outgoing,
      timeZone: 'UTC',
      mailFrom: 'rdv@exemple.ma',
      lire: async (tache) => lireAgenda(tache),
    },
    Date.now() + 10_000,
  );
  const { body } = await client.get(`/agendas-externes/${made.body.id}`);
  expect([body.erreur, house.came()]).toEqual(['adresse_refusee', 0]);
});

describe('a server of calendars', () => {
  const acces = { url: 'https://agenda.exemple.ma/nadia/', utilisateur: 'nadia', mot_de_passe: 'secret' };
  const periode = { debut: new Date(), fin: new Date() };
  const answering = (body: string) => {
    const asked: string[] = [];
    const calls: Outgoing = {
      send: async (url): Promise<OutgoingAnswer> => {
        asked.push(url);
        return { status: 207, headers: {}, body: Buffer.from(body) };
      },
      confirm: async () => {},
      close: () => {},
    };
    return { calls, asked };
  };

  it('names no address but its own, below the collection that was given', async () => {
    const response = (href: string) =>
      `<d:response><d:href>${href}</d:href><d:propstat><d:prop><d:resourcetype><c:calendar/></d:resourcetype><c:calendar-data>BEGIN:VCALENDAR</c:calendar-data></d:prop></d:propstat></d:response>`;
    const { calls, asked } = answering(
      `<d:multistatus xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav">${[
        '/nadia/a.ics',
        'https://agenda.exemple.ma/nadia/b.ics',
        'https://ailleurs.exemple.ma/nadia/c.ics',
        '/autre/d.ics',
        '/nadia/../autre/e.ics',
        'http://169.254.169.254/f.ics',
      ]
        .map(response)
        .join('')}</d:multistatus>`,
    );
    const { modifies } = await lireCollection(calls, acces, null, periode);
    expect(modifies.map(({ href }) => href)).toEqual(['/nadia/a.ics', '/nadia/b.ics']);
    expect(new Set(asked)).toEqual(new Set([acces.url]));
  });

  it('declares no entities of its own', async () => {
    const { calls } = answering(
      '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd"><!ENTITY b "&a;&a;">]><d:multistatus xmlns:d="DAV:">&b;</d:multistatus>',
    );
    await expect(lireCollection(calls, acces, null, periode)).rejects.toThrow('type of document');
  });
});
