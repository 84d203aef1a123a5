import { ROUTES } from '../../src/api/routes';
import { type Conditions, type Rule, rulesFor } from '../../src/auth/permissions';
import type { Fonction } from '../../src/domain/roles';
import { ACTES_ATTENTE } from '../../src/services/cabinet/attente';
import { startTestApi, type TestApi } from '../support/api';
import {
  addMembre,
  keepForAMonth,
  makeAgenda,
  makeAttentePatient,
  makeDue,
  makePatient,
  makeRendezVousCabinet,
  type Personne,
  patient,
  prise,
  type TestAgenda,
  type TestCabinet,
} from '../support/cabinets';
import type { Client, Reply } from '../support/client';
import { consentement, entreesDe, note } from '../support/dossiers';
import { ECRITS, type Ecritures, makeEcritures, makePrescripteur, RECU } from '../support/ecrits';
import { makeUser, PASSWORD } from '../support/factories';

/**
 * Every route of what is medical, by everybody who does something in a practice and by those who do nothing in one, on rows of
 * their own practice and of another, against a table that is said here once more.
 */

let api: TestApi;
let admin: Client;
let own: TestAgenda & Rows;
let other: TestAgenda & Rows;
/** Somebody who was a doctor until yesterday, one who will be one, and one whose account does nothing here. */
let people: Record<'ancien' | 'futur' | 'personne', Personne>;
/** Of a patient. */
let compte: Personne;

interface Rows {
  patient: number;
  membre: number;
  /** That its doctor asked for. */
  export: number;
  /** Of an appointment. */
  uid: string;
  /** Of who waits for one. */
  attente: number;
  identifiant: number;
  /** One that is signed. */
  consultation: number;
  /** An entry of each kind, by their paths. */
  elements: Record<string, number>;
  ecritures: Ecritures;
  /** That a record was opened with a reason, by whom. */
  bris: Record<'medecin' | 'remplacant', number>;
}

beforeAll(async () => {
  api = await startTestApi();
  admin = (await api.newPerson('admin')).client;
  own = await furnished();
  other = await furnished();
  compte = await api.newPerson('client');
  people = {
    ancien: await dated({ date_debut: '2020-01-01', date_fin: '2020-12-31' }),
    futur: await dated({ date_debut: '2090-01-01' }),
    personne: await api.newPerson('membre'),
  };
});
afterAll(() => api.close());

async function furnished(): Promise<TestAgenda & Rows> {
  const cabinet = await makeAgenda(api, admin);
  const { gerant, medecin } = cabinet.people;
  const { id } = await makePatient(medecin.client, { identifiants: [{ type: 'cin', valeur: 'A 1' }] });
  const identifiant = (await medecin.client.get(`/patients/${id}/identifiants`)).body[0].id;
  const elements: Record<string, number> = {};
  for (const [segment, { body }] of Object.entries(entreesDe('Samira'))) {
    elements[segment] = (await medecin.client.post(`/patients/${id}/${segment}`, body)).body.id;
  }
  await keepForAMonth(gerant.client, cabinet.id);
  const begun = await medecin.client.post('/consultations', { patient_id: id, ...note('Samira') });
  const consultation = begun.body.id;
  await medecin.client.post(`/consultations/${consultation}/signature`, { mot_de_passe: PASSWORD });
  const membres = await gerant.client.get(`/cabinets/${cabinet.id}/membres?fonction=remplacant`);
  const { uid } = await makeRendezVousCabinet(medecin.client, cabinet, nextTime(), { patient_id: id });
  const { id: attente } = await makeAttentePatient(medecin.client, cabinet, id, { days: 170 });
  const copie = await medecin.client.post(`/patients/${id}/export`, {});
  await makePrescripteur(cabinet);
  const ecritures = await makeEcritures(medecin.client, id);
  const bris = { medecin: 0, remplacant: 0 };
  for (const doctor of ['medecin', 'remplacant'] as const) {
    const path = `/patients/${await newUnshared(cabinet)}/bris-de-glace`;
    bris[doctor] = (await cabinet.people[doctor].client.post(path, MOTIF)).body.id;
  }
  const rows = {
    identifiant,
    consultation,
    elements,
    ecritures,
    bris,
    membre: membres.body[0].id,
    uid,
    attente,
  };
  return { ...cabinet, ...rows, patient: id, export: copie.body.id };
}

let times = 0;
/** Half an hour that nobody has. */
const nextTime = () => new Date(Math.ceil(Date.now() / DAY) * DAY + DAY + ++times * 1_800_000);
const DAY = 86_400_000;

async function dated(dates: object): Promise<Personne> {
  const person = await api.newPerson('technicien');
  const body = { user_id: person.user.id, fonction: 'medecin', ...dates };
  const made = await own.people.gerant.client.post(`/cabinets/${own.id}/membres`, body);
  expect(made.status).toBe(201);
  return person;
}

type Asker = Fonction | keyof typeof people;
const ASKERS: readonly Asker[] = [
  'medecin',
  'remplacant',
  'secretaire',
  'gerant',
  'ancien',
  'futur',
  'personne',
];
const clientOf = (asker: Asker): Client =>
  (asker in people ? people[asker as keyof typeof people] : own.people[asker as Fonction]).client;

const PERSONNEL: readonly Asker[] = ['medecin', 'remplacant', 'secretaire', 'gerant'];
const ACCUEIL: readonly Asker[] = ['medecin', 'remplacant', 'secretaire'];
const GERANT: readonly Asker[] = ['gerant'];
const SIGNATAIRES: readonly Asker[] = ['gerant', 'medecin'];
const SOIGNANTS: readonly Asker[] = ['medecin', 'remplacant'];

interface Question {
  /** Who may, on the rows of their own practice. */
  may: readonly Asker[];
  /** Who may on rows of their own: what is another practice's is not there for them either. */
  reach?: readonly Asker[];
  ask(client: Client, of: TestAgenda & Rows): Promise<Reply>;
}

let numbers = 0;
const newMembre = async () => {
  const { id: user_id } = await makeUser(api.db, { role: 'membre' });
  return { user_id, fonction: 'secretaire', date_debut: '2026-01-01' };
};
const newPraticien = async (of: TestCabinet) => {
  const { user } = await addMembre(api, of.people.gerant.client, of.id, 'medecin');
  return { user_id: user.id };
};
const newDouble = async (of: TestCabinet) => (await makePatient(of.people.medecin.client)).id;
const VERIFIED = { statut_identite: 'validee', justificatif: 'passeport' };
const MOTIF = { motif: 'Malaise en salle d’attente' };
/** A patient whose record is shared with nobody, and whom nobody treats. */
const newUnshared = async ({ people: { secretaire } }: TestCabinet) =>
  (await makePatient(secretaire.client, { partage_cabinet: false })).id;
const newDue = (of: TestCabinet) => makeDue(api.database.owner, of.people.medecin.client);
const newRetenue = async (of: TestCabinet & Rows): Promise<number> => {
  const body = { patient_id: of.patient, motif: 'Essai' };
  return (await of.people.gerant.client.post('/conservation/retenues', body)).body.id;
};
const newPurge = async (of: TestCabinet): Promise<number> => {
  const body = { patient_id: await newDue(of) };
  return (await of.people.gerant.client.post('/conservation/purges', body)).body.id;
};
const NO_VERSION = { 'If-Match': '"999999"' };

const act =
  (acte: string): Question['ask'] =>
  (client, { id, uid }) =>
    client.put(
      `/cabinets/${id}/rendez-vous/${uid}/${acte}`,
      acte === 'reporter' ? { debut: nextTime() } : {},
      NO_VERSION,
    );
const ALL_WEEK = Object.fromEntries([1, 2, 3, 4, 5, 6, 7].map((day) => [day, [['00:00', '24:00']]]));

/** `412` and `409` are answers to somebody who may: the row stays as it is. */
const QUESTIONS: Record<string, Question> = {
  'GET /cabinets': { may: PERSONNEL, ask: (client) => client.get('/cabinets') },
  'POST /cabinets': { may: [], ask: (client) => client.post('/cabinets', { nom: `C ${++numbers}` }) },
  'GET /cabinets/:id': { may: PERSONNEL, ask: (client, { id }) => client.get(`/cabinets/${id}`) },
  'PATCH /cabinets/:id': {
    may: GERANT,
    ask: (client, { id }) => client.patch(`/cabinets/${id}`, { adresse: 'Rabat' }, NO_VERSION),
  },
  'GET /cabinets/:id/membres': {
    may: PERSONNEL,
    ask: (client, { id }) => client.get(`/cabinets/${id}/membres`),
  },
  'POST /cabinets/:id/membres': {
    may: GERANT,
    ask: async (client, { id }) => client.post(`/cabinets/${id}/membres`, await newMembre()),
  },
  'PATCH /cabinets/:id/membres/:membre_id': {
    may: GERANT,
    ask: (client, { id, membre }) =>
      client.patch(`/cabinets/${id}/membres/${membre}`, { date_fin: '2090-01-01' }, NO_VERSION),
  },
  'GET /cabinets/:id/praticiens': {
    may: PERSONNEL,
    ask: (client, { id }) => client.get(`/cabinets/${id}/praticiens`),
  },
  'POST /cabinets/:id/praticiens': {
    may: GERANT,
    ask: async (client, of) => client.post(`/cabinets/${of.id}/praticiens`, await newPraticien(of)),
  },
  'PATCH /cabinets/:id/praticiens/:praticien_id': {
    may: GERANT,
    ask: (client, { id, praticien }) =>
      client.patch(`/cabinets/${id}/praticiens/${praticien}`, { actif: true }, NO_VERSION),
  },
  'GET /cabinets/:id/prestations': {
    may: PERSONNEL,
    ask: (client, { id }) => client.get(`/cabinets/${id}/prestations`),
  },
  'POST /cabinets/:id/prestations': {
    may: GERANT,
    ask: (client, { id }) =>
      client.post(`/cabinets/${id}/prestations`, { libelle: `T ${++numbers}`, durees: [20], praticiens: [] }),
  },
  'PATCH /cabinets/:id/prestations/:type_id': {
    may: GERANT,
    ask: (client, { id, type }) =>
      client.patch(`/cabinets/${id}/prestations/${type}`, { durees: [20] }, NO_VERSION),
  },
  'PUT /cabinets/:id/praticiens/:praticien_id/horaires': {
    may: GERANT,
    ask: (client, { id, praticien }) =>
      client.put(`/cabinets/${id}/praticiens/${praticien}/horaires`, { horaires: ALL_WEEK }),
  },
  'GET /cabinets/:id/creneaux': {
    may: PERSONNEL,
    ask: (client, { id, prestation }) =>
      client.get(`/cabinets/${id}/creneaux?prestation=${prestation}&debut=2031-03-03&fin=2031-03-03`),
  },
  'GET /cabinets/:id/agenda': {
    may: PERSONNEL,
    ask: (client, { id }) => client.get(`/cabinets/${id}/agenda`),
  },
  'GET /cabinets/:id/salle-attente': {
    may: PERSONNEL,
    ask: (client, { id }) => client.get(`/cabinets/${id}/salle-attente`),
  },
  'GET /cabinets/:id/a-qualifier': {
    may: PERSONNEL,
    ask: (client, { id }) => client.get(`/cabinets/${id}/a-qualifier`),
  },
  'POST /cabinets/:id/rendez-vous': {
    may: ACCUEIL,
    ask: (client, of) =>
      client.post(`/cabinets/${of.id}/rendez-vous`, prise(of, nextTime(), { patient_id: of.patient })),
  },
  'GET /cabinets/:id/rendez-vous/:uid': {
    may: PERSONNEL,
    ask: (client, { id, uid }) => client.get(`/cabinets/${id}/rendez-vous/${uid}`),
  },
  ...Object.fromEntries(
    ['arriver', 'absent', 'annuler', 'reporter', 'partir'].map((acte) => [
      `PUT /cabinets/:id/rendez-vous/:uid/${acte}`,
      { may: ACCUEIL, ask: act(acte) } satisfies Question,
    ]),
  ),
  'GET /cabinets/:id/listes-attente': {
    may: PERSONNEL,
    ask: (client, { id }) => client.get(`/cabinets/${id}/listes-attente`),
  },
  'GET /cabinets/:id/listes-attente/:attente_id': {
    may: PERSONNEL,
    ask: (client, { id, attente }) => client.get(`/cabinets/${id}/listes-attente/${attente}`),
  },
  'POST /cabinets/:id/listes-attente': {
    may: ACCUEIL,
    ask: (client, of) =>
      client.post(`/cabinets/${of.id}/listes-attente`, {
        ...{ patient_id: of.patient, prestation: of.prestation },
        ...{ date_debut: '2031-03-03', date_fin: '2031-03-04' },
      }),
  },
  ...Object.fromEntries(
    ACTES_ATTENTE.map((acte) => [
      `PUT /cabinets/:id/listes-attente/:attente_id/${acte}`,
      {
        may: ACCUEIL,
        ask: (client, { id, attente }) => client.put(`/cabinets/${id}/listes-attente/${attente}/${acte}`),
      } satisfies Question,
    ]),
  ),
  // Of whom they see themselves.
  ...Object.fromEntries(
    ['appeler', 'terminer'].map((acte) => [
      `PUT /cabinets/:id/rendez-vous/:uid/${acte}`,
      { may: ['medecin'], reach: SOIGNANTS, ask: act(acte) } satisfies Question,
    ]),
  ),
  'GET /patients': { may: PERSONNEL, ask: (client) => client.get('/patients') },
  'POST /patients/recherche': {
    may: PERSONNEL,
    ask: (client) => client.post('/patients/recherche', { q: 'benali' }),
  },
  'POST /patients': {
    may: ACCUEIL,
    ask: (client, { id }) => client.post('/patients', patient({ cabinet_id: id })),
  },
  'GET /patients/:id': { may: PERSONNEL, ask: (client, of) => client.get(`/patients/${of.patient}`) },
  'PATCH /patients/:id': {
    may: ACCUEIL,
    ask: (client, of) => client.patch(`/patients/${of.patient}`, { nom_usage: 'Autre' }, NO_VERSION),
  },
  'GET /patients/:id/doublons': {
    may: PERSONNEL,
    ask: (client, of) => client.get(`/patients/${of.patient}/doublons`),
  },
  'GET /patients/:id/acces': {
    may: ['medecin', 'remplacant', 'gerant'],
    ask: (client, of) => client.get(`/patients/${of.patient}/acces`),
  },
  'POST /codes/cim10/recherche': {
    may: SOIGNANTS,
    ask: (client) => client.post('/codes/cim10/recherche', { q: 'diabete' }),
  },
  'POST /patients/:id/export': {
    may: ['medecin'],
    ask: (client, of) => client.post(`/patients/${of.patient}/export`, {}),
  },
  'GET /exports/:id': { may: ['medecin'], ask: (client, of) => client.get(`/exports/${of.export}`) },
  // Its state is refused, and not who asks: nobody makes it here.
  'GET /exports/:id/contenu': {
    may: ['medecin'],
    ask: (client, of) => client.get(`/exports/${of.export}/contenu`),
  },
  'GET /patients/:id/identifiants': {
    may: PERSONNEL,
    ask: (client, of) => client.get(`/patients/${of.patient}/identifiants`),
  },
  'POST /patients/:id/identifiants': {
    may: ACCUEIL,
    ask: (client, of) =>
      client.post(`/patients/${of.patient}/identifiants`, { type: 'autre', valeur: `N ${++numbers}` }),
  },
  'PATCH /patients/:id/identifiants/:identifiant_id': {
    may: ACCUEIL,
    ask: (client, of) =>
      client.patch(`/patients/${of.patient}/identifiants/${of.identifiant}`, { valeur: 'A 2' }, NO_VERSION),
  },
  'GET /patients/:id/consentements': {
    may: PERSONNEL,
    ask: (client, of) => client.get(`/patients/${of.patient}/consentements`),
  },
  'POST /patients/:id/consentements': {
    may: ACCUEIL,
    ask: (client, of) => client.post(`/patients/${of.patient}/consentements`, consentement('Omar')),
  },
  ...Object.fromEntries(
    Object.entries(entreesDe('Samira')).flatMap(([segment, { body, change, administratif }]) => {
      const [read, write] = administratif ? [PERSONNEL, ACCUEIL] : [SOIGNANTS, SOIGNANTS];
      const at = (of: Rows) => `/patients/${of.patient}/${segment}`;
      return [
        [`GET /patients/:id/${segment}`, { may: read, ask: (client, of) => client.get(at(of)) }],
        [`POST /patients/:id/${segment}`, { may: write, ask: (client, of) => client.post(at(of), body) }],
        [
          `PATCH /patients/:id/${segment}/:element_id`,
          {
            may: write,
            ask: (client, of) => client.patch(`${at(of)}/${of.elements[segment]}`, change, NO_VERSION),
          },
        ],
      ] satisfies [string, Question][];
    }),
  ),
  'GET /patients/:id/dossier': {
    may: SOIGNANTS,
    ask: (client, of) => client.get(`/patients/${of.patient}/dossier`),
  },
  'GET /patients/:id/consultations': {
    may: ACCUEIL,
    ask: (client, of) => client.get(`/patients/${of.patient}/consultations`),
  },
  'POST /consultations': {
    may: SOIGNANTS,
    ask: (client, of) => client.post('/consultations', { patient_id: of.patient, ...note('Samira') }),
  },
  'GET /consultations/:id': {
    may: SOIGNANTS,
    ask: (client, of) => client.get(`/consultations/${of.consultation}`),
  },
  // To write in it is for its author alone.
  'PATCH /consultations/:id': {
    may: ['medecin'],
    reach: SOIGNANTS,
    ask: (client, of) =>
      client.patch(`/consultations/${of.consultation}`, { motif: 'Autre' }, { 'If-Match': '"999"' }),
  },
  'POST /consultations/:id/signature': {
    may: ['medecin'],
    reach: SOIGNANTS,
    ask: (client, of) =>
      client.post(`/consultations/${of.consultation}/signature`, { mot_de_passe: PASSWORD }),
  },
  'POST /consultations/:id/addenda': {
    may: ['medecin'],
    reach: SOIGNANTS,
    ask: (client, of) => client.post(`/consultations/${of.consultation}/addenda`, { texte: 'Plus' }),
  },
  'POST /consultations/:id/invalidation': {
    may: ['medecin'],
    reach: SOIGNANTS,
    ask: (client, of) => client.post(`/consultations/${of.consultation}/invalidation`, { motif: 'Non' }),
  },
  'PUT /consultations/:id/publication': {
    may: ['medecin'],
    reach: SOIGNANTS,
    ask: (client, of) => client.put(`/consultations/${of.consultation}/publication`, undefined, NO_VERSION),
  },
  'DELETE /consultations/:id/publication': {
    may: ['medecin'],
    reach: SOIGNANTS,
    ask: (client, of) => client.delete(`/consultations/${of.consultation}/publication`),
  },
  ...Object.fromEntries(
    (['ordonnances', 'certificats'] as const).flatMap((segment): [string, Question][] => [
      [`GET /${segment}`, { may: ACCUEIL, ask: (client) => client.get(`/${segment}`) }],
      [
        `POST /${segment}`,
        {
          may: SOIGNANTS,
          ask: (client, of) => client.post(`/${segment}`, ECRITS[segment](of.patient)),
        },
      ],
      [
        `GET /${segment}/:id`,
        { may: SOIGNANTS, ask: (client, of) => client.get(`/${segment}/${of.ecritures.signe[segment]}`) },
      ],
      [
        `PATCH /${segment}/:id`,
        {
          may: SOIGNANTS,
          ask: (client, of) =>
            client.patch(`/${segment}/${of.ecritures.signe[segment]}`, { a_remettre: true }),
        },
      ],
      [
        `POST /${segment}/:id/signature`,
        {
          may: SOIGNANTS,
          ask: (client, of) =>
            client.post(`/${segment}/${of.ecritures.signe[segment]}/signature`, { mot_de_passe: PASSWORD }),
        },
      ],
      [
        `POST /${segment}/:id/invalidation`,
        {
          may: SOIGNANTS,
          ask: (client, of) =>
            client.post(`/${segment}/${of.ecritures.invalide[segment]}/invalidation`, { motif: 'Erreur' }),
        },
      ],
      [
        `GET /${segment}/:id/pdf`,
        { may: ACCUEIL, ask: (client, of) => client.get(`/${segment}/${of.ecritures.signe[segment]}/pdf`) },
      ],
    ]),
  ),
  'GET /examens': { may: SOIGNANTS, ask: (client) => client.get('/examens') },
  'GET /examens/non-rattaches': { may: ACCUEIL, ask: (client) => client.get('/examens/non-rattaches') },
  'POST /examens': {
    may: ACCUEIL,
    ask: (client, { id }) => client.post('/examens', { ...RECU, cabinet_id: id }),
  },
  'GET /examens/:id': {
    may: SOIGNANTS,
    ask: (client, of) => client.get(`/examens/${of.ecritures.examen}`),
  },
  'PATCH /examens/:id': {
    may: SOIGNANTS,
    ask: (client, of) =>
      client.patch(`/examens/${of.ecritures.examen}`, { attendu_le: '2090-01-01' }, NO_VERSION),
  },
  'PUT /examens/:id/resultat': {
    may: SOIGNANTS,
    ask: (client, of) => client.put(`/examens/${of.ecritures.examen}/resultat`, { texte: 'Encore' }),
  },
  'POST /examens/:id/vu': {
    may: SOIGNANTS,
    ask: (client, of) =>
      client.post(`/examens/${of.ecritures.examen}/vu`, { numero: 999_999, decision: 'normal' }),
  },
  'PUT /examens/:id/rattachement': {
    may: ACCUEIL,
    ask: (client, of) =>
      client.put(`/examens/${of.ecritures.examen}/rattachement`, {
        ...{ patient_id: of.patient, medecin_id: of.people.medecin.user.id },
      }),
  },
  'GET /patients/:id/fusions': {
    may: PERSONNEL,
    ask: (client, of) => client.get(`/patients/${of.patient}/fusions`),
  },
  'POST /patients/:id/fusion': {
    may: GERANT,
    ask: async (client, of) => client.post(`/patients/${of.patient}/fusion`, { avec: await newDouble(of) }),
  },
  'POST /fusions/:id/annuler': {
    may: GERANT,
    ask: async (client, of) => {
      const avec = await newDouble(of);
      const made = await of.people.gerant.client.post(`/patients/${of.patient}/fusion`, { avec });
      return client.post(`/fusions/${made.body.id}/annuler`, undefined);
    },
  },
  'POST /patients/:id/bris-de-glace': {
    may: SOIGNANTS,
    ask: async (client, of) => client.post(`/patients/${await newUnshared(of)}/bris-de-glace`, MOTIF),
  },
  'GET /bris-de-glace': {
    may: ['medecin', 'remplacant', 'gerant'],
    ask: (client) => client.get('/bris-de-glace'),
  },
  'POST /bris-de-glace/:id/fermeture': {
    may: ['medecin', 'remplacant', 'gerant'],
    ask: async (client, of) =>
      client.post(
        `/bris-de-glace/${of.bris[client === of.people.remplacant.client ? 'remplacant' : 'medecin']}/fermeture`,
      ),
  },
  'POST /bris-de-glace/:id/revue': {
    may: GERANT,
    ask: async (client, of) =>
      client.post(`/bris-de-glace/${of.bris.medecin}/revue`, { conclusion: 'justifie' }),
  },
  'PUT /patients/:id/compte': {
    may: ACCUEIL,
    ask: async (client, of) => {
      const { code } = (await compte.client.get('/mon/code')).body;
      const { id } = await makePatient(of.people.secretaire.client, VERIFIED);
      return client.put(`/patients/${id}/compte`, { code });
    },
  },
  'DELETE /patients/:id/compte': {
    may: ACCUEIL,
    ask: (client, of) => client.delete(`/patients/${of.patient}/compte`),
  },
  // For accounts of patients (test/api/mon.test.ts).
  'GET /mon/dossier': { may: [], ask: (client) => client.get('/mon/dossier') },
  'GET /mon/acces': { may: [], ask: (client) => client.get('/mon/acces') },
  'GET /mon/rendez-vous': { may: [], ask: (client) => client.get('/mon/rendez-vous') },
  'PUT /mon/rendez-vous/:uid/annuler': {
    may: [],
    ask: (client, { uid }) => client.put(`/mon/rendez-vous/${uid}/annuler`),
  },
  'GET /mon/listes-attente': { may: [], ask: (client) => client.get('/mon/listes-attente') },
  ...Object.fromEntries(
    ACTES_ATTENTE.map((acte) => [
      `PUT /mon/listes-attente/:id/${acte}`,
      {
        may: [],
        ask: (client, { attente }) => client.put(`/mon/listes-attente/${attente}/${acte}`),
      } satisfies Question,
    ]),
  ),
  'GET /mon/consultations': { may: [], ask: (client) => client.get('/mon/consultations') },
  'GET /mon/copie': { may: [], ask: (client) => client.get('/mon/copie') },
  'POST /mon/copie': { may: [], ask: (client) => client.post('/mon/copie', {}) },
  'GET /mon/code': { may: [], ask: (client) => client.get('/mon/code') },
  'GET /conservation/echeances': {
    may: SIGNATAIRES,
    ask: (client, { id }) => client.get(`/conservation/echeances?cabinet_id=${id}`),
  },
  'PUT /conservation/politiques': {
    may: GERANT,
    ask: (client, { id }) =>
      client.put('/conservation/politiques', {
        ...{ cabinet_id: id, ancre: 'dernier_acte', duree_mois: 1, source: 'Essai' },
      }),
  },
  'POST /conservation/retenues': {
    may: SIGNATAIRES,
    ask: (client, of) => client.post('/conservation/retenues', { patient_id: of.patient, motif: 'Essai' }),
  },
  'POST /conservation/retenues/:id/lever': {
    may: SIGNATAIRES,
    ask: async (client, of) => client.post(`/conservation/retenues/${await newRetenue(of)}/lever`, undefined),
  },
  'GET /conservation/purges': { may: SIGNATAIRES, ask: (client) => client.get('/conservation/purges') },
  'POST /conservation/purges': {
    may: GERANT,
    ask: async (client, of) => client.post('/conservation/purges', { patient_id: await newDue(of) }),
  },
  'POST /conservation/purges/:id/signature': {
    may: ['medecin'],
    ask: async (client, of) => client.post(`/conservation/purges/${await newPurge(of)}/signature`, undefined),
  },
  'GET /demandes-droits': { may: PERSONNEL, ask: (client) => client.get('/demandes-droits') },
  'POST /demandes-droits': {
    may: PERSONNEL,
    ask: (client, of) => client.post('/demandes-droits', { ...SAID, patient_id: of.patient }),
  },
  'GET /demandes-droits/:id': {
    may: PERSONNEL,
    ask: async (client, of) => client.get(`/demandes-droits/${await newDemande(of)}`),
  },
  'POST /demandes-droits/:id/reponse': {
    may: SIGNATAIRES,
    ask: async (client, of) =>
      client.post(`/demandes-droits/${await newDemande(of)}/reponse`, { statut: 'honoree', reponse: 'Fait' }),
  },
  'POST /conservation/purges/:id/annuler': {
    may: SIGNATAIRES,
    ask: async (client, of) => client.post(`/conservation/purges/${await newPurge(of)}/annuler`, undefined),
  },
};
const SAID = { nature: 'rectification', demande: 'Essai' };
const newDemande = async (of: TestCabinet & Rows): Promise<number> => {
  const body = { ...SAID, patient_id: of.patient };
  return (await of.people.gerant.client.post('/demandes-droits', body)).body.id;
};

/** What names somebody, or a practice, in a body or a filter: another's is none there. */
const BY_REFERENCE = [
  'POST /examens',
  'POST /consultations',
  'POST /patients',
  'GET /conservation/echeances',
  'PUT /conservation/politiques',
  'POST /conservation/retenues',
  'POST /conservation/purges',
  'POST /demandes-droits',
];
/** Of no row that a path names: what they show or make is the caller's own practice's. */
const OF_NO_ROW = [
  'GET /cabinets',
  'POST /cabinets',
  'GET /patients',
  'POST /patients/recherche',
  'POST /codes/cim10/recherche',
  'GET /bris-de-glace',
  'GET /mon/dossier',
  'GET /mon/acces',
  'GET /mon/rendez-vous',
  'GET /mon/listes-attente',
  'GET /mon/consultations',
  'GET /mon/copie',
  'POST /mon/copie',
  'GET /mon/code',
  'GET /conservation/purges',
  'GET /demandes-droits',
  'GET /ordonnances',
  'GET /certificats',
  'GET /examens',
  'GET /examens/non-rattaches',
];

async function* differences(
  askers: readonly Asker[],
  only?: (name: string) => boolean,
  rows: 'other' | 'both' = 'both',
): AsyncGenerator<string> {
  for (const [name, { may, reach = may, ask }] of Object.entries(QUESTIONS)) {
    if (only !== undefined && !only(name)) continue;
    for (const asker of askers) {
      const client = clientOf(asker);
      const allowed = may.includes(asker);
      if (rows !== 'other') {
        const { status } = await ask(client, own);
        const fits = allowed ? [200, 201, 202, 409, 412].includes(status) : status === 403;
        if (!fits) yield `${name} as ${asker} of its own: ${status}`;
      }
      if (OF_NO_ROW.includes(name)) continue;
      // A reference in a body is to nothing; a row of a path is not there.
      const hidden = BY_REFERENCE.includes(name) ? 422 : 404;
      const foreign = (await ask(client, other)).status;
      if (foreign !== (reach.includes(asker) ? hidden : 403))
        yield `${name} as ${asker} of another: ${foreign}`;
    }
  }
}

it('asks every route of what is medical', () => {
  const medical = ROUTES.filter((route) => route.medical !== undefined);
  expect(Object.keys(QUESTIONS).sort()).toEqual(
    medical.map(({ method, path }) => `${method.toUpperCase()} ${path}`).sort(),
  );
});

it('is what the API does: every function, own and other rows, before and after somebody belonged there', async () => {
  const found: string[] = [];
  for await (const difference of differences(ASKERS)) found.push(difference);
  expect(found).toEqual([]);
});

describe('a change of the rules', () => {
  afterEach(() => {
    api.app.rulesFor = rulesFor;
  });

  it('is noticed, whichever rule of a function is taken away, or made to hold everywhere', async () => {
    const fonctions = ['medecin', 'remplacant', 'secretaire', 'gerant'] as const;
    const unnoticed: string[] = [];
    let changes = 0;
    const appartenances = (fonction: Fonction) => [{ cabinetId: own.id, fonction }];
    for (const fonction of fonctions) {
      const principal = {
        role: 'membre',
        userId: own.people[fonction].user.id,
        cleApiId: null,
        appartenances: appartenances(fonction),
      };
      const rules = rulesFor(principal as never).filter(ofPractice);
      for (const rule of rules.flatMap(single)) {
        const where = (rule.where ?? []).map(({ cabinet_id: _, id: __, ...rest }): Conditions => rest);
        const everywhere: Rule = { ...rule, where };
        for (const [what, changed] of [
          ['without', []],
          ['everywhere', [everywhere]],
        ] as const) {
          changes++;
          api.app.rulesFor = (someone) =>
            rulesFor(someone).flatMap((one) => {
              if (!ofPractice(one)) return [one];
              return single(one).flatMap((each) => (nameOf(each) === nameOf(rule) ? [...changed] : [each]));
            });
          const { done } = await differences(
            [fonction],
            concernedBy(rule),
            what === 'without' ? 'both' : 'other',
          ).next();
          // What the permission of the path allows too much is refused by the database all the same.
          if (done === true && what === 'without') unnoticed.push(`${fonction} ${what} ${nameOf(rule)}`);
          if (done !== true && what === 'everywhere')
            unnoticed.push(`${fonction} ${what} ${nameOf(rule)} crosses`);
        }
      }
    }
    expect(changes).toBeGreaterThan(40);
    expect(unnoticed).toEqual([]);
  });
});

const SUBJECTS: readonly string[] = [
  'Cabinet',
  'MembreCabinet',
  'Praticien',
  'TypeRendezVous',
  'RendezVousCabinet',
  'Patient',
  'Consultation',
  'Ecrit',
  'ExamenNonRattache',
  'AccesDossier',
  'ExportDossier',
  'Dossier',
  'BrisDeGlace',
  'Conservation',
  'Purge',
  'DemandeDroits',
];
/**
 * Routes that ask for it; patients and their records are asked for by way of others. Entries of records are one mechanism: of the
 * kinds that follow the identity, and of those that follow the record, one stands for the others. And nobody shows a password
 * as often as the rules are changed here.
 */
function concernedBy({ subject }: Rule): (name: string) => boolean {
  if (subject === 'Patient' || subject === 'Dossier') {
    return (name) =>
      !/\/(representants|antecedents|traitements|constantes|diagnostics)|(consultations|ordonnances|certificats)\/:id\/signature/.test(
        name,
      );
  }
  const names = ROUTES.filter(({ access }) => Array.isArray(access) && access[1] === subject).map(
    ({ method, path }) => `${method.toUpperCase()} ${path}`,
  );
  return (name) =>
    names.includes(name) && !/(consultations|ordonnances|certificats)\/:id\/signature$/.test(name);
}
const ofPractice = ({ subject }: Rule) => SUBJECTS.includes(subject);
const single = (rule: Rule): Rule[] =>
  [rule.action].flat().map((action) => ({ ...rule, action: action as Rule['action'] }));
const nameOf = ({ action, subject }: Rule) => `${action} ${subject}`;
