import type { Statut, TypeIntervention } from '../../domain/interventions/interventions';
import type { NaturePanne } from '../../domain/interventions/pannes';
import type { NatureTemps } from '../../domain/interventions/temps';
import { RAPPORT } from '../../domain/limites';
import { clip, clipLine } from '../../domain/lines';
import type { Priorite } from '../../domain/priorites';
import { fullName } from '../../domain/writing';
import { isolated } from '../bidi';
import { Ecriture } from '../ecriture';
import { cards } from '../elements/cards';
import { ALARM, AMBER, BLUE, type Chip, chips, GREEN, GREY, RED } from '../elements/chips';
import { type EtapeRapport, etapes } from '../elements/etapes';
import { type Fact, facts } from '../elements/facts';
import { finish } from '../elements/footer';
import { section, title } from '../elements/heading';
import { letterhead } from '../elements/letterhead';
import { PHOTOS_HEIGHT, photos } from '../elements/photos';
import { type PieceRapport, pieces } from '../elements/pieces';
import { note, paragraph, remark } from '../elements/prose';
import { SIGNATURE_HEIGHT, signature } from '../elements/signature';
import { table } from '../elements/table';
import { type TempsRapport, temps } from '../elements/temps';
import { COLORS } from '../letters';
import { type Image, PAPIER_USUEL, type Papier } from '../papier';
import { Sheet } from '../sheet';

/** The report of an intervention, as a PDF for people: what was to be done, by whom, when, and what came of it. */

/** Everything the report says. Dates are ISO instants. */
export interface DonneesRapport {
  /** When the report is made; the same data give the same bytes. */
  date_rapport: string;
  /** IANA zone of the site, in which times are written. */
  fuseau_horaire: string;
  intervention: {
    id: number;
    titre: string;
    description: string;
    type_intervention: TypeIntervention;
    statut: Statut;
    priorite: Priorite;
    urgence: boolean;
    date_creation: string;
    date_limite: string | null;
    /** The first deadline that passed, whatever was done to it afterwards. */
    depasse_le?: string | null;
    /** What the parts have cost: an exact decimal, as text. */
    cout_pieces?: string | null;
    date_debut: string | null;
    date_fin: string | null;
    rapport: string | null;
    motif_annulation: string | null;
  };
  /** `duree_estimee` in minutes. */
  planning: { date_planifiee: string; duree_estimee: number } | null;
  equipement: {
    nom: string;
    type: string;
    modele: string | null;
    numero_serie: string | null;
    localisation: string | null;
    site: string | null;
  };
  client: { nom: string; prenom: string; email: string | null; telephone: string | null } | null;
  technicien: { nom: string; prenom: string; specialite: string | null; telephone: string | null } | null;
  pieces: PieceRapport[];
  /** Steps in order. */
  etapes: EtapeRapport[];
  temps: TempsRapport[];
  /** Whole minutes by nature, of all segments, also of those that are not shown. */
  minutes: Record<NatureTemps, number>;
  pannes: { nature: NaturePanne; code: string; libelle: string }[];
  commentaires: { date: string; auteur: string; texte: string }[];
  /** `action` as the history records it; without `auteur`, the system acted. */
  historique: { date: string; action: string; auteur: string | null }[];
  /** How many more of each there are than were read. */
  reste: Record<Liste, number>;
  images?: ImagesRapport;
}

/** What was photographed, and who signed. */
export interface ImagesRapport {
  photos: { image: Image; nom: string; date: string; moment: 'avant' | 'apres' | 'defaut' | null }[];
  signature: { image: Image; nom: string | null; qualite: string | null; date: string } | null;
  /** How many are not shown, and why. */
  confidentielles: number;
  illisibles: number;
  reste: number;
}

type Liste = 'pieces' | 'etapes' | 'temps' | 'commentaires' | 'historique';

/**
 * Writes the report. It shows no more than its limits (`domain/limites.ts`), whatever it is given, and says what it leaves
 * out.
 */
export function renderRapport(given: DonneesRapport, papier: Papier = PAPIER_USUEL): Promise<Buffer> {
  const donnees = bounded(given);
  const { intervention, images } = donnees;
  const ecriture = new Ecriture(papier.langue, donnees.fuseau_horaire);
  const { textes } = ecriture;
  const mots = textes.intervention;
  const reste = (liste: Liste) => omitted(donnees.reste[liste], textes.reste[liste]);
  const nature = mots.nature(intervention.id);
  const sheet = new Sheet(papier, {
    titre: textes.label(nature, intervention.titre),
    sujet: `${mots.reference(intervention.id)}, ${donnees.equipement.nom}`,
    date: new Date(donnees.date_rapport),
  });

  letterhead(sheet, nature);
  title(sheet, intervention.titre);
  chips(sheet, chipsOf(donnees, ecriture));
  cards(sheet, cardsOf(donnees, ecriture));

  section(sheet, mots.chronologie);
  facts(sheet, chronologie(donnees, ecriture), 3);

  section(sheet, mots.demande);
  paragraph(sheet, intervention.description);

  if (intervention.motif_annulation) {
    section(sheet, mots.motif);
    paragraph(sheet, intervention.motif_annulation);
  }
  if (intervention.rapport) {
    section(sheet, mots.compteRendu);
    paragraph(sheet, intervention.rapport);
  }
  if (donnees.pannes.length > 0) {
    section(sheet, mots.panne);
    facts(
      sheet,
      donnees.pannes.map(({ nature: of, code, libelle }) => ({
        label: textes.pannes[of],
        valeur: `${isolated(code)} · ${isolated(libelle)}`,
      })),
      3,
    );
  }
  if (donnees.etapes.length > 0) {
    section(sheet, mots.etapes);
    etapes(sheet, ecriture, donnees.etapes);
    remark(sheet, reste('etapes'));
  }
  if (donnees.temps.length > 0) {
    section(sheet, mots.temps);
    temps(sheet, ecriture, donnees.temps, donnees.minutes);
    remark(sheet, reste('temps'));
  }
  if (donnees.pieces.length > 0) {
    section(sheet, mots.pieces);
    pieces(sheet, ecriture, donnees.pieces, intervention.cout_pieces ?? null);
    remark(sheet, reste('pieces'));
  }
  if (images !== undefined) imagesOf(sheet, ecriture, images);
  if (donnees.commentaires.length > 0) {
    section(sheet, mots.commentaires);
    for (const { auteur, date: instant, texte } of donnees.commentaires) {
      note(sheet, textes.parLe(auteur, ecriture.moment(instant)), texte);
    }
    remark(sheet, reste('commentaires'));
  }
  if (donnees.historique.length > 0) {
    section(sheet, mots.historique);
    table(
      sheet,
      [
        { titre: mots.date, part: 0.24 },
        { titre: mots.action, part: 0.44 },
        { titre: mots.auteur, part: 0.32 },
      ],
      donnees.historique.map(({ date: instant, action, auteur }) => [
        ecriture.moment(instant),
        actionLabel(ecriture, action),
        auteur === null ? textes.systeme : isolated(auteur),
      ]),
    );
    remark(sheet, reste('historique'));
  }
  return finish(
    sheet,
    textes.label(mots.reference(intervention.id), intervention.titre),
    textes.etabli(papier.maison.nom, ecriture.moment(donnees.date_rapport), donnees.fuseau_horaire),
    textes.page,
  );
}

function imagesOf(sheet: Sheet, ecriture: Ecriture, images: ImagesRapport): void {
  const { textes } = ecriture;
  const mots = textes.intervention;
  const shown = images.photos.slice(0, RAPPORT.photos);
  const unseen = [
    omitted(images.reste + images.photos.length - shown.length, textes.reste.photos),
    omitted(images.confidentielles, mots.confidentielles),
    omitted(images.illisibles, mots.illisibles),
  ].filter((said) => said !== null);
  if (shown.length > 0 || unseen.length > 0) {
    section(sheet, mots.photos, shown.length > 0 ? PHOTOS_HEIGHT : undefined);
    photos(
      sheet,
      shown.map(({ image, nom, date, moment }) => ({
        image,
        legende: [moment === null ? isolated(nom) : mots.moments[moment], ecriture.moment(date)].join(' · '),
      })),
    );
    for (const said of unseen) remark(sheet, said);
  }
  const { signature: signed } = images;
  if (signed !== null) {
    section(sheet, mots.signature, SIGNATURE_HEIGHT);
    signature(
      sheet,
      signed.image,
      signed.nom === null ? '' : mots.signePar(signed.nom, signed.qualite),
      mots.deposeLe(ecriture.moment(signed.date)),
    );
  }
}

/** As much of everything as is shown. */
function bounded(donnees: DonneesRapport): DonneesRapport {
  const { intervention, reste } = donnees;
  const line = <Text extends string | null>(texte: Text) =>
    (texte === null ? null : clipLine(texte, RAPPORT.ligne)) as Text;
  const lines = <Row extends object>(row: Row) =>
    Object.fromEntries(
      Object.entries(row).map(([field, value]) => [field, typeof value === 'string' ? line(value) : value]),
    ) as Row;
  const shown = {
    pieces: donnees.pieces.slice(0, RAPPORT.pieces),
    etapes: donnees.etapes.slice(0, RAPPORT.etapes),
    temps: donnees.temps.slice(0, RAPPORT.temps),
    commentaires: donnees.commentaires.slice(-RAPPORT.commentaires),
    historique: donnees.historique.slice(-RAPPORT.historique),
  };
  const left = (liste: Liste) => reste[liste] + donnees[liste].length - shown[liste].length;
  return {
    ...donnees,
    intervention: {
      ...intervention,
      titre: line(intervention.titre),
      description: clip(intervention.description, RAPPORT.texte),
      rapport: intervention.rapport && clip(intervention.rapport, RAPPORT.compteRendu),
      motif_annulation: intervention.motif_annulation && clip(intervention.motif_annulation, RAPPORT.texte),
    },
    equipement: lines(donnees.equipement),
    client: donnees.client && lines(donnees.client),
    technicien: donnees.technicien && lines(donnees.technicien),
    pieces: shown.pieces.map(lines),
    etapes: shown.etapes.map((etape) => ({
      ...lines(etape),
      valeur: typeof etape.valeur === 'string' ? clip(etape.valeur, RAPPORT.texte) : etape.valeur,
    })),
    temps: shown.temps.map(lines),
    pannes: donnees.pannes.map(lines),
    commentaires: shown.commentaires.map(({ date, auteur, texte }) => ({
      date,
      auteur: line(auteur),
      texte: clip(texte, RAPPORT.texte),
    })),
    historique: shown.historique.map(lines),
    reste: {
      pieces: left('pieces'),
      etapes: left('etapes'),
      temps: left('temps'),
      commentaires: left('commentaires'),
      historique: left('historique'),
    },
  };
}

/** What is said of so many, or nothing of none. */
function omitted(count: number, say: (count: number) => string): string | null {
  return count === 0 ? null : say(count);
}

function chipsOf({ intervention }: DonneesRapport, { textes }: Ecriture): Chip[] {
  const { statut, priorite, urgence, type_intervention } = intervention;
  return [
    { texte: textes.statuts[statut], ...STATUTS[statut] },
    { texte: textes.priorites[priorite], ...PRIORITES[priorite] },
    ...(urgence ? [{ texte: textes.intervention.urgent, ...ALARM }] : []),
    { texte: textes.types[type_intervention], ...GREY },
  ];
}

function cardsOf({ equipement, client, technicien }: DonneesRapport, { textes }: Ecriture) {
  const mots = textes.intervention;
  const known = (lignes: [label: string, valeur: string | null][]) =>
    lignes.flatMap(([label, valeur]) => (valeur ? [textes.label(label, valeur)] : []));
  return [
    {
      titre: mots.equipement,
      nom: equipement.nom,
      lignes: known([
        [mots.type, equipement.type],
        [mots.modele, equipement.modele],
        [mots.serie, equipement.numero_serie],
        [mots.localisation, equipement.localisation],
        [mots.site, equipement.site],
      ]),
    },
    {
      titre: mots.client,
      nom: client ? fullName(client) : mots.nonRenseigne,
      lignes: client ? [client.email, client.telephone].filter((ligne) => ligne !== null).map(isolated) : [],
    },
    {
      titre: mots.technicien,
      nom: technicien ? fullName(technicien) : mots.nonAssigne,
      lignes: technicien
        ? [technicien.specialite, technicien.telephone].filter((ligne) => ligne !== null).map(isolated)
        : [],
    },
  ];
}

function chronologie(donnees: DonneesRapport, ecriture: Ecriture): Fact[] {
  const { intervention, planning } = donnees;
  const { date_creation, date_limite, date_debut, date_fin } = intervention;
  const { textes } = ecriture;
  const mots = textes.intervention;
  const end = date_fin ?? donnees.date_rapport;
  const when = (instant: string | null | undefined) => (instant ? ecriture.moment(instant) : textes.aucun);
  return [
    { label: mots.creation, valeur: when(date_creation) },
    { label: mots.prevue, valeur: when(planning?.date_planifiee) },
    { label: mots.limite, valeur: when(date_limite) },
    { label: mots.debut, valeur: when(date_debut) },
    { label: mots.fin, valeur: when(date_fin) },
    delai(donnees, ecriture),
    {
      label: mots.dureeEstimee,
      valeur: planning ? textes.duree(planning.duree_estimee) : textes.aucun,
    },
    {
      label: date_fin ? mots.duree : mots.dureeACeJour,
      valeur: date_debut ? ecriture.entre(date_debut, end) : textes.aucun,
    },
    {
      label: date_fin ? mots.deCreationAFin : mots.depuisCreation,
      valeur: ecriture.entre(date_creation, end),
    },
  ];
}

/** Whether the intervention ended, or still can end, before its deadline. */
function delai({ intervention, date_rapport }: DonneesRapport, ecriture: Ecriture): Fact {
  const { aucun, intervention: mots } = ecriture.textes;
  const label = mots.delai;
  const { statut, date_limite, depasse_le, date_fin } = intervention;
  if (!date_limite || statut === 'annulee') return { label, valeur: aucun };
  const end = date_fin ?? date_rapport;
  const passed = depasse_le ?? date_limite;
  if (Date.parse(end) > Date.parse(passed)) {
    return { label, valeur: mots.depasse(ecriture.entre(passed, end)), couleur: COLORS.bad };
  }
  const margin = ecriture.entre(end, date_limite);
  return date_fin
    ? { label, valeur: mots.tenu(margin), couleur: COLORS.good }
    : { label, valeur: mots.enCours(margin) };
}

function actionLabel({ textes: { actions } }: Ecriture, action: string): string {
  return actions[action] ?? (action.charAt(0).toUpperCase() + action.slice(1)).replaceAll('_', ' ');
}

const STATUTS: Record<Statut, Omit<Chip, 'texte'>> = {
  ouverte: BLUE,
  planifiee: BLUE,
  en_cours: AMBER,
  attente_pieces: AMBER,
  terminee: GREEN,
  annulee: GREY,
};

const PRIORITES: Record<Priorite, Omit<Chip, 'texte'>> = {
  basse: GREY,
  normale: BLUE,
  haute: AMBER,
  critique: RED,
};
