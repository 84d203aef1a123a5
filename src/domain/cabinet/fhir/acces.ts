import type { Fonction } from '../../roles';
import { concept, hl7, instant, to, type Urn, without } from './r4';

/** A line of the log of who was shown what (IHE BALP names the kinds of events as DICOM does). */

export interface AccesExporte {
  id: number;
  date: Date;
  user_id: number;
  fonctions: readonly Fonction[];
  action: string;
  categories: readonly string[];
  requete: string;
  finalite: string;
}

type Kind = Pick<fhir4.AuditEvent, 'type' | 'subtype' | 'action'>;

const DICOM = 'http://dicom.nema.org/resources/ontology/DCM';
const dicom = (code: string, display: string): fhir4.Coding => ({ system: DICOM, code, display });
const RECORD = dicom('110110', 'Patient Record');
const QUERY = dicom('110112', 'Query');
const EXPORT = dicom('110106', 'Export');
const ALERT = dicom('110113', 'Security Alert');

const READ: Kind = { type: RECORD, action: 'R' };
const KINDS: Readonly<Record<string, Kind>> = {
  lecture: READ,
  recherche: { type: QUERY, action: 'E' },
  liste: { type: QUERY, action: 'E' },
  export: { type: EXPORT, action: 'R' },
  impression: { type: EXPORT, action: 'R' },
  telechargement: { type: EXPORT, action: 'R' },
  ecriture: { type: RECORD, action: 'U' },
  bris_de_glace: {
    type: ALERT,
    subtype: [dicom('110127', 'Emergency Override Started')],
    action: 'E',
  },
  refus: READ,
};

/** Nothing was shown to whoever was refused. */
const REFUSED = 'refus';

export function auditEventResource(
  { date, user_id, fonctions, action, categories, requete, finalite }: AccesExporte,
  { cabinetId, patientId, urn }: { cabinetId: number; patientId: number; urn: Urn },
): fhir4.AuditEvent {
  return without<fhir4.AuditEvent>({
    resourceType: 'AuditEvent',
    ...(KINDS[action] ?? READ),
    recorded: instant(date),
    outcome: action === REFUSED ? '4' : '0',
    purposeOfEvent: [concept(null, { system: PURPOSES, code: finalite })],
    agent: [
      {
        requestor: true,
        who: to(urn('users', user_id)),
        role: fonctions.length === 0 ? undefined : fonctions.map((fonction) => ({ text: fonction })),
      },
    ].map(without),
    source: { observer: to(urn('cabinets', cabinetId)) },
    entity: [
      {
        what: to(urn('patients', patientId)),
        type: hl7('audit-entity-type', '1', 'Person'),
        role: hl7('object-role', '1', 'Patient'),
      },
      {
        type: hl7('audit-entity-type', '2', 'System Object'),
        name: requete,
        detail: [{ type: 'categories', valueString: categories.join(' ') }],
      },
    ],
  });
}

const PURPOSES = 'http://terminology.hl7.org/CodeSystem/v3-ActReason';
