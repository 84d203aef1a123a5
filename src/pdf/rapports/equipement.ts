import type { Statut, TypeIntervention } from '../../domain/interventions/interventions';
import type { StatutEquipement } from '../../domain/parc/equipements';
import { isolated } from '../bidi';
import { Ecriture } from '../ecriture';
import { AMBER, type Chip, chips, GREEN, GREY, RED } from '../elements/chips';
import { type Fact, facts } from '../elements/facts';
import { bars, curve, FIGURE_HEIGHT } from '../elements/figure';
import { finish } from '../elements/footer';
import { section, title } from '../elements/heading';
import { letterhead } from '../elements/letterhead';
import { paragraph, remark } from '../elements/prose';
import { table } from '../elements/table';
import { type Moment, timeline } from '../elements/timeline';
import { COLORS } from '../letters';
import { PAPIER_USUEL, type Papier } from '../papier';
import { Sheet } from '../sheet';

/** The history of an equipment: work, stops, what its meters showed, and what it has cost. */

/** Dates are ISO instants; amounts are exact decimals, as text; times whole minutes. */
export interface DonneesEquipement {
  date_rapport: string;
  fuseau_horaire: string;
  equipement: {
    id: number;
    nom: string;
    type: string;
    modele: string | null;
    numero_serie: string;
    localisation: string | null;
    site: string | null;
    client: string | null;
    statut: StatutEquipement;
    date_installation: string | null;
    /** A day. */
    garantie_fin: string | null;
    derniere_maintenance: string | null;
    prochaine_maintenance: string | null;
    cout_remplacement: string | null;
  };
  totaux: {
    interventions: number;
    correctives: number;
    preventives: number;
    cout: string;
    minutes_travail: number;
    /** Until the report is made, for those that last. */
    minutes_panne: number;
    minutes_maintenance: number;
  };
  annees: { annee: number; interventions: number; cout: string }[];
  /** The latest first. */
  interventions: {
    id: number;
    date: string;
    titre: string;
    type_intervention: TypeIntervention;
    statut: Statut;
    technicien: string | null;
    cout: string;
  }[];
  arrets: {
    cause: 'panne' | 'maintenance';
    debut: string;
    fin: string | null;
    intervention_id: number | null;
  }[];
  /** In the order of time. */
  compteurs: { nom: string; unite: string | null; releves: { date: string; valeur: number }[] }[];
  reste: { interventions: number; arrets: number };
}

export function renderEquipement(donnees: DonneesEquipement, papier: Papier = PAPIER_USUEL): Promise<Buffer> {
  const { equipement, totaux, annees, arrets, interventions } = donnees;
  const ecriture = new Ecriture(papier.langue, donnees.fuseau_horaire);
  const { textes } = ecriture;
  const mots = textes.equipement;
  const nature = mots.nature;
  const sheet = new Sheet(papier, {
    titre: textes.label(nature, equipement.nom),
    sujet: equipement.nom,
    date: new Date(donnees.date_rapport),
  });

  letterhead(sheet, nature);
  title(sheet, equipement.nom);
  chips(sheet, [{ texte: textes.statutsEquipement[equipement.statut], ...STATUTS[equipement.statut] }]);
  facts(sheet, identity(donnees, ecriture), 3);

  section(sheet, mots.bilan);
  facts(
    sheet,
    [
      { label: mots.interventions, valeur: String(totaux.interventions) },
      { label: mots.correctives, valeur: String(totaux.correctives) },
      { label: mots.preventives, valeur: String(totaux.preventives) },
      { label: mots.panne, valeur: ecriture.jusquAuxJours(totaux.minutes_panne) },
      { label: mots.maintenance, valeur: ecriture.jusquAuxJours(totaux.minutes_maintenance) },
      { label: mots.travail, valeur: textes.duree(totaux.minutes_travail) },
      { label: mots.cout, valeur: ecriture.montant(totaux.cout) },
      ...(equipement.cout_remplacement === null
        ? []
        : [{ label: mots.remplacement, valeur: ecriture.montant(equipement.cout_remplacement) }]),
    ],
    3,
  );

  if (annees.length > 0) {
    section(sheet, mots.parAnnee, 60);
    bars(
      sheet,
      annees.map(({ annee, cout, interventions: nombre }) => ({
        label: mots.annee(annee, nombre),
        valeur: Number(cout),
        texte: ecriture.montant(cout),
      })),
    );
  }

  section(sheet, mots.travaux);
  if (interventions.length === 0) paragraph(sheet, mots.aucunTravail);
  timeline(
    sheet,
    interventions.map(
      (one): Moment => ({
        quand: ecriture.jour(one.date),
        quoi: mots.numero(one.id, one.titre),
        detail: [
          textes.types[one.type_intervention],
          textes.statuts[one.statut],
          ...(one.technicien === null ? [] : [isolated(one.technicien)]),
          ...(Number(one.cout) === 0 ? [] : [mots.pieces(ecriture.montant(one.cout))]),
        ].join(' · '),
        ...(one.type_intervention === 'corrective' ? { couleur: COLORS.bad } : {}),
      }),
    ),
  );
  const { reste } = donnees;
  remark(sheet, reste.interventions === 0 ? null : textes.reste.interventions(reste.interventions));

  if (arrets.length > 0) {
    section(sheet, mots.arrets);
    table(
      sheet,
      [
        { titre: mots.causeTitre, part: 0.18 },
        { titre: mots.debut, part: 0.26 },
        { titre: mots.fin, part: 0.26 },
        { titre: mots.duree, part: 0.14, align: 'end' },
        { titre: mots.intervention, part: 0.16, align: 'end' },
      ],
      arrets.map(({ cause, debut, fin, intervention_id }) => [
        mots.causes[cause],
        ecriture.moment(debut),
        fin === null ? mots.enCours : ecriture.moment(fin),
        ecriture.entre(debut, fin ?? donnees.date_rapport),
        intervention_id === null ? textes.aucun : String(intervention_id),
      ]),
    );
    remark(sheet, reste.arrets === 0 ? null : textes.reste.arrets(reste.arrets));
  }

  for (const { nom, unite, releves } of donnees.compteurs) {
    if (releves.length === 0) continue;
    section(sheet, mots.compteur(nom), FIGURE_HEIGHT);
    const [first, last] = [releves[0]!, releves.at(-1)!];
    const [from, to] = [Date.parse(first.date), Date.parse(last.date)];
    const values = releves.map(({ valeur }) => valeur);
    curve(
      sheet,
      releves.map(({ date, valeur }) => ({
        part: to === from ? 0.5 : (Date.parse(date) - from) / (to - from),
        valeur,
      })),
      {
        min: ecriture.mesure(Math.min(...values), unite, 2),
        max: ecriture.mesure(Math.max(...values), unite, 2),
        debut: ecriture.jour(first.date),
        fin: releves.length === 1 ? '' : ecriture.jour(last.date),
      },
    );
  }
  return finish(
    sheet,
    textes.label(nature, equipement.nom),
    textes.etabli(papier.maison.nom, ecriture.moment(donnees.date_rapport), donnees.fuseau_horaire),
    textes.page,
  );
}

function identity({ equipement }: DonneesEquipement, ecriture: Ecriture): Fact[] {
  const { intervention: noms, equipement: mots } = ecriture.textes;
  const text = (valeur: string | null) => valeur && isolated(valeur);
  const jour = (instant: string | null) => instant && ecriture.jour(instant);
  const known: [string, string | null | undefined][] = [
    [noms.type, text(equipement.type)],
    [noms.modele, text(equipement.modele)],
    [noms.serie, text(equipement.numero_serie)],
    [noms.site, text(equipement.site)],
    [noms.localisation, text(equipement.localisation)],
    [noms.client, text(equipement.client)],
    [mots.installation, jour(equipement.date_installation)],
    [mots.derniere, jour(equipement.derniere_maintenance)],
    [mots.prochaine, jour(equipement.prochaine_maintenance)],
    [mots.garantie, equipement.garantie_fin?.split('-').reverse().join('/')],
  ];
  return known.flatMap(([label, valeur]) => (valeur ? [{ label, valeur }] : []));
}

const STATUTS: Record<StatutEquipement, Omit<Chip, 'texte'>> = {
  operationnel: GREEN,
  en_maintenance: AMBER,
  en_panne: RED,
  hors_service: GREY,
};
