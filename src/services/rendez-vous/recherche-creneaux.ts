import { RegieError } from '../../domain/errors';
import { convient, periodeAttendue, type Souhaits } from '../../domain/rendez-vous/attente';
import { readSituation, type Situation } from './creneaux';
import type { AskedRendezVous } from './refus';

/** A time around which one has become free. */
export interface Autour {
  debut: Date;
  fin: Date;
}

/** What somebody waits for. */
export interface Voulu extends Souhaits {
  duree: number | null;
  intervenant_id: number | null;
  places: number;
  /** Starts that were offered to them before, as milliseconds. */
  deja: number[];
}

/** A time that is free and that somebody waits for. */
export interface Trouve {
  situation: Situation;
  souhait: {
    prestation: string;
    debut: Date;
    duree: number | undefined;
    intervenant_id: number | undefined;
    places: number;
  };
}

/** How many of those who wait are looked at in one transaction, the first first. */
export const MAX_REGARDES = 200;
const DAY = 86_400_000;
/** As far ahead as slots are listed. */
const HORIZON = 62 * DAY;

/** Looks for times for those who wait: what is free is read once for all who want the same, until some of it is taken. */
export class RechercheDeCreneaux {
  private readonly known = new Map<string, Situation>();
  private readonly period: Autour;

  /** @param autour near which something has become free; null for everything ahead. */
  constructor(
    private readonly asked: AskedRendezVous,
    autour: Autour | null,
  ) {
    const now = asked.actor.now.getTime();
    this.period = {
      debut: new Date(Math.max(now, (autour?.debut.getTime() ?? now) - DAY)),
      fin: new Date(Math.min(now + HORIZON, (autour?.fin.getTime() ?? Number.POSITIVE_INFINITY) + DAY)),
    };
  }

  /** The first free time of a service that fits, and that they have not let pass; null for none. */
  async premier(prestation: string, voulu: Voulu): Promise<Trouve | null> {
    if (this.period.debut >= this.period.fin) return null;
    const demande = {
      prestation,
      duree: voulu.duree ?? undefined,
      intervenant_id: voulu.intervenant_id ?? undefined,
      places: voulu.places,
    };
    const key = JSON.stringify(demande);
    const situation = this.known.get(key) ?? (await this.situationOf(demande));
    if (situation === null) return null;
    this.known.set(key, situation);
    const debut = this.premierDe(situation, voulu);
    return debut === null ? null : { situation, souhait: { ...demande, debut: new Date(debut) } };
  }

  /** Something was taken: whatever is asked next is read anew. */
  oublier(): void {
    this.known.clear();
  }

  /** Null for what is not to be had any more: a person or a length that the service no longer has. */
  private async situationOf(demande: Parameters<typeof readSituation>[2]): Promise<Situation | null> {
    const { tx, access, actor, timeZone } = this.asked;
    try {
      return await readSituation(tx, access, demande, this.period, actor.now, timeZone);
    } catch (error) {
      if (error instanceof RegieError && error.code === 'VALIDATION') return null;
      throw error;
    }
  }

  private premierDe({ evaluateur, zone }: Situation, voulu: Voulu): number | null {
    const [from, to] = periodeAttendue(voulu, zone);
    const deja = new Set(voulu.deja);
    const found = evaluateur
      .creneaux(Math.max(from, this.period.debut.getTime()), Math.min(to, this.period.fin.getTime()))
      .find((creneau) => !deja.has(creneau.debut) && convient(voulu, creneau, zone));
    return found?.debut ?? null;
  }
}
