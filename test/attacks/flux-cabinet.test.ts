import { Notification } from '../../src/db/messages/notifications';
import { MOTIFS, motifsOf } from '../../src/domain/echanges/abonnements';
import { EVENEMENTS } from '../../src/domain/evenements';
import { startTestApi, type TestApi } from '../support/api';
import { makeAgenda, makePatient, makeRendezVousCabinet, type TestAgenda } from '../support/cabinets';
import type { Client } from '../support/client';
import { signIn } from '../support/factories';
import { type Following, follow, streamed, type Told } from '../support/following';

/** What happens in a practice, told as it happens: to those who belong to it when it is told, by ids and kinds alone. */

let api: TestApi;
let admin: Client;
let own: TestAgenda;
let other: TestAgenda;
beforeAll(async () => {
  api = await startTestApi();
  admin = (await api.newPerson('admin')).client;
  own = await makeAgenda(api, admin);
  other = await makeAgenda(api, admin);
});
afterAll(() => api.close());

const tokenOf = (user: Parameters<typeof signIn>[2]) => signIn(api.db, api.app.tokens, user);
const ofPractice = (told: readonly Told[]) =>
  told.filter(({ evenement }) => evenement?.startsWith('rendez_vous_cabinet.'));
let hour = 0;
const later = () => new Date(Date.now() + 3 * 86_400_000 - (Date.now() % 3_600_000) + ++hour * 3_600_000);

/** Has everybody told something that is theirs, so that what was before it has been told by then. */
async function settled(following: Following, userId: number): Promise<void> {
  const { id } = await api.db.manager.save(
    api.db.manager.create(Notification, {
      ...{ titre: 'a', message: 'b', type: 'info', destinataire_id: userId, metadata: {} },
    }),
  );
  await following.until((one) => one.id_ressource === id && one.ressource === 'notification');
}

it('moves the screens of everybody who works there, over both kinds of connections, and of nobody else', async () => {
  const { secretaire, medecin, gerant } = own.people;
  const administrator = await api.newPerson('admin');
  const listeners = {
    secretaire: { user: secretaire.user, hears: true },
    medecin: { user: medecin.user, hears: true },
    gerant: { user: gerant.user, hears: true },
    elsewhere: { user: other.people.medecin.user, hears: false },
    administrator: { user: administrator.user, hears: false },
    client: { user: (await api.newPerson('client')).user, hears: false },
  };
  const following = new Map<string, Following>();
  for (const [name, { user }] of Object.entries(listeners)) {
    following.set(name, await follow(api.baseUrl, await tokenOf(user)));
  }
  const stream = await streamed(api.baseUrl, await tokenOf(secretaire.user));
  const patient = await makePatient(secretaire.client, { nom_naissance: 'Canari' });
  const booked = await makeRendezVousCabinet(secretaire.client, own, later(), {
    patient_id: patient.id,
    motif: 'Canari motif',
  });
  await secretaire.client.put(`/cabinets/${own.id}/rendez-vous/${booked.uid}/annuler`, {});
  for (const [name, { user, hears }] of Object.entries(listeners)) {
    const one = following.get(name)!;
    await settled(one, user.id);
    const heard = ofPractice(one.told).map(({ evenement, id_ressource }) => `${evenement} ${id_ressource}`);
    const all = [`rendez_vous_cabinet.cree ${booked.id}`, `rendez_vous_cabinet.annule ${booked.id}`];
    expect([name, heard]).toEqual([name, hears ? all : []]);
    one.close();
  }
  await stream.until(({ evenement }) => evenement === 'rendez_vous_cabinet.annule');
  const [first] = ofPractice(stream.told);
  expect(Object.keys(first!).sort()).toEqual(
    ['date', 'evenement', 'id', 'id_ressource', 'ressource', 'type', 'version'].sort(),
  );
  expect(stream.text()).not.toContain('Canari');
  stream.close();
});

it('asks at each delivery: whoever has left since they connected is told nothing more', async () => {
  const { secretaire, remplacant, gerant } = own.people;
  const following = await follow(api.baseUrl, await tokenOf(remplacant.user));
  const patient = await makePatient(secretaire.client);
  const first = await makeRendezVousCabinet(secretaire.client, own, later(), { patient_id: patient.id });
  await following.until(({ id_ressource }) => id_ressource === first.id);
  const membres = await gerant.client.get(`/cabinets/${own.id}/membres?fonction=remplacant`);
  await gerant.client.patch(`/cabinets/${own.id}/membres/${membres.body[0].id}`, { date_fin: '2020-12-31' });
  const second = await makeRendezVousCabinet(secretaire.client, own, later(), { patient_id: patient.id });
  await settled(following, remplacant.user.id);
  expect(ofPractice(following.told).map(({ id_ressource }) => id_ressource)).not.toContain(second.id);
  following.close();
});

it('is nothing that other systems may ask for', () => {
  const names = Object.keys(EVENEMENTS).filter((nom) => nom.startsWith('rendez_vous_cabinet.'));
  expect(names.length).toBeGreaterThan(5);
  for (const nom of names) expect([nom, motifsOf(nom)]).toEqual([nom, []]);
  expect(MOTIFS.filter((motif) => motif.includes('cabinet'))).toEqual([]);
});
