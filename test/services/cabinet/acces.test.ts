import { Client as PgClient } from 'pg';
import type { Route } from '../../../src/api/http/route';
import { ROUTES } from '../../../src/api/routes';
import { type AccesFault, verifyAcces } from '../../../src/services/cabinet/acces-verification';
import { ACTES_ATTENTE, type ActeAttente } from '../../../src/services/cabinet/attente';
import { startTestApi, type TestApi } from '../../support/api';
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
} from '../../support/cabinets';
import type { Client, Reply } from '../../support/client';
import { consentement, entreesDe, note } from '../../support/dossiers';
import { type Ecritures, makeEcritures, makePrescripteur, requestsOfEcritures } from '../../support/ecrits';
import { makeExport } from '../../support/exports';
import { PASSWORD } from '../../support/factories';

/** Who was shown what of a patient: on record before they have it, or they do not have it. */

let api: TestApi;
let cabinet: TestAgenda;
let doctor: Client;
let colleague: Personne;
/** Of a patient. */
let compte: Personne;
/** Appointments, one for each of those who ask at once. */
let rendezVous: { uid: string }[];
/** Somebody who waits, those who are offered something, by what becomes of it, and those who do not wait yet. */
let attente: number;
let offres: Record<ActeAttente, number[]>;
let sansAttente: number[];
beforeAll(async () => {
  api = await startTestApi();
  cabinet = await makeAgenda(api, (await api.newPerson('admin')).client);
  doctor = (await makePrescripteur(cabinet)).client;
  colleague = await addMembre(api, cabinet.people.gerant.client, cabinet.id, 'medecin');
  compte = await api.newPerson('client');
  const { id } = await makePatient(doctor);
  rendezVous = [];
  for (let n = 0; n < 11; n++) {
    const given = { patient_id: id, motif: 'Toux' };
    rendezVous.push(await makeRendezVousCabinet(doctor, cabinet, nextTime(), given));
  }
  const newPatient = async () => (await makePatient(doctor, { prenoms: 'Attente' })).id;
  attente = (await makeAttentePatient(doctor, cabinet, await newPatient(), { days: 170 })).id;
  offres = { accepter: [], decliner: [], quitter: [] };
  sansAttente = [];
  for (let n = 0; n < 3; n++) {
    for (const acte of ACTES_ATTENTE) {
      offres[acte].push((await makeAttentePatient(doctor, cabinet, await newPatient(), { days: 30 })).id);
    }
    sansAttente.push(await newPatient());
  }
});
afterAll(() => api.close());

const nameOf = ({ method, path }: Route) => `${method.toUpperCase()} ${path}`;
const PATIENT_ROUTES = ROUTES.filter(({ medical }) => medical != null && medical.acces !== null);

/** What was written of a patient, before all that is asked. */
const ecritures = new Map<number, Ecritures>();
const write = async (id: number) => void ecritures.set(id, await makeEcritures(doctor, id));
/** A patient to ask about, somebody who may be merged into them, and a merge that may be undone. */
interface Given {
  id: number;
  double: number;
  fusion: number;
  /** Something that keeps a record, a record that is due, purges to be signed and to be stopped. */
  retenue: number;
  due: number;
  purges: number[];
  demande: number;
}
async function given(fields: object = {}): Promise<Given> {
  const [{ id }, merged, { id: double }] = [
    await makePatient(doctor, fields),
    await makePatient(doctor),
    await makePatient(doctor),
  ];
  const { client } = cabinet.people.gerant;
  const { body } = await client.post(`/patients/${id}/fusion`, { avec: merged.id });
  await keepForAMonth(client, cabinet.id);
  const motif = 'Essai';
  const retenue = (await client.post('/conservation/retenues', { patient_id: double, motif })).body.id;
  const purges: number[] = [];
  const newDue = () => makeDue(api.database.owner, doctor);
  for (const _ of [1, 2]) {
    const asked = await client.post('/conservation/purges', { patient_id: await newDue() });
    purges.push(asked.body.id);
  }
  const right = { patient_id: id, nature: 'opposition', demande: 'Essai' };
  const demande = (await client.post('/demandes-droits', right)).body.id;
  return { id, double, fusion: body.id, retenue, due: await newDue(), purges, demande };
}

/** Every route that shows patients: a new one has to stand here. */
type Ask = (client: Client, id: number, given: Given) => Promise<Reply>;
const REQUESTS: Record<string, Ask> = {
  'GET /patients': (client) => client.get('/patients?limit=200'),
  'POST /patients': (client) => client.post('/patients', patient()),
  'POST /patients/recherche': (client) => client.post('/patients/recherche', { q: 'benali' }),
  'GET /patients/:id': (client, id) => client.get(`/patients/${id}`),
  'PATCH /patients/:id': (client, id) =>
    client.patch(`/patients/${id}`, { profession: `P ${Math.random()}` }),
  'GET /patients/:id/doublons': (client, id) => client.get(`/patients/${id}/doublons`),
  'GET /patients/:id/acces': (client, id) => client.get(`/patients/${id}/acces`),
  'POST /patients/:id/export': (client, id) => client.post(`/patients/${id}/export`, {}),
  'GET /exports/:id': (client) => client.get(`/exports/${copie}`),
  'GET /exports/:id/contenu': (client) => client.get(`/exports/${copie}/contenu`),
  'GET /cabinets/:id/agenda': async (client) => {
    await standsAs(0, 'confirme');
    return client.get(`/cabinets/${cabinet.id}/agenda`);
  },
  'GET /cabinets/:id/salle-attente': async (client) => {
    await standsAs(1, 'arrive');
    return client.get(`/cabinets/${cabinet.id}/salle-attente`);
  },
  'GET /cabinets/:id/a-qualifier': async (client) => {
    await standsAs(2, 'confirme', AN_HOUR_AGO);
    return client.get(`/cabinets/${cabinet.id}/a-qualifier`);
  },
  'POST /cabinets/:id/rendez-vous': (client, id) =>
    client.post(`/cabinets/${cabinet.id}/rendez-vous`, prise(cabinet, nextTime(), { patient_id: id })),
  'GET /cabinets/:id/rendez-vous/:uid': (client) =>
    client.get(`/cabinets/${cabinet.id}/rendez-vous/${rendezVous[3]!.uid}`),
  ...Object.fromEntries(
    (
      [
        ['arriver', 'confirme'],
        ['appeler', 'arrive'],
        ['terminer', 'en_consultation'],
        ['absent', 'confirme'],
        ['annuler', 'confirme'],
        ['partir', 'arrive'],
        ['reporter', 'confirme'],
      ] as const
    ).map(([acte, statut], rang) => [
      `PUT /cabinets/:id/rendez-vous/:uid/${acte}`,
      async (client: Client) => {
        await standsAs(4 + rang, statut);
        const body = acte === 'reporter' ? { debut: nextTime() } : {};
        return client.put(`/cabinets/${cabinet.id}/rendez-vous/${rendezVous[4 + rang]!.uid}/${acte}`, body);
      },
    ]),
  ),
  'GET /cabinets/:id/listes-attente': (client) =>
    client.get(`/cabinets/${cabinet.id}/listes-attente?limit=200`),
  'GET /cabinets/:id/listes-attente/:attente_id': (client) =>
    client.get(`/cabinets/${cabinet.id}/listes-attente/${attente}`),
  'POST /cabinets/:id/listes-attente': (client) =>
    client.post(`/cabinets/${cabinet.id}/listes-attente`, {
      ...{ patient_id: sansAttente.pop(), prestation: cabinet.prestation },
      ...{ date_debut: '2031-03-03', date_fin: '2031-03-04' },
    }),
  ...Object.fromEntries(
    ACTES_ATTENTE.map((acte) => [
      `PUT /cabinets/:id/listes-attente/:attente_id/${acte}`,
      (client: Client) => client.put(`/cabinets/${cabinet.id}/listes-attente/${offres[acte].pop()}/${acte}`),
    ]),
  ),
  'GET /patients/:id/identifiants': (client, id) => client.get(`/patients/${id}/identifiants`),
  'POST /patients/:id/identifiants': (client, id) =>
    client.post(`/patients/${id}/identifiants`, { type: 'autre', valeur: `N ${Math.random()}` }),
  'PATCH /patients/:id/identifiants/:identifiant_id': async (client, id) => {
    const [one] = (await api.database.owner.query(
      'SELECT id FROM medical.identifiants_patient WHERE patient_id = $1',
      [id],
    )) as [{ id: number }];
    return client.patch(`/patients/${id}/identifiants/${one.id}`, { valeur: `V ${Math.random()}` });
  },
  'GET /patients/:id/consentements': (client, id) => client.get(`/patients/${id}/consentements`),
  'POST /patients/:id/consentements': (client, id) =>
    client.post(`/patients/${id}/consentements`, consentement('Samira')),
  ...Object.fromEntries(
    Object.entries(entreesDe('Verrou')).flatMap(([segment, { body, change }]): [string, Ask][] => [
      [`GET /patients/:id/${segment}`, (client, id) => client.get(`/patients/${id}/${segment}`)],
      [`POST /patients/:id/${segment}`, (client, id) => client.post(`/patients/${id}/${segment}`, body)],
      [
        `PATCH /patients/:id/${segment}/:element_id`,
        async (client, id) => {
          const nature = segment.slice(0, -1);
          const [one] = (await api.database.owner.query(
            'SELECT id FROM medical.elements_dossier WHERE patient_id = $1 AND nature = $2 ORDER BY version',
            [id, nature],
          )) as [{ id: number }];
          return client.patch(`/patients/${id}/${segment}/${one.id}`, change);
        },
      ],
    ]),
  ),
  'GET /patients/:id/dossier': (client, id) => client.get(`/patients/${id}/dossier`),
  'GET /patients/:id/consultations': (client, id) => client.get(`/patients/${id}/consultations`),
  'POST /consultations': (client, id) => client.post('/consultations', { patient_id: id, ...note('Verrou') }),
  'GET /consultations/:id': async (client, id) => client.get(await consultationOf(id, 'brouillon')),
  'PATCH /consultations/:id': async (client, id) =>
    client.patch(
      await consultationOf(id, 'brouillon'),
      { motif: `M ${Math.random()}` },
      { 'If-Match': '"1"' },
    ),
  'POST /consultations/:id/signature': async (client, id) =>
    client.post(`${await consultationOf(id, 'brouillon')}/signature`, { mot_de_passe: PASSWORD }),
  'POST /consultations/:id/addenda': async (client, id) =>
    client.post(`${await consultationOf(id, 'signee')}/addenda`, { texte: 'Verrou' }),
  'PUT /consultations/:id/publication': async (client, id) =>
    client.put(`${await consultationOf(id, 'signee')}/publication`),
  'DELETE /consultations/:id/publication': async (client, id) =>
    client.delete(`${await consultationOf(id, 'signee')}/publication`),
  'POST /consultations/:id/invalidation': async (client, id) =>
    client.post(`${await consultationOf(id, 'signee')}/invalidation`, { motif: 'Verrou' }),
  ...requestsOfEcritures((id) => ecritures.get(id)!),
  'GET /patients/:id/fusions': (client, id) => client.get(`/patients/${id}/fusions`),
  'POST /fusions/:id/annuler': (client, _, { fusion }) =>
    client.post(`/fusions/${fusion}/annuler`, undefined),
  'POST /patients/:id/fusion': (client, id, { double }) =>
    client.post(`/patients/${id}/fusion`, { avec: double }),
  'GET /conservation/echeances': (client) => client.get('/conservation/echeances'),
  'POST /conservation/retenues': (client, id) =>
    client.post('/conservation/retenues', { patient_id: id, motif: 'Essai' }),
  'POST /conservation/retenues/:id/lever': (client, _, { retenue }) =>
    client.post(`/conservation/retenues/${retenue}/lever`, undefined),
  'GET /conservation/purges': (client) => client.get('/conservation/purges'),
  'POST /conservation/purges': (client, _, { due }) =>
    client.post('/conservation/purges', { patient_id: due }),
  'POST /conservation/purges/:id/signature': (client, _, { purges }) =>
    client.post(`/conservation/purges/${purges[0]}/signature`, undefined),
  'POST /conservation/purges/:id/annuler': (client, _, { purges }) =>
    client.post(`/conservation/purges/${purges[1]}/annuler`, undefined),
  'GET /demandes-droits': (client) => client.get('/demandes-droits'),
  'POST /demandes-droits': (client, id) =>
    client.post('/demandes-droits', { patient_id: id, nature: 'acces', demande: 'Essai' }),
  'GET /demandes-droits/:id': (client, _, { demande }) => client.get(`/demandes-droits/${demande}`),
  'POST /demandes-droits/:id/reponse': (client, _, { demande }) =>
    client.post(`/demandes-droits/${demande}/reponse`, { statut: 'retiree', reponse: 'Essai' }),
};
/** Those of who runs the practice; the others are a doctor's. */
const OF_GERANT: readonly string[] = [
  'POST /fusions/:id/annuler',
  'POST /patients/:id/fusion',
  'POST /conservation/purges',
];
const askerOf = (name: string) => (OF_GERANT.includes(name) ? 'gerant' : 'medecin');

/** A copy of the record, made before it is asked for. */
let copie: number;

/** Those that are not a doctor's own: who asks, of whom it is, and whom it shows. */
interface Other {
  ask(id: number): Promise<Reply>;
  by: () => Personne;
  /** As it is on record. */
  as: { fonctions: string[]; finalite: string };
}
const DOCTOR = { fonctions: ['medecin'], finalite: 'ETREAT' };
const PATIENT = { fonctions: [], finalite: 'PATRQT' };
const GERANT = { fonctions: ['gerant'], finalite: 'HOPERAT' };

/** In this order: what one makes the next one is about. */
const OTHERS: Record<string, Other> = {
  'POST /patients/:id/bris-de-glace': {
    ask: async (id) => {
      const made = await colleague.client.post(`/patients/${id}/bris-de-glace`, {
        motif: 'Malaise au cabinet',
      });
      bris = made.body.id;
      return made;
    },
    by: () => colleague,
    as: DOCTOR,
  },
  'GET /bris-de-glace': {
    ask: () => colleague.client.get('/bris-de-glace'),
    by: () => colleague,
    as: DOCTOR,
  },
  'POST /bris-de-glace/:id/fermeture': {
    ask: () => cabinet.people.gerant.client.post(`/bris-de-glace/${bris}/fermeture`),
    by: () => cabinet.people.gerant,
    as: GERANT,
  },
  'POST /bris-de-glace/:id/revue': {
    ask: () => cabinet.people.gerant.client.post(`/bris-de-glace/${bris}/revue`, { conclusion: 'justifie' }),
    by: () => cabinet.people.gerant,
    as: GERANT,
  },
  'PUT /patients/:id/compte': {
    ask: async (id) => {
      const { code } = (await compte.client.get('/mon/code')).body;
      return cabinet.people.secretaire.client.put(`/patients/${id}/compte`, { code });
    },
    by: () => cabinet.people.secretaire,
    as: { fonctions: ['secretaire'], finalite: 'HOPERAT' },
  },
  'GET /mon/dossier': { ask: () => compte.client.get('/mon/dossier'), by: () => compte, as: PATIENT },
  'GET /mon/acces': { ask: () => compte.client.get('/mon/acces'), by: () => compte, as: PATIENT },
  'GET /mon/rendez-vous': {
    ask: () => compte.client.get('/mon/rendez-vous'),
    by: () => compte,
    as: PATIENT,
  },
  'PUT /mon/rendez-vous/:uid/annuler': {
    ask: () => compte.client.put(`/mon/rendez-vous/${leur.rendezVous}/annuler`),
    by: () => compte,
    as: PATIENT,
  },
  'GET /mon/listes-attente': {
    ask: () => compte.client.get('/mon/listes-attente'),
    by: () => compte,
    as: PATIENT,
  },
  ...Object.fromEntries(
    ACTES_ATTENTE.map((acte) => [
      `PUT /mon/listes-attente/:id/${acte}`,
      {
        ask: () => compte.client.put(`/mon/listes-attente/${leur.attentes[acte]}/${acte}`),
        by: () => compte,
        as: PATIENT,
      },
    ]),
  ),
  'GET /mon/consultations': {
    ask: () => compte.client.get('/mon/consultations'),
    by: () => compte,
    as: PATIENT,
  },
  'GET /mon/copie': { ask: () => compte.client.get('/mon/copie'), by: () => compte, as: PATIENT },
  'POST /mon/copie': {
    ask: () => compte.client.post('/mon/copie', {}),
    by: () => compte,
    as: PATIENT,
  },
  'DELETE /patients/:id/compte': {
    ask: (id) => cabinet.people.secretaire.client.delete(`/patients/${id}/compte`),
    by: () => cabinet.people.secretaire,
    as: { fonctions: ['secretaire'], finalite: 'HOPERAT' },
  },
};
let bris: number;
/** What is of the patient with the account. */
let leur: { rendezVous: string; attentes: Record<ActeAttente, number> };
let times = 0;
const nextTime = () => new Date(Math.ceil(Date.now() / DAY) * DAY + DAY + ++times * 1_800_000);
const DAY = 86_400_000;

const AN_HOUR_AGO = `now() - interval '1 hour'`;
/** By the clocks of the practice; in the first hour of a day, when it began. */
const AN_HOUR_AGO_TODAY = `greatest(${AN_HOUR_AGO}, date_trunc('day', now(), 'UTC'))`;

/** Has an appointment be one that should have begun, in a state. */
const standsAs = (rang: number, statut: string, debut = AN_HOUR_AGO_TODAY) =>
  api.database.owner.query(
    `WITH alone AS (UPDATE medical.rendez_vous_patients SET remplace_id = NULL
       WHERE remplace_id = (SELECT id FROM medical.rendez_vous_patients WHERE uid = $1))
     UPDATE medical.rendez_vous_patients SET statut = $2, annule_le = NULL, absent_le = NULL,
       debut = ${debut}, fin = ${debut} + interval '30 minutes', arrive_le = now()
     WHERE uid = $1`,
    [rendezVous[rang]!.uid, statut],
  );

async function consultationOf(patientId: number, statut: string): Promise<string> {
  const [{ id }] = await api.database.owner.query(
    'SELECT id FROM medical.consultations WHERE patient_id = $1 AND statut = $2',
    [patientId, statut],
  );
  return `/consultations/${id}`;
}

interface Line {
  id: number;
  patient_id: number;
  requete: string;
  nombre: number;
  chaine: number;
}
const lines = (after = 0): Promise<Line[]> =>
  api.database.owner.query('SELECT * FROM medical.acces_dossier WHERE id > $1 ORDER BY id', [after]);
const lastId = async () => (await lines()).at(-1)?.id ?? 0;

/** The patients of an answer. */
function patientsOf(name: string, { body }: Reply, id: number): number[] {
  if (name.includes('fusion') && !name.startsWith('GET')) return [body.patient_id, body.avec];
  if (/patients\/:id\/(?!doublons)|\/(?:consultations|exports|ordonnances|certificats|examens)/.test(name))
    return [id];
  if (name.endsWith('/doublons')) return [id, ...body.map((row: { id: number }) => row.id)];
  if (name.includes('/conservation') || name.includes('/demandes-droits')) {
    const rows: { patient_id: number }[] = [body.echeances ?? body].flat();
    return [...new Set(rows.map((row) => row.patient_id))];
  }
  const shown = name.includes('listes-attente') ? body : (body.rendez_vous ?? body);
  const rows: { id: number; patient?: { id: number } }[] = [shown].flat();
  return [...new Set(rows.map(({ id: own, patient: whose }) => whose?.id ?? own))];
}

describe('every answer that shows patients', () => {
  it('is of a route that this test knows', () => {
    expect([...Object.keys(REQUESTS), ...Object.keys(OTHERS)].sort()).toEqual(
      PATIENT_ROUTES.map(nameOf).sort(),
    );
    const gets = ROUTES.filter(
      ({ method, medical, path }) => method === 'get' && medical && path.includes('patient'),
    );
    expect(gets.every(({ medical }) => medical!.acces !== null)).toBe(true);
  });

  it('leaves exactly one chained row for each of them, and one that shows nobody none', async () => {
    const about = await given();
    const { id } = about;
    await makePatient(doctor, { prenoms: 'Omar' });
    copie = await makeExport(api.app, doctor, id);
    await write(id);
    for (const [name, ask] of Object.entries(REQUESTS)) {
      const before = await lastId();
      const asker = askerOf(name);
      const reply = await ask(cabinet.people[asker].client, id, about);
      expect([name, reply.status < 300]).toEqual([name, true]);
      const added = await lines(before);
      const shown = patientsOf(name, reply, id);
      expect([name, added.map((line) => line.patient_id).sort()]).toEqual([name, shown.sort()]);
      for (const line of added) {
        expect(line).toMatchObject({
          requete: name,
          nombre: shown.length,
          cabinet_id: cabinet.id,
          user_id: cabinet.people[asker].user.id,
          fonctions: [asker],
          finalite: asker === 'medecin' ? 'TREAT' : 'HOPERAT',
        });
        expect(line.chaine).toBeGreaterThan(0);
      }
    }
    const before = await lastId();
    expect((await doctor.post('/patients/recherche', { q: 'zzzzzz' })).body).toEqual([]);
    expect((await doctor.get('/patients/999999')).status).toBe(404);
    expect(await lines(before)).toEqual([]);
  });

  it('leaves one for whoever else may ask, as what they are there', async () => {
    const { id } = await makePatient(doctor, {
      partage_cabinet: false,
      statut_identite: 'validee',
      justificatif: 'passeport',
    });
    const desk = cabinet.people.secretaire.client;
    const inDays = new Date(nextTime().getTime() + 20 * DAY);
    const { uid } = await makeRendezVousCabinet(desk, cabinet, inDays, { patient_id: id });
    leur = { rendezVous: uid, attentes: { accepter: 0, decliner: 0, quitter: 0 } };
    for (const acte of ACTES_ATTENTE) {
      const type = { libelle: acte, durees: [30], praticiens: [cabinet.praticien] };
      const path = `/cabinets/${cabinet.id}/prestations`;
      const { slug } = (await cabinet.people.gerant.client.post(path, type)).body;
      leur.attentes[acte] = (await makeAttentePatient(desk, cabinet, id, { days: 40, prestation: slug })).id;
    }
    for (const [name, { ask, by, as }] of Object.entries(OTHERS)) {
      const before = await lastId();
      const { status } = await ask(id);
      expect([name, status < 300]).toEqual([name, true]);
      expect([name, await lines(before)]).toEqual([
        name,
        [
          expect.objectContaining({
            ...as,
            requete: name,
            nombre: 1,
            patient_id: id,
            cabinet_id: cabinet.id,
            user_id: by().user.id,
          }),
        ],
      ]);
    }
    expect(await faults()).toEqual([]);
  });

  it('says no value and nothing that was searched for', async () => {
    await makePatient(doctor, { nom_naissance: 'Discrète' });
    await doctor.post('/patients/recherche', { q: 'discrete' });
    const [{ text }] = await api.database.owner.query(
      'SELECT json_agg(a)::text AS text FROM medical.acces_dossier a',
    );
    expect(text).not.toMatch(/discr/i);
  });

  it('is not given while the log cannot be written: 503, and nothing of anybody', async () => {
    const about = await given({ nom_naissance: 'Verrouillée' });
    const { id } = about;
    copie = await makeExport(api.app, doctor, id);
    await write(id);
    for (const [name, ask] of Object.entries(REQUESTS)) {
      const another = /fusion|invalidation|ordonnances|certificats|examens/.test(name);
      if (name.startsWith('POST') && !another) await ask(doctor, id, about);
    }
    await REQUESTS['POST /consultations']!(doctor, id, about);
    await doctor.put(`/examens/${ecritures.get(id)!.examen}/resultat`, { texte: 'Encore' });
    const holder = new PgClient({ connectionString: api.database.ownerUrl });
    await holder.connect();
    await holder.query('BEGIN');
    await holder.query('LOCK TABLE medical.acces_dossier IN ACCESS EXCLUSIVE MODE');
    try {
      const refused = Object.entries(REQUESTS).map(async ([name, ask]) => ({
        name,
        ...(await ask(cabinet.people[askerOf(name)].client, id, about)),
      }));
      for (const { name, status, body, bytes, headers } of await Promise.all(refused)) {
        expect([name, status, body.code]).toEqual([name, 503, 'SERVICE_INDISPONIBLE']);
        expect([name, bytes.toString()]).toEqual([name, expect.not.stringContaining('Verrou')]);
        expect(headers.get('retry-after')).toMatch(/^\d+$/);
      }
    } finally {
      await holder.query('ROLLBACK');
      await holder.end();
    }
    expect((await doctor.get(`/patients/${id}`)).status).toBe(200);
  });

  it('is on record for each of many who read at once, in chains that hold', async () => {
    const { id } = await makePatient(doctor);
    const before = await lastId();
    await Promise.all(Array.from({ length: 24 }, () => doctor.get(`/patients/${id}`)));
    expect(await lines(before)).toHaveLength(24);
    expect(await faults()).toEqual([]);
  });
});

async function faults(): Promise<AccesFault[]> {
  const found: AccesFault[] = [];
  await verifyAcces(api.app.medical, api.app.secrets, (fault) => found.push(fault));
  return found;
}

describe('the log of a patient', () => {
  it('is read by doctors and who runs the practice, names people and no content, and holds its own reading', async () => {
    const { id } = await makePatient(cabinet.people.secretaire.client);
    await cabinet.people.remplacant.client.get(`/patients/${id}`);
    const read = await cabinet.people.gerant.client.get(`/patients/${id}/acces`);
    expect([read.status, read.headers.get('x-total-count')]).toEqual([200, '2']);
    const { user } = cabinet.people.remplacant;
    expect(read.body[0]).toEqual({
      id: expect.any(Number),
      date: expect.stringMatching(/Z$/),
      auteur: { nom: user.nom, prenom: user.prenom },
      fonctions: ['remplacant'],
      action: 'lecture',
      categories: ['identite', 'coordonnees', 'identifiants'],
      requete: 'GET /patients/:id',
      nombre: 1,
      finalite: 'TREAT',
      bris_de_glace_id: null,
    });
    expect(read.body[1]).toMatchObject({
      action: 'ecriture',
      fonctions: ['secretaire'],
      finalite: 'HOPERAT',
    });
    const again = await doctor.get(`/patients/${id}/acces?action=lecture&sort=date`);
    expect(again.body.map(({ categories }: { categories: string[] }) => categories[0])).toEqual([
      'identite',
      'acces',
    ]);
    expect((await cabinet.people.secretaire.client.get(`/patients/${id}/acces`)).status).toBe(403);
  });

  it('is added to by the application, which changes and removes nothing of it', async () => {
    for (const statement of [
      `UPDATE medical.acces_dossier SET action = 'liste'`,
      'DELETE FROM medical.acces_dossier',
      'TRUNCATE medical.acces_dossier',
      'UPDATE medical.acces_chaines SET rang = 0',
      'DELETE FROM medical.historique_patient',
      `UPDATE medical.historique_patient SET champs = '{}'`,
    ]) {
      const refused = await api.app.medical.query(statement).then(
        () => null,
        (error) => error.driverError.code,
      );
      expect([statement, refused]).toEqual([statement, '42501']);
    }
  });

  it('shows what was changed, removed or moved behind its back, and where', async () => {
    const { id } = await makePatient(doctor);
    for (let n = 0; n < 3; n++) await doctor.get(`/patients/${id}`);
    const [line] = (await lines()).filter(({ patient_id }) => patient_id === id);
    const { owner } = api.database;
    const behind = async (statement: string, undo: string, wanted: object) => {
      await owner.query(`ALTER TABLE medical.acces_dossier DISABLE TRIGGER ALL; ${statement}`);
      expect(await faults()).toEqual([expect.objectContaining({ cabinet_id: cabinet.id, ...wanted })]);
      await owner.query(`${undo}; ALTER TABLE medical.acces_dossier ENABLE TRIGGER ALL`);
      expect(await faults()).toEqual([]);
    };
    const of = `WHERE id = ${line!.id}`;
    await behind(
      `UPDATE medical.acces_dossier SET categories = '{autre}' ${of}`,
      `UPDATE medical.acces_dossier SET categories = '{identite,coordonnees,identifiants}' ${of}`,
      { fault: 'row changed', id: line!.id },
    );
    await owner.query(`CREATE TABLE medical.copie AS SELECT * FROM medical.acces_dossier ${of}`);
    await behind(
      `DELETE FROM medical.acces_dossier ${of}`,
      'INSERT INTO medical.acces_dossier OVERRIDING SYSTEM VALUE SELECT * FROM medical.copie',
      { fault: 'rows removed' },
    );
    await owner.query('DROP TABLE medical.copie');
  });
});
