import { concept, hl7, instant, LOINC, to, type Urn, without } from './r4';

/**
 * A consultation that was signed: the encounter, what was written of it, and who signed that when. What was added later stands
 * behind it; one that was said not to hold is written as one in error, and still whole.
 */

export interface ConsultationExportee {
  id: number;
  cabinet_id: number;
  patient_id: number;
  auteur_id: number;
  date: Date;
  statut: 'signee' | 'invalidee';
  date_signature: Date;
  /** By parts, in the order in which they are read. */
  parties: readonly { titre: string; texte: string }[];
  /** In their order. */
  actes: readonly ActeExporte[];
}

export interface ActeExporte {
  numero: number;
  type: 'signature' | 'addendum' | 'invalidation';
  /** What was added, or why it does not hold. */
  texte: string | null;
  user_id: number;
  date: Date;
  /** SHA-256 of what was signed, as it stands sealed; null of what is none. */
  empreinte: Buffer | null;
}

/** That its patient may read it, or may not any more. */
export interface PublicationExportee {
  consultation_id: number;
  numero: number;
  publiee: boolean;
  user_id: number;
  date: Date;
}

const isInvalide = ({ statut }: ConsultationExportee) => statut === 'invalidee';

export function encounterResource(consultation: ConsultationExportee, urn: Urn): fhir4.Encounter {
  const { patient_id, cabinet_id, auteur_id, date } = consultation;
  return {
    resourceType: 'Encounter',
    status: isInvalide(consultation) ? 'entered-in-error' : 'finished',
    class: hl7('v3-ActCode', 'AMB', 'ambulatory'),
    subject: to(urn('patients', patient_id)),
    participant: [{ individual: to(urn('users', auteur_id)) }],
    period: { start: instant(date) },
    serviceProvider: to(urn('cabinets', cabinet_id)),
  };
}

const TITRES = { addendum: 'Ajout', invalidation: 'Invalidation' } as const;

export function compositionResource(consultation: ConsultationExportee, urn: Urn): fhir4.Composition {
  const { id, patient_id, cabinet_id, auteur_id, date, parties, actes } = consultation;
  const added = actes.flatMap(({ type, texte, date: on, user_id }): fhir4.CompositionSection[] =>
    type === 'signature' || texte === null
      ? []
      : [{ ...section(`${TITRES[type]} du ${instant(on)}`, texte), author: [to(urn('users', user_id))] }],
  );
  const amended = actes.some(({ type }) => type === 'addendum');
  return {
    resourceType: 'Composition',
    status: isInvalide(consultation) ? 'entered-in-error' : amended ? 'amended' : 'final',
    type: concept('Consultation', { system: LOINC, code: '11488-4' }),
    subject: to(urn('patients', patient_id)),
    encounter: to(urn('consultations', id)),
    date: instant(date),
    author: [to(urn('users', auteur_id))],
    title: 'Consultation',
    custodian: to(urn('cabinets', cabinet_id)),
    section: [...parties.map(({ titre, texte }) => section(titre, texte)), ...added],
  };
}

function section(title: string, texte: string): fhir4.CompositionSection {
  return { title, text: { status: 'additional', div: xhtml(texte) } };
}

/** Plain words as XHTML: what people write is never markup. */
export function xhtml(texte: string): string {
  const escaped = texte
    // Of the characters that XML 1.0 has no place for.
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are meant
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;');
  return `<div xmlns="http://www.w3.org/1999/xhtml">${escaped.replace(/\r?\n/g, '<br/>')}</div>`;
}

/** Who signed it, when, and the digest of what they signed. */
export function provenanceResource(
  { id }: ConsultationExportee,
  { user_id, date, empreinte }: ActeExporte,
  urn: Urn,
): fhir4.Provenance {
  const who = to(urn('users', user_id));
  return {
    resourceType: 'Provenance',
    target: [to(urn('compositions', id))],
    recorded: instant(date),
    activity: concept(null, hl7('v3-DocumentCompletion', 'LA', 'legally authenticated')),
    agent: [{ type: concept(null, hl7('provenance-participant-type', 'author')), who }],
    signature: [
      without<fhir4.Signature>({
        type: [{ system: 'urn:iso-astm:E1762-95:2013', code: '1.2.840.10065.1.12.1.1' }],
        when: instant(date),
        who,
        data: empreinte?.toString('base64'),
      }),
    ],
  };
}

/** That it was published for its patient, or that this was taken back: by whom, and when. */
export function publicationResource(
  { consultation_id, publiee, user_id, date }: PublicationExportee,
  urn: Urn,
): fhir4.Provenance {
  return {
    resourceType: 'Provenance',
    target: [to(urn('compositions', consultation_id))],
    recorded: instant(date),
    activity: concept(publiee ? 'Publiée pour son patient' : 'Publication reprise'),
    agent: [{ who: to(urn('users', user_id)) }],
  };
}
