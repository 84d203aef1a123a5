import type { Action } from '../../src/auth/permissions';
import type { RowSubject } from '../support/places';
import { KINDS, type Persona } from './world';

/**
 * The table of contract §2, said once more and in another way: not by rules and conditions, but by which rows of a
 * small world each person reaches. Nothing here is derived from `src/auth/permissions/`.
 */

/** Rows that somebody reaches; `tout` are all of them. */
type Reach = 'tout' | readonly string[];
/** A person who is not named is of a role that may never do it, and is told so whatever the row. */
export type Expectation = Partial<Record<Persona, Reach>>;

/** What machines reach as their makers do, each in the role of its key. */
function alike(expected: Expectation): Expectation {
  const { admin, responsable_nord, technicien, client } = expected;
  const machines = {
    cle_admin: admin,
    cle_chemins: admin,
    cle_nord: responsable_nord,
    cle_technicien: technicien,
    cle_client: client,
  };
  const named = Object.entries(machines).filter(([, reach]) => reach !== undefined);
  return { ...Object.fromEntries(named), ...expected };
}
/** What administrators' machines reach, whatever the paths of their keys. */
const adminMachines = (reach: Reach) => ({ cle_admin: reach, cle_chemins: reach }) as const;

const OVERSEERS = { admin: 'tout', responsable: 'tout', responsable_nord: 'tout' } as const;
/** Those who oversee, the responsable of Nord these rows only. */
const overseersOf = (...nord: string[]) =>
  ({ admin: 'tout', responsable: 'tout', responsable_nord: nord }) satisfies Expectation;
/** Those who receive people, of what is theirs; and whoever oversees them. */
const RECEIVE = {
  ...overseersOf('nord', 'nord_recoit'),
  technicien: ['technicien'],
  technicien_nord: [],
  client: ['client_recoit'],
  client_nord: [],
  membre: ['membre'],
} satisfies Expectation;
const PEOPLE = [
  'admin',
  'responsable',
  'responsable_nord',
  'technicien',
  'technicien_nord',
  'client',
  'client_nord',
  'membre',
] as const;
/** Every person, and no machine. */
const everyPerson = (reach: Reach): Expectation =>
  Object.fromEntries(PEOPLE.map((persona) => [persona, reach]));
/** Each reaching their own row. */
const OWN = everyPerson(['soi']);
const NONE = everyPerson([]);

const OF_CLIENT = ['client', 'creee', 'client_ouverte', 'creee_ouverte'];
const OF_NORD = ['nord', 'nord_ouverte'];
const BELOW_ADMIN = ['responsable', 'technicien', 'client', 'membre'];
/** Those whose accounts were closed included. */
const ALL_BELOW_ADMIN = [...BELOW_ADMIN, 'inactif'];

const SHOWN_AT_NORD = ['nord_visible', 'nord_cache', 'nord_confidentiel', 'equipement_nord'];

/** Who sees which rows: what a list shows, and what is not 404. */
export const READ: Record<RowSubject, Expectation> = {
  User: { ...OWN, ...alike(OVERSEERS) },
  Technicien: alike({ ...OVERSEERS, technicien: 'tout', technicien_nord: 'tout' }),
  Site: alike({
    ...overseersOf('nord'),
    technicien: 'tout',
    technicien_nord: ['nord'],
    client: [],
    client_nord: ['nord'],
  }),
  Equipement: alike({
    ...overseersOf('nord'),
    technicien: 'tout',
    technicien_nord: ['nord'],
    client: ['client'],
    client_nord: ['nord'],
  }),
  NiveauService: alike(OVERSEERS),
  Contrat: alike({ ...overseersOf('nord'), client: ['client'], client_nord: [] }),
  Piece: alike({ ...OVERSEERS, technicien: 'tout', technicien_nord: 'tout' }),
  Intervention: alike({
    ...overseersOf(...OF_NORD),
    technicien: ['assignee', 'equipe', 'libre', 'client_ouverte', 'nord_ouverte', 'creee_ouverte'],
    technicien_nord: ['detachee', 'nord_ouverte'],
    client: OF_CLIENT,
    client_nord: OF_NORD,
  }),
  ModeleEtapes: alike(OVERSEERS),
  CodePanne: alike({ ...OVERSEERS, technicien: 'tout', technicien_nord: 'tout' }),
  Planning: alike({ ...overseersOf('nord'), technicien: ['assignee', 'equipe'], technicien_nord: [] }),
  JourFerie: alike({
    ...OVERSEERS,
    technicien: 'tout',
    technicien_nord: 'tout',
    client: 'tout',
    client_nord: 'tout',
  }),
  Proposition: alike(overseersOf('nord')),
  PlanPreventif: alike({ ...overseersOf('nord'), technicien: 'tout', technicien_nord: ['nord'] }),
  Intervenant: alike(RECEIVE),
  Salle: alike(overseersOf('nord')),
  AgendaExterne: alike(RECEIVE),
  Prestation: alike({
    ...overseersOf('nord', 'sud', 'nord_interne'),
    technicien: ['nord', 'sud'],
    technicien_nord: ['nord', 'sud'],
    client: ['nord', 'sud'],
    client_nord: ['nord', 'sud'],
    membre: ['nord', 'sud'],
  }),
  RendezVous: alike({
    ...overseersOf('nord', 'nord_recoit', 'nord_reserve'),
    technicien: ['technicien', 'technicien_reserve'],
    technicien_nord: [],
    client: ['client', 'client_recoit'],
    client_nord: [],
    membre: ['membre', 'membre_reserve'],
  }),
  ListeAttente: alike({
    ...overseersOf('nord', 'nord_recoit', 'nord_attend'),
    technicien: ['technicien', 'technicien_attend'],
    technicien_nord: [],
    client: ['client', 'client_recoit'],
    client_nord: [],
    membre: ['membre', 'membre_attend'],
  }),
  Document: alike({
    ...overseersOf(...SHOWN_AT_NORD, 'rapport_nord'),
    technicien: ['assignee_cache', 'assignee_depose', 'equipement_client', 'equipement_nord', 'rapport_soi'],
    technicien_nord: ['equipement_nord'],
    client: ['client_visible', 'creee_visible'],
    client_nord: ['nord_visible'],
  }),
  Notification: OWN,
  RegleNotification: alike(OVERSEERS),
  CleApi: { admin: 'tout' },
  Rapport: alike({ ...overseersOf('nord'), technicien: ['soi'], technicien_nord: [] }),
  Parametres: alike({
    ...OVERSEERS,
    technicien: 'tout',
    technicien_nord: 'tout',
    client: 'tout',
    client_nord: 'tout',
  }),
  Webhook: { admin: 'tout' },
  Livraison: { admin: 'tout' },
  Audit: alike({ admin: 'tout' }),
};

const MANAGE_TECHNICIENS = alike(overseersOf('nord'));
const MOVE = { technicien: ['assignee'], technicien_nord: ['detachee'] };

/** Who reaches which rows with what else can be done. */
export const MAY = {
  users: {
    create: {
      admin: 'tout',
      responsable: BELOW_ADMIN,
      responsable_nord: BELOW_ADMIN,
      ...adminMachines(BELOW_ADMIN),
      cle_nord: BELOW_ADMIN,
    },
    /** With a password that whoever creates them knows: no machine does. */
    createReady: {
      admin: 'tout',
      responsable: BELOW_ADMIN,
      responsable_nord: BELOW_ADMIN,
      ...adminMachines([]),
      cle_nord: [],
    },
    /** Nobody here waits for an invitation: whoever may send one is told so. */
    inviteAgain: {
      admin: 'tout',
      responsable: ['soi', ...ALL_BELOW_ADMIN],
      responsable_nord: ['soi', 'client', 'membre', 'inactif'],
      ...adminMachines(ALL_BELOW_ADMIN),
      cle_nord: ['soi', 'client', 'membre', 'inactif'],
    },
    updateProfile: { ...OWN, admin: 'tout', ...adminMachines(BELOW_ADMIN) },
    /** What an account is already may be said again. */
    deactivate: { ...NONE, admin: 'tout', ...adminMachines(BELOW_ADMIN) },
    reactivate: { ...OWN, admin: 'tout', ...adminMachines(BELOW_ADMIN) },
    /** What one signs in with, what one is, and how far one reaches. */
    updateAccess: { ...NONE, admin: 'tout', ...adminMachines([]) },
    delete: { admin: 'tout', ...adminMachines(ALL_BELOW_ADMIN) },
  },
  techniciens: {
    manage: MANAGE_TECHNICIENS,
    updateAvailability: { ...MANAGE_TECHNICIENS, technicien: ['soi'], technicien_nord: ['nord'] },
    updateRest: { ...MANAGE_TECHNICIENS, technicien: [], technicien_nord: [] },
    /** People alone: what it opens would outlive a key. */
    publish: {
      ...overseersOf('nord'),
      technicien: ['soi'],
      technicien_nord: ['nord'],
    },
    sendToWork: alike({
      ...overseersOf('soi', 'collegue', 'nord'),
      technicien: ['soi'],
      technicien_nord: ['nord'],
    }),
  },
  sites: {
    create: alike(overseersOf()),
    update: alike(overseersOf('nord')),
    delete: { admin: 'tout', responsable: 'tout', ...adminMachines('tout') },
  },
  equipements: {
    manage: alike(overseersOf('nord')),
    measure: alike({ ...overseersOf('nord'), technicien: 'tout', technicien_nord: ['nord'] }),
    moveToSud: alike(overseersOf()),
  },
  /** Of the house: whoever oversees one site alone reads them. */
  niveaux: { manage: { admin: 'tout', responsable: 'tout', ...adminMachines('tout') } },
  modelesEtapes: { manage: { admin: 'tout', responsable: 'tout', ...adminMachines('tout') } },
  codesPanne: { manage: alike({ admin: 'tout' }) },
  contrats: { manage: alike(overseersOf('nord')) },
  pieces: { manage: alike(OVERSEERS) },
  joursFeries: { manage: alike({ admin: 'tout' }) },
  propositions: { manage: alike(overseersOf('nord')) },
  tournees: {
    read: alike({ ...OVERSEERS, technicien: ['soi'], technicien_nord: ['nord'] }),
    apply: alike(OVERSEERS),
  },
  preventif: { manage: alike(overseersOf('nord')) },
  rendezVous: {
    manage: alike(overseersOf('nord')),
    offer: alike(overseersOf('nord', 'nord_interne')),
    /** At a place: clients for themselves, those of the house where they oversee; a technicien on their own agenda. */
    book: alike({
      ...overseersOf('nord'),
      technicien: [],
      technicien_nord: [],
      client: 'tout',
      client_nord: 'tout',
      membre: [],
    }),
    hold: alike({
      ...OVERSEERS,
      technicien: 'tout',
      technicien_nord: 'tout',
      client: 'tout',
      client_nord: 'tout',
      membre: 'tout',
    }),
    move: alike(RECEIVE),
    assign: alike(overseersOf('nord')),
  },
  /** People alone: what it opens would outlive a key. */
  agendas: {
    publish: overseersOf('nord'),
    publishOwn: RECEIVE,
  },
  interventions: {
    create: alike({ ...overseersOf('nord'), client: ['client'], client_nord: ['nord'] }),
    manage: alike(overseersOf(...OF_NORD)),
    move: alike({ ...overseersOf(...OF_NORD), ...MOVE, client: [], client_nord: [] }),
    cancel: alike({
      ...overseersOf(...OF_NORD),
      ...MOVE,
      client: ['client_ouverte', 'creee_ouverte'],
      client_nord: ['nord_ouverte'],
    }),
    comment: alike({
      ...overseersOf(...OF_NORD),
      technicien: ['assignee', 'equipe'],
      technicien_nord: ['detachee'],
      client: OF_CLIENT,
      client_nord: OF_NORD,
    }),
    supply: alike({ ...overseersOf(...OF_NORD), ...MOVE }),
    work: alike({
      ...overseersOf(...OF_NORD),
      technicien: ['assignee', 'equipe'],
      technicien_nord: ['detachee'],
    }),
    /** Whoever oversees them is sent to none: time is one's own. */
    spendTime: alike({
      admin: [],
      responsable: [],
      responsable_nord: [],
      technicien: ['assignee', 'equipe'],
      technicien_nord: ['detachee'],
    }),
    /** Customers alone, and over nobody else's rating. */
    rate: { client: ['client_ouverte', 'creee_ouverte'], client_nord: ['nord_ouverte'] },
  },
  documents: {
    uploadToIntervention: alike({ ...overseersOf(...OF_NORD), ...MOVE }),
    uploadToEquipement: alike({ ...overseersOf('nord'), technicien: 'tout', technicien_nord: ['nord'] }),
    change: alike({
      ...overseersOf(...SHOWN_AT_NORD),
      technicien: ['assignee_depose'],
      technicien_nord: [],
    }),
    show: alike({ ...overseersOf(...SHOWN_AT_NORD), technicien: [], technicien_nord: [] }),
    restore: alike({ admin: 'tout' }),
    uploadShown: alike({ ...overseersOf(...OF_NORD), technicien: [], technicien_nord: [] }),
  },
  notifications: { send: alike(OVERSEERS), mark: OWN, rules: alike({ admin: 'tout' }) },
  dashboard: alike({ ...OVERSEERS, technicien: 'tout', technicien_nord: 'tout' }),
  clesApi: { manage: { admin: 'tout' } },
  rapports: {
    /** `soi` is asked for of the sites that the caller reaches, and of one's own everywhere. */
    create: alike({ ...overseersOf('nord', 'soi'), technicien: ['soi'], technicien_nord: [] }),
  },
  parametres: { update: alike({ admin: 'tout' }) },
  webhooks: { manage: { admin: 'tout' } },
} as const satisfies Record<string, Expectation | Record<string, Expectation>>;

/**
 * The same for each permission by itself, whether or not the person sees the row: a request meets the permission to read
 * first, and what lies behind it has to hold all the same.
 */
export const PERMITTED: Record<RowSubject, Partial<Record<Action, Expectation>>> = {
  User: {
    read: READ.User,
    create: {
      admin: 'tout',
      responsable: ['soi', ...ALL_BELOW_ADMIN],
      responsable_nord: ['soi', ...ALL_BELOW_ADMIN],
      ...adminMachines(ALL_BELOW_ADMIN),
      cle_nord: ['soi', ...ALL_BELOW_ADMIN],
    },
    update: MAY.users.updateProfile,
    delete: MAY.users.delete,
  },
  Technicien: {
    read: READ.Technicien,
    create: MAY.techniciens.manage,
    update: MAY.techniciens.updateAvailability,
    delete: MAY.techniciens.manage,
    assign: MAY.techniciens.sendToWork,
    publish: MAY.techniciens.publish,
  },
  Site: {
    read: READ.Site,
    // A site that is there is theirs; a new one is on none of theirs.
    create: MAY.sites.update,
    update: MAY.sites.update,
    delete: MAY.sites.delete,
  },
  Equipement: {
    read: READ.Equipement,
    create: MAY.equipements.manage,
    update: MAY.equipements.manage,
    delete: MAY.equipements.manage,
    measure: MAY.equipements.measure,
  },
  Piece: {
    read: READ.Piece,
    create: MAY.pieces.manage,
    update: MAY.pieces.manage,
    delete: MAY.pieces.manage,
  },
  Intervention: {
    read: READ.Intervention,
    create: alike({
      ...overseersOf(...OF_NORD),
      client: ['client', 'client_ouverte'],
      client_nord: OF_NORD,
    }),
    update: MAY.interventions.manage,
    assign: MAY.interventions.manage,
    move: MAY.interventions.move,
    cancel: MAY.interventions.cancel,
    comment: MAY.interventions.comment,
    supply: MAY.interventions.supply,
    rate: MAY.interventions.rate,
    work: MAY.interventions.work,
  },
  ModeleEtapes: {
    read: READ.ModeleEtapes,
    create: MAY.modelesEtapes.manage,
    update: MAY.modelesEtapes.manage,
    delete: MAY.modelesEtapes.manage,
  },
  NiveauService: {
    read: READ.NiveauService,
    create: MAY.niveaux.manage,
    update: MAY.niveaux.manage,
    delete: MAY.niveaux.manage,
  },
  Contrat: {
    read: READ.Contrat,
    create: MAY.contrats.manage,
    update: MAY.contrats.manage,
    delete: MAY.contrats.manage,
  },
  CodePanne: {
    read: READ.CodePanne,
    create: MAY.codesPanne.manage,
    update: MAY.codesPanne.manage,
    delete: MAY.codesPanne.manage,
  },
  Planning: { read: READ.Planning },
  PlanPreventif: {
    read: READ.PlanPreventif,
    create: MAY.preventif.manage,
    update: MAY.preventif.manage,
    delete: MAY.preventif.manage,
  },
  Intervenant: {
    read: READ.Intervenant,
    create: MAY.rendezVous.manage,
    update: MAY.rendezVous.manage,
    delete: MAY.rendezVous.manage,
    publish: MAY.agendas.publishOwn,
  },
  Salle: {
    read: READ.Salle,
    create: MAY.rendezVous.manage,
    update: MAY.rendezVous.manage,
    delete: MAY.rendezVous.manage,
    publish: MAY.agendas.publish,
  },
  AgendaExterne: {
    read: READ.AgendaExterne,
    create: MAY.agendas.publishOwn,
    update: MAY.agendas.publishOwn,
    delete: MAY.agendas.publishOwn,
  },
  Prestation: {
    read: READ.Prestation,
    create: MAY.rendezVous.offer,
    update: MAY.rendezVous.offer,
    delete: MAY.rendezVous.offer,
  },
  RendezVous: {
    read: READ.RendezVous,
    create: READ.RendezVous,
    update: READ.RendezVous,
    cancel: READ.RendezVous,
    move: MAY.rendezVous.move,
    assign: MAY.rendezVous.assign,
  },
  ListeAttente: {
    read: READ.ListeAttente,
    create: READ.ListeAttente,
    update: READ.ListeAttente,
    delete: READ.ListeAttente,
  },
  JourFerie: {
    read: READ.JourFerie,
    create: MAY.joursFeries.manage,
    update: MAY.joursFeries.manage,
    delete: MAY.joursFeries.manage,
  },
  Proposition: {
    read: READ.Proposition,
    create: MAY.propositions.manage,
    update: MAY.propositions.manage,
    delete: MAY.propositions.manage,
  },
  Document: {
    read: READ.Document,
    create: alike({
      ...overseersOf(...SHOWN_AT_NORD),
      technicien: ['assignee_cache', 'assignee_depose', 'equipement_client', 'equipement_nord'],
      technicien_nord: ['equipement_nord'],
    }),
    update: MAY.documents.change,
    delete: MAY.documents.change,
    restore: MAY.documents.restore,
    seal: MAY.documents.restore,
  },
  Notification: { read: OWN, update: OWN, delete: OWN, create: MAY.notifications.send },
  RegleNotification: { read: READ.RegleNotification, update: MAY.notifications.rules },
  CleApi: {
    read: MAY.clesApi.manage,
    create: MAY.clesApi.manage,
    update: MAY.clesApi.manage,
    delete: MAY.clesApi.manage,
  },
  Rapport: { read: READ.Rapport, create: READ.Rapport },
  Parametres: { read: READ.Parametres, update: MAY.parametres.update },
  Webhook: {
    read: MAY.webhooks.manage,
    create: MAY.webhooks.manage,
    update: MAY.webhooks.manage,
    delete: MAY.webhooks.manage,
  },
  Livraison: { read: MAY.webhooks.manage, update: MAY.webhooks.manage },
  Audit: { read: READ.Audit },
};

/** Whether this person reaches that row; null when their role may never do it. */
export function reaches(expected: Expectation, persona: Persona, kind: string): boolean | null {
  const reach = expected[persona];
  if (reach === undefined) return null;
  return reach === 'tout' || reach.includes(kind);
}

/** The rows of a subject that somebody reaches. */
export function reached(expected: Expectation, subject: RowSubject, persona: Persona): string[] {
  return KINDS[subject].filter((kind) => reaches(expected, persona, kind));
}
