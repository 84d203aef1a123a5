import {
  type ActeExporte,
  type ConsultationExportee,
  compositionResource,
  encounterResource,
  provenanceResource,
  publicationResource,
  xhtml,
} from '../../../../src/domain/cabinet/fhir/consultations';
import {
  binaryResource,
  documentReferenceResource,
  type EcritExporte,
  medicationRequestResource,
} from '../../../../src/domain/cabinet/fhir/ecrits';
import {
  diagnosticReportResource,
  type ExamenExporte,
  serviceRequestResource,
} from '../../../../src/domain/cabinet/fhir/examens';
import { appointmentResource, type RendezVousExporte } from '../../../../src/domain/cabinet/fhir/rendez-vous';

/** How what doctors do is written: appointments, consultations, what they prescribe, certify and ask for. */

const urn = (table: string, id: number) => `urn:${table}:${id}`;
const date = new Date('2026-11-02T08:30:00Z');
const WHEN = '2026-11-02T08:30:00.000Z';
const OF = { id: 9, cabinet_id: 3, patient_id: 7, auteur_id: 5 };

describe('a consultation', () => {
  const SIGNATURE: ActeExporte = {
    ...{ numero: 1, type: 'signature', texte: null, user_id: 5, date, empreinte: Buffer.from('abc') },
  };
  const CONSULTATION: ConsultationExportee = {
    ...{ ...OF, date, statut: 'signee', date_signature: date, actes: [SIGNATURE] },
    parties: [
      { titre: 'Motif', texte: 'Toux' },
      { titre: 'Conclusion', texte: 'Bronchite\n<b>& repos</b>' },
    ],
  };

  it('is an encounter, what was written of it part by part, and who signed it', () => {
    expect(encounterResource(CONSULTATION, urn)).toMatchObject({
      status: 'finished',
      class: { code: 'AMB' },
      subject: { reference: 'urn:patients:7' },
      participant: [{ individual: { reference: 'urn:users:5' } }],
      period: { start: WHEN },
      serviceProvider: { reference: 'urn:cabinets:3' },
    });
    const composition = compositionResource(CONSULTATION, urn);
    expect(composition).toMatchObject({ status: 'final', encounter: { reference: 'urn:consultations:9' } });
    expect(composition.section!.map(({ title, text }) => [title, text!.div])).toEqual([
      ['Motif', '<div xmlns="http://www.w3.org/1999/xhtml">Toux</div>'],
      [
        'Conclusion',
        '<div xmlns="http://www.w3.org/1999/xhtml">Bronchite<br/>&lt;b&gt;&amp; repos&lt;/b&gt;</div>',
      ],
    ]);
    expect(provenanceResource(CONSULTATION, SIGNATURE, urn)).toMatchObject({
      target: [{ reference: 'urn:compositions:9' }],
      recorded: WHEN,
      signature: [{ when: WHEN, who: { reference: 'urn:users:5' }, data: 'YWJj' }],
    });
  });

  it('shows what was added, and that it does not hold, behind what was signed', () => {
    const added: ActeExporte = {
      ...SIGNATURE,
      numero: 2,
      type: 'addendum',
      texte: 'Fièvre le soir',
      user_id: 6,
    };
    const amended = compositionResource({ ...CONSULTATION, actes: [SIGNATURE, added] }, urn);
    expect([amended.status, amended.section!.length]).toEqual(['amended', 3]);
    expect(amended.section![2]).toMatchObject({
      title: `Ajout du ${WHEN}`,
      author: [{ reference: 'urn:users:6' }],
    });
    const wrong: ActeExporte = { ...added, numero: 3, type: 'invalidation', texte: 'Autre patient' };
    const invalid = { ...CONSULTATION, statut: 'invalidee' as const, actes: [SIGNATURE, added, wrong] };
    expect(compositionResource(invalid, urn)).toMatchObject({ status: 'entered-in-error' });
    expect(compositionResource(invalid, urn).section).toHaveLength(4);
    expect(encounterResource(invalid, urn).status).toBe('entered-in-error');
  });

  it('is published and taken back by whom, and when', () => {
    const given = { consultation_id: 9, numero: 1, user_id: 5, date };
    const [published, back] = [true, false].map((publiee) => publicationResource({ ...given, publiee }, urn));
    expect(published).toEqual({
      resourceType: 'Provenance',
      target: [{ reference: 'urn:compositions:9' }],
      recorded: WHEN,
      activity: { text: 'Publiée pour son patient' },
      agent: [{ who: { reference: 'urn:users:5' } }],
    });
    expect(back).toEqual({ ...published, activity: { text: 'Publication reprise' } });
  });

  it('is written in XML that there is, whatever people typed', () => {
    expect(xhtml('a\u0000b\u000bc')).toBe('<div xmlns="http://www.w3.org/1999/xhtml">abc</div>');
  });
});

it('an appointment has a beginning and an end, whatever became of it', () => {
  const rendezVous: RendezVousExporte = {
    ...{ id: 4, patient_id: 7, user_id: 5, debut: date, fin: new Date(date.getTime() + 1_200_000) },
    ...{ statut: 'confirme', libelle: 'Consultation', motif: 'Toux', motif_annulation: null },
    date_creation: date,
  };
  const statuts = ['confirme', 'arrive', 'en_consultation', 'honore', 'absent', 'annule'] as const;
  const found = statuts.map((statut) => appointmentResource({ ...rendezVous, statut }, urn));
  expect(found.map(({ status }) => status)).toEqual([
    ...['booked', 'arrived', 'fulfilled', 'fulfilled', 'noshow', 'cancelled'],
  ]);
  for (const { start, end } of found) expect([start, end]).toEqual([WHEN, '2026-11-02T08:50:00.000Z']);
  const given = { ...rendezVous, statut: 'annule' as const, motif: null, motif_annulation: 'Empêchée' };
  const cancelled = appointmentResource(given, urn);
  expect(cancelled.cancelationReason).toEqual({ text: 'Empêchée' });
  expect(cancelled).not.toHaveProperty('description');
});

describe('what is signed and handed over', () => {
  const ECRIT: EcritExporte = { ...OF, genre: 'ordonnance', statut: 'signee', date_signature: date };
  const LIGNE = {
    ...{ dci: 'amoxicilline', specialite: 'Clamoxyl', dosage: '1 g', posologie: 'Un matin et soir' },
    ...{ mode: 'au repas', duree_jours: 6, boites: 1, renouvellements: 0, non_substituable: true },
  };

  it('is prescribed line by line, each with the number of its ordonnance', () => {
    const resource = medicationRequestResource(ECRIT, LIGNE, urn);
    expect(resource).toMatchObject({
      ...{ status: 'active', intent: 'order', authoredOn: WHEN },
      medicationCodeableConcept: { text: 'Clamoxyl (amoxicilline) 1 g' },
      groupIdentifier: { value: 'urn:ecrits:9' },
      dosageInstruction: [{ text: 'Un matin et soir, au repas' }],
      dispenseRequest: { quantity: { value: 1 }, expectedSupplyDuration: { value: 6, code: 'd' } },
      substitution: { allowedBoolean: false },
    });
    const bare = { ...LIGNE, specialite: null, dosage: null, posologie: null, mode: null, boites: null };
    const other = medicationRequestResource(
      { ...ECRIT, statut: 'invalidee' },
      { ...bare, duree_jours: null },
      urn,
    );
    expect([other.status, other.medicationCodeableConcept!.text]).toEqual([
      'entered-in-error',
      'amoxicilline',
    ]);
    expect(other).not.toHaveProperty('dosageInstruction');
  });

  it('is a document with its bytes, in each language', () => {
    const documents = [
      { urn: 'urn:pdf:9', langue: 'fr' },
      { urn: 'urn:pdf_ar:9', langue: 'ar' },
    ];
    const resource = documentReferenceResource({ ...ECRIT, genre: 'certificat' }, documents, urn);
    expect(resource.content.map(({ attachment }) => [attachment.language, attachment.url])).toEqual([
      ['fr', 'urn:pdf:9'],
      ['ar', 'urn:pdf_ar:9'],
    ]);
    expect([resource.status, resource.type!.text]).toEqual(['current', 'Certificat médical']);
    expect(binaryResource(Buffer.from('%PDF'))).toEqual({
      ...{ resourceType: 'Binary', contentType: 'application/pdf', data: 'JVBERg==' },
    });
  });
});

it('an examen is asked for, and each result is a report of its own', () => {
  const examen: ExamenExporte = {
    ...{ ...OF, statut: 'partiel', libelle: 'NFS', indication: 'Fatigue', laboratoire: null },
    date_creation: date,
  };
  expect(serviceRequestResource(examen, urn)).toMatchObject({
    ...{ status: 'active', code: { text: 'NFS' }, requester: { reference: 'urn:users:5' } },
    reasonCode: [{ text: 'Fatigue' }],
  });
  const unasked = serviceRequestResource({ ...examen, statut: 'vu', auteur_id: null, indication: null }, urn);
  expect(unasked.status).toBe('completed');
  expect(unasked).not.toHaveProperty('requester');
  const resultat = {
    id: 2,
    numero: 1,
    texte: 'Hb 9 g/dL',
    partiel: true,
    date,
    vu_par: 5,
    decision: 'a_convoquer',
  };
  expect(diagnosticReportResource(examen, resultat, urn)).toMatchObject({
    ...{ status: 'partial', basedOn: [{ reference: 'urn:examens:9' }], issued: WHEN },
    resultsInterpreter: [{ reference: 'urn:users:5' }],
    conclusion: 'Hb 9 g/dL\n\nDécision : a_convoquer',
  });
});
