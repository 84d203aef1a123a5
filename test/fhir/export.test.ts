import { startTestApi, type TestApi } from '../support/api';
import {
  makeAgenda,
  makeCabinet,
  makePatient,
  makeRendezVousCabinet,
  type TestCabinet,
} from '../support/cabinets';
import { entreesDe, note } from '../support/dossiers';
import { makeEcritures, makePrescripteur } from '../support/ecrits';
import { exported } from '../support/exports';
import { PASSWORD } from '../support/factories';
import { validate } from '../support/fhir';

/** What the API hands out, before HAPI's validator. */

let api: TestApi;
let cabinet: TestCabinet;
beforeAll(async () => {
  api = await startTestApi();
  cabinet = await makeCabinet(api, (await api.newPerson('admin')).client, {
    adresse: '4, rue Atlas, Fès',
    telephone: '+212535000000',
  });
});
afterAll(() => api.close());

it('people are valid, however little or much is known of them', async () => {
  const { medecin, gerant } = cabinet.people;
  await gerant.client.post(`/cabinets/${cabinet.id}/praticiens`, {
    ...{ user_id: medecin.user.id, titre: 'Dr', specialite: 'Médecine générale', inpe: '101010' },
    ...{ rpps: '10003456789', numero_ordre: 'FES-12' },
  });
  const people = [
    { date_naissance: '1962', sexe: 'I' },
    { date_naissance: '1962-03', prenoms: 'Samira Zohra', nom_usage: 'Tazi' },
    {
      date_naissance: '1962-03-14',
      lieu_naissance: 'Fès',
      telephone: '06 12 34 56 78',
      email: 'samira@exemple.ma',
      adresse: '4, rue Atlas\nFès',
      profession: 'Institutrice',
      statut_identite: 'qualifiee',
      justificatif: 'passeport',
      identifiants: [
        { type: 'ipp', valeur: '0042' },
        { type: 'ins_nir', valeur: '262039912345682' },
        { type: 'ins_nia', valeur: '262039900000117' },
        { type: 'cin', valeur: 'BK 123456' },
        { type: 'passeport', valeur: 'AB1234567' },
        { type: 'cnss', valeur: '123456789' },
        { type: 'cnops', valeur: '987654321' },
        { type: 'autre', valeur: 'dossier papier 12' },
      ],
    },
  ];
  const bundles = [];
  for (const given of people) {
    const { id } = await makePatient(medecin.client, given);
    await cabinet.people.secretaire.client.get(`/patients/${id}`);
    bundles.push(await exported(api.app, medecin.client, id));
  }
  expect(await validate(bundles)).toEqual(bundles.map(() => []));
});

it('every kind of entry is valid, in every state that it may have', async () => {
  const { client } = cabinet.people.medecin;
  const { id } = await makePatient(client);
  const enter = async (segment: string, body: object): Promise<{ id: number; version: number }> => {
    const made = await client.post(`/patients/${id}/${segment}`, body);
    expect([segment, made.status, made.body.erreurs]).toEqual([segment, 201, undefined]);
    return made.body;
  };
  const change = async (segment: string, element: number, body: object) => {
    const { status, body: answer } = await client.patch(`/patients/${id}/${segment}/${element}`, body);
    expect([segment, status, answer.erreurs]).toEqual([segment, 200, undefined]);
  };
  await enter('allergies', { aucune_connue: true });
  for (const [segment, { body, change: changes }] of Object.entries(entreesDe('Samira'))) {
    await enter(segment, body);
    await change(segment, (await enter(segment, body)).id, changes);
    await change(segment, (await enter(segment, body)).id, {
      statut: 'erreur',
      motif_erreur: 'Autre patient',
    });
  }
  for (const type of ['medical', 'chirurgical', 'gyneco_obstetrical', 'mode_de_vie']) {
    await enter('antecedents', { type, texte: 'Ancien' });
  }
  for (const categorie of ['aliment', 'environnement', 'biologique', 'autre']) {
    await enter('allergies', { substance: 'Arachide', categorie });
  }
  for (const qualite of ['parent', 'tuteur', 'curateur', 'conjoint', 'contact_urgence', 'autre']) {
    await enter('representants', { qualite, nom: 'Alami' });
  }
  for (const [type, valeur, unite] of [
    ...[
      ['taille', 164, 'cm'],
      ['poids', 72.5, 'kg'],
      ['frequence_cardiaque', 72, '/min'],
    ],
    ...[
      ['frequence_respiratoire', 16, '/min'],
      ['temperature', 37.2, 'Cel'],
      ['saturation', 97, '%'],
    ],
    ...[
      ['glycemie', 0.98, 'g/L'],
      ['glycemie', 5.4, 'mmol/L'],
      ['perimetre_cranien', 55, 'cm'],
    ],
    ['tour_de_taille', 92, 'cm'],
  ]) {
    await enter('constantes', { type, valeur, unite });
  }
  for (const objet of ['rappels_email', 'rappels_sms', 'partage_cabinet', 'compte_patient']) {
    for (const decision of ['donne', 'refuse', 'retire']) {
      await enter('consentements', { objet, decision, recueil: 'oral' });
    }
  }
  // One that was signed and added to, one that does not hold, and a draft, which stays.
  const visit = async (): Promise<string> => {
    const draft = await client.post('/consultations', { patient_id: id, ...note('Samira <b>&') });
    expect(draft.status).toBe(201);
    return `/consultations/${draft.body.id}`;
  };
  const [kept, wrong] = [await visit(), await visit()];
  await visit();
  for (const at of [kept, wrong]) {
    expect((await client.post(`${at}/signature`, { mot_de_passe: PASSWORD })).status).toBe(201);
  }
  expect((await client.post(`${kept}/addenda`, { texte: 'Revue le soir' })).status).toBe(201);
  for (const at of [kept, wrong]) expect((await client.put(`${at}/publication`)).status).toBe(200);
  expect((await client.post(`${wrong}/invalidation`, { motif: 'Autre patient' })).status).toBe(201);
  expect((await client.delete(`${wrong}/publication`)).status).toBe(200);
  const bundle = await exported(api.app, client, id);
  expect(await validate([bundle])).toEqual([[]]);
  const statuts = bundle.entry!.flatMap(({ resource }) =>
    resource?.resourceType === 'Composition' ? [(resource as fhir4.Composition).status] : [],
  );
  expect(statuts.sort()).toEqual(['amended', 'entered-in-error']);
  expect(JSON.stringify(bundle)).not.toContain('anxieux');

  // As many as there are, asked of the tables.
  const rows: { nature: string; total: number }[] = await api.database.owner.query(
    'SELECT nature, count(*)::integer AS total FROM medical.elements_dossier WHERE patient_id = $1 GROUP BY nature',
    [id],
  );
  const of = Object.fromEntries(rows.map(({ nature, total }) => [nature, total]));
  const kinds = bundle.entry!.map(({ resource }) => resource!.resourceType);
  const count = (...types: string[]) => kinds.filter((kind) => types.includes(kind)).length;
  expect({
    ...{
      couverture: count('Coverage'),
      representant: count('RelatedPerson'),
      consentement: count('Consent'),
    },
    ...{ allergie: count('AllergyIntolerance'), traitement: count('MedicationStatement') },
    ...{ rencontres: count('Encounter'), signatures_et_publications: count('Provenance') },
    ...{ constante: count('Observation'), problemes: count('Condition', 'FamilyMemberHistory') },
  }).toEqual({
    ...{ couverture: of.couverture, representant: of.representant, consentement: of.consentement },
    ...{ allergie: of.allergie, traitement: of.traitement, constante: of.constante },
    ...{ rencontres: 2, signatures_et_publications: 2 + 3 },
    problemes: of.diagnostic! + of.antecedent!,
  });
});

it('appointments are valid, also one that was cancelled, with why they were made and given up', async () => {
  const agenda = await makeAgenda(api, (await api.newPerson('admin')).client);
  const { secretaire, medecin } = agenda.people;
  const { id } = await makePatient(medecin.client);
  const at = (hour: number) => new Date(Date.UTC(2027, 1, 3, hour));
  const book = (hour: number) =>
    makeRendezVousCabinet(secretaire.client, agenda, at(hour), { patient_id: id, motif: 'Contrôle' });
  const [, cancelled] = [await book(9), await book(11)];
  const path = `/cabinets/${agenda.id}/rendez-vous/${cancelled.uid}/annuler`;
  expect((await secretaire.client.put(path, { par: 'patient', motif: 'Empêchée' })).status).toBe(200);
  const bundle = await exported(api.app, medecin.client, id);
  expect(await validate([bundle])).toEqual([[]]);
  const found = bundle.entry!.flatMap(({ resource }) =>
    resource?.resourceType === 'Appointment' ? [resource as fhir4.Appointment] : [],
  );
  expect(found.map(({ status, description, start }) => [status, description, start])).toEqual([
    ['booked', 'Contrôle', at(9).toISOString()],
    ['cancelled', 'Contrôle', at(11).toISOString()],
  ]);
  expect(found[1]!.cancelationReason).toEqual({ text: 'Empêchée' });
});

it('what was signed and what came back is valid: documents, lines, examens and each result, and no draft', async () => {
  const { client } = await makePrescripteur(cabinet);
  const { id } = await makePatient(client);
  await makeEcritures(client, id);
  const bundle = await exported(api.app, client, id);
  expect(await validate([bundle])).toEqual([[]]);
  const kinds = bundle.entry!.map(({ resource }) => resource!.resourceType);
  const count = (type: string) => kinds.filter((kind) => kind === type).length;
  // Of ordonnances and certificates one that holds and one that does not, each in two languages.
  expect([count('DocumentReference'), count('Binary'), count('MedicationRequest')]).toEqual([4, 8, 2]);
  expect([count('ServiceRequest'), count('DiagnosticReport')]).toEqual([1, 2]);
  const pdf = bundle.entry!.find(({ resource }) => resource!.resourceType === 'Binary')!
    .resource as fhir4.Binary;
  expect(Buffer.from(pdf.data!, 'base64').subarray(0, 5).toString()).toBe('%PDF-');
});
