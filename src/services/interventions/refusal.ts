import { RegieError, type Texte } from '../../domain/errors';
import { type Refusal, refuseWriting, type Situation } from '../../domain/interventions/interventions';

/** The error of what the rules refuse, in the contract's words: what stands in the way, and what may be asked for now. */
export function refused({ code, statut, autorisees }: Refusal): RegieError {
  const detail = code === 'CLOTUREE' ? closed(autorisees.length > 0) : elsewhere(statut, autorisees);
  return new RegieError(code, { detail, extensions: { statut, transitions_autorisees: autorisees } });
}

/**
 * To be asked with the row locked, before anything of an intervention is written that is no comment, document or rating.
 * @throws {RegieError} `CLOTUREE`
 */
export function requireOpen(row: { statut: Situation['statut']; date_fin: Date | null }, now: Date): void {
  const situation = { statut: row.statut, dateFin: row.date_fin?.getTime() ?? null };
  const refusal = refuseWriting(situation, now.getTime());
  if (refusal !== null) throw refused(refusal);
}

function closed(mayReopen: boolean): Texte {
  return mayReopen
    ? { fr: "Elle est terminée : il faut d'abord la rouvrir", en: 'It is finished: reopen it first' }
    : { fr: 'Elle ne peut plus être rouverte', en: 'It cannot be reopened any more' };
}

function elsewhere(statut: string, autorisees: readonly string[]): Texte {
  const list = autorisees.join(', ');
  return {
    fr: `L'intervention est « ${statut} » ; possible maintenant : ${list || 'rien'}`,
    en: `The intervention is "${statut}"; possible now: ${list || 'nothing'}`,
  };
}
