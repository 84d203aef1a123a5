import { type Alerte, alertesOf, type Medicament } from '../../domain/cabinet/allergenes';
import { RefusParlant } from './acces';
import type { Dossier } from './dossiers';
import { allergiesConnues } from './elements';
import type { AskedOfPatients } from './patients';

/** What is prescribed against a known allergy is answered with a reason, which stays with it. */

/** Why somebody prescribes all the same. */
export interface Forcer {
  motif: string;
}

/** An allergy that was answered, for a medicine as it was written. */
export interface AlerteRepondue extends Omit<Alerte, 'ligne'> {
  medicament: Medicament;
  motif: string;
  /** Who answered. */
  par: number;
  date: string;
}

/** With what lines were compared: nothing, where nobody has asked the patient. */
export interface Verification {
  etat: Awaited<ReturnType<typeof allergiesConnues>>['etat'];
  date: string;
}

interface Ecriture<Contenu> {
  contenu: Contenu;
  /** Null where nothing is compared. */
  medicaments: readonly Medicament[] | null;
  /** Those that were answered before. */
  alertes: readonly AlerteRepondue[];
  forcer: Forcer | null;
}

/**
 * Compares lines with the known allergies of an open record.
 * @returns what is to be sealed: the content, with the answers that it needs.
 * @throws {RefusParlant} `ALLERGIE_CONNUE` naming lines and allergies that are not answered
 * @throws {Error} when the allergies cannot be read: then nobody is told that there are none
 */
export async function repondre<Contenu>(
  { tx, actor }: Pick<AskedOfPatients, 'tx' | 'actor'>,
  dossier: Dossier,
  { contenu, medicaments, alertes, forcer }: Ecriture<Contenu>,
): Promise<{ contenu: Contenu; alertes: AlerteRepondue[]; verification: Verification | null }> {
  if (medicaments === null) return { contenu, alertes: [], verification: null };
  const { etat, allergies } = await allergiesConnues({ ...dossier, tx });
  const known = allergies.flatMap(({ id, contenu: { substance } }) =>
    substance === null ? [] : [{ id, substance }],
  );
  const date = actor.now.toISOString();
  const found = alertesOf(medicaments, known).map(({ ligne, ...alerte }) => {
    const { dci, specialite } = medicaments[ligne]!;
    const medicament = { dci, specialite };
    const before = alertes.find((one) => isSame(one, alerte.allergie_id, medicament));
    const fresh = forcer && { ...alerte, medicament, motif: forcer.motif, par: actor.userId!, date };
    return { ligne, alerte, answered: before ?? fresh };
  });
  const open = found.filter(({ answered }) => answered === null);
  if (open.length > 0) {
    throw new RefusParlant(
      'ALLERGIE_CONNUE',
      {
        detail: UNANSWERED,
        extensions: {
          alertes: open.map(({ ligne, alerte }) => ({ champ: `lignes.${ligne}`, ...alerte })),
        },
      },
      [dossier.patient],
    );
  }
  return { contenu, alertes: found.map(({ answered }) => answered!), verification: { etat, date } };
}

function isSame(
  { allergie_id, medicament }: AlerteRepondue,
  id: number,
  { dci, specialite }: Medicament,
): boolean {
  return allergie_id === id && medicament.dci === dci && medicament.specialite === specialite;
}

const UNANSWERED = {
  fr: 'Changez la ligne, ou répondez par `forcer` : { motif }',
  en: 'Change the line, or answer with `forcer`: { motif }',
};
