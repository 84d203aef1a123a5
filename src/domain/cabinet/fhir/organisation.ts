import { address, concept, given, hl7, telecom, to, type Urn, without } from './r4';

/** The practice, and those of it who wrote something of the record. */

export interface CabinetExporte {
  id: number;
  nom: string;
  adresse: string | null;
  telephone: string | null;
  actif: boolean;
}

/** Somebody who works there. What a practice says of those who receive patients is null for those who do not. */
export interface SoignantExporte {
  user_id: number;
  nom: string;
  prenom: string;
  praticien: {
    titre: string | null;
    specialite: string | null;
    inpe: string | null;
    rpps: string | null;
    numero_ordre: string | null;
    actif: boolean;
  } | null;
}

export function organizationResource({ nom, adresse, telephone, actif }: CabinetExporte): fhir4.Organization {
  return {
    resourceType: 'Organization',
    active: actif,
    type: [concept(null, hl7('organization-type', 'prov'))],
    name: nom,
    ...telecom(telephone, null),
    ...address(adresse),
  };
}

export function practitionerResource({ nom, prenom, praticien }: SoignantExporte): fhir4.Practitioner {
  const { titre = null, rpps = null, inpe = null, numero_ordre = null } = praticien ?? {};
  const identifier: fhir4.Identifier[] = [
    ...(rpps === null ? [] : [{ type: { text: 'RPPS' }, system: RPPS, value: rpps }]),
    ...(inpe === null ? [] : [{ type: { text: 'INPE' }, value: inpe }]),
    ...(numero_ordre === null
      ? []
      : [{ type: concept('Ordre des médecins', hl7('v2-0203', 'MD')), value: numero_ordre }]),
  ];
  return without<fhir4.Practitioner>({
    resourceType: 'Practitioner',
    identifier: identifier.length === 0 ? undefined : identifier,
    name: [{ family: nom, given: given(prenom), ...(titre !== null && { prefix: [titre] }) }],
  });
}

const RPPS = 'urn:oid:1.2.250.1.71.4.2.1';

/** What somebody does in the practice; only of those who receive patients there. */
export function practitionerRoleResource(
  { user_id, praticien }: SoignantExporte,
  cabinetId: number,
  urn: Urn,
): fhir4.PractitionerRole | null {
  if (praticien === null) return null;
  const { specialite, actif } = praticien;
  return without<fhir4.PractitionerRole>({
    resourceType: 'PractitionerRole',
    active: actif,
    practitioner: to(urn('users', user_id)),
    organization: to(urn('cabinets', cabinetId)),
    code: [concept(null, hl7('practitioner-role', 'doctor'))],
    specialty: specialite === null ? undefined : [{ text: specialite }],
  });
}
