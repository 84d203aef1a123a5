import type { Sexe } from '../../domain/cabinet/identites';
import { formatNaissance, type Naissance } from '../../domain/cabinet/naissances';
import type { Prescripteur } from '../../domain/cabinet/ordonnances';
import { fullName } from '../../domain/writing';
import { Ecriture } from '../ecriture';
import { finish } from '../elements/footer';
import { identites } from '../elements/identites';
import { letterhead } from '../elements/letterhead';
import { visa } from '../elements/visa';
import type { Papier } from '../papier';
import { Sheet } from '../sheet';
import { ECRITS, type TextesEcrit } from '../textes/ecrits';

/** What ordonnances and certificates have in common: whose paper, who signs, for whom, when. */

/** JSON-safe. */
export interface DonneesEcrit {
  id: number;
  /** An instant: when it was signed. */
  date_signature: string;
  fuseau_horaire: string;
  cabinet: { nom: string; coordonnees: string[] };
  prescripteur: Prescripteur;
  patient: {
    nom_naissance: string;
    nom_usage: string | null;
    prenoms: string;
    sexe: Sexe;
    naissance: Naissance;
  };
  langue: 'fr' | 'ar';
}

/** Nothing of the house is on it: it is the practice's. */
const COULEUR = '#12344d';

export interface Feuille {
  sheet: Sheet;
  textes: TextesEcrit;
  ecriture: Ecriture;
  /** Signs and closes it. */
  close(): Promise<Buffer>;
}

/** Begins a document with its head and the two whom it is between. @param duPatient what else is to be said of them. */
export function feuille(donnees: DonneesEcrit, nature: string, duPatient: readonly string[] = []): Feuille {
  const { id, date_signature, fuseau_horaire, cabinet, prescripteur, patient, langue } = donnees;
  const textes = ECRITS[langue];
  const ecriture = new Ecriture(langue, fuseau_horaire);
  const papier: Papier = {
    langue,
    maison: { ...cabinet, couleur: COULEUR, couleur_texte: COULEUR, logo: null },
  };
  const reference = `${nature} ${textes.reference(id)}`;
  const sheet = new Sheet(papier, { titre: reference, sujet: nature, date: new Date(date_signature) });
  letterhead(sheet, `${reference} · ${ecriture.jour(date_signature)}`);
  identites(sheet, [
    { role: textes.prescripteur, nom: fullName(prescripteur), lignes: linesOf(prescripteur, textes) },
    {
      role: textes.patient,
      nom: nomDuPatient(patient),
      lignes: [
        textes.neLe(patient.sexe, naissanceText(patient.naissance)),
        textes.label(textes.libelleSexe, textes.sexe[patient.sexe]),
        ...duPatient,
      ],
    },
  ]);
  return {
    sheet,
    textes,
    ecriture,
    close: () => {
      visa(
        sheet,
        fullName(prescripteur),
        textes.signe(fullName(prescripteur), ecriture.moment(date_signature)),
      );
      const foot = textes.copie ?? `${cabinet.nom} · ${reference}`;
      return finish(sheet, reference, foot, textes.page);
    },
  };
}

function linesOf(
  { titre, specialite, identifiant, adresse, telephone, email }: Prescripteur,
  textes: TextesEcrit,
): string[] {
  return [
    titre,
    specialite,
    identifiant && textes.numero(identifiant.type, identifiant.numero),
    ...(adresse?.split('\n') ?? []),
    telephone && textes.telephone(telephone),
    email,
  ].filter((line): line is string => line !== null && line !== '');
}

/** As identities are written on documents: the name of use before the one of birth. */
function nomDuPatient({ nom_naissance, nom_usage, prenoms }: DonneesEcrit['patient']): string {
  return nom_usage === null || nom_usage === nom_naissance
    ? `${prenoms} ${nom_naissance}`
    : `${prenoms} ${nom_usage} (${nom_naissance})`;
}

/** `14/03/1962`, as far as it is known. */
function naissanceText(naissance: Naissance): string {
  return formatNaissance(naissance).split('-').reverse().join('/');
}

/** `2026-11-29` as people write it. */
export function jourText(jour: string): string {
  return jour.split('-').reverse().join('/');
}
