import type { Texte } from '../../domain/errors';
import { placeOfActe, placeOfConsultation, placeOfConsultationVersion } from './consultations-places';
import { placeOfElement, placeOfVersion } from './elements-places';
import type { Place } from './places';

/**
 * What merging two patients does with each table that refers to them, said once a table. A new table with a key to
 * `medical.patients` gets its line here: until it has one no two patients are merged, and the test that reads the catalogue
 * fails (`fusion-catalogue.ts`).
 */

/** A row as it stands in its table. */
export type Ligne = Readonly<Record<string, unknown>>;

/**
 * Sealed columns, each with what its place calls the field (`sceau.ts`), or all in which its place is another one than that of
 * its table and the first number of its key.
 */
export type Scelles = Readonly<
  Record<string, string | ((ligne: Ligne) => Partial<Place> & { champ: string })>
>;

interface Parent {
  table: string;
  colonne: string;
}

export type Regle =
  /** The rows become those of the patient who is kept, byte for byte but for whose they are. */
  | {
      fait: 'deplacer';
      scelles: Scelles;
      /** That a row which the other has already, by a unique key, stays where it is; unless said, the merge is refused. */
      identiquesRestent?: boolean;
      /** Of whose row it is a part: when they are separated again it goes with it, whenever it was added. */
      avec?: Parent;
      /** Opaque columns that are not sealed, such as keyed digests. */
      autres?: readonly string[];
    }
  /** They stay with whom they were written of. */
  | { fait: 'garder'; pourquoi: string }
  /** Nobody who has one is merged into somebody else. */
  | { fait: 'refuser'; dit: Texte /** Of which rows, in SQL; of all unless said. */; quand?: string }
  /** Rows that name no patient themselves: whose row they are a part of says whose they are. */
  | { fait: 'suivre'; scelles: Scelles; parent: Parent };

export type Regles = Readonly<Record<string, Regle>>;

/** @param scelles column and field, or the name alone where both are the same */
function deplacer(
  scelles: Scelles | readonly string[],
  options: Omit<Extract<Regle, { fait: 'deplacer' }>, 'fait' | 'scelles'> = {},
): Regle {
  return { fait: 'deplacer', scelles: champsOf(scelles), ...options };
}

function garder(pourquoi: string): Regle {
  return { fait: 'garder', pourquoi };
}

function champsOf(scelles: Scelles | readonly string[]): Scelles {
  return Array.isArray(scelles)
    ? Object.fromEntries(scelles.map((name) => [name, name]))
    : (scelles as Scelles);
}

/**
 * By table, or by table and column where that is not `patient_id`. A table that is sealed for a patient and names none itself
 * has a line too: `{ fait: 'suivre', … }`.
 */
export const REGLES: Regles = {
  acces_dossier: garder('chained: who read what of whom stays as it was written'),
  // Sealed for whom they were begun of, with all that is added to them: what is signed stays as it was.
  actes_consultation: {
    fait: 'suivre',
    scelles: { contenu: (ligne) => placeOfActe(ligne as never) },
    parent: { table: 'consultations', colonne: 'consultation_id' },
  },
  // What was said of an appointment is a part of it, and names nobody.
  actes_rendez_vous: {
    fait: 'suivre',
    scelles: {},
    parent: { table: 'rendez_vous_patients', colonne: 'rendez_vous_patient_id' },
  },
  // Who waits for the same twice waits once.
  attentes_patients: deplacer([], { identiquesRestent: true }),
  bris_de_glace: deplacer(['motif', 'commentaire']),
  cles_patient: garder('what was sealed for somebody opens with their key'),
  consultation_versions: {
    fait: 'suivre',
    scelles: {
      contenu: (ligne) => placeOfConsultationVersion(ligne as never, 'contenu'),
      notes: (ligne) => placeOfConsultationVersion(ligne as never, 'notes'),
    },
    parent: { table: 'consultations', colonne: 'consultation_id' },
  },
  consultations: deplacer({
    contenu: (ligne) => placeOfConsultation(ligne as never, 'contenu'),
    notes: (ligne) => placeOfConsultation(ligne as never, 'notes'),
  }),
  demandes_droits: deplacer(['demande', 'reponse']),
  ecrits: deplacer(['contenu', 'pdf', 'pdf_ar', 'signature', 'motif_invalidation']),
  // What tells entries of a group apart is a digest under the key of whom they were entered of (`lireDerniers`).
  elements_dossier: deplacer(
    { contenu: (ligne) => placeOfElement(ligne as never) },
    { autres: ['groupe'], avec: { table: 'consultations', colonne: 'consultation_id' } },
  ),
  elements_dossier_versions: deplacer(
    { contenu: (ligne) => placeOfVersion(ligne as never) },
    { avec: { table: 'elements_dossier', colonne: 'element_id' } },
  ),
  exports_dossier: garder('a copy was made of whom it names, and is gone within days'),
  examens: deplacer(['contenu', 'identite', 'decision']),
  'fusions.absorbe_id': garder('it is what undoes the merge'),
  'fusions.receveur_id': garder('it is what undoes the merge'),
  historique_patient: garder('it tells what was changed of whom'),
  // The same number twice says nothing more.
  identifiants_patient: deplacer(
    { valeur: ({ type }) => ({ champ: `valeur ${String(type)}` }) },
    { identiquesRestent: true },
  ),
  // When its patient could read one is a part of it, and names nobody.
  publications_consultation: {
    fait: 'suivre',
    scelles: {},
    parent: { table: 'consultations', colonne: 'consultation_id' },
  },
  purges: {
    fait: 'refuser',
    quand: `statut IN ('demandee', 'signee')`,
    dit: { fr: 'La destruction du dossier est demandée', en: 'It is asked for that the record be destroyed' },
  },
  // What keeps one of them keeps both.
  retenues_conservation: deplacer(['motif']),
  'patients.fusionne_dans_id': garder('whoever was merged into somebody is found by way of them'),
  // What was said of it goes with it, and names no patient.
  rendez_vous_patients: deplacer(['motif', 'motif_annulation']),
  resultats_examen: deplacer(['contenu', 'decision'], { avec: { table: 'examens', colonne: 'examen_id' } }),
  // Who treats both treats the one.
  soignants_patient: deplacer([], { identiquesRestent: true }),
};

/** Tables whose sealed values may have been sealed for somebody who was merged into the patient whose they are. */
export function isDeplacee(table: string): boolean {
  const regle = REGLES[table];
  return table !== 'patients' && regle?.fait !== 'garder';
}
