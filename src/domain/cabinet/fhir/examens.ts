import { instant, to, type Urn, without } from './r4';

/** What was asked for, and what came back. */

export interface ExamenExporte {
  id: number;
  cabinet_id: number;
  patient_id: number;
  /** Who asked for it; null where nobody did. */
  auteur_id: number | null;
  statut: 'demande' | 'attendu' | 'partiel' | 'recu' | 'vu';
  libelle: string;
  indication: string | null;
  laboratoire: string | null;
  date_creation: Date;
}

export interface ResultatExporte {
  id: number;
  numero: number;
  texte: string;
  partiel: boolean;
  date: Date;
  /** Who has seen it, and what they decided. */
  vu_par: number | null;
  decision: string | null;
}

const STATUTS: Readonly<Record<ExamenExporte['statut'], fhir4.ServiceRequest['status']>> = {
  demande: 'active',
  attendu: 'active',
  partiel: 'active',
  recu: 'completed',
  vu: 'completed',
};

export function serviceRequestResource(examen: ExamenExporte, urn: Urn): fhir4.ServiceRequest {
  const { patient_id, auteur_id, statut, libelle, indication, laboratoire } = examen;
  return without<fhir4.ServiceRequest>({
    resourceType: 'ServiceRequest',
    status: STATUTS[statut],
    intent: 'order',
    code: { text: libelle },
    subject: to(urn('patients', patient_id)),
    authoredOn: instant(examen.date_creation),
    requester: auteur_id === null ? undefined : to(urn('users', auteur_id)),
    performer: laboratoire === null ? undefined : [{ display: laboratoire }],
    reasonCode: indication === null ? undefined : [{ text: indication }],
  });
}

export function diagnosticReportResource(
  { id, patient_id, libelle }: ExamenExporte,
  { texte, partiel, date, vu_par, decision }: ResultatExporte,
  urn: Urn,
): fhir4.DiagnosticReport {
  const conclusion = decision === null ? texte : `${texte}\n\nDécision : ${decision}`;
  return without<fhir4.DiagnosticReport>({
    resourceType: 'DiagnosticReport',
    basedOn: [to(urn('examens', id))],
    status: partiel ? 'partial' : 'final',
    code: { text: libelle },
    subject: to(urn('patients', patient_id)),
    issued: instant(date),
    resultsInterpreter: vu_par === null ? undefined : [to(urn('users', vu_par))],
    conclusion,
  });
}
