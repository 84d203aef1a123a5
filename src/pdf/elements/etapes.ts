import type { TypeEtape, ValeurEtape } from '../../domain/interventions/etapes';
import { isolated } from '../bidi';
import type { Ecriture } from '../ecriture';
import type { Sheet } from '../sheet';
import { table } from './table';

/** Without `auteur` nobody has answered. `photo` is the name of the document that is the answer. */
export interface EtapeRapport {
  libelle: string;
  type: TypeEtape;
  min: number | null;
  max: number | null;
  unite: string | null;
  obligatoire: boolean;
  valeur: ValeurEtape | null;
  photo: string | null;
  hors_limites: boolean;
  date: string | null;
  suite_id: number | null;
  auteur: string | null;
}

/** Steps of the work with their answers, and who gave them. */
export function etapes(sheet: Sheet, ecriture: Ecriture, given: readonly EtapeRapport[]): void {
  const { textes } = ecriture;
  const mots = textes.intervention;
  table(
    sheet,
    [
      { titre: mots.etape, part: 0.36 },
      { titre: mots.valeur, part: 0.34 },
      { titre: mots.par, part: 0.3 },
    ],
    given.map((etape) => [
      etape.obligatoire ? mots.obligatoire(etape.libelle) : isolated(etape.libelle),
      answer(ecriture, etape),
      etape.auteur === null || etape.date === null
        ? textes.aucun
        : textes.parLe(etape.auteur, ecriture.moment(etape.date)),
    ]),
  );
}

/** The answer to a step, with what is wrong with it and what followed. */
function answer(ecriture: Ecriture, etape: EtapeRapport): string {
  const mots = ecriture.textes.intervention;
  const { valeur, hors_limites, suite_id } = etape;
  if (valeur === null) return mots.sansReponse;
  const beyond = hors_limites ? ` · ${mots.horsLimites(limits(ecriture, etape))}` : '';
  return `${said(ecriture, etape, valeur)}${beyond}${suite_id === null ? '' : ` · ${mots.suite(suite_id)}`}`;
}

function said(ecriture: Ecriture, { type, unite, photo }: EtapeRapport, valeur: ValeurEtape): string {
  const { oui, non, intervention } = ecriture.textes;
  if (typeof valeur === 'boolean') return valeur ? oui : non;
  if (type === 'photo') return photo === null ? intervention.document(Number(valeur)) : isolated(photo);
  return typeof valeur === 'number' ? ecriture.mesure(valeur, unite) : isolated(valeur);
}

function limits(ecriture: Ecriture, { min, max, unite }: EtapeRapport): string | null {
  const mots = ecriture.textes.intervention;
  if (min !== null && max !== null)
    return mots.entre(ecriture.mesure(min, null), ecriture.mesure(max, unite));
  if (min !== null) return mots.auMoins(ecriture.mesure(min, unite));
  return max === null ? null : mots.auPlus(ecriture.mesure(max, unite));
}
