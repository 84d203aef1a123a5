import { JAMAIS, type Modele } from './modele';

/** Work at a fixed time on a tournée: locked, of a crew, or a part of work that is longer than a stretch. */
export interface Arret {
  /** Index of the work. */
  travail: number;
  tournee: number;
  debut: number;
  duree: number;
  /** Whether the work ends here: lateness is measured at its end, once. */
  dernier: boolean;
  /** On its tournée, as `placeFixe` found it; null for what stands there whatever else does. */
  position: number | null;
}

/**
 * A plan while it is being made: who goes where in which order. Nodes are the work of the model by index, and behind
 * them fixed stops. A tournée is a list of nodes; each node knows the earliest and the latest moment at which it can
 * begin where it stands, so that whether something fits between two needs no look at the rest.
 *
 * The first trip from the base and the last one home may lie outside hours; trips between two visits lie within the
 * hours of whoever travels, and wait out lunch and appointments.
 */
export class Plan {
  readonly tournees: number[][];
  /** By node. */
  tot: Int32Array;
  tard: Int32Array;
  duree: Int32Array;
  lieu: Int32Array;
  echeance: Int32Array;
  poids: Int32Array;
  /** -1 for what may move. */
  fixe: Int32Array;
  /** Of each work that moves, -1 where it stands nowhere. */
  readonly tourneeDe: Int32Array;
  /** Minutes of travel by tournée. */
  readonly trajet: Int32Array;
  /** Minutes of lateness × weight by tournée. */
  readonly retard: Float64Array;
  /** Minutes of presence that are not yet worked by tournée; below 0 where work is fixed outside hours. */
  readonly reste: Int32Array;
  /** Minutes of work by technicien, with what was booked before. */
  readonly charge: Float64Array;
  trajetTotal = 0;
  retardTotal = 0;
  /** Visits that change technicien or day. */
  changes = 0;
  private noeuds: number;

  constructor(readonly modele: Modele) {
    const { travaux, tournees } = modele;
    this.noeuds = travaux.length;
    this.tournees = Array.from({ length: tournees }, () => []);
    this.tot = new Int32Array(this.noeuds);
    this.tard = new Int32Array(this.noeuds);
    this.duree = modele.duree.slice();
    this.lieu = modele.lieu.slice();
    this.echeance = modele.echeance.slice();
    this.poids = modele.poidsRetard.slice();
    this.fixe = new Int32Array(this.noeuds).fill(-1);
    this.tourneeDe = new Int32Array(this.noeuds).fill(-1);
    this.trajet = new Int32Array(tournees);
    this.retard = new Float64Array(tournees);
    this.reste = new Int32Array(tournees);
    for (let t = 0; t < tournees; t++) {
      for (let k = modele.presenceDe[t]!; k < modele.presenceDe[t + 1]!; k++) {
        this.reste[t]! += modele.presence[2 * k + 1]! - modele.presence[2 * k]!;
      }
    }
    this.charge = Float64Array.from(modele.techniciens, ({ charge }) => charge);
  }

  /** Weight of what has a fixed time and found none; what moves is counted elsewhere. */
  poidsAbsentsFixes = 0;

  /** Fixes stops for good. They are taken in as they are, whatever else their tournée holds. */
  fixer(arrets: readonly Arret[]): void {
    const { modele } = this;
    for (const arret of arrets) {
      const noeud = this.noeuds++;
      this.agrandir();
      this.duree[noeud] = arret.duree;
      this.lieu[noeud] = modele.lieu[arret.travail]!;
      this.fixe[noeud] = arret.debut;
      this.echeance[noeud] = arret.dernier ? modele.echeance[arret.travail]! : JAMAIS;
      this.poids[noeud] = modele.poidsRetard[arret.travail]!;
      const tournee = this.tournees[arret.tournee]!;
      const suivant = tournee.findIndex((autre) => this.tot[autre]! > arret.debut);
      tournee.splice(arret.position ?? (suivant < 0 ? tournee.length : suivant), 0, noeud);
      this.reste[arret.tournee]! -= arret.duree;
      this.charge[(arret.tournee / modele.jours) | 0]! += arret.duree;
      this.recalculer(arret.tournee);
    }
  }

  /**
   * Where on a tournée somebody can be at a place from one moment to another, and what it adds to the travel; null where
   * they cannot.
   */
  placeFixe(
    t: number,
    lieu: number,
    debut: number,
    fin: number,
  ): { position: number; trajet: number } | null {
    const { modele, tot, tard, duree } = this;
    const noeuds = this.tournees[t]!;
    let meilleure: { position: number; trajet: number } | null = null;
    for (let position = 0; position <= noeuds.length; position++) {
      const precedent = noeuds[position - 1];
      const suivant = noeuds[position];
      const avant = precedent === undefined ? this.base(t) : this.lieu[precedent]!;
      const apres = suivant === undefined ? this.base(t) : this.lieu[suivant]!;
      const aller = this.minutes(avant, lieu);
      const suite = this.minutes(lieu, apres);
      if (precedent !== undefined && arrivee(modele, t, tot[precedent]! + duree[precedent]!, aller) > debut) {
        break;
      }
      if (suivant !== undefined && arrivee(modele, t, fin, suite) > tard[suivant]!) continue;
      const trajet = aller + suite - (noeuds.length === 0 ? 0 : this.minutes(avant, apres));
      if (meilleure === null || trajet < meilleure.trajet) meilleure = { position, trajet };
    }
    return meilleure;
  }

  /**
   * Puts work behind everything that moves on a tournée and before what is fixed later than a moment.
   * @returns whether it fits there; where it does not, nothing has changed.
   */
  ajouterEnOrdre(travail: number, t: number, moment: number): boolean {
    const { modele, tot, tard, duree } = this;
    const noeuds = this.tournees[t]!;
    const position = noeuds.findIndex((noeud) => this.fixe[noeud]! > moment);
    const precedent = noeuds.at(position < 0 ? -1 : position - 1);
    const premier = position === 0 || precedent === undefined;
    const suivant = position < 0 ? undefined : noeuds[position];
    const ici = this.lieu[travail]!;
    const pret = premier
      ? 0
      : arrivee(modele, t, tot[precedent]! + duree[precedent]!, this.minutes(this.lieu[precedent]!, ici));
    const debut = debutDepuis(modele, travail, t, pret);
    if (debut === JAMAIS) return false;
    if (suivant !== undefined) {
      const suite = this.minutes(ici, this.lieu[suivant]!);
      if (arrivee(modele, t, debut + duree[travail]!, suite) > tard[suivant]!) return false;
    }
    this.inserer(travail, t, position < 0 ? noeuds.length : position);
    return true;
  }

  inserer(travail: number, tournee: number, position: number): void {
    this.tournees[tournee]!.splice(position, 0, travail);
    this.compter(travail, tournee, 1);
    this.recalculer(tournee);
  }

  /**
   * Takes the nodes at these positions out, which must be free to move; and with them whatever then cannot be reached
   * any more, which happens where the way round is shorter than the straight one.
   * @returns what was taken out.
   */
  retirer(tournee: number, positions: readonly number[]): number[] {
    const noeuds = this.tournees[tournee]!;
    const retires: number[] = [];
    for (const position of [...positions].sort((a, b) => b - a)) {
      retires.push(...noeuds.splice(position, 1));
    }
    for (let impossible = this.recalculer(tournee); impossible >= 0; impossible = this.recalculer(tournee)) {
      retires.push(...noeuds.splice(impossible, 1));
    }
    for (const noeud of retires) this.compter(noeud, tournee, -1);
    return retires;
  }

  /** Puts a tournée back as it was. */
  remettre(tournee: number, noeuds: readonly number[]): void {
    const presents = this.tournees[tournee]!;
    for (const noeud of presents) if (this.fixe[noeud]! < 0) this.compter(noeud, tournee, -1);
    presents.length = 0;
    for (const noeud of noeuds) {
      presents.push(noeud);
      if (this.fixe[noeud]! < 0) this.compter(noeud, tournee, 1);
    }
    this.recalculer(tournee);
  }

  copier(): number[][] {
    return this.tournees.map((noeuds) => noeuds.slice());
  }

  remettreTout(tournees: readonly (readonly number[])[]): void {
    for (let t = 0; t < tournees.length; t++) this.remettre(t, tournees[t]!);
  }

  private compter(travail: number, tournee: number, sens: 1 | -1): void {
    const duree = sens * this.duree[travail]!;
    this.reste[tournee]! -= duree;
    this.charge[(tournee / this.modele.jours) | 0]! += duree;
    this.changes += sens * this.modele.change[travail * this.modele.tournees + tournee]!;
    // What is put back elsewhere first must not be forgotten when it is taken out of here.
    if (sens > 0) this.tourneeDe[travail] = tournee;
    else if (this.tourneeDe[travail] === tournee) this.tourneeDe[travail] = -1;
  }

  /** @returns the position of the first node that cannot be reached in time, or -1. */
  private recalculer(t: number): number {
    const { modele, tot, tard, fixe, duree } = this;
    const noeuds = this.tournees[t]!;
    const n = noeuds.length;
    let trajet = 0;
    let retard = 0;
    let impossible = -1;
    for (let i = 0; i < n; i++) {
      const noeud = noeuds[i]!;
      const minutes = this.versNoeud(t, i);
      trajet += minutes;
      if (fixe[noeud]! >= 0) tot[noeud] = fixe[noeud]!;
      else {
        const precedent = i === 0 ? -1 : noeuds[i - 1]!;
        const pret = precedent < 0 ? 0 : arrivee(modele, t, tot[precedent]! + duree[precedent]!, minutes);
        tot[noeud] = debutDepuis(modele, noeud, t, pret);
        if (tot[noeud] === JAMAIS && impossible < 0) impossible = i;
      }
      const depasse = tot[noeud]! + duree[noeud]! - this.echeance[noeud]!;
      if (depasse > 0) retard += depasse * this.poids[noeud]!;
    }
    if (impossible >= 0) return impossible;
    for (let i = n - 1; i >= 0; i--) {
      const noeud = noeuds[i]!;
      if (fixe[noeud]! >= 0) {
        tard[noeud] = fixe[noeud]!;
        continue;
      }
      const suivant = i === n - 1 ? -1 : noeuds[i + 1]!;
      const auPlusTard =
        suivant < 0 ? JAMAIS : depart(modele, t, tard[suivant]!, this.versNoeud(t, i + 1)) - duree[noeud]!;
      tard[noeud] = debutJusqua(modele, noeud, t, auPlusTard);
      if (tard[noeud]! < tot[noeud]!) return i;
    }
    if (n > 0) trajet += this.minutes(this.lieu[noeuds[n - 1]!]!, this.base(t));
    this.trajetTotal += trajet - this.trajet[t]!;
    this.retardTotal += retard - this.retard[t]!;
    this.trajet[t] = trajet;
    this.retard[t] = retard;
    return -1;
  }

  /** Minutes to the node at this position from the one before, or from the base. */
  private versNoeud(t: number, position: number): number {
    const noeuds = this.tournees[t]!;
    const depuis = position === 0 ? this.base(t) : this.lieu[noeuds[position - 1]!]!;
    return this.minutes(depuis, this.lieu[noeuds[position]!]!);
  }

  private base(t: number): number {
    return this.modele.base[(t / this.modele.jours) | 0]!;
  }

  /** None from or to a place that nobody knows. */
  private minutes(de: number, vers: number): number {
    return de < 0 || vers < 0 ? 0 : this.modele.minutes[de * this.modele.lieux + vers]!;
  }

  private agrandir(): void {
    if (this.noeuds <= this.tot.length) return;
    const taille = 2 * this.noeuds + 16;
    const plusGrand = (tableau: Int32Array) => {
      const nouveau = new Int32Array(taille);
      nouveau.set(tableau);
      return nouveau;
    };
    this.tot = plusGrand(this.tot);
    this.tard = plusGrand(this.tard);
    this.duree = plusGrand(this.duree);
    this.lieu = plusGrand(this.lieu);
    this.echeance = plusGrand(this.echeance);
    this.poids = plusGrand(this.poids);
    this.fixe = plusGrand(this.fixe);
  }
}

/** When somebody arrives who leaves at a moment and travels so long, within presence; `JAMAIS` when not on that day. */
export function arrivee(
  { presence, presenceDe }: Modele,
  tournee: number,
  moment: number,
  minutes: number,
): number {
  if (minutes === 0) return moment;
  let reste = minutes;
  for (let k = presenceDe[tournee]!; k < presenceDe[tournee + 1]!; k++) {
    const fin = presence[2 * k + 1]!;
    if (fin <= moment) continue;
    const depuis = Math.max(moment, presence[2 * k]!);
    if (reste <= fin - depuis) return depuis + reste;
    reste -= fin - depuis;
  }
  return JAMAIS;
}

/** The last moment to leave at for who has to be there by another one; -1 when it would be another day. */
export function depart(
  { presence, presenceDe }: Modele,
  tournee: number,
  moment: number,
  minutes: number,
): number {
  if (minutes === 0) return moment;
  let reste = minutes;
  for (let k = presenceDe[tournee + 1]! - 1; k >= presenceDe[tournee]!; k--) {
    const debut = presence[2 * k]!;
    if (debut >= moment) continue;
    const jusqua = Math.min(moment, presence[2 * k + 1]!);
    if (reste <= jusqua - debut) return jusqua - reste;
    reste -= jusqua - debut;
  }
  return -1;
}

/** The first moment from this one on at which work may begin on a tournée, `JAMAIS` when there is none. */
export function debutDepuis(modele: Modele, travail: number, tournee: number, moment: number): number {
  const { debuts, debutsDe, tournees } = modele;
  const { pas } = modele.probleme;
  const indice = travail * tournees + tournee;
  const fin = debutsDe[indice + 1]!;
  for (let k = debutsDe[indice]!; k < fin; k++) {
    if (moment > debuts[2 * k + 1]!) continue;
    const de = debuts[2 * k]!;
    if (moment <= de) return de;
    const trop = moment % pas;
    return trop === 0 ? moment : moment + pas - trop;
  }
  return JAMAIS;
}

/** The last moment up to this one, -1 when there is none. */
export function debutJusqua(modele: Modele, travail: number, tournee: number, moment: number): number {
  const { debuts, debutsDe, tournees } = modele;
  const indice = travail * tournees + tournee;
  for (let k = debutsDe[indice + 1]! - 1; k >= debutsDe[indice]!; k--) {
    if (moment < debuts[2 * k]!) continue;
    const a = debuts[2 * k + 1]!;
    return moment >= a ? a : moment - (moment % modele.probleme.pas);
  }
  return -1;
}

/** Whether work may begin on a tournée at this very moment, be it on the grid or not. */
export function peutDebuter(modele: Modele, travail: number, tournee: number, moment: number): boolean {
  const { debuts, debutsDe, tournees } = modele;
  const indice = travail * tournees + tournee;
  for (let k = debutsDe[indice]!; k < debutsDe[indice + 1]!; k++) {
    if (debuts[2 * k]! <= moment && moment <= debuts[2 * k + 1]!) return true;
  }
  return false;
}
