import type { NatureTemps } from '../../domain/interventions/temps';
import { NATURES_TEMPS } from '../../domain/interventions/temps';
import type { StatutPlanning } from '../../domain/planification/planning';
import { fullName } from '../../domain/writing';
import { isolated } from '../bidi';
import { Ecriture } from '../ecriture';
import { facts } from '../elements/facts';
import { columns, FIGURE_HEIGHT } from '../elements/figure';
import { finish } from '../elements/footer';
import { section, title } from '../elements/heading';
import { letterhead } from '../elements/letterhead';
import { paragraph, remark } from '../elements/prose';
import { table } from '../elements/table';
import { PAPIER_USUEL, type Papier } from '../papier';
import { Sheet } from '../sheet';

/** The week of a technicien: where they went, and what their time was spent on. */

/** Dates are ISO instants, days `YYYY-MM-DD`, times whole minutes. */
export interface DonneesSemaine {
  date_rapport: string;
  fuseau_horaire: string;
  /** `2026-W51`. */
  semaine: string;
  technicien: { nom: string; prenom: string; specialite: string | null };
  visites: {
    date: string;
    duree_estimee: number;
    statut: StatutPlanning;
    intervention_id: number;
    titre: string;
    equipement: string;
    site: string | null;
  }[];
  /** The seven days, each with the time spent on it. */
  jours: { jour: string; minutes: Record<NatureTemps, number> }[];
  /** The time of the week by what it was spent on, most of it first. */
  interventions: { id: number; titre: string; minutes: Record<NatureTemps, number> }[];
  /** Sums of all of them, also of those that are not shown. */
  minutes: Record<NatureTemps, number>;
  terminees: number;
  reste: { visites: number; interventions: number };
}

export function renderSemaine(donnees: DonneesSemaine, papier: Papier = PAPIER_USUEL): Promise<Buffer> {
  const ecriture = new Ecriture(papier.langue, donnees.fuseau_horaire);
  const { textes } = ecriture;
  const mots = textes.semaine;
  const [premier, dernier] = [donnees.jours[0]!.jour, donnees.jours.at(-1)!.jour];
  const nom = fullName(donnees.technicien);
  const nature = mots.nature(donnees.semaine);
  const sheet = new Sheet(papier, {
    titre: textes.label(nature, nom),
    sujet: nom,
    date: new Date(donnees.date_rapport),
  });

  letterhead(sheet, nature);
  title(sheet, nom);
  const { specialite } = donnees.technicien;
  paragraph(
    sheet,
    [mots.periode(day(premier), day(dernier)), ...(specialite === null ? [] : [isolated(specialite)])].join(
      ' · ',
    ),
  );
  sheet.y += 14;
  facts(
    sheet,
    [
      { label: mots.visites, valeur: String(donnees.visites.length + donnees.reste.visites) },
      { label: mots.terminees, valeur: String(donnees.terminees) },
      { label: mots.total, valeur: textes.duree(sumOf(donnees.minutes)) },
      ...NATURES_TEMPS.map((of) => ({
        label: textes.natures[of],
        valeur: textes.duree(donnees.minutes[of]),
      })),
    ],
    3,
  );

  section(sheet, mots.parJour, FIGURE_HEIGHT);
  columns(
    sheet,
    donnees.jours.map(({ jour, minutes }) => ({
      label: `${mots.jours[weekday(jour)]!} ${jour.slice(8)}`,
      valeur: Math.round((sumOf(minutes) / 60) * 10) / 10,
    })),
  );

  section(sheet, mots.visitesTitre);
  if (donnees.visites.length === 0) paragraph(sheet, mots.aucuneVisite);
  else {
    table(
      sheet,
      [
        { titre: mots.quand, part: 0.2 },
        { titre: mots.intervention, part: 0.31 },
        { titre: mots.lieu, part: 0.23 },
        { titre: mots.duree, part: 0.13, align: 'end' },
        { titre: mots.statut, part: 0.13 },
      ],
      donnees.visites.map((visite) => [
        ecriture.moment(visite.date),
        mots.numero(visite.intervention_id, visite.titre),
        [visite.equipement, visite.site]
          .filter((lieu) => lieu !== null)
          .map(isolated)
          .join(textes.virgule),
        textes.duree(visite.duree_estimee),
        mots.statuts[visite.statut],
      ]),
    );
    remark(sheet, donnees.reste.visites === 0 ? null : textes.reste.visites(donnees.reste.visites));
  }

  if (donnees.interventions.length > 0) {
    section(sheet, mots.temps);
    const row = (first: string, minutes: Record<NatureTemps, number>) => [
      first,
      ...NATURES_TEMPS.map((of) => (minutes[of] === 0 ? textes.aucun : textes.duree(minutes[of]))),
      textes.duree(sumOf(minutes)),
    ];
    table(
      sheet,
      [
        { titre: mots.intervention, part: 0.44 },
        ...NATURES_TEMPS.map((of) => ({ titre: textes.natures[of], part: 0.14, align: 'end' as const })),
        { titre: mots.total, part: 0.14, align: 'end' },
      ],
      donnees.interventions.map(({ id, titre, minutes }) => row(mots.numero(id, titre), minutes)),
      row(mots.total, donnees.minutes),
    );
    const { interventions: more } = donnees.reste;
    remark(sheet, more === 0 ? null : textes.reste.interventions(more));
  }
  return finish(
    sheet,
    textes.label(nature, nom),
    textes.etabli(papier.maison.nom, ecriture.moment(donnees.date_rapport), donnees.fuseau_horaire),
    textes.page,
  );
}

function sumOf(minutes: Record<NatureTemps, number>): number {
  return NATURES_TEMPS.reduce((sum, nature) => sum + minutes[nature], 0);
}

/** `2026-12-20` as people write it. */
function day(jour: string): string {
  return jour.split('-').reverse().join('/');
}

/** 0 for Monday. */
function weekday(jour: string): number {
  return (new Date(`${jour}T00:00:00Z`).getUTCDay() + 6) % 7;
}
