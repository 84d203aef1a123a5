/// <reference types="fhir/r4" />

/**
 * What all resources of an export have in common. A record is written in HL7 FHIR R4 (4.0.1), one file a kind of resource; the
 * functions know rows as they were opened and nothing of where they are kept.
 */

/** The name of a row in a bundle, `urn:uuid:…`; the same row always has the same one. */
export type Urn = (table: string, id: number) => string;

export const LOINC = 'http://loinc.org';
export const UCUM = 'http://unitsofmeasure.org';
export const CIM10 = 'http://hl7.org/fhir/sid/icd-10';
export const ATC = 'http://www.whocc.no/atc';
export const SNOMED = 'http://snomed.info/sct';
const TERMINOLOGY = 'http://terminology.hl7.org/CodeSystem';

/** A code of one of HL7's own code systems, by the last part of its address. */
export function hl7(system: string, code: string, display?: string): fhir4.Coding {
  return { system: `${TERMINOLOGY}/${system}`, code, ...(display !== undefined && { display }) };
}

export function concept(text: string | null, ...coding: fhir4.Coding[]): fhir4.CodeableConcept {
  return { ...(coding.length > 0 && { coding }), ...(text !== null && { text }) };
}

/** The same of what doctors write in their own words, with a code where there is one. */
export function coded(text: string, system: string, code: string | null): fhir4.CodeableConcept {
  return code === null ? { text } : { coding: [{ system, code }], text };
}

/** Somebody or something else in the same bundle. */
export function to(reference: string): fhir4.Reference {
  return { reference };
}

/** An instant, in UTC; never of a date. */
export function instant(date: Date): string {
  return date.toISOString();
}

/** How somebody is reached. */
export function telecom(telephone: string | null, email: string | null): { telecom?: fhir4.ContactPoint[] } {
  const points: fhir4.ContactPoint[] = [
    ...(telephone === null ? [] : [{ system: 'phone' as const, value: telephone }]),
    ...(email === null ? [] : [{ system: 'email' as const, value: email }]),
  ];
  return points.length === 0 ? {} : { telecom: points };
}

/** A postal address as people write it. */
export function address(adresse: string | null): { address?: fhir4.Address[] } {
  return adresse === null ? {} : { address: [{ text: adresse }] };
}

/** Given names, one a word. */
export function given(prenoms: string): string[] {
  return prenoms.split(/\s+/).filter((word) => word !== '');
}

/** A period of which either end may be unknown. */
export function period(start: string | null, end: string | null): fhir4.Period | undefined {
  if (start === null && end === null) return undefined;
  return { ...(start !== null && { start }), ...(end !== null && { end }) };
}

/** Leaves out what is not there: FHIR knows no null. */
export function without<Resource extends object>(resource: Resource): Resource {
  return Object.fromEntries(Object.entries(resource).filter(([, value]) => value !== undefined)) as Resource;
}
