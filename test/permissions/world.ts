import { randomUUID } from 'node:crypto';
import { hashApiKey, newApiKey } from '../../src/auth/api-keys';
import { Document } from '../../src/db/documents/documents';
import type { User } from '../../src/db/identite/users';
import type { Intervention } from '../../src/db/interventions/interventions';
import { Notification } from '../../src/db/messages/notifications';
import { RegleNotification } from '../../src/db/messages/regles';
import type { Planning } from '../../src/db/planification/planning';
import type { TestApi } from '../support/api';
import { type Client, createClient } from '../support/client';
import { sealDocument } from '../support/documents';
import {
  makeAgendaExterne,
  makeAttente,
  makeCodePanne,
  makeContrat,
  makeEquipement,
  makeFerie,
  makeIntervenant,
  makeIntervention,
  makeLivraison,
  makeModeleEtapes,
  makeNiveau,
  makePiece,
  makePlan,
  makePlanning,
  makePrestation,
  makeProposition,
  makeRapportDemande,
  makeRendezVous,
  makeSalle,
  makeSite,
  makeTechnicien,
  makeUser,
  makeWebhook,
} from '../support/factories';
import type { RowSubject } from '../support/places';

/**
 * A small world in which every permission has rows that it reaches and rows that it must not: the people who ask, and
 * rows of each subject by what they are to those people.
 */

export const PERSONAS = [
  'admin',
  'responsable',
  /** Oversees the site Nord alone. */
  'responsable_nord',
  /** Works everywhere. */
  'technicien',
  /** Works on the site Nord alone. */
  'technicien_nord',
  /** Owns equipment without a site. */
  'client',
  /** Belongs to the site Nord. */
  'client_nord',
  /** Receives people, and is nobody else here. */
  'membre',
  /** Machines, by the role of their keys: one of an administrator, then of the responsable of Nord, of `technicien`… */
  'cle_admin',
  'cle_nord',
  'cle_technicien',
  'cle_client',
  /** Of an administrator, for {@link CHEMINS} alone. */
  'cle_chemins',
] as const;
export type Persona = (typeof PERSONAS)[number];

export const CHEMINS = [
  '/users',
  'GET /equipements',
  '/interventions/{id}/commentaires',
  '/techniciens/{id}',
];

/** A picture of one point. */
const DOT = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

/** Rows by their names in the table of expectations. */
export const KINDS = {
  /** `soi` is whoever asks; of a machine, whoever made its key. `inactif` is a client whose account was closed. */
  User: ['soi', 'admin', 'responsable', 'technicien', 'client', 'membre', 'inactif'],
  /** `soi` is the row of the technicien of this world, `nord` that of the one of Nord; `sud` works on Sud alone. */
  Technicien: ['soi', 'collegue', 'nord', 'sud'],
  Site: ['nord', 'sud'],
  Equipement: ['client', 'nord', 'sud'],
  NiveauService: ['niveau'],
  /** `client` is the client's, for no site; `nord` and `sud` another client's, for that site. */
  Contrat: ['client', 'nord', 'sud'],
  Piece: ['piece'],
  /**
   * `client`, `nord`, `sud` stand on that equipment, created by somebody else, assigned to a colleague. `creee` is on
   * `sud` but created by the client; `assignee` is the technicien's; `libre` nobody's; `detachee` that of the technicien
   * of Nord, on `sud`; with `equipe` the technicien goes, and a colleague leads; those that end in `_ouverte` are like the others before anybody was assigned. `client`, `nord` and
   * `creee` were rated by another client, `creee_ouverte` by this one.
   */
  Intervention: [
    'client',
    'nord',
    'sud',
    'creee',
    'assignee',
    'libre',
    'detachee',
    'equipe',
    'client_ouverte',
    'nord_ouverte',
    'creee_ouverte',
  ],
  ModeleEtapes: ['modele'],
  CodePanne: ['code'],
  Planning: ['nord', 'sud', 'assignee', 'equipe'],
  JourFerie: ['ferie'],
  /** For that site alone, or for all of them. */
  Proposition: ['nord', 'sud', 'partout'],
  /** `nord` is on the equipment of Nord alone, `deux` also on that of Sud, `libre` on equipment without a site. */
  PlanPreventif: ['nord', 'sud', 'deux', 'libre'],
  /** `technicien`, `client_recoit`, `nord_recoit` and `membre` are the technicien, client, responsable of Nord and membre, for the house. */
  Intervenant: ['nord', 'sud', 'technicien', 'client_recoit', 'nord_recoit', 'membre'],
  Salle: ['nord', 'sud'],
  /** Of the intervenant of that name. */
  AgendaExterne: ['nord', 'sud', 'technicien', 'client_recoit', 'nord_recoit', 'membre'],
  /** `interne` is of the house, for its members alone, `nord_interne` of Nord; `ferme`, of the house, is not offered now. */
  Prestation: ['nord', 'sud', 'interne', 'nord_interne', 'ferme'],
  /**
   * Of what is offered there; all others at Sud. `client` was booked by the client, `technicien_reserve` by the technicien,
   * `nord_reserve` by the responsable of Nord, `membre_reserve` by the membre; `technicien`, `client_recoit`, `nord_recoit` and
   * `membre` are on their agendas.
   */
  RendezVous: [
    'nord',
    'sud',
    'client',
    'technicien',
    'technicien_reserve',
    'client_recoit',
    'nord_recoit',
    'nord_reserve',
    'membre',
    'membre_reserve',
  ],
  /**
   * For what is offered there; all others at Sud. `client` and those that end in `_attend` wait for themselves;
   * `technicien`, `client_recoit`, `nord_recoit` and `membre` offer what somebody waits for.
   */
  ListeAttente: [
    'nord',
    'sud',
    'client',
    'technicien',
    'technicien_attend',
    'client_recoit',
    'nord_recoit',
    'nord_attend',
    'membre',
    'membre_attend',
  ],
  /**
   * Of the intervention of that name, shown to clients or not, or confidential and said to be shown; of an equipment itself;
   * or that report. `assignee_depose` was filed by the technicien.
   */
  Document: [
    'client_visible',
    'client_cache',
    'creee_visible',
    'creee_cache',
    'nord_visible',
    'nord_cache',
    'assignee_cache',
    'assignee_depose',
    'nord_confidentiel',
    'creee_confidentiel',
    'client_confidentiel',
    'equipement_client',
    'equipement_nord',
    'rapport_nord',
    'rapport_partout',
    'rapport_soi',
  ],
  /** `soi` is to whoever asks; so was `retiree`, which they removed. */
  Notification: ['soi', 'retiree', 'autre'],
  RegleNotification: ['regle'],
  CleApi: ['cle'],
  Parametres: ['maison'],
  Webhook: ['webhook'],
  Livraison: ['livraison'],
  /** Of that site alone, of all of them, or of the week of the technicien of this world. */
  Rapport: ['nord', 'sud', 'partout', 'soi'],
  Audit: ['ligne'],
} as const satisfies Record<RowSubject, readonly string[]>;

export interface World {
  api: TestApi;
  /** Of a machine, `user` is whoever made its key. */
  people: Record<Persona, { user: User; client: Client; cle?: string }>;
  sites: { nord: number; sud: number };
  techniciens: Record<(typeof KINDS.Technicien)[number], number>;
  /** The id of the row of that name; made anew for requests that may remove it. */
  row(subject: RowSubject, kind: string, persona: Persona): number;
  fresh(subject: RowSubject, kind: string): Promise<number>;
}

/** Whom interventions were assigned to, unless it was a colleague. */
const WORKERS: Readonly<Record<string, (typeof KINDS.Technicien)[number]>> = {
  assignee: 'soi',
  detachee: 'nord',
};
/** Interventions that another client has rated. */
const RATED: readonly string[] = ['client', 'nord', 'creee'];

export async function makeWorld(api: TestApi): Promise<World> {
  const { db } = api;
  const nord = (await makeSite(db, { nom: 'Nord' })).id;
  const sud = (await makeSite(db, { nom: 'Sud' })).id;
  const person = async (role: User['role'], sites: number[] = []) => api.newPerson(role, { sites });
  const machine = async (role: User['role'], maker: User, chemins: string[] | null = null) => {
    const cle = newApiKey();
    await db.query(
      `INSERT INTO cles_api (nom, role, chemins, createur_id, empreinte, debut)
       VALUES ('Automate', $1, $2, $3, $4, 'regie_')`,
      [role, chemins, maker.id, hashApiKey(cle)],
    );
    return { user: maker, client: createClient(api.baseUrl, cle), cle };
  };
  const persons = {
    admin: await person('admin'),
    responsable: await person('responsable'),
    responsable_nord: await person('responsable', [nord]),
    technicien: await person('technicien'),
    technicien_nord: await person('technicien', [nord]),
    client: await person('client'),
    client_nord: await person('client', [nord]),
    membre: await person('membre'),
  };
  const people: World['people'] = {
    ...persons,
    cle_admin: await machine('admin', (await person('admin')).user),
    cle_nord: await machine('responsable', persons.responsable_nord.user),
    cle_technicien: await machine('technicien', persons.technicien.user),
    cle_client: await machine('client', persons.client.user),
    cle_chemins: await machine('admin', (await person('admin')).user, CHEMINS),
  };
  const collegue = await makeTechnicien(db);
  const rowOf = async ({ user }: { user: User }): Promise<number> =>
    (await db.query('SELECT id FROM techniciens WHERE user_id = $1', [user.id]))[0].id;
  const techniciens = {
    soi: await rowOf(persons.technicien),
    collegue: collegue.id,
    nord: await rowOf(persons.technicien_nord),
    sud: (await makeTechnicien(db, {}, { sites: [sud] })).id,
  };
  const others: Record<string, number> = {
    admin: (await makeUser(db, { role: 'admin' })).id,
    responsable: (await makeUser(db, { role: 'responsable' })).id,
    technicien: collegue.user_id,
    client: (await makeUser(db, { role: 'client' })).id,
    membre: (await makeUser(db, { role: 'membre' })).id,
    inactif: (await makeUser(db, { role: 'client', is_active: false })).id,
  };

  const makeOnPlace = (kind: string) =>
    makeEquipement(db, {
      client_id: kind === 'client' ? people.client.user.id : others.client!,
      site_id: kind === 'nord' ? nord : kind === 'sud' ? sud : null,
    });
  const places: Record<string, number> = {};
  for (const kind of KINDS.Equipement) places[kind] = (await makeOnPlace(kind)).id;

  const contratOf = (kind: string) =>
    makeContrat(db, {
      client_id: kind === 'client' ? people.client.user.id : others.client!,
      site_id: kind === 'nord' ? nord : kind === 'sud' ? sud : null,
    });

  const interventionOf = (kind: string): Promise<Intervention> => {
    const place = kind.split('_')[0]!;
    const open = kind === 'libre' || kind.endsWith('_ouverte');
    return makeIntervention(db, {
      equipement_id: places[place] ?? places.sud!,
      createur_id: kind.startsWith('creee') ? people.client.user.id : others.admin!,
      technicien_id: open ? null : techniciens[WORKERS[kind] ?? 'collegue'],
      equipiers: kind === 'equipe' ? [techniciens.soi] : [],
      statut: open ? 'ouverte' : 'planifiee',
      satisfaction_auteur_id: RATED.includes(kind)
        ? others.client!
        : kind === 'creee_ouverte'
          ? people.client.user.id
          : null,
    });
  };
  const interventions: Record<string, number> = {};
  for (const kind of KINDS.Intervention) interventions[kind] = (await interventionOf(kind)).id;

  let visits = 0;
  /** Each of them on a public holiday by now, so that it is among the conflicts. */
  const planningOf = async (kind: string): Promise<Planning> => {
    const date_planifiee = new Date(Date.UTC(2031, 0, ++visits, 9));
    await makeFerie(db, { pays: 'MA', date: date_planifiee.toISOString().slice(0, 10) });
    return makePlanning(db, {
      intervention_id: interventions[kind]!,
      technicien_id: kind === 'assignee' ? techniciens.soi : techniciens.collegue,
      equipiers: kind === 'equipe' ? [techniciens.soi] : [],
      date_planifiee,
    });
  };
  const propositionOf = (kind: string) =>
    makeProposition(db, {
      createur_id: others.admin!,
      site_ids: kind === 'nord' ? [nord] : kind === 'sud' ? [sud] : [],
    });
  const planOf = (kind: string) =>
    makePlan(db, {
      createur_id: others.admin!,
      equipements: { deux: [places.nord!, places.sud!], libre: [places.client!] }[kind] ?? [places[kind]!],
    });
  const siteOf = (kind: string) => (kind === 'nord' ? nord : kind === 'sud' ? sud : null);
  const intervenantOf = (kind: string) => makeIntervenant(db, { site_id: siteOf(kind) });
  const salleOf = (kind: string) => makeSalle(db, { site_id: siteOf(kind) });
  const agendaOf = async (kind: string) =>
    makeAgendaExterne(db, { intervenant_id: rows.Intervenant[kind] ?? (await intervenantOf(kind)).id });
  const prestationOf = (kind: string) =>
    makePrestation(db, {
      site_id: siteOf(kind.split('_')[0]!),
      visibilite: kind.endsWith('interne') ? 'interne' : 'publique',
      actif: kind !== 'ferme',
    });
  /** Where something can be booked at any hour. */
  const bookable: Record<string, number> = {};
  for (const [place, site_id] of Object.entries({ nord, sud })) {
    const horaires = Object.fromEntries([1, 2, 3, 4, 5, 6, 7].map((day) => [day, [[0, 1_440]]]));
    const { id } = await makeIntervenant(db, {
      site_id,
      fuseau_horaire: 'UTC',
      pays: 'BE',
      horaires,
    } as never);
    const given = { slug: `rdv-${place}`, site_id, intervenants: [id], liste_attente: true };
    bookable[place] = (await makePrestation(db, given)).id;
  }
  /** Its uid is its number, as paths are filled in here. */
  const booked: Record<string, number> = {
    client: persons.client.user.id,
    technicien_reserve: persons.technicien.user.id,
    nord_reserve: persons.responsable_nord.user.id,
    membre_reserve: persons.membre.user.id,
  };
  const received: Record<string, number> = {
    technicien: persons.technicien.user.id,
    client_recoit: persons.client.user.id,
    nord_recoit: persons.responsable_nord.user.id,
    membre: persons.membre.user.id,
  };
  const rendezVousOf = async (kind: string) => {
    const { id } = await makeRendezVous(db, {
      prestation_id: bookable[kind === 'nord' ? 'nord' : 'sud']!,
      demandeur_id: booked[kind] ?? null,
      user_ids: kind in received ? [received[kind]!] : [],
    });
    await db.query('UPDATE rendez_vous SET uid = id::text WHERE id = $1', [id]);
    return { id };
  };
  const waits: Record<string, number> = {
    client: persons.client.user.id,
    technicien_attend: persons.technicien.user.id,
    nord_attend: persons.responsable_nord.user.id,
    membre_attend: persons.membre.user.id,
  };
  /** What each of those offers who receive, made once. */
  const offering: Record<string, number> = {};
  const offeredBy = async (kind: string): Promise<number> => {
    const given = { site_id: sud, intervenants: [rows.Intervenant[kind]!], liste_attente: true };
    return (await makePrestation(db, given)).id;
  };
  const attenteOf = async (kind: string) => {
    if (kind in received) offering[kind] ??= await offeredBy(kind);
    return makeAttente(db, {
      prestation_id: offering[kind] ?? bookable[kind === 'nord' ? 'nord' : 'sud']!,
      demandeur_id: waits[kind] ?? null,
    });
  };
  const rapportOf = (kind: string) =>
    makeRapportDemande(db, {
      demandeur_id: others.admin!,
      site_ids: kind === 'nord' ? [nord] : kind === 'sud' ? [sud] : [],
      ...(kind === 'soi' ? { type: 'semaine', periode: '2030-W03', technicien_id: techniciens.soi } : {}),
    });
  let files = 0;
  const documentOf = async (kind: string) => {
    const [first, second] = kind.split('_') as [string, string];
    const target =
      first === 'equipement'
        ? { equipement_id: places[second]! }
        : first === 'rapport'
          ? { rapport_id: (await rapportOf(second)).id }
          : { intervention_id: interventions[first]! };
    const number = ++files;
    const cle_stockage = `documents/matrice-${interventions.nord}-${number}`;
    await api.app.store.put(cle_stockage, DOT, { contentType: 'image/png' });
    const document = await db.manager.save(
      db.manager.create(Document, {
        nom: `${number}.png`,
        type_document: 'photo',
        cle_stockage,
        taille: DOT.length,
        mime_type: 'image/png',
        checksum: '',
        visible_client: second !== 'cache' && second !== 'depose' && first !== 'rapport',
        uploadeur_id: second === 'depose' ? people.technicien.user.id : null,
        ...target,
      }),
    );
    if (second === 'confidentiel') await sealDocument(api, document);
    return document;
  };
  const notificationTo = (destinataire_id: number, supprimee = false) =>
    db.manager.save(
      db.manager.create(Notification, {
        titre: 'Avis',
        message: 'Message',
        type: 'info',
        destinataire_id,
        supprimee,
      }),
    );
  const regleOf = () =>
    db.manager.save(
      db.manager.create(RegleNotification, {
        evenement: `essai.${randomUUID()}`,
        destinataires: [],
        canaux: [],
        urgence: 'normale',
      }),
    );
  const keyOf = async () => {
    const [row] = await db.query(
      `INSERT INTO cles_api (nom, role, createur_id, empreinte, debut)
       VALUES ('Automate', 'client', $1, decode(md5(random()::text), 'hex'), 'regie_') RETURNING id`,
      [others.admin],
    );
    return row as { id: number };
  };
  const lineOf = async () => {
    const [row] = await db.query(
      `INSERT INTO historique (entite, entite_id, action, date) VALUES ('piece', 1, 'creation', now()) RETURNING id`,
    );
    return row as { id: number };
  };

  const withSecondFactor = async (kind: string) => {
    const closed = kind === 'inactif';
    const user = await makeUser(db, {
      role: closed ? 'client' : (kind as User['role']),
      is_active: !closed,
    });
    await db.query(
      `INSERT INTO seconds_facteurs (user_id, secret, date_activation, date_creation) VALUES ($1, '', now(), now())`,
      [user.id],
    );
    return user;
  };

  const makers: Record<RowSubject, (kind: string) => Promise<{ id: number }>> = {
    User: withSecondFactor,
    Technicien: (kind) =>
      makeTechnicien(db, {}, { sites: kind === 'nord' ? [nord] : kind === 'sud' ? [sud] : [] }),
    Site: () => makeSite(db),
    Equipement: makeOnPlace,
    NiveauService: () => makeNiveau(db),
    Contrat: contratOf,
    Piece: () => makePiece(db),
    Intervention: interventionOf,
    ModeleEtapes: () => makeModeleEtapes(db),
    CodePanne: () => makeCodePanne(db),
    Planning: planningOf,
    JourFerie: () => makeFerie(db),
    Proposition: propositionOf,
    PlanPreventif: planOf,
    Intervenant: intervenantOf,
    Salle: salleOf,
    AgendaExterne: agendaOf,
    Prestation: prestationOf,
    RendezVous: rendezVousOf,
    ListeAttente: attenteOf,
    Document: documentOf,
    Notification: () => notificationTo(others.client!),
    RegleNotification: regleOf,
    CleApi: keyOf,
    Parametres: async () => ({ id: 1 }),
    Webhook: () => makeWebhook(db),
    Livraison: () => makeLivraison(db),
    Rapport: rapportOf,
    Audit: lineOf,
  };
  const rows: Record<RowSubject, Record<string, number>> = {
    User: others,
    Technicien: techniciens,
    Site: { nord, sud },
    Equipement: places,
    NiveauService: { niveau: (await makers.NiveauService('niveau')).id },
    Contrat: {},
    Piece: { piece: (await makers.Piece('piece')).id },
    Intervention: interventions,
    CodePanne: { code: (await makers.CodePanne('code')).id },
    ModeleEtapes: { modele: (await makers.ModeleEtapes('modele')).id },
    Planning: {},
    JourFerie: { ferie: (await makers.JourFerie('ferie')).id },
    Proposition: {},
    PlanPreventif: {},
    Intervenant: {},
    Salle: {},
    AgendaExterne: {},
    Prestation: {},
    RendezVous: {},
    ListeAttente: {},
    Document: {},
    Notification: { autre: (await makers.Notification('autre')).id },
    RegleNotification: { regle: (await makers.RegleNotification('regle')).id },
    CleApi: { cle: (await makers.CleApi('cle')).id },
    Parametres: { maison: 1 },
    Webhook: { webhook: (await makers.Webhook('webhook')).id },
    Livraison: { livraison: (await makers.Livraison('livraison')).id },
    Rapport: {},
    Audit: { ligne: (await makers.Audit('ligne')).id },
  };
  for (const kind of KINDS.Contrat) rows.Contrat[kind] = (await contratOf(kind)).id;
  for (const kind of KINDS.Planning) rows.Planning[kind] = (await planningOf(kind)).id;
  for (const kind of KINDS.Proposition) rows.Proposition[kind] = (await propositionOf(kind)).id;
  for (const kind of KINDS.PlanPreventif) rows.PlanPreventif[kind] = (await planOf(kind)).id;
  for (const kind of ['nord', 'sud']) rows.Intervenant[kind] = (await intervenantOf(kind)).id;
  for (const [kind, user_id] of Object.entries(received))
    rows.Intervenant[kind] = (await makeIntervenant(db, { user_id })).id;
  for (const kind of KINDS.AgendaExterne) rows.AgendaExterne[kind] = (await agendaOf(kind)).id;
  for (const kind of KINDS.Salle) rows.Salle[kind] = (await salleOf(kind)).id;
  for (const kind of KINDS.Prestation) rows.Prestation[kind] = (await prestationOf(kind)).id;
  for (const kind of KINDS.RendezVous) rows.RendezVous[kind] = (await rendezVousOf(kind)).id;
  for (const kind of KINDS.ListeAttente) rows.ListeAttente[kind] = (await attenteOf(kind)).id;
  await db.query(`UPDATE prestations SET slug = 'matrice' WHERE id = $1`, [rows.Prestation.nord]);
  for (const kind of KINDS.Rapport) rows.Rapport[kind] = (await rapportOf(kind)).id;
  for (const kind of KINDS.Document) rows.Document[kind] = (await documentOf(kind)).id;
  const ownNotifications: Partial<Record<Persona, number>> = {};
  const removedNotifications: Partial<Record<Persona, number>> = {};
  for (const persona of PERSONAS) {
    removedNotifications[persona] = (await notificationTo(people[persona].user.id, true)).id;
    ownNotifications[persona] = (await notificationTo(people[persona].user.id)).id;
  }

  return {
    api,
    people,
    sites: { nord, sud },
    techniciens,
    row: (subject, kind, persona) => {
      if (subject === 'User' && kind === 'soi') return people[persona].user.id;
      if (subject === 'Notification' && kind === 'retiree') return removedNotifications[persona]!;
      if (subject === 'Notification' && kind === 'soi') return ownNotifications[persona]!;
      return rows[subject][kind]!;
    },
    fresh: async (subject, kind) => (await makers[subject](kind)).id,
  };
}
