import { auditEventResource } from '../../../../src/domain/cabinet/fhir/acces';
import {
  bundleOf,
  comptesDifferents,
  comptesOf,
  referencesPerdues,
  ressourcesOf,
  urnOf,
} from '../../../../src/domain/cabinet/fhir/bundle';
import {
  organizationResource,
  practitionerResource,
  practitionerRoleResource,
} from '../../../../src/domain/cabinet/fhir/organisation';
import {
  type PatientExporte,
  patientResource,
  professionResource,
} from '../../../../src/domain/cabinet/fhir/patient';

/** How people, the practice and its log are written, and how a bundle is counted. */

const urn = (table: string, id: number) => `urn:${table}:${id}`;

const SAMIRA: PatientExporte = {
  id: 7,
  cabinet_id: 3,
  nom_naissance: 'Benali',
  nom_usage: null,
  prenoms: 'Samira  Zohra',
  sexe: 'F',
  date_naissance: '1962-03-14',
  lieu_naissance: null,
  date_deces: null,
  statut_identite: 'provisoire',
  actif: true,
  telephone: null,
  email: null,
  adresse: null,
  profession: null,
  identifiants: [],
};

describe('a patient', () => {
  it('is who they are, with a birth date as far as it is known and never an instant', () => {
    expect(patientResource(SAMIRA, urn)).toEqual({
      resourceType: 'Patient',
      active: true,
      name: [{ use: 'official', family: 'Benali', given: ['Samira', 'Zohra'] }],
      gender: 'female',
      birthDate: '1962-03-14',
      managingOrganization: { reference: 'urn:cabinets:3' },
    });
    for (const date_naissance of ['1962', '1962-03', '1962-03-14']) {
      expect(patientResource({ ...SAMIRA, date_naissance }, urn).birthDate).toBe(date_naissance);
    }
    expect(patientResource({ ...SAMIRA, sexe: 'I' }, urn).gender).toBe('unknown');
  });

  it('has died on a day, and otherwise nothing is said of it', () => {
    expect(patientResource({ ...SAMIRA, date_deces: '2026-11-02' }, urn).deceasedDateTime).toBe('2026-11-02');
    expect(patientResource(SAMIRA, urn)).not.toHaveProperty('deceasedDateTime');
  });

  it('has the name they go by, where they were born, how they are reached, what they do', () => {
    const given = {
      nom_usage: 'Tazi',
      lieu_naissance: 'Fès',
      telephone: '+212612345678',
      email: 's@exemple.ma',
      adresse: '4, rue Atlas\nFès',
      profession: 'Institutrice',
    };
    const resource = patientResource({ ...SAMIRA, ...given }, urn);
    expect(resource.name!.map(({ use, family }) => [use, family])).toEqual([
      ['official', 'Benali'],
      ['usual', 'Tazi'],
    ]);
    expect(resource).toMatchObject({
      extension: [{ valueAddress: { text: 'Fès' } }],
      telecom: [
        { system: 'phone', value: '+212612345678' },
        { system: 'email', value: 's@exemple.ma' },
      ],
      address: [{ text: '4, rue Atlas\nFès' }],
    });
    expect(professionResource({ id: 7, profession: 'Institutrice' }, urn)).toMatchObject({
      subject: { reference: 'urn:patients:7' },
      valueString: 'Institutrice',
    });
    expect(professionResource(SAMIRA, urn)).toBeNull();
  });

  it('carries the national number of France only once their identity is qualified', () => {
    const identifiants = [
      { type: 'ipp' as const, valeur: '0042' },
      { type: 'ins_nir' as const, valeur: '162031234567890' },
    ];
    const numbers = (statut_identite: PatientExporte['statut_identite']) =>
      patientResource({ ...SAMIRA, identifiants, statut_identite }, urn).identifier!.map(
        ({ value, system }) => [value, system],
      );
    for (const statut of ['provisoire', 'recuperee', 'validee'] as const) {
      expect(numbers(statut)).toEqual([['0042', undefined]]);
    }
    expect(numbers('qualifiee')[1]).toEqual(['162031234567890', 'urn:oid:1.2.250.1.213.1.4.8']);
    const [ipp] = patientResource({ ...SAMIRA, identifiants }, urn).identifier!;
    expect([ipp!.type!.coding![0]!.code, ipp!.assigner]).toEqual(['PI', { reference: 'urn:cabinets:3' }]);
  });
});

describe('the practice', () => {
  const praticien = {
    titre: 'Dr',
    specialite: 'Médecine générale',
    inpe: '123',
    rpps: null,
    numero_ordre: null,
    actif: true,
  };

  it('names those who wrote, with their numbers and what they do there', () => {
    const somebody = { user_id: 5, nom: 'Alaoui', prenom: 'Nadia', praticien };
    expect(practitionerResource(somebody)).toEqual({
      resourceType: 'Practitioner',
      identifier: [{ type: { text: 'INPE' }, value: '123' }],
      name: [{ family: 'Alaoui', given: ['Nadia'], prefix: ['Dr'] }],
    });
    expect(practitionerRoleResource(somebody, 3, urn)).toMatchObject({
      practitioner: { reference: 'urn:users:5' },
      organization: { reference: 'urn:cabinets:3' },
      specialty: [{ text: 'Médecine générale' }],
    });
    const desk = { ...somebody, praticien: null };
    expect(practitionerResource(desk)).toEqual({
      resourceType: 'Practitioner',
      name: [{ family: 'Alaoui', given: ['Nadia'] }],
    });
    expect(practitionerRoleResource(desk, 3, urn)).toBeNull();
    const practice = { id: 3, nom: 'Cabinet Atlas', adresse: null, telephone: null, actif: true };
    expect(organizationResource(practice)).toMatchObject({ name: 'Cabinet Atlas', active: true });
  });
});

describe('the log', () => {
  it('says who was shown what, for what, and that somebody was refused', () => {
    const line = {
      id: 1,
      date: new Date('2026-11-29T09:00:00Z'),
      user_id: 5,
      fonctions: ['medecin' as const],
      action: 'lecture',
      categories: ['identite', 'dossier'],
      requete: 'GET /patients/:id',
      finalite: 'TREAT',
    };
    const of = { cabinetId: 3, patientId: 7, urn };
    expect(auditEventResource(line, of)).toMatchObject({
      type: { code: '110110' },
      action: 'R',
      outcome: '0',
      recorded: '2026-11-29T09:00:00.000Z',
      purposeOfEvent: [{ coding: [{ code: 'TREAT' }] }],
      agent: [{ requestor: true, who: { reference: 'urn:users:5' }, role: [{ text: 'medecin' }] }],
      entity: [{ what: { reference: 'urn:patients:7' } }, { name: 'GET /patients/:id' }],
    });
    expect(auditEventResource({ ...line, action: 'refus' }, of).outcome).toBe('4');
    expect(auditEventResource({ ...line, action: 'export' }, of).type.code).toBe('110106');
    const opened = auditEventResource({ ...line, action: 'bris_de_glace', fonctions: [] }, of);
    expect([opened.type.code, opened.subtype![0]!.code, opened.agent[0]]).toEqual([
      '110113',
      '110127',
      { requestor: true, who: { reference: 'urn:users:5' } },
    ]);
  });
});

describe('a bundle', () => {
  const patient = { source: 'patients', fullUrl: 'urn:patients:7', resource: patientResource(SAMIRA, urn) };
  const cabinet = {
    source: 'cabinets',
    fullUrl: 'urn:cabinets:3',
    resource: organizationResource({ id: 3, nom: 'C', adresse: null, telephone: null, actif: true }),
  };
  const date = new Date('2026-11-29T09:00:00Z');

  it('holds what it was given, by name, and says when it was made', () => {
    expect(bundleOf([patient], { urn: 'urn:uuid:x', date })).toMatchObject({
      type: 'collection',
      timestamp: '2026-11-29T09:00:00.000Z',
      entry: [{ fullUrl: 'urn:patients:7' }],
    });
  });

  it('is counted kind by kind, and differs where one is missing or too much', () => {
    const counts = comptesOf([patient, cabinet]);
    expect(counts).toEqual({ patients: 1, cabinets: 1 });
    expect(ressourcesOf([patient, patient])).toEqual({ Patient: 2 });
    expect(comptesDifferents(counts, { patients: 1, cabinets: 1, allergie: 0 })).toEqual([]);
    expect(comptesDifferents(counts, { patients: 1 })).toEqual(['cabinets']);
    expect(comptesDifferents(counts, { patients: 2, cabinets: 1, allergie: 1 })).toEqual([
      'allergie',
      'patients',
    ]);
  });

  it('names rows so that each has one name, the same every time', () => {
    const names = [
      urnOf(1, 'patients', 2),
      urnOf(1, 'patients', 3),
      urnOf(2, 'patients', 2),
      urnOf(1, 'users', 2),
    ];
    expect(new Set(names).size).toBe(4);
    expect(urnOf(1, 'patients', 2)).toBe(names[0]);
    for (const name of names) {
      expect(name).toMatch(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    }
  });

  it('points at nothing that is not in it', () => {
    expect(referencesPerdues(bundleOf([patient], { urn: 'x', date }))).toEqual(['urn:cabinets:3']);
    expect(referencesPerdues(bundleOf([patient, cabinet], { urn: 'x', date }))).toEqual([]);
  });
});
