import type { Medicament } from '../../domain/cabinet/allergenes';
import {
  type ContenuCertificat,
  certificatFaults,
  certificatManques,
} from '../../domain/cabinet/certificats';
import type { Naissance } from '../../domain/cabinet/naissances';
import { type ContenuOrdonnance, ordonnanceFaults } from '../../domain/cabinet/ordonnances';
import type { FieldFault } from '../../domain/errors';
import type { DonneesEcrit } from '../../pdf/ecrits/commun';
import type { Ecrit as Document } from '../../pdf/render';

/** What tells an ordonnance from a certificate: all else they have in common. */

export interface Contenus {
  ordonnance: ContenuOrdonnance;
  certificat: ContenuCertificat;
}
export type Genre = keyof Contenus;

interface SpecGenre<Contenu> {
  /** What speaks against it, also while it is a draft. */
  fautes(contenu: Contenu): FieldFault[];
  /** And what it lacks to be signed. @param jour of the practice. */
  manques(contenu: Contenu, given: { naissance: Naissance; jour: string; copieArabe: boolean }): FieldFault[];
  /** What is compared with known allergies, line by line; null where nothing is. */
  medicaments(contenu: Contenu): readonly Medicament[] | null;
  document(donnees: DonneesEcrit, contenu: Contenu): Document;
}

export const GENRES: { readonly [G in Genre]: SpecGenre<Contenus[G]> } = {
  ordonnance: {
    fautes: () => [],
    manques: (contenu, { naissance, jour }) => ordonnanceFaults(contenu, naissance, jour),
    medicaments: ({ lignes }) => lignes,
    document: (donnees, contenu) => ({ genre: 'ordonnance', donnees: { ...donnees, contenu } }),
  },
  certificat: {
    fautes: certificatFaults,
    manques: (contenu, { copieArabe }) => certificatManques(contenu, copieArabe),
    medicaments: () => null,
    document: (donnees, contenu) => ({ genre: 'certificat', donnees: { ...donnees, contenu } }),
  },
};
