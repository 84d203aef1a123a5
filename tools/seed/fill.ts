import sql from 'sql-template-tag';
import type { DataSource, EntityManager } from 'typeorm';
import { Access } from '../../src/auth/access';
import type { Principal } from '../../src/auth/principal';
import type { Secrets } from '../../src/auth/secrets';
import { queryOne } from '../../src/db/sql';
import { dayAfter, dayAt, endOfDay, startOfDay } from '../../src/domain/local-time';
import type { TrajetSettings } from '../../src/domain/planification/trajets';
import type { WorkingHours } from '../../src/domain/working-time';
import type { Actor } from '../../src/services/actor';
import { createTechnicien } from '../../src/services/identite/techniciens';
import { createUser } from '../../src/services/identite/users';
import { needOf, readToPlan } from '../../src/services/interventions/candidats';
import { assign } from '../../src/services/interventions/cycle/assignation';
import { writeEvenement } from '../../src/services/interventions/cycle/evenement';
import { lockAndRead } from '../../src/services/interventions/cycle/locked';
import { createIntervention } from '../../src/services/interventions/interventions';
import { createContrat } from '../../src/services/parc/contrats';
import { createEquipement } from '../../src/services/parc/equipements';
import { createNiveau } from '../../src/services/parc/niveaux';
import { createSite } from '../../src/services/parc/sites';
import { type AssignableRow, assignablesSql } from '../../src/services/planification/affectation';
import { findCandidatures } from '../../src/services/planification/candidats';
import type { Decor, Personne } from './decor';
import { fillRendezVous, type Receveur } from './rendez-vous';
import { CONTRATS, HABILITATION, NIVEAU_SERVICE, SITES } from './vocabulary';

export interface FillOptions {
  secrets: Secrets;
  /** The hash of the password that everybody of the site gets. */
  motDePasse: string;
  now: Date;
  /** Zone of the sites. */
  timeZone: string;
  trajets: TrajetSettings;
}

/** The site is there already. */
export class AlreadyFilled extends Error {}

/**
 * Writes the site down, all of it or nothing, through the same use cases as the API, each in the name of who would do it.
 * The workflows of its interventions are started by the reconciler, within about a minute.
 * @throws {AlreadyFilled} when it is there.
 */
export function fill(db: DataSource, decor: Decor, options: FillOptions): Promise<void> {
  return db.transaction(async (tx) => {
    await requireRoom(tx, decor);
    const filling: Filling = { tx, options, admin: await administrator(tx) };
    const sites = await fillSites(filling);
    const clients = await fillClients(filling, decor);
    const responsables = await fillResponsables(filling, decor, sites);
    const receveurs = [...responsables, ...(await fillConseillers(filling, decor))];
    const { now } = options;
    await fillRendezVous(tx, filling.admin, actorOf(filling.admin, now), {
      site_id: sites.at(-1)!,
      receveurs,
      venants: decor.clients,
      timeZone: options.timeZone,
    });
    await fillTechniciens(filling, decor);
    await fillContrats(filling, sites, clients);
    const equipements = await fillMachines(filling, decor, sites, clients);
    const ids = await fillInterventions(filling, decor, clients, equipements);
    await planInterventions(filling, decor, ids);
  });
}

interface Filling {
  tx: EntityManager;
  options: FillOptions;
  /** Who opens accounts and enters machines. */
  admin: Principal;
}

const DAY_SHIFT: WorkingHours[number] = [
  [8 * 60, 12 * 60],
  [13 * 60, 17 * 60],
];
const HOURS: WorkingHours = { 1: DAY_SHIFT, 2: DAY_SHIFT, 3: DAY_SHIFT, 4: DAY_SHIFT, 5: DAY_SHIFT };
const MINUTE = 60_000;

async function requireRoom(tx: EntityManager, { techniciens }: Decor): Promise<void> {
  const { email } = techniciens[0]!;
  const found = await queryOne(tx, sql`SELECT id FROM users WHERE email = ${email}`);
  if (found !== null) throw new AlreadyFilled(`The site is there already: ${email} has an account`);
}

/** @throws when the database has not been set up. */
async function administrator(tx: EntityManager): Promise<Principal> {
  const found = await queryOne<{ id: number }>(
    tx,
    sql`SELECT id FROM users WHERE role = 'admin' AND is_active ORDER BY id LIMIT 1`,
  );
  if (found === null) throw new Error('There is no administrator: start the system once');
  return principal(found.id, 'admin');
}

function principal(userId: number, role: Principal['role']): Principal {
  return {
    userId,
    role,
    technicienId: null,
    sites: [],
    tousSites: role === 'admin',
    langue: 'fr',
    sessionId: null,
    cleApiId: null,
    chemins: null,
    secondFacteur: false,
  };
}

function actorOf({ userId }: Principal, now: Date): Actor {
  return { userId, cleApiId: null, now, correlationId: 'seed', adresse: null };
}

async function fillSites({ tx, options, admin }: Filling): Promise<number[]> {
  const ids: number[] = [];
  for (const site of SITES) {
    const fields = {
      ...site,
      adresse: null,
      fuseau_horaire: options.timeZone,
      pays: 'MA',
      horaires: HOURS,
      fermetures: [],
    };
    const { id } = await createSite(
      tx,
      new Access(admin),
      actorOf(admin, options.now),
      fields,
      options.timeZone,
    );
    ids.push(id);
  }
  return ids;
}

async function fillClients(filling: Filling, { clients }: Decor): Promise<Principal[]> {
  const made: Principal[] = [];
  for (const client of clients)
    made.push(principal(await openAccount(filling, client, 'client', []), 'client'));
  return made;
}

async function fillResponsables(
  filling: Filling,
  { responsables }: Decor,
  sites: number[],
): Promise<Receveur[]> {
  const made: Receveur[] = [];
  for (const responsable of responsables) {
    const theirs = responsable.sites.map((index) => sites[index]!);
    const userId = await openAccount(filling, responsable, 'responsable', theirs);
    made.push({ userId, nomPublic: `${responsable.prenom} ${responsable.nom}` });
  }
  return made;
}

async function fillConseillers(filling: Filling, { conseillers }: Decor): Promise<Receveur[]> {
  const made: Receveur[] = [];
  for (const conseiller of conseillers) {
    const userId = await openAccount(filling, conseiller, 'membre', []);
    made.push({ userId, nomPublic: `${conseiller.prenom} ${conseiller.nom}` });
  }
  return made;
}

async function fillContrats(
  { tx, options, admin }: Filling,
  sites: number[],
  clients: Principal[],
): Promise<void> {
  const actor = actorOf(admin, options.now);
  const niveau = await createNiveau(tx, new Access(admin), actor, NIVEAU_SERVICE);
  const year = dayAt(options.now.getTime(), options.timeZone).slice(0, 4);
  for (const [index, { client, site, continu }] of CONTRATS.entries()) {
    await createContrat(
      tx,
      new Access(admin),
      actor,
      {
        reference: `KHG-${year}-${index + 1}`,
        client_id: clients[client]!.userId,
        site_id: site === null ? null : sites[site]!,
        equipements: [],
        niveau_service_id: continu ? niveau.id : null,
        date_debut: `${year}-01-01`,
        date_fin: `${Number(year) + 1}-12-31`,
        visites_incluses: 24,
        preavis_jours: 60,
      },
      options.timeZone,
    );
  }
}

async function openAccount(
  { tx, options, admin }: Filling,
  { prenom, nom, email }: Personne,
  role: Principal['role'],
  site_ids: number[],
): Promise<number> {
  const { secrets, motDePasse, now } = options;
  const fields = {
    prenom,
    nom,
    email,
    role,
    site_ids,
    tous_sites: null,
    is_active: true,
    langue: 'fr' as const,
    telephone: null,
  };
  const { user } = await createUser(
    tx,
    secrets,
    motDePasse,
    new Access(admin),
    actorOf(admin, now),
    fields,
    null,
  );
  return user.id;
}

async function fillTechniciens(filling: Filling, { techniciens }: Decor): Promise<void> {
  const { tx, options, admin } = filling;
  const today = dayAt(options.now.getTime(), options.timeZone);
  const instant = (of: typeof startOfDay, days: number) =>
    new Date(of(dayAfter(today, days), options.timeZone)).toISOString();
  for (const technicien of techniciens) {
    const { specialite, competences, niveau, latitude, longitude, habilitation, absence } = technicien;
    const user_id = await openAccount(filling, technicien, 'technicien', []);
    await createTechnicien(
      tx,
      new Access(admin),
      actorOf(admin, options.now),
      {
        user_id,
        specialite,
        competences,
        niveau_experience: niveau,
        disponibilite: true,
        telephone: null,
        localisation_base: null,
        latitude,
        longitude,
        habilitations:
          habilitation === null
            ? []
            : [{ competence: HABILITATION, valide_du: null, valide_jusqu_au: dayAfter(today, habilitation) }],
        horaires: null,
        absences:
          absence === null
            ? []
            : [
                {
                  debut: instant(startOfDay, absence.debut),
                  fin: instant(endOfDay, absence.fin),
                  motif: absence.motif,
                },
              ],
      },
      null,
    );
  }
}

async function fillMachines(
  { tx, options, admin }: Filling,
  { machines }: Decor,
  sites: number[],
  clients: Principal[],
): Promise<number[]> {
  const ids: number[] = [];
  for (const {
    nom,
    type,
    modele,
    numeroSerie,
    localisation,
    site,
    client,
    criticite,
    frequence,
  } of machines) {
    const fields = {
      nom,
      type,
      modele,
      numero_serie: numeroSerie,
      localisation,
      date_installation: null,
      frequence_entretien: frequence,
      statut: 'operationnel' as const,
      derniere_maintenance: null,
      site_id: sites[site]!,
      client_id: clients[client]!.userId,
      criticite,
      compteurs: [],
      parent_id: null,
      garantie_fin: null,
      cout_remplacement: null,
      duree_vie_annees: null,
    };
    const actor = actorOf(admin, options.now);
    const { id } = await createEquipement(tx, new Access(admin), actor, fields, options.timeZone);
    ids.push(id);
  }
  return ids;
}

async function fillInterventions(
  { tx, options }: Filling,
  { interventions }: Decor,
  clients: Principal[],
  equipements: number[],
): Promise<number[]> {
  const ids: number[] = [];
  for (const {
    titre,
    description,
    type,
    priorite,
    urgence,
    machine,
    client,
    competences,
    age,
  } of interventions) {
    const author = clients[client]!;
    const reported = new Date(options.now.getTime() - age * MINUTE);
    const { row } = await createIntervention(
      tx,
      new Access(author),
      actorOf(author, reported),
      {
        titre,
        description,
        type_intervention: type,
        priorite,
        urgence,
        equipement_id: equipements[machine]!,
        competences_requises: competences,
      },
      options.timeZone,
    );
    ids.push(row.id);
  }
  return ids;
}

/** Each to whoever is free first, as a dispatcher plans who looks at one piece of work at a time. */
async function planInterventions(filling: Filling, { interventions }: Decor, ids: number[]): Promise<void> {
  const { now, timeZone } = filling.options;
  const today = dayAt(now.getTime(), timeZone);
  for (const [index, { jour, duree }] of interventions.entries()) {
    if (jour === null) continue;
    const from = Math.max(now.getTime(), startOfDay(dayAfter(today, jour), timeZone));
    await planIntervention(filling, ids[index]!, duree, new Date(from));
  }
}

async function planIntervention(
  { tx, admin, options }: Filling,
  id: number,
  duree_estimee: number,
  from: Date,
): Promise<void> {
  const { now, timeZone, trajets } = options;
  const actor = actorOf(admin, now);
  const toPlan = await readToPlan(tx, new Access(admin), actor, id, timeZone);
  const need = needOf(toPlan, { duree_estimee }, from, trajets);
  const wanted = { interventionId: id, siteId: toPlan.row.equipement_site_id };
  const [best] = (await findCandidatures(tx, need, wanted)).possibles;
  // Nobody may be there who can: then it stays to be planned.
  if (best === undefined) return;
  const technicien_id = best.technicienId;
  const found = sql`(SELECT json_agg(a) FROM (${assignablesSql(sql`ARRAY[${technicien_id}::integer]`, sql`e.site_id`)}) a)`;
  const locked = (await lockAndRead<AssignableRow[]>(tx, id, timeZone, found))!;
  const ordre = {
    type: 'assignation' as const,
    technicien_id,
    date_planifiee: new Date(best.date).toISOString(),
    duree_estimee,
  };
  const evenement = await assign(tx, actor, locked, ordre, locked.besides);
  await writeEvenement(tx, actor, locked, { ...evenement, cause: 'seed' });
}
