import type { NiveauExperience } from '../../src/domain/identite/techniciens';
import type { TypeIntervention } from '../../src/domain/interventions/interventions';
import type { Priorite } from '../../src/domain/priorites';
import type { Random } from '../lib/random';
import { CLIENTS, HABILITATION, LOCALISATIONS, MACHINES, METIERS, NOMS, PRENOMS, SITES } from './vocabulary';

/**
 * An industrial site near Khouribga as plain data, drawn from a number: the same number always gives the same site. Rows
 * name each other by their place in the lists; time is said in days and minutes from when the site is filled in.
 */
export interface Decor {
  clients: Personne[];
  responsables: (Personne & { sites: number[] })[];
  /** Who receive clients, and do nothing else here. */
  conseillers: Personne[];
  techniciens: Technicien[];
  machines: Machine[];
  /** Work to be done, the oldest first. */
  interventions: Intervention[];
}

export interface Personne {
  prenom: string;
  nom: string;
  email: string;
}

interface Technicien extends Personne {
  specialite: string;
  competences: string[];
  niveau: NiveauExperience;
  latitude: number;
  longitude: number;
  /** Days from today until the licence for electrical work ends; null for who has none. */
  habilitation: number | null;
  /** Days away, both included, counted from today. */
  absence: { debut: number; fin: number; motif: string } | null;
}

interface Machine {
  nom: string;
  type: string;
  modele: string;
  numeroSerie: string;
  localisation: string;
  site: number;
  client: number;
  criticite: Priorite;
  /** Days between two maintenances. */
  frequence: number;
}

interface Intervention {
  titre: string;
  description: string;
  type: TypeIntervention;
  priorite: Priorite;
  urgence: boolean;
  machine: number;
  client: number;
  competences: string[];
  /** Minutes of work. */
  duree: number;
  /** Minutes ago. */
  age: number;
  /** Days from today at or after which somebody has planned it already, as it came; null for what is still to be planned. */
  jour: number | null;
}

const DAY = 24 * 60;
/** By priority: out of a hundred, and within how many minutes it was reported. The urgent is recent, or it would be over. */
const PRIORITES: readonly (readonly [priorite: Priorite, share: number, oldest: number])[] = [
  ['critique', 2, 40],
  ['haute', 15, DAY],
  ['normale', 58, 4 * DAY],
  ['basse', 25, 9 * DAY],
];
/** Out of a hundred, of work that is neither urgent nor new. */
const PLANNED = 45;

/** @param size open interventions; people and machines follow from it. */
export function drawDecor(size: number, random: Random): Decor {
  const names = new Names(random);
  const clients = CLIENTS.map((service, index) => personne(names, `client-${index + 1}`, service));
  const responsables = [[0, 1], [2, 3], SITES.map((_, site) => site)].map((sites, index) => ({
    ...personne(names, `responsable-${index + 1}`),
    sites,
  }));
  const techniciens = numbered(Math.max(6, Math.round(size * 0.06)), (n) => technicien(random, names, n));
  const machines = numbered(Math.max(10, Math.round(size * 0.6)), (n) => machine(random, n));
  const interventions = numbered(size, () => intervention(random, machines));
  interventions.sort((a, b) => b.age - a.age);
  const conseillers = numbered(2, (n) => personne(names, `conseiller-${n + 1}`));
  return { clients, responsables, conseillers, techniciens, machines, interventions };
}

/** Full names without repetition, as long as there are any. */
class Names {
  private left: { prenom: string; nom: string }[] = [];

  constructor(private readonly random: Random) {}

  next(): { prenom: string; nom: string } {
    if (this.left.length === 0) this.left = PRENOMS.flatMap((prenom) => NOMS.map((nom) => ({ prenom, nom })));
    return this.left.splice(this.random.int(0, this.left.length - 1), 1)[0]!;
  }
}

function personne(names: Names, account: string, service?: string): Personne {
  const { prenom, nom } = names.next();
  return { prenom, nom: service ?? nom, email: `${account}@khouribga.example` };
}

function technicien(random: Random, names: Names, n: number): Technicien {
  // In turn, so that every trade is there however few they are.
  const { specialite, competences } = METIERS[n % METIERS.length]!;
  const home = SITES[n % SITES.length]!;
  const isLicensed = competences.some((competence) => competence === HABILITATION);
  return {
    ...personne(names, `technicien-${n + 1}`),
    specialite,
    competences: competences.filter((competence) => competence !== HABILITATION),
    niveau: random.pick(['junior', 'confirme', 'confirme', 'senior', 'expert']),
    latitude: around(home.latitude, random),
    longitude: around(home.longitude, random),
    habilitation: isLicensed ? random.pick([6, 40, 200, 700]) : null,
    absence: n % 8 === 5 ? absence(random) : null,
  };
}

function absence(random: Random) {
  const debut = random.int(1, 9);
  return { debut, fin: debut + random.int(0, 4), motif: random.pick(['Congés', 'Formation', 'Maladie']) };
}

function machine(random: Random, n: number): Machine {
  const { type, modele, criticite } = MACHINES[n % MACHINES.length]!;
  const numero = String(n + 1).padStart(3, '0');
  return {
    nom: `${type} ${numero}`,
    type,
    modele,
    numeroSerie: `KHG-${modele}-${numero}`,
    localisation: random.pick(LOCALISATIONS),
    site: random.int(0, SITES.length - 1),
    client: random.int(0, CLIENTS.length - 1),
    criticite,
    frequence: random.pick([30, 90, 180, 365]),
  };
}

function intervention(random: Random, machines: readonly Machine[]): Intervention {
  const index = random.int(0, machines.length - 1);
  const { type: kind, nom, client } = machines[index]!;
  const { travaux } = MACHINES.find(({ type }) => type === kind)!;
  const { titre, description, type, competences, duree } = random.pick(travaux);
  const [priorite, oldest] = drawPriorite(random);
  const age = random.int(1, oldest);
  return {
    titre: `${titre} – ${nom}`,
    description,
    type,
    priorite,
    urgence: priorite === 'haute' && random.int(1, 10) === 1,
    machine: index,
    client,
    competences: [...competences],
    duree,
    age,
    jour: priorite !== 'critique' && age > 60 && random.int(1, 100) <= PLANNED ? random.int(0, 13) : null,
  };
}

function drawPriorite(random: Random): [priorite: Priorite, oldest: number] {
  let left = random.int(1, 100);
  for (const [priorite, share, oldest] of PRIORITES) {
    left -= share;
    if (left <= 0) return [priorite, oldest];
  }
  throw new Error('The shares of the priorities do not make a hundred');
}

/** Within some two kilometres. */
function around(degrees: number, random: Random): number {
  return Math.round((degrees + random.int(-200, 200) / 10_000) * 1e4) / 1e4;
}

function numbered<Item>(count: number, make: (n: number) => Item): Item[] {
  return Array.from({ length: count }, (_, n) => make(n));
}
