import { RegieError } from '../../domain/errors';
import { TEXTES_PAGE } from '../../domain/rendez-vous/textes-page';
import type { Langue } from '../../domain/writing';

/** Why somebody does not get a time, in words, and what else is free at that moment; null for any other fault. */
export function refusEnMots(
  thrown: unknown,
  langue: Langue,
): { titre: string; alternatives: readonly { debut: string }[] } | null {
  if (!(thrown instanceof RegieError)) return null;
  const t = TEXTES_PAGE[langue];
  const titre = {
    CRENEAU_PRIS: t.pris,
    RETENUE_EXPIREE: t.retenueExpiree,
    PREAVIS: t.preavis,
    HORS_FENETRE: t.horsFenetre,
    PLAFOND: t.plafond,
    HORS_DISPONIBILITE: t.horsDisponibilite,
  }[thrown.code as string];
  if (titre === undefined) return null;
  const { alternatives = [] } = (thrown.details.extensions ?? {}) as { alternatives?: { debut: string }[] };
  return { titre, alternatives };
}
