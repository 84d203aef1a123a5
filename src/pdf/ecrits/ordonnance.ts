import type { ContenuOrdonnance, LigneOrdonnance } from '../../domain/cabinet/ordonnances';
import { isolated } from '../bidi';
import { section } from '../elements/heading';
import { mention } from '../elements/mention';
import { type LignePrescription, prescription } from '../elements/prescription';
import { paragraph } from '../elements/prose';
import { ECRITS, type TextesEcrit } from '../textes/ecrits';
import { type DonneesEcrit, feuille } from './commun';

/** An ordonnance, as a pharmacist reads it. */
export interface DonneesOrdonnance extends DonneesEcrit {
  contenu: ContenuOrdonnance;
}

export function renderOrdonnance(donnees: DonneesOrdonnance): Promise<Buffer> {
  const { lignes, remarques } = donnees.contenu;
  const textes = ECRITS[donnees.langue];
  const { sheet, close } = feuille(donnees, textes.ordonnance, mesuresOf(donnees.contenu, textes));
  mention(sheet, textes.copie);
  section(sheet, textes.prescription, 60);
  lignes.forEach((ligne, rank) => {
    prescription(sheet, rank + 1, lineOf(ligne, textes));
  });
  if (remarques !== null) {
    section(sheet, textes.remarques);
    paragraph(sheet, remarques);
  }
  return close();
}

function mesuresOf({ poids_kg, taille_cm }: ContenuOrdonnance, textes: TextesEcrit): string[] {
  const measured = (label: string, valeur: number | null, unite: string) =>
    valeur === null ? [] : [textes.label(label, isolated(`${String(valeur).replace('.', ',')} ${unite}`))];
  return [...measured(textes.poids, poids_kg, 'kg'), ...measured(textes.taille, taille_cm, 'cm')];
}

function lineOf(ligne: LigneOrdonnance, textes: TextesEcrit): LignePrescription {
  const { dci, specialite, dosage, posologie, mode, duree_jours, boites, renouvellements } = ligne;
  const nom = dci === null || specialite === null ? (dci ?? specialite) : `${dci} (${specialite})`;
  return {
    medicament: [nom, dosage].filter((part) => part !== null).join(textes.virgule),
    details: [
      textes.label(textes.posologie, isolated(posologie ?? '')),
      textes.label(textes.mode, isolated(mode ?? '')),
    ],
    quantite: [
      ...(duree_jours === null ? [] : [textes.pendant(duree_jours)]),
      ...(boites === null ? [] : [textes.boites(boites)]),
      renouvellements === 0 ? textes.nonRenouvelable : textes.renouveler(renouvellements),
    ].join(textes.virgule),
    mention: ligne.non_substituable ? textes.nonSubstituable : null,
  };
}
