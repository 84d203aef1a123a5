import { Access } from '../../src/auth/access';
import { openCabinets } from '../../src/db/medical';
import { readAgendaCabinet, readRendezVousCabinet } from '../../src/services/cabinet/rendez-vous';
import { startTestApi, type TestApi } from '../support/api';
import {
  addMembre,
  makeAgenda,
  makePatient,
  makeRendezVousCabinet,
  prise,
  type TestAgenda,
} from '../support/cabinets';
import type { Client, Reply } from '../support/client';

/** Two practices that both have appointments: neither learns of the other's, by any route, field or refusal. */

let api: TestApi;
let own: TestAgenda;
let other: TestAgenda;
let mine: { uid: string };
let theirs: { uid: string; id: number };
let theirPatient: number;
let myPatient: number;

const FONCTIONS = ['medecin', 'remplacant', 'secretaire', 'gerant'] as const;
const NOTHING = 999_999_998;
const NO_UID = 'AAAAAAAAAAAAAAAAAAAAAA';
const NO_SLUG = `c-${'0'.repeat(18)}`;
const WORD = 'Kanarienvogel';
const later = (hours: number) => new Date(Math.ceil(Date.now() / 3_600_000 + hours) * 3_600_000);

beforeAll(async () => {
  api = await startTestApi();
  const admin = (await api.newPerson('admin')).client;
  [own, other] = [await makeAgenda(api, admin), await makeAgenda(api, admin)];
  myPatient = (await makePatient(own.people.secretaire.client)).id;
  theirPatient = (await makePatient(other.people.secretaire.client, { nom_naissance: WORD })).id;
  mine = await makeRendezVousCabinet(own.people.secretaire.client, own, later(30), { patient_id: myPatient });
  theirs = await makeRendezVousCabinet(other.people.secretaire.client, other, later(30), {
    patient_id: theirPatient,
    motif: WORD,
  });
});
afterAll(() => api.close());

/** All that an answer says, but for what names the request itself. */
function toldOf({ status, body, headers }: Reply): unknown {
  const { correlation_id: _, instance: __, ...said } = body as Record<string, unknown>;
  const passing = ['x-request-id', 'date', 'content-length'];
  return { status, said, headers: [...headers].filter(([name]) => !passing.includes(name)) };
}

type Request = [method: 'get' | 'post' | 'put' | 'patch', path: string, body?: object];
const ask = (client: Client, [method, path, body]: Request): Promise<Reply> =>
  method === 'get' ? client.get(path) : client[method](path, body);

interface Names {
  cabinet: number;
  praticien: number;
  type: number;
  slug: string;
  uid: string;
  patient: number;
}

const requests = ({ cabinet, praticien, type, slug, uid, patient }: Names): Request[] => [
  ['get', `/cabinets/${cabinet}/agenda`],
  ['get', `/cabinets/${cabinet}/salle-attente`],
  ['get', `/cabinets/${cabinet}/a-qualifier`],
  ['get', `/cabinets/${cabinet}/prestations`],
  ['get', `/cabinets/${cabinet}/creneaux?prestation=${slug}&debut=2031-03-03&fin=2031-03-03`],
  ['get', `/cabinets/${cabinet}/rendez-vous/${uid}`],
  ['post', `/cabinets/${cabinet}/prestations`, { libelle: 'X', durees: [20], praticiens: [] }],
  ['patch', `/cabinets/${cabinet}/prestations/${type}`, { actif: false }],
  ['put', `/cabinets/${cabinet}/praticiens/${praticien}/horaires`, { horaires: null }],
  ['post', `/cabinets/${cabinet}/rendez-vous`, prise(own, later(40), { patient_id: myPatient })],
  ...['arriver', 'appeler', 'terminer', 'absent', 'annuler', 'partir'].map(
    (acte): Request => ['put', `/cabinets/${cabinet}/rendez-vous/${uid}/${acte}`, {}],
  ),
  ['put', `/cabinets/${cabinet}/rendez-vous/${uid}/reporter`, { debut: later(50) }],
  // Under one's own practice, and in what one sends.
  ['get', `/cabinets/${own.id}/rendez-vous/${uid}`],
  ['get', `/cabinets/${own.id}/creneaux?prestation=${slug}&debut=2031-03-03&fin=2031-03-03`],
  [
    'get',
    `/cabinets/${own.id}/creneaux?prestation=${own.prestation}&praticien_id=${praticien}&debut=2031-03-03&fin=2031-03-03`,
  ],
  ['get', `/cabinets/${own.id}/agenda?praticien_id=${praticien}`],
  ['patch', `/cabinets/${own.id}/prestations/${type}`, { actif: false }],
  ['patch', `/cabinets/${own.id}/prestations/${own.type}`, { praticiens: [praticien] }],
  ['post', `/cabinets/${own.id}/prestations`, { libelle: 'Y', durees: [20], praticiens: [praticien] }],
  ['put', `/cabinets/${own.id}/praticiens/${praticien}/horaires`, { horaires: null }],
  ['put', `/cabinets/${own.id}/rendez-vous/${uid}/arriver`, {}],
  ['put', `/cabinets/${own.id}/rendez-vous/${uid}/annuler`, {}],
  [
    'put',
    `/cabinets/${own.id}/rendez-vous/${mine.uid}/reporter`,
    { debut: later(60), praticien_id: praticien },
  ],
  ['put', `/cabinets/${own.id}/rendez-vous/${mine.uid}/reporter`, { debut: later(60), prestation: slug }],
  ['post', `/cabinets/${own.id}/rendez-vous`, prise(own, later(70), { patient_id: patient })],
  [
    'post',
    `/cabinets/${own.id}/rendez-vous`,
    prise(own, later(70), { patient_id: myPatient, praticien_id: praticien }),
  ],
  [
    'post',
    `/cabinets/${own.id}/rendez-vous`,
    prise(own, later(70), { patient_id: myPatient, prestation: slug }),
  ],
];

it('is answered like what there is not, byte for byte, to every function, by every route and field that names a row', async () => {
  const there = requests({
    ...{ cabinet: other.id, praticien: other.praticien, type: other.type, slug: other.prestation },
    ...{ uid: theirs.uid, patient: theirPatient },
  });
  const nowhere = requests({
    ...{ cabinet: NOTHING, praticien: NOTHING, type: NOTHING, slug: NO_SLUG, uid: NO_UID, patient: NOTHING },
  });
  for (const fonction of FONCTIONS) {
    const { client } = own.people[fonction];
    for (const [rank, request] of there.entries()) {
      const told = toldOf(await ask(client, request));
      const unknown = toldOf(await ask(client, nowhere[rank]!));
      expect({ fonction, request, told }).toEqual({ fonction, request, told: unknown });
      expect(JSON.stringify(told)).not.toContain(WORD);
    }
  }
});

it('is refused to an administrator, a machine’s key and whoever does nothing there, and none of it is told', async () => {
  const admin = (await api.newPerson('admin')).client;
  const stranger = (await api.newPerson('membre')).client;
  const all = requests({
    ...{ cabinet: other.id, praticien: other.praticien, type: other.type, slug: other.prestation },
    ...{ uid: theirs.uid, patient: theirPatient },
  });
  for (const client of [admin, stranger]) {
    for (const request of all) {
      const { status, bytes } = await ask(client, request);
      expect([request, status]).toEqual([request, 403]);
      expect(bytes.toString()).not.toContain(WORD);
    }
  }
});

it('is refused by the database to a permission that allows everything', async () => {
  const { user } = own.people.medecin;
  await api.app.medical.transaction(async (tx) => {
    await openCabinets(tx, { userId: user.id, cabinets: [own.id], administre: false });
    const everything = new Access(
      { userId: user.id, role: 'membre', sessionId: null, cleApiId: null, sites: [] } as never,
      () =>
        ['Cabinet', 'Patient', 'Dossier', 'RendezVousCabinet'].map((subject) => ({
          action: 'read' as const,
          subject: subject as never,
        })),
    );
    const asked = {
      ...{ tx, access: everything, secrets: api.app.secrets },
      actor: { userId: user.id, cleApiId: null, now: new Date(), correlationId: 'essai', adresse: null },
    } as never;
    await expect(readRendezVousCabinet(asked, other.id, theirs.uid)).rejects.toMatchObject({
      code: 'INTROUVABLE',
    });
    await expect(readAgendaCabinet(asked, other.id, { vue: 'semaine' })).rejects.toMatchObject({
      code: 'INTROUVABLE',
    });
    const seen = await readRendezVousCabinet(asked, own.id, mine.uid);
    expect(seen.uid).toBe(mine.uid);
  });
});

it('stays apart for somebody who belongs to both: each practice shows its own alone', async () => {
  const { user, client } = await addMembre(api, own.people.gerant.client, own.id, 'secretaire');
  const body = { user_id: user.id, fonction: 'secretaire', date_debut: '2020-01-01' };
  expect((await other.people.gerant.client.post(`/cabinets/${other.id}/membres`, body)).status).toBe(201);
  const day = later(30).toISOString().slice(0, 10);
  for (const [agenda, uid] of [
    [own, mine.uid],
    [other, theirs.uid],
  ] as const) {
    const { body: shown } = await client.get(`/cabinets/${agenda.id}/agenda?vue=semaine&date=${day}`);
    const found = shown.rendez_vous.map((one: { uid: string }) => one.uid);
    expect(found).toContain(uid);
    expect(found).not.toContain(uid === mine.uid ? theirs.uid : mine.uid);
  }
  // Nor is a patient of one booked in the other, by whoever sees both.
  const crossing = await client.post(
    `/cabinets/${own.id}/rendez-vous`,
    prise(own, later(80), { patient_id: theirPatient }),
  );
  expect([crossing.status, crossing.body.erreurs[0].champ]).toEqual([422, 'patient_id']);
  expect((await client.get(`/cabinets/${own.id}/rendez-vous/${theirs.uid}`)).status).toBe(404);
});
