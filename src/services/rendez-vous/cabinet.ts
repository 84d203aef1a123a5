import sql from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { houseAccess } from '../../auth/public-access';
import { query, queryOne } from '../../db/sql';
import { offreJusqua, type Souhaits } from '../../domain/rendez-vous/attente';
import { isClear, union } from '../../domain/rendez-vous/intervalles';
import { CANAUX_RAPPEL, type Preavis, type Rappel } from '../../domain/rendez-vous/prestations';
import { OCCUPANTS, type StatutRendezVous } from '../../domain/rendez-vous/rendez-vous';
import type { AbsenceIntervenant, Exception } from '../../domain/rendez-vous/ressources';
import type { WorkingHours } from '../../domain/working-time';
import type { Actor } from '../actor';
import { record } from '../historique';
import { type Etat, type EvenementRendezVous, readEtat } from './annonces';
import {
  absencesOf,
  type CreneauAnswer,
  type JoursDemandes,
  listCreneaux,
  readSituation,
  type Situation,
} from './creneaux';
import { type Autour, RechercheDeCreneaux } from './recherche-creneaux';
import { type AskedRendezVous, refusal, type Souhait } from './refus';
import { insertRendezVous, newUid, type Taken, takeTime } from './reservation';
import { freePlaces, lockRessources, openSeance } from './seances';

/**
 * What the engine does for practices (docs/decisions/064). It knows when somebody receives, and nobody who comes: whoever
 * calls it has asked permission, ties the appointment to a patient in the same transaction, and runs it where the tables of
 * the engine are those of their practice (`db/medical.ts`).
 */

/** In which transaction, when, and by which clocks. */
export interface PourCabinet {
  tx: EntityManager;
  actor: Actor;
  /** Zone of the practice. */
  timeZone: string;
}

/** The engine asks for rights of its own: what may be booked is what is to be seen. */
const asked = (given: PourCabinet): AskedRendezVous => ({ ...given, access: houseAccess() });

/** What is wanted of somebody's time. */
export interface PriseDeCabinet {
  slug: string;
  intervenantId: number;
  debut: Date;
  /** Minutes; the first length of it unless said. */
  duree?: number | undefined;
  /** Beside an appointment that they have, where there is one. */
  surnombre: boolean;
}

/** What somebody waits for of a practice. */
export interface AttenteDeCabinet extends Souhaits {
  slug: string;
  /** Null for whoever receives. */
  intervenantId: number | null;
  /** Minutes; null for the first length of it. */
  duree: number | null;
  /** Starts that were offered to them before, as milliseconds. */
  deja: number[];
}

/** A time that is held for somebody who waits. */
export interface Propose extends Pris {
  intervenantId: number;
  expire_le: Date;
}

/** Time that was taken for somebody. */
export interface Pris {
  id: number;
  uid: string;
  debut: Date;
  fin: Date;
  /** Whether it lies beside another one. */
  surnombre: boolean;
}

/**
 * Takes a time of somebody who receives in a practice.
 * @throws {RegieError} `CRENEAU_PRIS`, `PREAVIS`, `HORS_FENETRE`, `HORS_DISPONIBILITE`, each with what else is free
 */
export async function prendrePourCabinet(given: PourCabinet, wanted: PriseDeCabinet): Promise<Pris> {
  const { tx, actor, timeZone } = given;
  const { slug, intervenantId, debut, duree, surnombre } = wanted;
  const souhait: Souhait = { prestation: slug, debut, duree, intervenant_id: intervenantId };
  await lockRessources(tx, slug, intervenantId);
  const { access } = asked(given);
  const period = { debut, fin: new Date(debut.getTime() + DAY) };
  const situation = await readSituation(tx, access, souhait, period, actor.now, timeZone);
  const taken = await takeTime(asked(given), situation, souhait, 1);
  const beside = 'refus' in taken && surnombre ? await takeBeside(tx, situation, wanted) : null;
  if (beside === null && 'refus' in taken) throw await refusal(asked(given), souhait, taken.refus);
  const time = beside ?? (taken as Taken);
  const made = await insert(asked(given), situation, time, { statut: 'confirme', expire_le: null });
  return { ...made, debut: time.debut, fin: time.fin, surnombre: beside !== null };
}

/** Locks all that several kinds of appointment may take, before any of it is freed or offered. */
export function lockPourCabinet(tx: EntityManager, slugs: readonly string[]): Promise<void> {
  return lockRessources(tx, slugs, null);
}

/** Offers times of a practice to those who wait, one after the other; what they may take is locked. */
export class OffresDeCabinet {
  private readonly asked: AskedRendezVous;
  private readonly recherche: RechercheDeCreneaux;

  /** @param autour near which something has become free; null for everything ahead. */
  constructor(given: PourCabinet, autour: Autour | null) {
    this.asked = asked(given);
    this.recherche = new RechercheDeCreneaux(this.asked, autour);
  }

  /** Holds the first time that is free and fits, until they answer; null where there is none. */
  async proposer({ slug, intervenantId, ...voulu }: AttenteDeCabinet): Promise<Propose | null> {
    const found = await this.recherche.premier(slug, { ...voulu, intervenant_id: intervenantId, places: 1 });
    if (found === null) return null;
    const { situation, souhait } = found;
    const taken = await takeTime(this.asked, situation, souhait, 1);
    this.recherche.oublier();
    if ('refus' in taken) return null;
    const expire_le = new Date(offreJusqua(this.asked.actor.now.getTime(), taken.debut.getTime()));
    const { debut, fin } = taken;
    const made = await insert(this.asked, situation, taken, { statut: 'a_valider', expire_le });
    return { ...made, debut, fin, surnombre: false, intervenantId: taken.intervenants[0]!, expire_le };
  }
}

/** Writes an appointment of nobody: whose it is stands in the practice. */
async function insert(
  { tx, actor }: AskedRendezVous,
  situation: Situation,
  time: Taken,
  { statut, expire_le }: { statut: 'a_valider' | 'confirme'; expire_le: Date | null },
): Promise<{ id: number; uid: string }> {
  const uid = newUid();
  const id = await insertRendezVous(tx, situation, time, {
    ...{ uid, statut, expire_le },
    attente: null,
    origine: 'membre',
    demandeur_id: null,
    appelant: null,
    places: 1,
    reponses: {},
    serie_id: null,
    liste_attente_id: null,
  });
  await write(tx, actor, id, EVENEMENTS[statut], null);
  return { id, uid };
}

const DAY = 24 * 3_600_000;
const MINUTE = 60_000;

/**
 * Takes a time beside appointments of the same person, who is there and whom nothing else keeps from it.
 * @returns null where there is none beside which it could lie, or something else is in the way.
 */
async function takeBeside(
  tx: EntityManager,
  situation: Situation,
  { intervenantId, debut, duree }: PriseDeCabinet,
): Promise<Taken | null> {
  const { evaluateur, prestation, people, zone } = situation;
  const person = people.find(({ id }) => id === intervenantId);
  if (person === undefined) return null;
  const begin = debut.getTime();
  if (evaluateur.pourquoi(begin).intervenants.get(intervenantId) !== 'occupe') return null;
  const fin = new Date(begin + (duree ?? prestation.durees[0]!) * MINUTE);
  const [from, to] = [
    begin - prestation.tampon_avant * MINUTE,
    fin.getTime() + prestation.tampon_apres * MINUTE,
  ];
  // What keeps people from their time by themselves is nothing that a desk says beside.
  if (!isClear(union([...person.ailleurs, ...absencesOf(person, zone)]), from, to)) return null;
  const others = await query<{ own: boolean }>(
    tx,
    sql`SELECT EXISTS (SELECT FROM seances s WHERE s.id = o.seance_id) AS own FROM occupations o
        WHERE o.ressource_id = ${person.user_id} AND o.genre = 'personne' AND o.exclusive
          AND o.debut < ${new Date(to)} AND o.fin > ${new Date(from)}`,
  );
  if (others.length === 0 || others.some(({ own }) => !own)) return null;
  const seance_id = await openSeance(tx, {
    prestationId: prestation.id,
    debut,
    fin,
    tampon_avant: prestation.tampon_avant,
    tampon_apres: prestation.tampon_apres,
    intervenants: [intervenantId],
    salles: [],
    places: 1,
    prises: 1,
    surnombre: true,
  });
  return {
    seance_id: seance_id!,
    debut,
    fin,
    intervenants: [intervenantId],
    salles: [],
    raison: null,
    rejoint: false,
  };
}

/** What becomes of the half of an appointment that is the engine's. */
export interface Suite {
  statut: keyof typeof EVENEMENTS;
  /** Of what is cancelled, who did, and whether late. */
  annulation?: { par: 'membre' | 'client'; tardif: boolean };
}

const EVENEMENTS = {
  a_valider: 'demande',
  confirme: 'confirmation',
  arrive: 'arrivee',
  honore: 'honore',
  absent: 'absence',
  annule: 'annulation',
} as const satisfies Partial<Record<StatutRendezVous, EvenementRendezVous>>;

/** Says what became of an appointment; what is cancelled frees its time. The caller has locked its other half. */
export async function changerPourCabinet(
  { tx, actor }: Pick<PourCabinet, 'tx' | 'actor'>,
  rendezVousId: number,
  { statut, annulation }: Suite,
): Promise<void> {
  await query(tx, sql`SELECT id FROM rendez_vous WHERE id = ${rendezVousId} FOR NO KEY UPDATE`);
  const row = await queryOne<{ seance_id: number; places: number; statut: StatutRendezVous }>(
    tx,
    sql`SELECT seance_id, places, statut FROM rendez_vous WHERE id = ${rendezVousId}`,
  );
  if (row === null) throw new Error(`Appointment ${rendezVousId} is of no practice that is open`);
  if (row.statut === statut) return;
  const avant = await readEtat(tx, rendezVousId);
  if (OCCUPANTS.includes(row.statut) && !OCCUPANTS.includes(statut)) {
    await freePlaces(tx, row.seance_id, row.places);
  }
  const isOver = annulation !== undefined;
  await query(
    tx,
    sql`UPDATE rendez_vous SET statut = ${statut}, sequence = sequence + ${isOver ? 1 : 0}::integer, expire_le = NULL,
          annule_par = ${annulation?.par ?? null}::text, tardif = ${annulation?.tardif ?? null}::boolean,
          date_modification = ${actor.now}, version = version + 1
        WHERE id = ${rendezVousId}`,
  );
  await write(tx, actor, rendezVousId, EVENEMENTS[statut], avant);
}

async function write(
  tx: EntityManager,
  actor: Actor,
  entiteId: number,
  action: EvenementRendezVous,
  avant: Etat | null,
): Promise<void> {
  const apres = await readEtat(tx, entiteId);
  await record(tx, actor, {
    entite: 'rendez_vous',
    entiteId,
    action,
    avant: avant && { ...avant },
    apres: { ...apres },
  });
}

/** What is free of somebody who receives in a practice, by its days. @throws {RegieError} as `listCreneaux` */
export function creneauxDeCabinet(
  { tx, actor, timeZone }: PourCabinet,
  {
    slug,
    intervenantId,
    duree,
  }: { slug: string; intervenantId?: number | undefined; duree?: number | undefined },
  jours: JoursDemandes,
): Promise<Record<string, CreneauAnswer[]>> {
  const demande = { prestation: slug, intervenant_id: intervenantId, duree };
  return listCreneaux(tx, houseAccess(), demande, jours, actor.now, timeZone);
}

/** What the engine has to know of a kind of appointment. */
export interface OffreDeCabinet {
  /** Minutes, one of which is chosen. */
  durees: number[];
  pas: number | 'auto';
  tampon_avant: number;
  tampon_apres: number;
  preavis: Preavis;
  /** Days ahead. */
  jours: number;
  /** How long before: by each channel, of which the patient's is chosen where it leaves. */
  rappels: readonly string[];
  actif: boolean;
}

const rappelsOf = (rappels: readonly string[]): Rappel[] =>
  rappels.flatMap((avant) => CANAUX_RAPPEL.map((canal) => ({ avant, canal })));

/** Makes the half of a kind of appointment that is the engine's: it has no name there, and nobody else is shown it. */
export async function ouvrirPourCabinet(
  tx: EntityManager,
  slug: string,
  { durees, pas, tampon_avant, tampon_apres, preavis, jours, rappels, actif }: OffreDeCabinet,
): Promise<number> {
  const row = await queryOne<{ id: number }>(
    tx,
    sql`INSERT INTO prestations (slug, nom, durees, mode, pas, tampon_avant, tampon_apres, preavis, fenetre, rappels, actif)
        VALUES (${slug}, '', ${durees}::integer[], 'un', ${JSON.stringify(pas)}::jsonb, ${tampon_avant}, ${tampon_apres},
                ${JSON.stringify(preavis)}::jsonb, ${JSON.stringify({ jours })}::jsonb,
                ${JSON.stringify(rappelsOf(rappels))}::jsonb, ${actif})
        RETURNING id`,
  );
  return row!.id;
}

export async function modifierPourCabinet(
  { tx, actor }: Pick<PourCabinet, 'tx' | 'actor'>,
  prestationId: number,
  { durees, pas, tampon_avant, tampon_apres, preavis, jours, rappels, actif }: OffreDeCabinet,
): Promise<void> {
  await query(
    tx,
    sql`UPDATE prestations SET durees = ${durees}::integer[], pas = ${JSON.stringify(pas)}::jsonb,
          tampon_avant = ${tampon_avant}, tampon_apres = ${tampon_apres}, preavis = ${JSON.stringify(preavis)}::jsonb,
          fenetre = ${JSON.stringify({ jours })}::jsonb, rappels = ${JSON.stringify(rappelsOf(rappels))}::jsonb,
          actif = ${actif}, date_modification = ${actor.now}, version = version + 1
        WHERE id = ${prestationId}`,
  );
}

/** Says who provides a kind of appointment, each as good as the other. */
export async function confierPourCabinet(
  tx: EntityManager,
  prestationId: number,
  intervenants: readonly number[],
): Promise<void> {
  await query(
    tx,
    sql`DELETE FROM prestations_intervenants
        WHERE prestation_id = ${prestationId} AND intervenant_id <> ALL(${intervenants}::integer[])`,
  );
  await query(
    tx,
    sql`INSERT INTO prestations_intervenants (prestation_id, intervenant_id, obligatoire, priorite, poids)
        SELECT ${prestationId}::integer, id, false, 1, 1 FROM unnest(${intervenants}::integer[]) AS v (id)
        ON CONFLICT (prestation_id, intervenant_id) DO NOTHING`,
  );
}

/** When somebody receives. */
export interface Horaires {
  /** Null for the usual ones. */
  horaires: WorkingHours | null;
  exceptions: Exception[];
  absences: AbsenceIntervenant[];
}

/** How somebody who receives in a practice is known to the engine. */
export interface IntervenantDeCabinet {
  user_id: number;
  /** Without what they are a doctor of. */
  nom_public: string;
  fuseau_horaire: string;
  pays: string;
}

/**
 * Makes somebody one who receives, unless they are: also of the house, whose hours they keep then.
 * @returns by which the engine knows them.
 */
export async function inscrirePourCabinet(
  tx: EntityManager,
  { user_id, nom_public, fuseau_horaire, pays }: IntervenantDeCabinet,
): Promise<number> {
  await query(
    tx,
    sql`INSERT INTO intervenants (user_id, nom_public, fuseau_horaire, pays)
        VALUES (${user_id}, ${nom_public}, ${fuseau_horaire}, ${pays}) ON CONFLICT (user_id) DO NOTHING`,
  );
  const row = await queryOne<{ id: number }>(tx, sql`SELECT id FROM intervenants WHERE user_id = ${user_id}`);
  return row!.id;
}

export async function fixerHoraires(
  { tx, actor }: Pick<PourCabinet, 'tx' | 'actor'>,
  intervenantId: number,
  { horaires, exceptions, absences }: Horaires,
): Promise<void> {
  await query(
    tx,
    sql`UPDATE intervenants SET horaires = ${horaires === null ? null : JSON.stringify(horaires)}::jsonb,
          exceptions = ${JSON.stringify(exceptions)}::jsonb, absences = ${JSON.stringify(absences)}::jsonb,
          date_modification = ${actor.now}, version = version + 1
        WHERE id = ${intervenantId}`,
  );
}
