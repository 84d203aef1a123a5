import { randomBytes, randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { createHashing } from '../../src/auth/hashing';
import type { Principal } from '../../src/auth/principal';
import type { TokenService } from '../../src/auth/tokens';
import { Livraison, Webhook } from '../../src/db/echanges/webhooks';
import { Session } from '../../src/db/identite/sessions';
import { Technicien } from '../../src/db/identite/techniciens';
import { User } from '../../src/db/identite/users';
import { CodePanne } from '../../src/db/interventions/codes-panne';
import { ModeleEtapes } from '../../src/db/interventions/etapes';
import { Intervention } from '../../src/db/interventions/interventions';
import { Contrat, ContratEquipement } from '../../src/db/parc/contrats';
import { Equipement } from '../../src/db/parc/equipements';
import { NiveauService } from '../../src/db/parc/niveaux';
import { Site } from '../../src/db/parc/sites';
import { RapportDemande } from '../../src/db/pilotage/rapports';
import { JourFerie } from '../../src/db/planification/feries';
import { Planning } from '../../src/db/planification/planning';
import { Proposition } from '../../src/db/planification/propositions';
import { PlanEquipement, PlanPreventif } from '../../src/db/preventif/plans';
import { AgendaExterne } from '../../src/db/rendez-vous/agendas';
import { Intervenant } from '../../src/db/rendez-vous/intervenants';
import { ListeAttente } from '../../src/db/rendez-vous/listes-attente';
import { Prestation, PrestationIntervenant } from '../../src/db/rendez-vous/prestations';
import { Participant, RendezVous, Seance } from '../../src/db/rendez-vous/rendez-vous';
import { Salle } from '../../src/db/rendez-vous/salles';
import { MouvementStock, Piece } from '../../src/db/stock/pieces';
import { cibleOf } from '../../src/domain/parc/contrats';
import { nextMaintenance } from '../../src/domain/parc/equipements';
import { POLITIQUE_INTEGREE } from '../../src/domain/parc/niveaux';
import type { Role } from '../../src/domain/roles';
import type { WorkingHours } from '../../src/domain/working-time';

/** Builds rows for tests straight in the database; whatever is not given is made up and unique. */

export const PASSWORD = 'Atelier-Sud-47!';

/** Hashing is slow on purpose; one hash serves every made-up person. */
const passwordHash = createHashing().hashUnjudged(PASSWORD);

/** Servers are shared by test files: what is made up must differ from what other files make up. */
const run = randomBytes(4).toString('hex');
let counter = 0;
const next = () => `${run}-${++counter}`;

/** Without sites and without a word of them, a responsable or technicien oversees everything, as through the API. */
export async function makeUser(
  db: DataSource,
  given: Partial<User> & { sites?: number[] } = {},
): Promise<User> {
  const { sites = [], ...fields } = given;
  const number = next();
  const user = await db.manager.save(
    db.manager.create(User, {
      email: `personne-${number}@exemple.ma`,
      mot_de_passe: await passwordHash,
      nom: `Nom ${number}`,
      prenom: 'Prénom',
      role: 'admin',
      tous_sites: sites.length === 0 && (fields.role === 'responsable' || fields.role === 'technicien'),
      ...fields,
    }),
  );
  for (const site of sites) {
    await db.query('INSERT INTO user_sites (user_id, site_id) VALUES ($1, $2)', [user.id, site]);
  }
  return user;
}

/** Tests run at any hour and on any day, and so do their visits. */
const AROUND_THE_CLOCK: WorkingHours = Object.fromEntries(
  [1, 2, 3, 4, 5, 6, 7].map((day) => [day, [[0, 1_440]]]),
);

/** A person of role technicien, who works around the clock, together with their technicien row. */
export async function makeTechnicien(
  db: DataSource,
  given: Partial<Technicien> = {},
  user: Partial<User> & { sites?: number[] } = {},
): Promise<Technicien & { user: User }> {
  const person = await makeUser(db, { role: 'technicien', ...user });
  const technicien = await db.manager.save(
    db.manager.create(Technicien, {
      user_id: person.id,
      specialite: 'Hydraulique',
      competences: ['hydraulique'],
      absences: [],
      horaires: AROUND_THE_CLOCK,
      ...given,
    }),
  );
  return Object.assign(technicien, { user: person });
}

export function makeSite(db: DataSource, given: Partial<Site> = {}): Promise<Site> {
  return db.manager.save(db.manager.create(Site, { nom: `Site ${next()}`, ...given }));
}

export function makeEquipement(db: DataSource, given: Partial<Equipement> = {}): Promise<Equipement> {
  const number = next();
  const equipement = db.manager.create(Equipement, {
    nom: `Presse ${number}`,
    type: 'Presse',
    numero_serie: `PH-${number}`,
    localisation: 'Atelier A',
    date_installation: null,
    derniere_maintenance: null,
    frequence_entretien: null,
    compteurs: [],
    ...given,
  });
  equipement.maintenance_saisie = equipement.derniere_maintenance;
  equipement.maintenance_saisie_le = equipement.derniere_maintenance === null ? null : new Date(0);
  equipement.prochaine_maintenance = nextMaintenance(equipement, 'UTC');
  return db.manager.save(equipement);
}

/** The delays of the house, under a name of their own, unless said otherwise. */
export function makeNiveau(db: DataSource, given: Partial<NiveauService> = {}): Promise<NiveauService> {
  const { calendrier, delais, niveaux } = POLITIQUE_INTEGREE;
  return db.manager.save(
    db.manager.create(NiveauService, {
      nom: `Niveau ${next()}`,
      calendrier,
      delais,
      niveaux: [...niveaux],
      attente_motifs: [],
      ...given,
    }),
  );
}

/** A contract that holds since 2020; without a client, one is made up. */
export async function makeContrat(
  db: DataSource,
  { equipements = [], ...given }: Partial<Contrat> & { equipements?: number[] } = {},
): Promise<Contrat> {
  const contrat = await db.manager.save(
    db.manager.create(Contrat, {
      reference: `C-${next()}`,
      client_id: given.client_id ?? (await makeUser(db, { role: 'client' })).id,
      date_debut: '2020-01-01',
      cible: cibleOf({ site_id: given.site_id ?? null, equipements }),
      ...given,
    }),
  );
  for (const equipement_id of equipements) {
    await db.manager.insert(ContratEquipement, { contrat_id: contrat.id, equipement_id });
  }
  return contrat;
}

/** Somebody who receives; without an account, one is made up. */
export async function makeIntervenant(
  db: DataSource,
  given: Partial<Intervenant> = {},
): Promise<Intervenant> {
  return db.manager.save(
    db.manager.create(Intervenant, {
      user_id: given.user_id ?? (await makeUser(db)).id,
      nom_public: `Nadia ${next()}`,
      ...given,
    }),
  );
}

/** A calendar elsewhere, which nobody can open. */
export async function makeAgendaExterne(
  db: DataSource,
  given: Partial<AgendaExterne> = {},
): Promise<AgendaExterne> {
  return db.manager.save(
    db.manager.create(AgendaExterne, {
      nom: `Agenda ${next()}`,
      genre: 'ics',
      hote: 'agenda.exemple.ma',
      acces: randomBytes(32),
      ...given,
      intervenant_id: given.intervenant_id ?? (await makeIntervenant(db)).id,
    }),
  );
}

/** A room for four, open at any time. */
export function makeSalle(db: DataSource, given: Partial<Salle> = {}): Promise<Salle> {
  return db.manager.save(db.manager.create(Salle, { nom: `Salle ${next()}`, capacite: 4, ...given }));
}

/** Half an hour with one person, who is to be named. */
export async function makePrestation(
  db: DataSource,
  { intervenants = [], ...given }: Partial<Prestation> & { intervenants?: number[] } = {},
): Promise<Prestation> {
  const prestation = await db.manager.save(
    db.manager.create(Prestation, {
      slug: `prestation-${next()}`,
      nom: 'Conseil',
      durees: [30],
      mode: 'un',
      pas: 30,
      preavis: { creer: 0, modifier: 0, annuler: 0 },
      fenetre: { jours: 60 },
      ...given,
    }),
  );
  for (const intervenant_id of intervenants) {
    const own = { prestation_id: prestation.id, intervenant_id };
    await db.manager.insert(PrestationIntervenant, { ...own, obligatoire: false, priorite: 0, poids: 1 });
  }
  return prestation;
}

/** Somebody who waits for it, in 2031 unless said otherwise: nothing is offered to them. */
export async function makeAttente(
  db: DataSource,
  given: Partial<ListeAttente> & { prestation_id: number },
): Promise<ListeAttente> {
  const contact = `attend-${next()}@exemple.ma`;
  const attente = await db.manager.save(
    db.manager.create(ListeAttente, {
      date_debut: '2031-01-06',
      date_fin: '2031-01-31',
      origine: 'membre',
      contact,
      ...given,
    }),
  );
  await db.manager.insert(Participant, {
    liste_attente_id: attente.id,
    rang: 1,
    nom: 'Amal Idrissi',
    email: contact,
    langue: 'fr',
    fuseau_horaire: 'Africa/Casablanca',
  });
  return attente;
}

let starts = 0;
/** A confirmed appointment, each at an hour of its own; it takes nobody's time unless `intervenants` are named. */
export async function makeRendezVous(
  db: DataSource,
  given: Partial<RendezVous> & { prestation_id: number },
): Promise<RendezVous> {
  const debut = given.debut ?? new Date(Date.UTC(2031, 5, 1, ++starts));
  const time = { debut, fin: given.fin ?? new Date(debut.getTime() + 1_800_000) };
  const { prestation_id, intervenants = [], salles = [], places = 1 } = given;
  const seance = await db.manager.save(
    db.manager.create(Seance, { prestation_id, ...time, intervenants, salles, places, prises: places }),
  );
  const rendezVous = await db.manager.save(
    db.manager.create(RendezVous, {
      uid: `rendez-vous-${next()}`,
      seance_id: seance.id,
      ...time,
      intervenants,
      user_ids: [],
      statut: 'confirme',
      origine: 'membre',
      ...given,
    }),
  );
  await db.manager.insert(Participant, {
    rendez_vous_id: rendezVous.id,
    rang: 1,
    nom: 'Samira Alaoui',
    email: 'samira@exemple.ma',
    langue: 'fr',
    fuseau_horaire: 'Africa/Casablanca',
  });
  return rendezVous;
}

/**
 * An appointment of half an hour in a week from now, confirmed, with one who comes; whoever receives and what is booked are
 * made up unless they are given.
 */
export async function makeBooking(
  db: DataSource,
  {
    prestation,
    intervenant,
    participants = [{}],
    ...given
  }: Partial<RendezVous> & {
    prestation?: Prestation;
    intervenant?: Intervenant;
    participants?: Partial<Participant>[];
  } = {},
): Promise<RendezVous & { participants: Participant[] }> {
  const who = intervenant ?? (await makeIntervenant(db));
  const what = prestation ?? (await makePrestation(db, { intervenants: [who.id] }));
  const debut = given.debut ?? new Date(Date.now() + 7 * 86_400_000 + ++counter * 3_600_000);
  const fin = given.fin ?? new Date(debut.getTime() + 30 * 60_000);
  const places = given.places ?? 1;
  const seance_id =
    given.seance_id ??
    (
      await db.manager.save(
        db.manager.create(Seance, {
          prestation_id: what.id,
          debut,
          fin,
          intervenants: [who.id],
          salles: given.salles ?? [],
          places: Math.max(places, what.places),
          prises: places,
        }),
      )
    ).id;
  const number = next();
  const row = await db.manager.save(
    db.manager.create(RendezVous, {
      uid: `uid-${number}`,
      prestation_id: what.id,
      seance_id,
      intervenants: [who.id],
      user_ids: [who.user_id],
      statut: 'confirme',
      origine: 'public',
      ...given,
      debut,
      fin,
      places,
    }),
  );
  const those = await db.manager.save(
    participants.map((one, rang) =>
      db.manager.create(Participant, {
        rendez_vous_id: row.id,
        rang,
        nom: `Salma ${number}`,
        email: `salma-${number}-${rang}@exemple.ma`,
        langue: 'fr',
        fuseau_horaire: 'Europe/Paris',
        ...one,
      }),
    ),
  );
  return Object.assign(row, { participants: those });
}

/** A public holiday of a country that no site is in, unless said otherwise. */
export function makeFerie(db: DataSource, given: Partial<JourFerie> = {}): Promise<JourFerie> {
  return db.manager.save(
    db.manager.create(JourFerie, { pays: 'BE', date: '2031-07-21', libelle: `Fête ${next()}`, ...given }),
  );
}

/** A proposal that is ready and has no lines, for all sites unless said otherwise. */
export async function makeProposition(
  db: DataSource,
  given: Partial<Proposition> = {},
): Promise<Proposition> {
  return db.manager.save(
    db.manager.create(Proposition, {
      genre: 'semaine',
      semaine: '2031-W03',
      site_ids: [],
      statut: 'prete',
      date_expiration: new Date(Date.now() + 86_400_000),
      createur_id: given.createur_id ?? (await makeUser(db)).id,
      ...given,
    }),
  );
}

/** A report that was asked for, of the figures of a month and of all sites unless said otherwise. */
export async function makeRapportDemande(
  db: DataSource,
  given: Partial<RapportDemande> = {},
): Promise<RapportDemande> {
  return db.manager.save(
    db.manager.create(RapportDemande, {
      type: 'mois',
      langue: 'fr',
      periode: '2030-01',
      site_ids: [],
      statut: 'pret',
      demandeur_id: given.demandeur_id ?? (await makeUser(db)).id,
      ...given,
    }),
  );
}

/** A part, whose book opens with what there is of it. */
export async function makePiece(db: DataSource, given: Partial<Piece> = {}): Promise<Piece> {
  const number = next();
  const { stock = 0, seuil_alerte = 0 } = given;
  const piece = db.manager.create(Piece, {
    reference: `REF-${number}`,
    designation: 'Joint torique',
    alerte_dite: stock <= seuil_alerte,
    ...given,
  });
  await db.manager.save(piece);
  const opening = { type: 'inventaire', quantite: stock, variation: stock, stock } as const;
  await db.manager.insert(MouvementStock, { piece_id: piece.id, ...opening });
  return piece;
}

/** A root of the tree of problems, unless said otherwise. */
export function makeCodePanne(db: DataSource, given: Partial<CodePanne> = {}): Promise<CodePanne> {
  return db.manager.save(
    db.manager.create(CodePanne, { nature: 'probleme', code: `P-${next()}`, libelle: 'Fuite', ...given }),
  );
}

/** Of one step, to be ticked, unless said otherwise. */
export function makeModeleEtapes(db: DataSource, given: Partial<ModeleEtapes> = {}): Promise<ModeleEtapes> {
  const etape = {
    libelle: 'Consignation faite',
    type: 'case' as const,
    obligatoire: true,
    suite: false,
    min: null,
    max: null,
    unite: null,
    choix: null,
    compteur: null,
  };
  return db.manager.save(
    db.manager.create(ModeleEtapes, {
      nom: `Modèle ${next()}`,
      type_equipement: null,
      etapes: [etape],
      ...given,
    }),
  );
}

/** An intervention as its row alone: no workflow runs for it. Without an equipment, one is made up. */
export async function makeIntervention(
  db: DataSource,
  given: Partial<Intervention> = {},
): Promise<Intervention> {
  const equipement_id = given.equipement_id ?? (await makeEquipement(db)).id;
  const createur_id = given.createur_id ?? (await makeUser(db)).id;
  return db.manager.save(
    db.manager.create(Intervention, {
      titre: 'Réparation fuite hydraulique',
      description: 'Fuite détectée au niveau du circuit principal',
      type_intervention: 'corrective',
      priorite: 'normale',
      // As if somebody had named it: it stands, whatever would follow from the priority.
      date_limite: new Date(Date.now() + 5 * 86_400_000),
      date_limite_imposee: true,
      arme_le: new Date(),
      workflow_demarre: true,
      ...given,
      equipement_id,
      createur_id,
    }),
  );
}

/** A finished intervention that ended so many days ago, whose report was given up, unless said otherwise. */
export async function makeWithoutRapport(
  db: DataSource,
  days = 0,
  statut: 'abandonne' | 'a_faire' | null = 'abandonne',
): Promise<{ id: number; technicien: Technicien & { user: User } }> {
  const technicien = await makeTechnicien(db);
  const date_fin = new Date(Date.now() - days * 86_400_000);
  const { id } = await makeIntervention(db, {
    statut: 'terminee',
    rapport: 'Fait.',
    date_fin,
    technicien_id: technicien.id,
  });
  if (statut !== null) {
    await db.query(
      `INSERT INTO rapports (cle_unique, intervention_id, statut, rendus, date_essai) VALUES ($1, $2, $3, 3, now())`,
      [`rapport:${id}:${date_fin.getTime()}`, id, statut],
    );
  }
  return { id, technicien };
}

/** A visit. Without an intervention or a technicien, they are made up. */
export async function makePlanning(db: DataSource, given: Partial<Planning> = {}): Promise<Planning> {
  const technicien_id = given.technicien_id ?? (await makeTechnicien(db)).id;
  const intervention_id =
    given.intervention_id ?? (await makeIntervention(db, { technicien_id, statut: 'planifiee' })).id;
  return db.manager.save(
    db.manager.create(Planning, {
      date_planifiee: new Date(),
      duree_estimee: 60,
      ...given,
      technicien_id,
      intervention_id,
    }),
  );
}

/** Another system that is told of everything, and whose secret nobody knows. */
export function makeWebhook(db: DataSource, given: Partial<Webhook> = {}): Promise<Webhook> {
  return db.manager.save(
    db.manager.create(Webhook, {
      url: `https://93.184.216.34/${next()}`,
      evenements: ['*'],
      secret: randomBytes(32),
      depuis: 0,
      ...given,
    }),
  );
}

/** A delivery that was given up, unless said otherwise. Without a webhook, one is made up. */
export async function makeLivraison(db: DataSource, given: Partial<Livraison> = {}): Promise<Livraison> {
  const webhook_id = given.webhook_id ?? (await makeWebhook(db)).id;
  return db.manager.save(
    db.manager.create(Livraison, {
      identifiant: `evt_${next()}`,
      evenement_id: 1,
      evenement: 'piece.creee',
      date: new Date(),
      ressource: 'piece',
      id_ressource: 1,
      version_ressource: 1,
      statut: 'abandonnee',
      date_fin: new Date(),
      ...given,
      webhook_id,
    }),
  );
}

/** A session that somebody has just opened. */
export async function makeSession(db: DataSource, user: Pick<User, 'id'>): Promise<Session> {
  const now = new Date();
  const session = db.manager.create(Session, {
    id: randomUUID(),
    user_id: user.id,
    date_creation: now,
    date_expiration: new Date(now.getTime() + 3_600_000),
  });
  await db.manager.insert(Session, session);
  return session;
}

/** An admin in a session that has just been opened. */
export async function makeAdmin(db: DataSource): Promise<{ admin: User; principal: Principal }> {
  const admin = await makeUser(db, { role: 'admin' });
  const session = await makeSession(db, admin);
  const principal: Principal = {
    userId: admin.id,
    role: 'admin',
    technicienId: null,
    sites: [],
    tousSites: true,
    langue: 'fr',
    sessionId: session.id,
    cleApiId: null,
    chemins: null,
    secondFacteur: false,
  };
  return { admin, principal };
}

/** On a slow machine a test takes longer than the quarter of an hour that a token lives. */
const LATER = () => new Date(Date.now() + 6 * 3_600_000);

/** Signs somebody in without the cost of a password. */
export async function signIn(db: DataSource, tokens: TokenService, user: User): Promise<string> {
  const { id: sessionId } = await makeSession(db, user);
  const { id: userId, email, role } = user;
  return tokens.sign({ userId, email, role: role as Role, isActive: true, sessionId }, LATER());
}

/** A plan that is due on the first of each month, unless said otherwise; on an equipment of its own unless some are given. */
export async function makePlan(
  db: DataSource,
  given: Partial<PlanPreventif> & { equipements?: number[] } = {},
): Promise<PlanPreventif> {
  const { equipements = [(await makeEquipement(db)).id], ...fields } = given;
  const plan = await db.manager.save(
    db.manager.create(PlanPreventif, {
      nom: `Plan ${next()}`,
      par_equipement: true,
      declencheur: 'calendrier',
      base: 'fixe',
      regle: 'FREQ=MONTHLY;BYMONTHDAY=1',
      date_debut: '2026-01-01',
      heure: '08:00',
      saisons: [],
      jour_ferme: 'garder',
      delai_generation: 0,
      tolerance_jours: 0,
      si_precedente_ouverte: 'creer',
      rattrapage: 'derniere',
      compteur: null,
      condition: null,
      groupe: null,
      rang: 0,
      modele: MODELE,
      suivi_depuis: new Date(),
      createur_id: fields.createur_id ?? (await makeUser(db, { role: 'admin' })).id,
      ...fields,
    }),
  );
  await db.manager.insert(
    PlanEquipement,
    equipements.map((equipement_id, rang) => ({ plan_id: plan.id, equipement_id, rang })),
  );
  return plan;
}

/** What a plan has done. */
const MODELE: PlanPreventif['modele'] = {
  titre: 'Vidange',
  description: 'Vidanger le circuit et changer les filtres',
  priorite: 'normale',
  urgence: false,
  competences_requises: [],
  duree_estimee: null,
  technicien_id: null,
  pieces: [],
  modele_etapes_id: null,
  etapes: [],
};
