import { dayAfter, dayAt, wallClockAt } from '../../src/domain/local-time';
import type { Obstacle, Refus } from '../../src/domain/rendez-vous/creneaux';
import type { Prestation } from '../../src/domain/rendez-vous/prestations';
import type { Stretch, WorkingHours } from '../../src/domain/working-time';

/**
 * What can be booked, by a model that is slow and obvious: time is a row of marks five minutes apart, and everything is looked
 * up mark by mark. It shares nothing with the system but what clocks show; everything of a world lies on such marks.
 */

export const MARK = 5 * 60_000;
const DAY = 86_400_000;
/** Of each resource so much is known around the moment of a world. */
const BEFORE = 3 * DAY;
const AFTER = 12 * DAY;

/** When somebody works, or some place is open. */
export interface Heures {
  zone: string;
  hours: WorkingHours;
  /** Days on which they are closed, both included. */
  closings: readonly (readonly [from: string, to: string])[];
  exceptions: ReadonlyMap<string, readonly Stretch[]>;
}

export interface RessourceDuMonde extends Heures {
  id: number;
  /** Days away, both included. */
  absences: readonly (readonly [from: string, to: string])[];
  /** Visits, absences of a technicien, and what other calendars say. */
  pris: readonly (readonly [from: number, to: number])[];
}

export interface SalleDuMonde extends RessourceDuMonde {
  capacite: number;
  etiquettes: readonly string[];
}

export interface PrestationDuMonde extends Prestation {
  id: number;
  slug: string;
  durees: readonly number[];
  confirmation: 'immediate' | 'a_valider';
}

/** What is booked or held, and stands. */
export interface PriseDuMonde {
  uid: string;
  prestation: PrestationDuMonde;
  debut: number;
  fin: number;
  intervenants: readonly number[];
  salles: readonly number[];
  places: number;
  /** Whose it is, as one client's are counted. */
  client: string;
  /** Of a hold, who holds it. */
  retenu: { par: string; expire: boolean } | null;
}

export interface Monde {
  maintenant: number;
  /** Of who offers it. */
  maison: Heures;
  intervenants: readonly RessourceDuMonde[];
  salles: readonly SalleDuMonde[];
  prises: PriseDuMonde[];
}

export interface DemandeDuMonde {
  prestation: PrestationDuMonde;
  /** Minutes. */
  duree: number;
  intervenant: number | null;
  places: number;
  /** Who asks: their hold does not stand in their way. */
  par: string;
  /** What is being moved. */
  deplace: PriseDuMonde | null;
}

export type VerdictDuMonde =
  | { refus: Refus }
  /** Who could receive, of each team; the workshops that one may join; places that may be told. */
  | { equipes: readonly (readonly number[])[]; seances: readonly PriseDuMonde[]; places: readonly number[] };

/** One workshop, or one appointment, however many booked it. */
function seanceDe({ prestation, debut, fin, intervenants, salles }: PriseDuMonde): string {
  return [prestation.id, debut, fin, intervenants, salles].join('|');
}

export class Modele {
  private readonly first: number;
  private readonly marks: number;
  private readonly stretches = new Map<Heures, (string | null)[]>();

  constructor(readonly monde: Monde) {
    this.first = Math.floor((monde.maintenant - BEFORE) / MARK);
    this.marks = (BEFORE + AFTER) / MARK;
  }

  verdict(demande: DemandeDuMonde, debut: number): VerdictDuMonde {
    const { prestation, duree, par } = demande;
    const { maintenant, maison } = this.monde;
    const fin = debut + duree * 60_000;
    if (debut < maintenant + prestation.preavis.creer * 60_000) return { refus: 'PREAVIS' };
    if (!this.estDansLaFenetre(prestation, debut)) return { refus: 'HORS_FENETRE' };
    const autres = this.autres(demande);
    const { par_client_actifs: actifs } = prestation.plafonds;
    const siens = autres.filter((one) => one.prestation === prestation && one.client === par && !one.retenu);
    if (actifs !== undefined && siens.length >= actifs) return { refus: 'PLAFOND' };

    const seances = this.seances(demande, autres, debut, fin);
    if (seances.length > 0) {
      return {
        equipes: [],
        seances: seances.map(({ prise }) => prise),
        places: seances.map((one) => one.libres),
      };
    }
    if (this.estPlafonne(prestation, autres, debut, maison.zone)) return { refus: 'PLAFOND' };

    const equipes = equipesDe(demande);
    const marks = range(debut, fin);
    const travaille = (one: RessourceDuMonde) => marks.every((mark) => this.stretchAt(one, mark) !== null);
    const known = equipes.map(({ requis, facultatifs }) => ({
      requis: requis.map((id) => this.intervenant(id)),
      facultatifs: facultatifs.map((id) => this.intervenant(id)),
    }));
    const presentes = known.filter(
      ({ requis }) =>
        requis.length > 0 && requis.every(travaille) && this.estSurLaGrille(demande, requis, debut),
    );
    if (presentes.length === 0) return { refus: 'HORS_DISPONIBILITE' };
    const estLibre = (one: RessourceDuMonde, genre: 'intervenants' | 'salles') =>
      this.estLibre(one, genre, autres, prestation, debut, fin);
    const libres = presentes.filter(({ requis }) => requis.every((one) => estLibre(one, 'intervenants')));
    if (libres.length === 0) return { refus: 'CRENEAU_PRIS' };
    const salles = this.monde.salles.filter(
      (one) => one.capacite >= prestation.places && travaille(one) && estLibre(one, 'salles'),
    );
    const besoins = prestation.salles.flatMap(({ etiquettes, nombre }) => Array(nombre).fill(etiquettes));
    if (!peutDonner(besoins, salles)) return { refus: 'CRENEAU_PRIS' };
    return {
      equipes: libres.map(({ requis, facultatifs }) =>
        [...requis, ...facultatifs.filter((one) => travaille(one) && estLibre(one, 'intervenants'))].map(
          ({ id }) => id,
        ),
      ),
      seances: [],
      places: [prestation.places],
    };
  }

  /** What of somebody, or a room, speaks against a time. */
  obstacle(
    demande: DemandeDuMonde,
    one: RessourceDuMonde,
    genre: 'intervenants' | 'salles',
    debut: number,
  ): Obstacle | null {
    const fin = debut + demande.duree * 60_000;
    if (!range(debut, fin).every((mark) => this.stretchAt(one, mark) !== null)) return 'hors_horaires';
    if (!this.estLibre(one, genre, this.autres(demande), demande.prestation, debut, fin)) return 'occupe';
    return genre === 'intervenants' && !this.estSurLaGrille(demande, [one], debut) ? 'hors_pas' : null;
  }

  /** What stands in the way of others: neither what is over, nor one's own hold, nor what is being moved. */
  private autres({ par, deplace }: DemandeDuMonde): PriseDuMonde[] {
    return this.monde.prises.filter(
      (one) => one !== deplace && !(one.retenu && (one.retenu.expire || one.retenu.par === par)),
    );
  }

  private seances(
    { prestation, places, intervenant }: DemandeDuMonde,
    autres: readonly PriseDuMonde[],
    debut: number,
    fin: number,
  ): { prise: PriseDuMonde; libres: number }[] {
    if (prestation.places === 1) return [];
    const known = new Map<string, { prise: PriseDuMonde; libres: number }>();
    for (const prise of autres) {
      if (prise.prestation !== prestation || prise.debut !== debut || prise.fin !== fin) continue;
      if (intervenant !== null && !prise.intervenants.includes(intervenant)) continue;
      const seance = seanceDe(prise);
      const libres = (known.get(seance)?.libres ?? prestation.places) - prise.places;
      known.set(seance, { prise, libres });
    }
    return [...known.values()].filter(({ libres }) => libres >= places);
  }

  private estPlafonne(
    prestation: PrestationDuMonde,
    autres: readonly PriseDuMonde[],
    debut: number,
    zone: string,
  ): boolean {
    const { par_jour, par_semaine, par_mois } = prestation.plafonds;
    const day = dayAt(debut, zone);
    const starts = new Map(
      autres
        .filter((one) => one.prestation === prestation)
        .map((one) => [seanceDe(one), dayAt(one.debut, zone)]),
    );
    const count = (same: (one: string) => boolean) => [...starts.values()].filter(same).length;
    return (
      (par_jour !== undefined && count((one) => one === day) >= par_jour) ||
      (par_semaine !== undefined && count((one) => mondayOf(one) === mondayOf(day)) >= par_semaine) ||
      (par_mois !== undefined && count((one) => one.slice(0, 7) === day.slice(0, 7)) >= par_mois)
    );
  }

  private estDansLaFenetre({ fenetre }: PrestationDuMonde, debut: number): boolean {
    const { maison, maintenant } = this.monde;
    const [day, today] = [dayAt(debut, maison.zone), dayAt(maintenant, maison.zone)];
    if ('date_debut' in fenetre) return day >= fenetre.date_debut && day <= fenetre.date_fin;
    if ('jours' in fenetre) return day <= dayAfter(today, fenetre.jours);
    let last = today;
    for (let left = fenetre.jours_ouvres; left > 0; ) {
      last = dayAfter(last, 1);
      if (plagesDe(maison, last).length > 0) left--;
    }
    return day <= last;
  }

  private estLibre(
    one: RessourceDuMonde,
    genre: 'intervenants' | 'salles',
    autres: readonly PriseDuMonde[],
    { tampon_avant, tampon_apres }: PrestationDuMonde,
    debut: number,
    fin: number,
  ): boolean {
    const marks = range(debut - tampon_avant * 60_000, fin + tampon_apres * 60_000);
    const taken = [
      ...one.pris,
      ...autres
        .filter((prise) => prise[genre].includes(one.id))
        .map(
          ({ prestation, debut: from, fin: to }) =>
            [from - prestation.tampon_avant * 60_000, to + prestation.tampon_apres * 60_000] as const,
        ),
    ];
    return marks.every(
      (mark) =>
        !taken.some(([from, to]) => mark >= from && mark < to) &&
        !one.absences.some(([from, to]) => dayAt(mark, one.zone) >= from && dayAt(mark, one.zone) <= to),
    );
  }

  /** Goes back mark by mark to where the last of them began to work. */
  private estSurLaGrille(
    { prestation, duree }: DemandeDuMonde,
    equipe: readonly RessourceDuMonde[],
    debut: number,
  ): boolean {
    const { pas, tampon_avant, tampon_apres } = prestation;
    const step = (pas === 'auto' ? duree + tampon_avant + tampon_apres : pas) * 60_000;
    const stretches = (mark: number) => equipe.map((one) => this.stretchAt(one, mark)).join('|');
    let begin = debut;
    while (stretches(begin - MARK) === stretches(debut)) begin -= MARK;
    return (debut - begin) % step === 0;
  }

  /** The stretch of which day somebody works in at a mark. */
  private stretchAt(one: Heures, instant: number): string | null {
    let known = this.stretches.get(one);
    if (known === undefined) {
      known = Array.from({ length: this.marks }, (_, index) => stretchOf(one, (this.first + index) * MARK));
      this.stretches.set(one, known);
    }
    const at = Math.floor(instant / MARK) - this.first;
    if (at < 0 || at >= this.marks) throw new RangeError('Nothing is known of this time');
    return known[at]!;
  }

  /** Whether anything is known of a time and what comes soon after it. */
  connait(debut: number): boolean {
    return debut / MARK >= this.first && (debut + DAY) / MARK < this.first + this.marks;
  }

  private intervenant(id: number): RessourceDuMonde {
    return this.monde.intervenants.find((one) => one.id === id)!;
  }
}

/** Who does it together, and who comes along when they can. */
function equipesDe({
  prestation,
  intervenant,
}: DemandeDuMonde): { requis: number[]; facultatifs: number[] }[] {
  const ids = prestation.intervenants.map(({ id }) => id);
  const obliges = prestation.intervenants.filter((one) => one.obligatoire).map(({ id }) => id);
  const autres = ids.filter((id) => !obliges.includes(id));
  if (prestation.mode === 'collectif') {
    return [
      obliges.length > 0 ? { requis: obliges, facultatifs: autres } : { requis: autres, facultatifs: [] },
    ];
  }
  if (autres.length === 0) return [{ requis: obliges, facultatifs: [] }];
  // Who always has to be there is no choice among the others.
  const choisis = intervenant === null || obliges.includes(intervenant) ? autres : [intervenant];
  return choisis.map((id) => ({ requis: [...obliges, id], facultatifs: [] }));
}

function plagesDe({ hours, closings, exceptions }: Heures, day: string): readonly Stretch[] {
  const exception = exceptions.get(day);
  if (exception !== undefined) return exception;
  if (closings.some(([from, to]) => day >= from && day <= to)) return [];
  return hours[new Date(day).getUTCDay() || 7] ?? [];
}

function stretchOf(one: Heures, instant: number): string | null {
  const day = dayAt(instant, one.zone);
  const clock = (wallClockAt(instant, one.zone) - Date.parse(day)) / 60_000;
  const at = plagesDe(one, day).findIndex(([from, to]) => clock >= from && clock < to);
  return at === -1 ? null : `${day} ${at}`;
}

function peutDonner(besoins: readonly (readonly string[])[], salles: readonly SalleDuMonde[]): boolean {
  const [besoin, ...autres] = besoins;
  if (besoin === undefined) return true;
  return salles.some(
    (one) =>
      besoin.every((etiquette) => one.etiquettes.includes(etiquette)) &&
      peutDonner(
        autres,
        salles.filter((salle) => salle !== one),
      ),
  );
}

function mondayOf(day: string): string {
  return dayAfter(day, -((new Date(day).getUTCDay() + 6) % 7));
}

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.ceil((to - from) / MARK) }, (_, index) => from + index * MARK);
}
