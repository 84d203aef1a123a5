import { TYPES_INTERVENTION, type TypeIntervention } from '../../domain/interventions/interventions';
import type { NatureTemps } from '../../domain/interventions/temps';
import { PRIORITES, type Priorite } from '../../domain/priorites';
import { MOIS } from '../../domain/writing';
import { isolated } from '../bidi';
import { Ecriture } from '../ecriture';
import { type Fact, facts } from '../elements/facts';
import { bars, columns, FIGURE_HEIGHT } from '../elements/figure';
import { finish } from '../elements/footer';
import { section, title } from '../elements/heading';
import { letterhead } from '../elements/letterhead';
import { paragraph, remark } from '../elements/prose';
import { table } from '../elements/table';
import { COLORS } from '../letters';
import { PAPIER_USUEL, type Papier } from '../papier';
import { Sheet } from '../sheet';

/** The figures of a month, of one site or of all that somebody oversees. */

/** Dates are ISO instants; amounts are exact decimals, as text; times whole minutes. */
export interface DonneesMois {
  date_rapport: string;
  fuseau_horaire: string;
  /** `2026-12`. */
  mois: string;
  /** Names of the sites; null for all there are. */
  perimetre: string[] | null;
  chiffres: Chiffres & {
    /** Of those created in the month, cancelled since. */
    annulees: number;
    /** At the end of the month, or by now. */
    ouvertes: number;
    /** From creation to the end, on average; null where nothing ended. */
    resolution: number | null;
    /** 1 to 5; null where nobody rated anything. */
    satisfaction: number | null;
    minutes: Record<NatureTemps, number>;
  };
  types: Record<TypeIntervention, number>;
  priorites: Record<Priorite, number>;
  jours: { jour: string; creees: number; terminees: number }[];
  sites: (Chiffres & { nom: string | null })[];
  reste: { sites: number };
}

interface Chiffres {
  creees: number;
  terminees: number;
  /** Finished before their deadline, of those that had one. */
  tenus: number;
  echeances: number;
  /** Of the parts of what was finished. */
  cout: string;
}

export function renderMois(donnees: DonneesMois, papier: Papier = PAPIER_USUEL): Promise<Buffer> {
  const { chiffres } = donnees;
  const ecriture = new Ecriture(papier.langue, donnees.fuseau_horaire);
  const { textes } = ecriture;
  const mots = textes.mois;
  const [annee, mois] = donnees.mois.split('-') as [string, string];
  const nom = MOIS[papier.langue][Number(mois) - 1]!;
  // As a title begins, where months have no capital of their own.
  const titre = `${nom[0]!.toUpperCase()}${nom.slice(1)} ${annee}`;
  const nature = mots.nature;
  const sheet = new Sheet(papier, {
    titre: textes.label(nature, titre),
    sujet: titre,
    date: new Date(donnees.date_rapport),
  });

  letterhead(sheet, nature);
  title(sheet, titre);
  paragraph(
    sheet,
    donnees.perimetre === null
      ? mots.tous
      : textes.label(mots.perimetre, donnees.perimetre.map(isolated).join(textes.virgule) || textes.aucun),
  );
  sheet.y += 14;
  const share = shareOf(chiffres);
  const tenu: Fact = {
    label: mots.tenus,
    valeur: share === null ? textes.aucun : mots.part(share, chiffres.tenus, chiffres.echeances),
  };
  facts(
    sheet,
    [
      { label: mots.creees, valeur: String(chiffres.creees) },
      { label: mots.terminees, valeur: String(chiffres.terminees) },
      { label: mots.ouvertes, valeur: String(chiffres.ouvertes) },
      share === null ? tenu : { ...tenu, couleur: share >= 90 ? COLORS.good : COLORS.bad },
      {
        label: mots.resolution,
        valeur: chiffres.resolution === null ? textes.aucun : ecriture.jusquAuxJours(chiffres.resolution),
      },
      { label: mots.annulees, valeur: String(chiffres.annulees) },
      { label: mots.cout, valeur: ecriture.montant(chiffres.cout) },
      { label: mots.travail, valeur: textes.duree(chiffres.minutes.travail) },
      { label: mots.trajet, valeur: textes.duree(chiffres.minutes.trajet) },
      {
        label: mots.satisfaction,
        valeur:
          chiffres.satisfaction === null
            ? textes.aucun
            : mots.note(ecriture.mesure(chiffres.satisfaction, null, 1)),
      },
    ],
    3,
  );

  section(sheet, mots.terminaisons, FIGURE_HEIGHT);
  const label = (jour: string) =>
    Number(jour.slice(8)) % 5 === 0 || jour.endsWith('-01') ? String(Number(jour.slice(8))) : '';
  columns(
    sheet,
    donnees.jours.map(({ jour, terminees }) => ({ label: label(jour), valeur: terminees })),
  );
  section(sheet, mots.creations, FIGURE_HEIGHT);
  columns(
    sheet,
    donnees.jours.map(({ jour, creees }) => ({ label: label(jour), valeur: creees })),
  );

  section(sheet, mots.parType, 60);
  bars(
    sheet,
    TYPES_INTERVENTION.map((type) => ({
      label: textes.types[type],
      valeur: donnees.types[type],
      texte: String(donnees.types[type]),
    })),
  );
  section(sheet, mots.parPriorite, 80);
  bars(
    sheet,
    PRIORITES.map((priorite) => ({
      label: textes.priorites[priorite],
      valeur: donnees.priorites[priorite],
      texte: String(donnees.priorites[priorite]),
    })),
  );

  if (donnees.sites.length > 0) {
    section(sheet, mots.parSite);
    const row = (nom: string, site: Chiffres) => {
      const held = shareOf(site);
      return [
        nom,
        String(site.creees),
        String(site.terminees),
        held === null ? textes.aucun : mots.pourcent(held),
        ecriture.montant(site.cout),
      ];
    };
    table(
      sheet,
      [
        { titre: textes.intervention.site, part: 0.36 },
        { titre: mots.creees, part: 0.15, align: 'end' },
        { titre: mots.terminees, part: 0.15, align: 'end' },
        { titre: mots.tenus, part: 0.16, align: 'end' },
        { titre: mots.cout, part: 0.18, align: 'end' },
      ],
      donnees.sites.map((site) => row(site.nom === null ? mots.sansSite : isolated(site.nom), site)),
      row(textes.intervention.total, chiffres),
    );
    remark(sheet, donnees.reste.sites === 0 ? null : textes.reste.sites(donnees.reste.sites));
  }
  return finish(
    sheet,
    textes.label(nature, titre),
    textes.etabli(papier.maison.nom, ecriture.moment(donnees.date_rapport), donnees.fuseau_horaire),
    textes.page,
  );
}

/** Percent; null of none. */
function shareOf({ tenus, echeances }: Chiffres): number | null {
  return echeances === 0 ? null : Math.round((1000 * tenus) / echeances) / 10;
}
