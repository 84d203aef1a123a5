import { validate } from '../support/fhir';

/** The validator itself: what it finds, and what it lets pass. A check that cannot fail is none. */

const URN = (n: number) => `urn:uuid:0b9f8a3e-58cf-4a0d-8d9e-0d3cf0e8cc0${n}`;
const PATIENT = URN(1);
const code = (system: string, value: string) => ({
  coding: [{ system: `http://terminology.hl7.org/CodeSystem/${system}`, code: value }],
});

const GOOD = {
  patient: { resourceType: 'Patient', gender: 'female', birthDate: '1962-03', name: [{ family: 'Benali' }] },
  allergie: {
    resourceType: 'AllergyIntolerance',
    clinicalStatus: code('allergyintolerance-clinical', 'active'),
    verificationStatus: code('allergyintolerance-verification', 'confirmed'),
    code: { text: 'Pénicilline' },
    patient: { reference: PATIENT },
  },
  probleme: {
    resourceType: 'Condition',
    clinicalStatus: code('condition-clinical', 'active'),
    code: { text: 'Asthme' },
    subject: { reference: PATIENT },
  },
  rendezVous: {
    resourceType: 'Appointment',
    status: 'booked',
    start: '2026-11-29T09:00:00Z',
    end: '2026-11-29T09:20:00Z',
    participant: [{ actor: { reference: PATIENT }, status: 'accepted' }],
  },
  pouls: {
    resourceType: 'Observation',
    meta: { profile: ['http://hl7.org/fhir/StructureDefinition/heartrate'] },
    status: 'final',
    category: [code('observation-category', 'vital-signs')],
    code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }] },
    subject: { reference: PATIENT },
    effectiveDateTime: '2026-11-29T09:05:00Z',
    valueQuantity: { value: 72, unit: '/min', system: 'http://unitsofmeasure.org', code: '/min' },
  },
};

const bundle = (given: Partial<Record<keyof typeof GOOD, object>> = {}) => ({
  resourceType: 'Bundle',
  type: 'collection',
  entry: Object.values({ ...GOOD, ...given }).map((resource, index) => ({
    fullUrl: URN(index + 1),
    resource,
  })),
});

/** What is wrong, and a part of what the validator is to say of it. */
const PLANTED: [string, Partial<Record<keyof typeof GOOD, object>>, RegExp][] = [
  ['a code that there is not', { patient: { ...GOOD.patient, gender: 'femme' } }, /gender.*femme/s],
  [
    'a code of the required list that is another’s',
    { allergie: { ...GOOD.allergie, clinicalStatus: code('allergyintolerance-clinical', 'actif') } },
    /clinicalStatus/,
  ],
  [
    'nobody whom it is about',
    { probleme: { ...GOOD.probleme, subject: undefined } },
    /Condition.subject: minimum/,
  ],
  ['no such day', { patient: { ...GOOD.patient, birthDate: '1962-02-30' } }, /birthDate/],
  ['a birth at an instant', { patient: { ...GOOD.patient, birthDate: '1962-03-14T00:00:00Z' } }, /birthDate/],
  ['a beginning without an end (app-2)', { rendezVous: { ...GOOD.rendezVous, end: undefined } }, /app-2/],
  [
    'a state of what was entered in error (ait-2)',
    {
      allergie: {
        ...GOOD.allergie,
        verificationStatus: code('allergyintolerance-verification', 'entered-in-error'),
      },
    },
    /ait-2/,
  ],
  ['a field that there is not', { patient: { ...GOOD.patient, profession: 'mineur' } }, /profession/],
  [
    'a vital sign in a unit that it is not measured in',
    { pouls: { ...GOOD.pouls, valueQuantity: { ...GOOD.pouls.valueQuantity, code: 'kg' } } },
    /\/min/,
  ],
];

it('passes what is right, and finds every fault that was planted, one at a time', async () => {
  const [right, ...wrong] = await validate([bundle(), ...PLANTED.map(([, given]) => bundle(given))]);
  expect(right).toEqual([]);
  const found = PLANTED.map(([what, , expected], index) => {
    const text = wrong[index]!.map(({ place, message }) => `${place} ${message}`).join('\n');
    return [what, expected.test(text) ? 'found' : text];
  });
  expect(found).toEqual(PLANTED.map(([what]) => [what, 'found']));
});
