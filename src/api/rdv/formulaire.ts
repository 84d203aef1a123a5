import { dayAt, withOffset } from '../../domain/local-time';
import type { Question } from '../../domain/rendez-vous/prestations';
import { TEXTES_PAGE } from '../../domain/rendez-vous/textes-page';
import type { Langue } from '../../domain/writing';
import type { PrestationPublique } from '../../services/rendez-vous/public';
import { estSurPlace, etapes, fiche } from './choisir';
import { heureDe, jourEnToutesLettres, zoneEnMots } from './dates';
import { adresse, caches, type Demande, suite } from './demande';

/** The page on which one says who comes, and answers what is asked. */

export interface Formulaire {
  prestation: PrestationPublique;
  demande: Demande;
  debut: Date;
  fin: Date;
  /** By which it is shown. */
  zone: string;
  path: string;
  preuve: { defi: string; bits: number };
  now: Date;
  /** What was typed, by the names of the fields. */
  saisi: Readonly<Record<string, string>>;
  /** What is wrong with it, by the same. */
  fautes: ReadonlyMap<string, string>;
  /** Whether it is shown once more to be confirmed, since no work was done for it. */
  verification: boolean;
  probleme: { titre: string; alternatives?: readonly { debut: string }[] | undefined } | null;
}

export function vueDuFormulaire(formulaire: Formulaire) {
  const { prestation, demande, debut, zone, path, preuve, saisi, fautes, probleme, now } = formulaire;
  const { langue, retenue, expire } = demande;
  const t = TEXTES_PAGE[langue];
  const held = retenue !== undefined && expire !== undefined && expire > now ? expire : null;
  const fields = champs(prestation, langue, saisi, fautes);
  const first = dayAt(debut.getTime(), zone);
  return {
    etapes: etapes(langue, 1),
    prestation: fiche(prestation, demande),
    creneau: creneau(prestation, debut, formulaire.fin, zone, langue),
    garde:
      held === null
        ? null
        : { expire: held.toISOString(), texte: t.gardeJusqua(heureDe(held.getTime(), zone)) },
    retour: adresse(path, { ...suite(demande), jour: first, du: undefined }, 'heures'),
    action: path,
    preuve,
    verification: formulaire.verification,
    caches: caches({
      acte: 'reserver',
      ...suite(demande),
      debut: withOffset(debut.getTime(), zone),
      retenue,
      expire: expire?.toISOString(),
      defi: preuve.defi,
      verifie: formulaire.verification ? 'oui' : undefined,
    }),
    champs: fields,
    bouton: prestation.confirmation === 'a_valider' ? t.demander : t.confirmer,
    probleme:
      fautes.size > 0
        ? {
            titre: t.erreurs,
            champs: fields.flatMap(({ id, faute }) => (faute ? [{ id, message: faute }] : [])),
          }
        : probleme && {
            titre: probleme.titre,
            alternatives: probleme.alternatives?.map(({ debut: other }) => ({
              debut: other,
              nom: `${jourEnToutesLettres(dayAt(Date.parse(other), zone), langue)}, ${heureDe(Date.parse(other), zone)}`,
            })),
          },
  };
}

/** When it is: of what happens in a place by its clocks, and by those of the visitor where they show something else. */
export function creneau(
  { lieu, fuseau_horaire }: Pick<PrestationPublique, 'lieu' | 'fuseau_horaire'>,
  debut: Date,
  fin: Date,
  zone: string,
  langue: Langue,
) {
  const first = estSurPlace(lieu) ? fuseau_horaire : zone;
  const at = debut.getTime();
  const heures = (one: string) => `${heureDe(at, one)} – ${heureDe(fin.getTime(), one)}`;
  const same = heureDe(at, zone) === heureDe(at, first);
  return {
    debut: withOffset(at, first),
    date: `${jourEnToutesLettres(dayAt(at, first), langue)} ${dayAt(at, first).slice(0, 4)}`,
    heure: heures(first),
    zone: zoneEnMots(first, at),
    chezVous: same ? null : TEXTES_PAGE[langue].chezVous(`${heures(zone)} · ${zoneEnMots(zone, at)} :`),
  };
}

const MAX = 200;

function champs(
  { questions, lieu, confirmation_email }: PrestationPublique,
  langue: Langue,
  saisi: Readonly<Record<string, string>>,
  fautes: ReadonlyMap<string, string>,
) {
  const t = TEXTES_PAGE[langue];
  const called = lieu?.type === 'telephone';
  const own = [
    { nom: 'nom', libelle: t.nom, type: 'text', saisie: 'name', requis: true, max: MAX },
    {
      nom: 'email',
      libelle: t.email,
      type: 'email',
      saisie: 'email',
      clavier: 'email',
      requis: true,
      ltr: true,
      aide: confirmation_email ? t.emailAideConfirmer : t.emailAide,
      max: 254,
    },
    {
      nom: 'telephone',
      libelle: t.telephone,
      type: 'tel',
      saisie: 'tel',
      clavier: 'tel',
      requis: called,
      ltr: true,
      aide: called ? t.telephoneAide : undefined,
      max: 40,
    },
  ];
  return [...own, ...questions.map(champDe)].map((champ) => {
    const id = `c-${champ.nom}`;
    const [valeur, faute] = [saisi[champ.nom] ?? '', fautes.get(champ.nom)];
    const aide = 'aide' in champ ? champ.aide : undefined;
    const decrit = [...(faute ? [`${id}-f`] : []), ...(aide ? [`${id}-a`] : [])].join(' ');
    const choix = 'choix' in champ ? champ.choix?.map((nom) => ({ nom, choisi: nom === valeur })) : null;
    return { ...champ, id, valeur, faute, decrit, choix };
  });
}

/** The field in which a question is answered; its name cannot be that of one of ours. */
export const nomDuChamp = (nom: string) => `q_${nom}`;

function champDe({ nom, libelle, type, obligatoire, choix }: Question) {
  return {
    nom: nomDuChamp(nom),
    libelle,
    type: type === 'nombre' ? 'text' : type === 'date' ? 'date' : 'text',
    clavier: type === 'nombre' ? 'decimal' : undefined,
    long: type === 'texte_long',
    estCase: type === 'case',
    choix: type === 'choix' ? choix : undefined,
    requis: obligatoire,
    max: MAX,
  };
}
