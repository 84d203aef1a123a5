import type { StatutRendezVousCabinet } from '../rendez-vous';
import { instant, to, type Urn, without } from './r4';

export interface RendezVousExporte {
  id: number;
  patient_id: number;
  /** Whose appointment it is at the practice: the account of who receives. */
  user_id: number;
  debut: Date;
  fin: Date;
  statut: StatutRendezVousCabinet;
  libelle: string;
  motif: string | null;
  motif_annulation: string | null;
  date_creation: Date;
}

const STATUTS: Readonly<Record<RendezVousExporte['statut'], fhir4.Appointment['status']>> = {
  propose: 'proposed',
  confirme: 'booked',
  arrive: 'arrived',
  en_consultation: 'fulfilled',
  honore: 'fulfilled',
  absent: 'noshow',
  annule: 'cancelled',
};

/** It has a beginning and an end, whatever became of it (app-2, app-3). */
export function appointmentResource(rendezVous: RendezVousExporte, urn: Urn): fhir4.Appointment {
  const { patient_id, user_id, debut, fin, statut, libelle, motif, motif_annulation } = rendezVous;
  return without<fhir4.Appointment>({
    resourceType: 'Appointment',
    status: STATUTS[statut],
    cancelationReason: motif_annulation === null ? undefined : { text: motif_annulation },
    serviceType: [{ text: libelle }],
    description: motif ?? undefined,
    start: instant(debut),
    end: instant(fin),
    created: instant(rendezVous.date_creation),
    participant: [
      { actor: to(urn('patients', patient_id)), status: 'accepted' },
      { actor: to(urn('users', user_id)), status: 'accepted' },
    ],
  });
}
