import { LOINC as CODES, loincOf, type TypeConstante, type Unite } from '../constantes';
import { auteurOf, type ElementExporte, isErreur, notes, patientOf } from './entrees';
import { concept, hl7, instant, LOINC, UCUM, type Urn, without } from './r4';

const LIBELLES: Readonly<Record<TypeConstante, string>> = {
  taille: 'Taille',
  poids: 'Poids',
  tension_arterielle: 'Tension artérielle',
  frequence_cardiaque: 'Fréquence cardiaque',
  frequence_respiratoire: 'Fréquence respiratoire',
  temperature: 'Température',
  saturation: 'Saturation en oxygène',
  glycemie: 'Glycémie',
  perimetre_cranien: 'Périmètre crânien',
  tour_de_taille: 'Tour de taille',
};

/** The profile of HL7 for those that have one; others are vital signs of ours. */
const PROFILS: Partial<Record<TypeConstante, string>> = {
  taille: 'bodyheight',
  poids: 'bodyweight',
  tension_arterielle: 'bp',
  frequence_cardiaque: 'heartrate',
  frequence_respiratoire: 'resprate',
  temperature: 'bodytemp',
  saturation: 'oxygensat',
  perimetre_cranien: 'headcircum',
};
/** Oxygen saturation whatever it was measured by, which the profile asks for beside by which. */
const SATURATION = '2708-6';

const loinc = (code: string): fhir4.Coding => ({ system: LOINC, code });
const quantity = (value: number, unit: Unite): fhir4.Quantity => ({ value, unit, system: UCUM, code: unit });

/** A vital sign; of a blood pressure the two parts of it. */
export function vitalSignResource(element: ElementExporte<'constante'>, urn: Urn): fhir4.Observation {
  const { type, valeur, diastolique, unite, precision } = element.contenu;
  const profil = PROFILS[type];
  const codes = [loincOf({ type, unite })!, ...(type === 'saturation' ? [SATURATION] : [])];
  const part = (code: string, value: number): fhir4.ObservationComponent => ({
    code: concept(null, loinc(code)),
    valueQuantity: quantity(value, unite),
  });
  return without<fhir4.Observation>({
    resourceType: 'Observation',
    meta:
      profil === undefined ? undefined : { profile: [`http://hl7.org/fhir/StructureDefinition/${profil}`] },
    status: isErreur(element) ? 'entered-in-error' : 'final',
    category: [concept(null, hl7('observation-category', 'vital-signs'))],
    code: concept(LIBELLES[type], ...codes.map(loinc)),
    subject: patientOf(element, urn),
    effectiveDateTime: instant(element.date_effet),
    performer: [auteurOf(element, urn)],
    ...(diastolique === null
      ? { valueQuantity: quantity(valeur, unite) }
      : { component: [part(CODES.systolique, valeur), part(CODES.diastolique, diastolique)] }),
    ...notes(precision, element.motif_erreur),
  });
}
