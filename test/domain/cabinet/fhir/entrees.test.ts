import type { Contenus, Nature } from '../../../../src/domain/cabinet/elements';
import {
  consentResource,
  coverageResource,
  relatedPersonResource,
} from '../../../../src/domain/cabinet/fhir/administratif';
import { allergyIntoleranceResource } from '../../../../src/domain/cabinet/fhir/allergies';
import { vitalSignResource } from '../../../../src/domain/cabinet/fhir/constantes';
import type { ElementExporte } from '../../../../src/domain/cabinet/fhir/entrees';
import { antecedentResource, diagnosticResource } from '../../../../src/domain/cabinet/fhir/problemes';
import { medicationStatementResource } from '../../../../src/domain/cabinet/fhir/traitements';

/** How the entries of a record are written. */

const urn = (table: string, id: number) => `urn:${table}:${id}`;
const PATIENT = { reference: 'urn:patients:7' };
const AUTEUR = { reference: 'urn:users:5' };

function element<N extends Nature>(
  contenu: Contenus[N],
  given: Partial<ElementExporte<N>> = {},
): ElementExporte<N> {
  return {
    id: 1,
    patient_id: 7,
    cabinet_id: 3,
    statut: 'actif',
    date_effet: new Date('2026-11-02T08:30:00Z'),
    auteur_id: 5,
    contenu,
    motif_erreur: null,
    date_creation: new Date('2026-11-02T08:31:00Z'),
    ...given,
  };
}
const codes = (concept: fhir4.CodeableConcept | undefined) => concept?.coding?.map(({ code }) => code);

describe('allergies', () => {
  const PENICILLINE: Contenus['allergie'] = {
    aucune_connue: false,
    substance: 'Pénicilline',
    categorie: 'medicament',
    reaction: 'Urticaire',
    severite: 'severe',
    certitude: 'confirmee',
    date_debut: '1998-07',
  };

  it('say to what, how sure it is, what happened and how bad it was', () => {
    const resource = allergyIntoleranceResource(element<'allergie'>(PENICILLINE), urn);
    expect(resource).toMatchObject({
      category: ['medication'],
      code: { text: 'Pénicilline' },
      patient: PATIENT,
      recorder: AUTEUR,
      onsetDateTime: '1998-07',
      reaction: [{ manifestation: [{ text: 'Urticaire' }], severity: 'severe' }],
    });
    expect([codes(resource.clinicalStatus), codes(resource.verificationStatus)]).toEqual([
      ['active'],
      ['confirmed'],
    ]);
    const vague = { ...PENICILLINE, certitude: null, categorie: null, reaction: null, severite: null };
    const unsure = allergyIntoleranceResource(element<'allergie'>(vague, { statut: 'resolu' }), urn);
    expect([codes(unsure.clinicalStatus), codes(unsure.verificationStatus), unsure.reaction]).toEqual([
      ['resolved'],
      ['unconfirmed'],
      undefined,
    ]);
    expect(unsure).not.toHaveProperty('category');
  });

  it('that are none are stated, in words and in a code', () => {
    const none: Contenus['allergie'] = {
      ...{ aucune_connue: true, substance: null, categorie: null, reaction: null, severite: null },
      ...{ certitude: null, date_debut: null },
    };
    const resource = allergyIntoleranceResource(element<'allergie'>(none), urn);
    expect(resource.code).toEqual({
      coding: [{ system: 'http://snomed.info/sct', code: '716186003' }],
      text: 'Aucune allergie connue',
    });
    expect(codes(resource.verificationStatus)).toEqual(['confirmed']);
  });

  it('that were entered in error say so, and not where they stand (ait-2)', () => {
    const given = { statut: 'erreur' as const, motif_erreur: 'Autre patient' };
    const resource = allergyIntoleranceResource(element<'allergie'>(PENICILLINE, given), urn);
    expect(codes(resource.verificationStatus)).toEqual(['entered-in-error']);
    expect(resource).not.toHaveProperty('clinicalStatus');
    expect(resource.note).toEqual([{ text: 'Autre patient' }]);
  });
});

describe('diagnoses and antecedents', () => {
  const DIABETE: Contenus['diagnostic'] = {
    texte: 'Diabète de type 2',
    code: 'E11.9',
    certitude: 'suspecte',
    date_debut: '2019',
  };
  const ANTECEDENT: Contenus['antecedent'] = {
    type: 'chirurgical',
    texte: 'Appendicectomie',
    code: null,
    date_debut: null,
    lien: null,
    source_tiers: true,
  };

  it('are conditions with a code where there is one, and always with the words', () => {
    const resource = diagnosticResource(element<'diagnostic'>(DIABETE), urn);
    expect(resource.code).toEqual({
      coding: [{ system: 'http://hl7.org/fhir/sid/icd-10', code: 'E11.9' }],
      text: 'Diabète de type 2',
    });
    expect([codes(resource.verificationStatus), resource.onsetDateTime, resource.subject]).toEqual([
      ['provisional'],
      '2019',
      PATIENT,
    ]);
    expect(codes(resource.category![0])).toEqual(['encounter-diagnosis']);
    const wrong = diagnosticResource(element<'diagnostic'>(DIABETE, { statut: 'erreur' }), urn);
    expect(wrong).not.toHaveProperty('clinicalStatus');
    const before = antecedentResource(element<'antecedent'>(ANTECEDENT), urn) as fhir4.Condition;
    expect([codes(before.category![0]), before.code]).toEqual([
      ['problem-list-item'],
      { text: 'Appendicectomie' },
    ]);
    expect(before.note).toEqual([{ text: 'Antécédent chirurgical' }, { text: 'Appris d’un tiers' }]);
  });

  it('of the family are of others', () => {
    const given = { ...ANTECEDENT, type: 'familial' as const, lien: 'Père', date_debut: '1950' };
    const resource = antecedentResource(element<'antecedent'>(given), urn) as fhir4.FamilyMemberHistory;
    expect(resource).toMatchObject({
      resourceType: 'FamilyMemberHistory',
      status: 'completed',
      patient: PATIENT,
      relationship: { text: 'Père' },
      condition: [{ code: { text: 'Appendicectomie' }, onsetString: '1950' }],
    });
  });
});

describe('vital signs', () => {
  it('have a code, a unit and the profile of HL7 where there is one', () => {
    const poids: Contenus['constante'] = {
      ...{ type: 'poids', valeur: 72.5, diastolique: null, unite: 'kg', precision: 'Habillée' },
    };
    expect(vitalSignResource(element<'constante'>(poids), urn)).toMatchObject({
      meta: { profile: ['http://hl7.org/fhir/StructureDefinition/bodyweight'] },
      status: 'final',
      code: { coding: [{ system: 'http://loinc.org', code: '29463-7' }], text: 'Poids' },
      effectiveDateTime: '2026-11-02T08:30:00.000Z',
      performer: [AUTEUR],
      valueQuantity: { value: 72.5, unit: 'kg', system: 'http://unitsofmeasure.org', code: 'kg' },
      note: [{ text: 'Habillée' }],
    });
    const saturation = { ...poids, type: 'saturation' as const, valeur: 97, unite: '%' as const };
    expect(codes(vitalSignResource(element<'constante'>(saturation), urn).code)).toEqual([
      '59408-5',
      '2708-6',
    ]);
    const glycemie = { ...poids, type: 'glycemie' as const, valeur: 5.4, unite: 'mmol/L' as const };
    const resource = vitalSignResource(element<'constante'>(glycemie, { statut: 'erreur' }), urn);
    expect([codes(resource.code), resource.status]).toEqual([['15074-8'], 'entered-in-error']);
    expect(resource).not.toHaveProperty('meta');
  });

  it('of a blood pressure are two', () => {
    const tension: Contenus['constante'] = {
      ...{ type: 'tension_arterielle', valeur: 128, diastolique: 79, unite: 'mm[Hg]', precision: null },
    };
    const resource = vitalSignResource(element<'constante'>(tension), urn);
    expect(resource).not.toHaveProperty('valueQuantity');
    expect(resource.component!.map(({ code, valueQuantity }) => [codes(code), valueQuantity!.value])).toEqual(
      [
        [['8480-6'], 128],
        [['8462-4'], 79],
      ],
    );
  });
});

it('treatments say what, how, why, from when to when and by whom', () => {
  const contenu: Contenus['traitement'] = {
    medicament: 'Metformine 850 mg',
    code: 'A10BA02',
    posologie: '1 le soir',
    motif: 'Diabète',
    prescripteur: 'Dr Alaoui',
    date_debut: '2019-05',
    date_fin: null,
  };
  expect(medicationStatementResource(element<'traitement'>(contenu), urn)).toMatchObject({
    status: 'active',
    medicationCodeableConcept: {
      coding: [{ system: 'http://www.whocc.no/atc', code: 'A10BA02' }],
      text: 'Metformine 850 mg',
    },
    effectivePeriod: { start: '2019-05' },
    reasonCode: [{ text: 'Diabète' }],
    dosage: [{ text: '1 le soir' }],
    note: [{ text: 'Prescrit par Dr Alaoui' }],
  });
  const statuts = ['actif', 'termine', 'erreur'] as const;
  expect(
    statuts.map(
      (statut) => medicationStatementResource(element<'traitement'>(contenu, { statut }), urn).status,
    ),
  ).toEqual(['active', 'completed', 'entered-in-error']);
});

describe('what is administrative', () => {
  it('says who pays, and what is left to pay', () => {
    const contenu: Contenus['couverture'] = {
      ...{ organisme: 'CNOPS', immatriculation: '12', qualite: 'ayant_droit', taux: 72.5 },
      ...{ date_debut: '2020-01', date_fin: null },
    };
    expect(coverageResource(element<'couverture'>(contenu), urn)).toMatchObject({
      status: 'active',
      subscriberId: '12',
      beneficiary: PATIENT,
      payor: [{ display: 'CNOPS' }],
      period: { start: '2020-01' },
      costToBeneficiary: [{ valueQuantity: { value: 27.5, code: '%' } }],
    });
    const over = coverageResource(element<'couverture'>(contenu, { statut: 'termine' }), urn);
    expect(over.status).toBe('cancelled');
  });

  it('says who speaks for somebody', () => {
    const contenu: Contenus['representant'] = {
      ...{ qualite: 'tuteur', nom: 'Alami', prenoms: null, telephone: '+212661234567' },
      ...{ email: null, adresse: null, precision: 'le soir' },
    };
    const resource = relatedPersonResource(element<'representant'>(contenu), urn);
    expect(resource).toMatchObject({ active: true, patient: PATIENT, name: [{ family: 'Alami' }] });
    expect(resource.relationship).toEqual([expect.objectContaining({ text: 'Tuteur' }), { text: 'le soir' }]);
    const wrong = relatedPersonResource(element<'representant'>(contenu, { statut: 'erreur' }), urn);
    expect([wrong.active, wrong.relationship!.at(-1)]).toEqual([false, { text: 'Saisi par erreur' }]);
  });

  it('says what somebody agreed to, or did not', () => {
    const contenu: Contenus['consentement'] = {
      ...{ objet: 'partage_cabinet', decision: 'donne', recueil: 'ecrit', par: 'sa mère', precision: null },
    };
    const resource = consentResource(element<'consentement'>(contenu), urn);
    expect(resource).toMatchObject({
      status: 'active',
      dateTime: '2026-11-02T08:30:00.000Z',
      policyRule: { text: 'Recueilli par écrit, de sa mère' },
      provision: { type: 'permit' },
    });
    for (const decision of ['refuse', 'retire'] as const) {
      const refused = consentResource(element<'consentement'>({ ...contenu, decision }), urn);
      expect([refused.provision!.type, codes(refused.policyRule)]).toEqual(['deny', ['OPTOUT']]);
    }
  });
});
