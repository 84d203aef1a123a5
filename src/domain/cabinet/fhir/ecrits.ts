import type { LigneOrdonnance } from '../ordonnances';
import { concept, instant, LOINC, to, type Urn, without } from './r4';

/** Prescriptions line by line, and the documents that were signed. */

export interface EcritExporte {
  id: number;
  cabinet_id: number;
  patient_id: number;
  genre: 'ordonnance' | 'certificat';
  auteur_id: number;
  statut: 'signee' | 'invalidee';
  date_signature: Date;
}

/** A line of an ordonnance; all of one have its number in common. */
export function medicationRequestResource(
  ecrit: EcritExporte,
  ligne: LigneOrdonnance,
  urn: Urn,
): fhir4.MedicationRequest {
  const { dci, specialite, dosage, posologie, mode, duree_jours, boites } = ligne;
  const named = [specialite, dci === null ? null : specialite === null ? dci : `(${dci})`, dosage];
  const how = [posologie, mode].filter((part) => part !== null);
  return without<fhir4.MedicationRequest>({
    resourceType: 'MedicationRequest',
    status: ecrit.statut === 'invalidee' ? 'entered-in-error' : 'active',
    intent: 'order',
    medicationCodeableConcept: { text: named.filter((part) => part !== null).join(' ') },
    subject: to(urn('patients', ecrit.patient_id)),
    authoredOn: instant(ecrit.date_signature),
    requester: to(urn('users', ecrit.auteur_id)),
    groupIdentifier: { system: 'urn:ietf:rfc:3986', value: urn('ecrits', ecrit.id) },
    dosageInstruction: how.length === 0 ? undefined : [{ text: how.join(', ') }],
    dispenseRequest: without<fhir4.MedicationRequestDispenseRequest>({
      numberOfRepeatsAllowed: ligne.renouvellements,
      quantity: boites === null ? undefined : { value: boites, unit: 'boîtes' },
      expectedSupplyDuration:
        duree_jours === null
          ? undefined
          : { value: duree_jours, unit: 'jours', system: 'http://unitsofmeasure.org', code: 'd' },
    }),
    substitution: { allowedBoolean: !ligne.non_substituable },
  });
}

const TYPES = {
  ordonnance: concept('Ordonnance', { system: LOINC, code: '57833-6' }),
  certificat: { text: 'Certificat médical' },
} as const;

/** That there is a document that was signed, and where in the bundle its bytes are. */
export function documentReferenceResource(
  ecrit: EcritExporte,
  documents: readonly { urn: string; langue: string }[],
  urn: Urn,
): fhir4.DocumentReference {
  return {
    resourceType: 'DocumentReference',
    status: ecrit.statut === 'invalidee' ? 'entered-in-error' : 'current',
    docStatus: ecrit.statut === 'invalidee' ? 'entered-in-error' : 'final',
    type: TYPES[ecrit.genre],
    subject: to(urn('patients', ecrit.patient_id)),
    date: instant(ecrit.date_signature),
    author: [to(urn('users', ecrit.auteur_id))],
    custodian: to(urn('cabinets', ecrit.cabinet_id)),
    content: documents.map(({ urn: url, langue }) => ({
      attachment: { contentType: PDF, language: langue, url },
    })),
  };
}

const PDF = 'application/pdf';

/** The bytes of a document, as they were signed. */
export function binaryResource(pdf: Buffer): fhir4.Binary {
  return { resourceType: 'Binary', contentType: PDF, data: pdf.toString('base64') };
}
