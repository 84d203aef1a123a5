import { ROLES } from '../../src/domain/roles';
import type { Reply } from '../support/client';
import { makeUser } from '../support/factories';
import type { RowSubject } from '../support/places';
import { type Expectation, MAY, READ } from './expected';
import { KINDS, type Persona, type World } from './world';

/** For every route: how it is asked, and whom the table lets do it. A route that is missing here fails the matrix. */

interface Sent {
  body?: unknown;
  form?: FormData;
  csv?: string;
}

/** A request about one row: `:id` of its path. */
export interface RowCheck {
  on: 'row';
  subject: RowSubject;
  expected: Expectation;
  sent(world: World, persona: Persona, id: number): Sent | Promise<Sent>;
  /** The request may change or remove the row: it gets one of its own. */
  fresh: boolean;
}

/** A request that makes something in a place, or for somebody, named by a kind. */
export interface CreateCheck {
  on: 'create';
  subject: RowSubject;
  kinds: readonly string[];
  expected: Expectation;
  sent(world: World, kind: string, persona: Persona): Sent | Promise<Sent>;
  made(reply: Reply): boolean;
  /** What the body refers to may be out of sight, which is told as a reference to nothing. */
  refused(reply: Reply): boolean;
}

/** A list of rows: exactly those that the person reads, or some of them where the route narrows further. */
export interface ListCheck {
  on: 'list';
  subject: RowSubject;
  expected: Expectation;
  exact: boolean;
  query?: string;
}

/** One's own matters: everybody signed in, never a machine. */
export interface OwnCheck {
  on: 'own';
  body?: unknown;
}

/** Figures of the interventions that this condition chooses. */
export interface FiguresCheck {
  on: 'figures';
  expected: Expectation;
  counted(world: World, persona: Persona): string;
}

/** What a role may do or not, whatever the row. */
export interface RoleCheck {
  on: 'role';
  subject: RowSubject;
  expected: Expectation;
}

/** Anybody, signed in or not; what a route that asks for proof answers to none stands in `unproved`. */
export interface PublicCheck {
  on: 'public';
  body?: unknown;
  unproved?: 401;
}

export type Check = RowCheck | CreateCheck | ListCheck | OwnCheck | FiguresCheck | RoleCheck | PublicCheck;

const row = (
  subject: RowSubject,
  expected: Expectation = READ[subject],
  sent: RowCheck['sent'] = () => ({}),
  fresh = false,
): RowCheck => ({ on: 'row', subject, expected, sent, fresh });
const list = (subject: RowSubject, exact = true, query?: string): ListCheck => ({
  on: 'list',
  subject,
  expected: READ[subject],
  exact,
  query,
});
const create = (
  subject: RowSubject,
  kinds: readonly string[],
  expected: Expectation,
  sent: CreateCheck['sent'],
): CreateCheck => ({
  on: 'create',
  subject,
  kinds,
  expected,
  sent,
  made: ({ status }) => status === 201,
  refused: ({ status }) => status === 403 || status === 404 || status === 422,
});
const own = (body?: unknown): OwnCheck => ({ on: 'own', body });
const open = (body?: unknown): PublicCheck => ({ on: 'public', body });

let made = 0;
const unique = () => `${process.pid}-${++made}`;

const person = (role: string, siteIds: number[]) => ({
  email: `matrice-${unique()}@exemple.ma`,
  password: 'Atelier-Sud-47!',
  nom: 'Matrice',
  prenom: 'Sami',
  role,
  site_ids: siteIds,
});
const equipement = () => ({ nom: 'Presse', type: 'Presse', numero_serie: `M-${unique()}` });
const piece = () => ({ reference: `M-${unique()}`, designation: 'Joint' });
const intervention = (equipementId: number) => ({
  titre: 'Fuite hydraulique',
  description: 'Fuite au niveau du circuit principal',
  type_intervention: 'corrective',
  priorite: 'haute',
  equipement_id: equipementId,
});

const placeOf = (world: World, kind: string, persona: Persona) => world.row('Equipement', kind, persona);

async function upload(target: Record<string, number>, shown: boolean): Promise<Sent> {
  const form = new FormData();
  for (const [champ, id] of Object.entries(target)) form.set(champ, String(id));
  form.set('type_document', 'note');
  form.set('visible_client', String(shown));
  form.set('file', new Blob([`Note ${unique()}`], { type: 'text/plain' }), `note-${unique()}.txt`);
  return { form };
}

/** Those who oversee the site Nord alone. */
const OF_NORD: readonly Persona[] = ['responsable_nord', 'cle_nord'];

/** Each field that a person may or may not change on somebody, alone. */
const userChanges: RowCheck[] = [
  ...[{ nom: 'Autre' }, { prenom: 'Autre' }, { langue: 'en' }, { telephone: '+212 5 22 00 00 00' }].map(
    (body) => row('User', MAY.users.updateProfile, () => ({ body })),
  ),
  row('User', MAY.users.deactivate, () => ({ body: { is_active: false } })),
  row('User', MAY.users.reactivate, () => ({ body: { is_active: true } })),
  row('User', MAY.users.updateAccess, async ({ api }, _, id) => {
    const [{ role }] = await api.db.query('SELECT role FROM users WHERE id = $1', [id]);
    return { body: { role: role === 'responsable' ? 'client' : 'responsable' } };
  }),
  row('User', MAY.users.updateAccess, ({ sites }) => ({ body: { site_ids: [sites.sud] } })),
  row('User', MAY.users.updateAccess, async ({ api }, _, id) => {
    const [{ tout }] = await api.db.query(
      `SELECT tous_sites OR role = 'admin' AS tout FROM users WHERE id = $1`,
      [id],
    );
    return { body: { tous_sites: !tout } };
  }),
  ...[{ role: 'admin' }, { email: 'x@exemple.ma' }, { password: 'Tournevis-Plat-83!' }].map((change) =>
    row('User', MAY.users.updateAccess, (world, persona, id) => {
      // One’s own password is changed elsewhere, by everybody.
      const elsewhere = 'password' in change && world.people[persona].user.id === id;
      return { body: elsewhere ? { is_active: false } : newTo(world, id, change) };
    }),
  ),
];

/** What they are already is no change. */
function newTo(world: World, id: number, change: { role?: string }): object {
  const role = Object.values(world.people).find(({ user }) => user.id === id)?.user.role;
  return change.role !== undefined && change.role === role ? { is_active: false } : change;
}

const technicienChanges: RowCheck[] = [
  ...[
    { disponibilite: false },
    { absences: [{ debut: '2030-01-01', fin: '2030-01-02' }] },
    { horaires: { 1: [[480, 720]] } },
  ].map((body) => row('Technicien', MAY.techniciens.updateAvailability, () => ({ body }))),
  ...[{ specialite: 'Soudure' }, { competences: ['soudure'] }, { niveau_experience: 'expert' }].map((body) =>
    row('Technicien', MAY.techniciens.updateRest, () => ({ body })),
  ),
];

const status =
  (statut: string, extra: object = {}) =>
  () => ({ body: { statut, ...extra } });
const move = row('Intervention', MAY.interventions.move, status('terminee', { rapport: 'Fait.' }));
const cancel = row('Intervention', MAY.interventions.cancel, status('annulee', { motif: 'Doublon' }));

export const REQUESTS: Readonly<Record<string, Check | readonly Check[]>> = {
  'POST /auth/login': open({}),
  'POST /auth/token': open(),
  'POST /auth/refresh': { ...open({ refresh_token: 'rt_inconnu' }), unproved: 401 },
  'POST /auth/logout': own(),
  'GET /auth/me': own(),
  'PATCH /auth/me': own({ langue: 'fr' }),
  'POST /auth/change-password': own({}),

  'POST /auth/forgot-password': open({ email: 'personne@exemple.ma' }),
  'POST /auth/reset-password': open({}),
  'GET /auth/sessions': own(),
  'DELETE /auth/sessions': own(),
  'DELETE /auth/sessions/:id': own(),
  'GET /auth/second-facteur': own(),
  'POST /auth/second-facteur': own({}),
  'POST /auth/second-facteur/confirmation': own({}),
  'POST /auth/second-facteur/codes-secours': own({}),
  'POST /auth/second-facteur/retrait': own({}),

  'GET /users': list('User'),
  'POST /users': [
    create('User', ROLES, MAY.users.createReady, ({ sites }, kind, persona) => {
      const nord = OF_NORD.includes(persona) && kind !== 'admin';
      return { body: person(kind, nord ? [sites.nord] : []) };
    }),
    create('User', ROLES, MAY.users.create, ({ sites }, kind, persona) => {
      const nord = OF_NORD.includes(persona) && kind !== 'admin';
      return { body: { ...person(kind, nord ? [sites.nord] : []), password: undefined } };
    }),
  ],
  'GET /users/:id': row('User'),
  'PUT /users/:id': row('User', MAY.users.updateAccess, () => ({
    body: { ...person('client', []), password: undefined, is_active: true },
  })),
  'PATCH /users/:id': userChanges,
  'DELETE /users/:id': row('User', MAY.users.delete, undefined, true),
  'DELETE /users/:id/second-facteur': row('User', MAY.users.updateAccess, undefined, true),

  'POST /users/:id/invitation': row('User', MAY.users.inviteAgain),
  'POST /users/import': {
    ...create('User', ROLES, MAY.users.create, ({ sites }, kind, persona) => {
      const siteId = OF_NORD.includes(persona) && kind !== 'admin' ? sites.nord : '';
      return {
        csv: `email,nom,prenom,role,site_ids\nm-${unique()}@exemple.ma,Matrice,Sami,${kind},${siteId}\n`,
      };
    }),
    // Lines that may not be are told one by one, beside those that were.
    made: ({ status, body }) => status === 200 && body.creees === 1,
    refused: ({ status, body }) => status === 403 || (status === 200 && body.creees === 0),
  },

  'GET /techniciens': list('Technicien'),
  'POST /techniciens': create(
    'Technicien',
    KINDS.Technicien.slice(1),
    MAY.techniciens.manage,
    async ({ api, sites }, kind) => {
      const where = kind === 'collegue' ? [] : [sites[kind as 'nord' | 'sud']];
      const { id: user_id } = await makeUser(api.db, { role: 'technicien', sites: where });
      return { body: { user_id, specialite: 'Soudure' } };
    },
  ),
  'GET /techniciens/:id': row('Technicien'),
  'PUT /techniciens/:id': row('Technicien', MAY.techniciens.updateRest, () => ({
    body: { specialite: 'Soudure', competences: ['soudure'] },
  })),
  'PATCH /techniciens/:id': technicienChanges,
  'DELETE /techniciens/:id': row('Technicien', MAY.techniciens.manage, undefined, true),

  'GET /equipements': list('Equipement'),
  'POST /equipements': create('Equipement', KINDS.Equipement, MAY.equipements.manage, ({ sites }, kind) => ({
    body: { ...equipement(), site_id: kind === 'client' ? null : sites[kind as 'nord' | 'sud'] },
  })),
  'GET /equipements/:id': row('Equipement'),
  'PUT /equipements/:id': row('Equipement', MAY.equipements.manage, ({ sites }) => ({
    body: { ...equipement(), site_id: sites.nord },
  })),
  'PATCH /equipements/:id': [
    row('Equipement', MAY.equipements.manage, () => ({ body: { nom: 'Autre' } })),
    row('Equipement', MAY.equipements.moveToSud, ({ sites }) => ({
      body: { nom: 'Autre', site_id: sites.sud },
    })),
  ],
  'DELETE /equipements/:id': row('Equipement', MAY.equipements.manage, undefined, true),

  'GET /interventions': list('Intervention'),
  'GET /interventions/mes-interventions': list('Intervention', false),
  'POST /interventions': create(
    'Intervention',
    KINDS.Equipement,
    MAY.interventions.create,
    (world, kind, persona) => ({
      body: intervention(placeOf(world, kind, persona)),
    }),
  ),
  'GET /interventions/:id': row('Intervention'),
  'PUT /interventions/:id': row('Intervention', MAY.interventions.manage, () => ({
    body: { titre: 'Autre', description: 'Une autre description' },
  })),
  'PATCH /interventions/:id': row('Intervention', MAY.interventions.manage, () => ({
    body: { titre: 'Autre' },
  })),
  'PUT /interventions/:id/assign': row('Intervention', MAY.interventions.manage, ({ techniciens }) => ({
    body: { technicien_id: techniciens.soi, date_planifiee: '2032-01-05T09:00:00Z', duree_estimee: 60 },
  })),
  'PUT /interventions/:id/statut': [move, cancel],
  'GET /interventions/:id/pieces': row('Intervention'),
  'POST /interventions/:id/pieces/recues': row('Intervention', MAY.interventions.supply, () => ({
    body: {},
  })),
  'GET /interventions/:id/commentaires': row('Intervention'),
  'POST /interventions/:id/commentaires': row('Intervention', MAY.interventions.comment, () => ({
    body: { texte: 'Vu.' },
  })),
  'GET /interventions/:id/historique': row('Intervention'),
  'GET /interventions/:id/workflow': row('Intervention'),
  'POST /interventions/:id/satisfaction': row('Intervention', MAY.interventions.rate, () => ({
    body: { note: 4 },
  })),
  'GET /interventions/:id/rapport': row('Intervention'),
  'POST /interventions/:id/rapport': row('Intervention', MAY.interventions.manage),
  'GET /interventions/:id/documents': row('Intervention'),

  'GET /pieces': list('Piece'),
  'POST /pieces': create('Piece', ['piece'], MAY.pieces.manage, () => ({ body: piece() })),
  'GET /pieces/:id': row('Piece'),
  'PUT /pieces/:id': row('Piece', MAY.pieces.manage, () => ({ body: piece() })),
  'PATCH /pieces/:id': row('Piece', MAY.pieces.manage, () => ({ body: { designation: 'Autre' } })),
  'DELETE /pieces/:id': row('Piece', MAY.pieces.manage, undefined, true),

  'GET /planning': list('Planning'),
  'GET /planning/technicien/:id': {
    ...list('Planning', false),
    query: 'date_debut=2031-01-01&date_fin=2031-01-31',
  },

  'POST /documents/upload': [
    create('Document', KINDS.Intervention, MAY.documents.uploadToIntervention, (world, kind, persona) =>
      upload({ intervention_id: world.row('Intervention', kind, persona) }, false),
    ),
    create('Document', KINDS.Intervention, MAY.documents.uploadShown, (world, kind, persona) =>
      upload({ intervention_id: world.row('Intervention', kind, persona) }, true),
    ),
    create('Document', KINDS.Equipement, MAY.documents.uploadToEquipement, (world, kind, persona) =>
      upload({ equipement_id: placeOf(world, kind, persona) }, false),
    ),
  ],
  'GET /documents': list('Document'),
  'GET /documents/:id': row('Document'),
  'GET /documents/:id/telecharger': row('Document'),

  'GET /notifications': list('Notification'),
  'POST /notifications': create('Notification', ['avis'], MAY.notifications.send, ({ people }) => ({
    body: { destinataire_id: people.client.user.id, titre: 'Avis', message: 'Message' },
  })),
  'PUT /notifications/:id/lue': row('Notification', MAY.notifications.mark),
  'PUT /notifications/lues': own(),

  'GET /dashboard/stats': {
    on: 'figures',
    expected: MAY.dashboard,
    counted: ({ sites, techniciens }, persona) => {
      if (OF_NORD.includes(persona)) return `e.site_id = ${sites.nord}`;
      if (persona === 'technicien_nord') return `i.technicien_id = ${techniciens.nord}`;
      return persona.endsWith('technicien') ? `i.technicien_id = ${techniciens.soi}` : 'TRUE';
    },
  },

  'GET /cles-api': list('CleApi'),
  'POST /cles-api': create('CleApi', ['cle'], MAY.clesApi.manage, () => ({
    body: { nom: `Automate ${unique()}`, role: 'client' },
  })),
  'GET /cles-api/:id': row('CleApi'),
  'PATCH /cles-api/:id': row('CleApi', MAY.clesApi.manage, () => ({ body: { nom: 'Autre' } })),
  'DELETE /cles-api/:id': row('CleApi', MAY.clesApi.manage, undefined, true),

  'GET /audit': list('Audit', true, 'entite=piece&limit=200'),
  'GET /audit/:id': row('Audit'),
  'GET /audit/export': { on: 'role', subject: 'Audit', expected: READ.Audit },

  'GET /health': open(),
  'GET /health/ready': open(),
  'GET /health/db': open(),
  'GET /health/metrics': open(),
};
