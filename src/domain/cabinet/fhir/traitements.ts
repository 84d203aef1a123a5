import type { StatutElement } from '../elements';
import { type ElementExporte, enteredOn, notes, patientOf } from './entrees';
import { ATC, coded, period, type Urn, without } from './r4';

const STATUTS: Readonly<Record<StatutElement, fhir4.MedicationStatement['status']>> = {
  actif: 'active',
  resolu: 'completed',
  termine: 'completed',
  erreur: 'entered-in-error',
};

/** What somebody takes, whoever prescribed it. */
export function medicationStatementResource(
  element: ElementExporte<'traitement'>,
  urn: Urn,
): fhir4.MedicationStatement {
  const { medicament, code, posologie, motif, prescripteur, date_debut, date_fin } = element.contenu;
  return without<fhir4.MedicationStatement>({
    resourceType: 'MedicationStatement',
    status: STATUTS[element.statut],
    medicationCodeableConcept: coded(medicament, ATC, code),
    subject: patientOf(element, urn),
    effectivePeriod: period(date_debut, date_fin),
    dateAsserted: enteredOn(element),
    reasonCode: motif === null ? undefined : [{ text: motif }],
    dosage: posologie === null ? undefined : [{ text: posologie }],
    ...notes(prescripteur === null ? null : `Prescrit par ${prescripteur}`, element.motif_erreur),
  });
}
