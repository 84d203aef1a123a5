import type { Contenus, Nature, StatutElement } from '../elements';
import { concept, hl7, instant, to, type Urn } from './r4';

/** What all entries of a record have in common. */

export interface ElementExporte<N extends Nature> {
  id: number;
  patient_id: number;
  cabinet_id: number;
  statut: StatutElement;
  /** When it was measured or said, otherwise when it was entered. */
  date_effet: Date;
  auteur_id: number;
  contenu: Contenus[N];
  motif_erreur: string | null;
  date_creation: Date;
}

type DePatient = Pick<ElementExporte<Nature>, 'patient_id' | 'auteur_id' | 'date_creation'>;

export const patientOf = ({ patient_id }: DePatient, urn: Urn): fhir4.Reference =>
  to(urn('patients', patient_id));
export const auteurOf = ({ auteur_id }: DePatient, urn: Urn): fhir4.Reference => to(urn('users', auteur_id));
export const enteredOn = ({ date_creation }: DePatient): string => instant(date_creation);

export const isErreur = ({ statut }: { statut: StatutElement }): boolean => statut === 'erreur';

/** What is said beside it, and why it should not have been entered. */
export function notes(...texts: (string | null)[]): { note?: fhir4.Annotation[] } {
  const said = texts.flatMap((text) => (text === null ? [] : [{ text }]));
  return said.length === 0 ? {} : { note: said };
}

/**
 * Where something stands and how sure it is, as conditions and allergies say it. Of what was entered in error it is not said
 * where it stands (ait-2, con-5).
 */
export function certitude(
  systems: 'condition' | 'allergyintolerance',
  statut: StatutElement,
  confirmed: 'confirmed' | 'provisional' | 'unconfirmed',
): Pick<fhir4.Condition, 'clinicalStatus' | 'verificationStatus'> {
  const verification = systems === 'condition' ? 'condition-ver-status' : 'allergyintolerance-verification';
  if (statut === 'erreur')
    return { verificationStatus: concept(null, hl7(verification, 'entered-in-error')) };
  return {
    clinicalStatus: concept(null, hl7(`${systems}-clinical`, statut === 'actif' ? 'active' : 'resolved')),
    verificationStatus: concept(null, hl7(verification, confirmed)),
  };
}
