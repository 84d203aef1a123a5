import type { Identifiant, Sexe, StatutIdentite, TypeIdentifiant } from '../identites';
import { address, concept, given, hl7, LOINC, telecom, to, type Urn, without } from './r4';

export interface PatientExporte {
  id: number;
  cabinet_id: number;
  nom_naissance: string;
  nom_usage: string | null;
  prenoms: string;
  sexe: Sexe;
  /** As far as it is known: `1962-03-14`, `1962-03`, `1962`. */
  date_naissance: string;
  lieu_naissance: string | null;
  /** A day; null for who lives. */
  date_deces: string | null;
  statut_identite: StatutIdentite;
  actif: boolean;
  telephone: string | null;
  email: string | null;
  adresse: string | null;
  profession: string | null;
  identifiants: readonly Identifiant[];
}

const GENRES: Readonly<Record<Sexe, fhir4.Patient['gender']>> = { F: 'female', M: 'male', I: 'unknown' };

/** Who somebody is; a birth date is as partial as it is known. */
export function patientResource(patient: PatientExporte, urn: Urn): fhir4.Patient {
  const { nom_naissance, nom_usage, prenoms, lieu_naissance } = patient;
  const names: fhir4.HumanName[] = [{ use: 'official', family: nom_naissance, given: given(prenoms) }];
  if (nom_usage !== null) names.push({ use: 'usual', family: nom_usage, given: given(prenoms) });
  const identifier = identifiers(patient, urn);
  return without<fhir4.Patient>({
    resourceType: 'Patient',
    extension:
      lieu_naissance === null ? undefined : [{ url: BIRTH_PLACE, valueAddress: { text: lieu_naissance } }],
    identifier: identifier.length === 0 ? undefined : identifier,
    active: patient.actif,
    name: names,
    ...telecom(patient.telephone, patient.email),
    gender: GENRES[patient.sexe],
    birthDate: patient.date_naissance,
    deceasedDateTime: patient.date_deces ?? undefined,
    ...address(patient.adresse),
    managingOrganization: to(urn('cabinets', patient.cabinet_id)),
  });
}

const BIRTH_PLACE = 'http://hl7.org/fhir/StructureDefinition/patient-birthPlace';

/** Which kind of number it is (HL7 v2 table 0203), and whose system it is of where that has a name. */
const NUMBERS: Readonly<Record<TypeIdentifiant, { code: string | null; system?: string; text: string }>> = {
  ipp: { code: 'PI', text: 'IPP' },
  ins_nir: { code: 'NI', system: 'urn:oid:1.2.250.1.213.1.4.8', text: 'INS-NIR' },
  ins_nia: { code: 'NI', system: 'urn:oid:1.2.250.1.213.1.4.9', text: 'INS-NIA' },
  cin: { code: 'NI', text: 'CIN' },
  passeport: { code: 'PPN', text: 'Passeport' },
  cnss: { code: 'MB', text: 'CNSS' },
  cnops: { code: 'MB', text: 'CNOPS' },
  autre: { code: null, text: 'Autre' },
};

/** The national number of France travels with an identity that is `qualifiee`, and with no other. */
function identifiers(
  { identifiants, statut_identite, cabinet_id }: PatientExporte,
  urn: Urn,
): fhir4.Identifier[] {
  const national = (type: TypeIdentifiant) => type === 'ins_nir' || type === 'ins_nia';
  return identifiants
    .filter(({ type }) => !national(type) || statut_identite === 'qualifiee')
    .map(({ type, valeur }) => {
      const { code, system, text } = NUMBERS[type];
      return without<fhir4.Identifier>({
        use: national(type) ? 'official' : undefined,
        type: code === null ? { text } : concept(text, hl7('v2-0203', code)),
        system,
        value: valeur,
        assigner: type === 'ipp' ? to(urn('cabinets', cabinet_id)) : undefined,
      });
    });
}

/** What somebody does for a living, which a Patient has no field for. @returns null where nobody said it */
export function professionResource(
  { id, profession }: Pick<PatientExporte, 'id' | 'profession'>,
  urn: Urn,
): fhir4.Observation | null {
  if (profession === null) return null;
  return {
    resourceType: 'Observation',
    status: 'final',
    category: [concept(null, hl7('observation-category', 'social-history'))],
    code: concept('Profession', { system: LOINC, code: '11341-5' }),
    subject: to(urn('patients', id)),
    valueString: profession,
  };
}
