import { type Alerte, alertesOf } from '../../domain/cabinet/alertes-dossier';
import { imc, TYPES_CONSTANTE } from '../../domain/cabinet/constantes';
import type { EtatAllergies } from '../../domain/cabinet/elements';
import type { PatientMontre } from './acces';
import { type Consultation, lireDernieresConsultations, renderConsultations } from './consultations';
import { openDossier } from './dossiers';
import { allergiesOf, type Element, lireCourants } from './elements';
import type { AskedOfPatients } from './patients';

/** A record at a glance: all that a doctor looks at before they see somebody, in one reading. */

export interface DossierLu {
  patient_id: number;
  alertes: Alerte[];
  /** Whether there are allergies, it was said that there are none, or nobody has asked. */
  etat_allergies: EtatAllergies;
  allergies: Element<'allergie'>[];
  traitements: Element<'traitement'>[];
  antecedents: Element<'antecedent'>[];
  /** The last of each kind. */
  constantes: Element<'constante'>[];
  /** kg/m², of the last height and the last weight. */
  imc: number | null;
  consultations: Consultation[];
}

const CONSULTATIONS = 5;
const NATURES = ['allergie', 'traitement', 'antecedent'] as const;

/**
 * What holds of a record, and its last consultations. The number of statements is the same however long the record is.
 * @throws {RegieError} as `openDossier`
 */
export async function lireDossier(
  asked: AskedOfPatients,
  patientId: number,
): Promise<{ dossier: DossierLu; patient: PatientMontre }> {
  const { tx } = asked;
  const opened = await openDossier(asked, patientId, 'read');
  const { patient } = opened;
  const rows = await lireDernieresConsultations(asked, opened, CONSULTATIONS);
  const ids = rows.map(({ id }) => id);
  const courants = await lireCourants({ tx, ...opened }, NATURES, TYPES_CONSTANTE, ids);
  const { actifs, constantes } = courants;
  const consultations = await renderConsultations(asked, opened, rows, courants.consultations);
  const of = <N extends Element['nature']>(nature: N) =>
    (actifs as Element[]).filter((one): one is Element<N> => one.nature === nature);
  const { etat, allergies } = allergiesOf(of('allergie'));
  const lastOf = (type: string) => constantes.find(({ contenu }) => contenu.type === type)?.contenu.valeur;
  const [taille, poids] = [lastOf('taille'), lastOf('poids')];
  const dossier = {
    patient_id: patient.id,
    alertes: alertesOf({ etat, allergies, consultations }),
    etat_allergies: etat,
    allergies,
    traitements: of('traitement'),
    antecedents: of('antecedent'),
    constantes,
    imc: taille === undefined || poids === undefined ? null : imc(taille, poids),
    consultations,
  };
  return { dossier, patient };
}
