import type { ContenuCertificat } from '../../domain/cabinet/certificats';
import { title } from '../elements/heading';
import { mention } from '../elements/mention';
import { paragraph, remark } from '../elements/prose';
import { ECRITS } from '../textes/ecrits';
import { type DonneesEcrit, feuille, jourText } from './commun';

/** A certificate, handed to the person it is about. */
export interface DonneesCertificat extends DonneesEcrit {
  contenu: ContenuCertificat;
}

export function renderCertificat(donnees: DonneesCertificat): Promise<Buffer> {
  const { type, texte, texte_ar, date_debut, date_fin, diagnostic, remis_a } = donnees.contenu;
  const textes = ECRITS[donnees.langue];
  const { sheet, close } = feuille(donnees, textes.certificat);
  mention(sheet, textes.copie);
  sheet.y += 26;
  title(sheet, textes.types[type]);
  sheet.y += 4;
  paragraph(sheet, (donnees.langue === 'ar' ? texte_ar : texte) ?? '');
  if (date_debut !== null) {
    sheet.y += 10;
    paragraph(sheet, textes.periode(jourText(date_debut), date_fin && jourText(date_fin)));
  }
  if (diagnostic !== null) {
    sheet.y += 10;
    paragraph(sheet, textes.diagnostic(diagnostic));
  }
  sheet.y += 14;
  remark(sheet, textes.remis[remis_a]);
  return close();
}
