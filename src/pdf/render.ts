import { type DonneesCertificat, renderCertificat } from './ecrits/certificat';
import { type DonneesOrdonnance, renderOrdonnance } from './ecrits/ordonnance';
import type { Papier } from './papier';
import { type DonneesEquipement, renderEquipement } from './rapports/equipement';
import { type DonneesRapport, renderRapport } from './rapports/intervention';
import { type DonneesMois, renderMois } from './rapports/mois';
import { type DonneesSemaine, renderSemaine } from './rapports/semaine';

/** What a thread is asked to make: one kind of report, of which data. */
export type Rapport =
  | { genre: 'intervention'; donnees: DonneesRapport }
  | { genre: 'semaine'; donnees: DonneesSemaine }
  | { genre: 'equipement'; donnees: DonneesEquipement }
  | { genre: 'mois'; donnees: DonneesMois };

/** What a practice signs, on its own paper. */
export type Ecrit =
  | { genre: 'ordonnance'; donnees: DonneesOrdonnance }
  | { genre: 'certificat'; donnees: DonneesCertificat };

/** And on whose paper. */
export type Commande = (Rapport & { papier: Papier }) | Ecrit;

export function render(commande: Commande): Promise<Buffer> {
  switch (commande.genre) {
    case 'intervention':
      return renderRapport(commande.donnees, commande.papier);
    case 'semaine':
      return renderSemaine(commande.donnees, commande.papier);
    case 'equipement':
      return renderEquipement(commande.donnees, commande.papier);
    case 'mois':
      return renderMois(commande.donnees, commande.papier);
    case 'ordonnance':
      return renderOrdonnance(commande.donnees);
    case 'certificat':
      return renderCertificat(commande.donnees);
  }
}
