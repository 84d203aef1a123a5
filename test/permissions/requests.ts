import type { MedicalSubject } from '../../src/auth/permissions';
import { semaineOf } from '../../src/domain/planification/propositions';
import { PRIORITES } from '../../src/domain/priorites';
import { ROLES } from '../../src/domain/roles';
import type { Reply } from '../support/client';
import { consentement, entreesDe } from '../support/dossiers';
import { ECRITS, RECU } from '../support/ecrits';
import { makeUser, PASSWORD } from '../support/factories';
import type { RowSubject } from '../support/places';
import { type Expectation, MAY, READ } from './expected';
import { KINDS, type Persona, type World } from './world';

/** For every route: how it is asked, and whom the table lets do it. A route that is missing here fails the matrix. */

interface Sent {
  headers?: Record<string, string>;
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
  /** Where the route names something that is no row. */
  path?: string;
  body?: unknown;
}

/** Anybody, signed in or not; what a route that asks for proof answers to none stands in `unproved`. */
export interface PublicCheck {
  on: 'public';
  body?: unknown;
  unproved?: 401;
}

/** What belongs to a row: not there at all for those who may not see it, whether or not they see the row. */
export interface PartCheck {
  on: 'part';
  subject: RowSubject;
  expected: Expectation;
  query: string;
}

/** A request of what is medical, by people who belong to no practice: what each is answered, and 403 who is not named. */
export interface MedicalCheck {
  on: 'medical';
  subject: MedicalSubject;
  expected: Partial<Record<Persona, number>>;
  sent?(world: World): Promise<{ path?: string; body?: unknown }> | { path?: string; body?: unknown };
}

export type Check =
  | RowCheck
  | PartCheck
  | CreateCheck
  | ListCheck
  | OwnCheck
  | FiguresCheck
  | RoleCheck
  | PublicCheck
  | MedicalCheck;

const row = (
  subject: RowSubject,
  expected: Expectation = READ[subject],
  sent: RowCheck['sent'] = () => ({}),
  fresh = false,
): RowCheck => ({ on: 'row', subject, expected, sent, fresh });
const part = (subject: RowSubject, expected: Expectation, query: string): PartCheck => ({
  on: 'part',
  subject,
  expected,
  query,
});
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

const medical = (
  subject: MedicalSubject,
  expected: MedicalCheck['expected'] = {},
  sent?: MedicalCheck['sent'],
): MedicalCheck => ({ on: 'medical', subject, expected, sent });

/** A practice, which somebody runs already or nobody does yet. */
async function practice({ people }: World, gerant: boolean): Promise<number> {
  const { client } = people.admin;
  const { body } = await client.post('/cabinets', { nom: `Cabinet ${unique()}` });
  if (gerant) {
    const first = { user_id: people.membre.user.id, fonction: 'gerant', date_debut: '2060-01-01' };
    await client.post(`/cabinets/${body.id}/membres`, first);
  }
  return body.id;
}
const ofPractice =
  (rest: string, gerant: boolean, body?: object): MedicalCheck['sent'] =>
  async (world) => ({ path: `/cabinets/${await practice(world, gerant)}${rest}`, body });
/** Somebody who belongs to nothing yet. */
const newMembre =
  (fonction: string, gerant: boolean): MedicalCheck['sent'] =>
  async (world) => {
    const { id: user_id } = await makeUser(world.api.db, { role: 'membre' });
    const body = { user_id, fonction, date_debut: '2030-01-01' };
    return { path: `/cabinets/${await practice(world, gerant)}/membres`, body };
  };

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
const plan = (equipements: number[]) => ({
  nom: 'Vidange',
  equipements,
  declencheur: 'calendrier',
  regle: 'FREQ=MONTHLY',
  date_debut: '2026-01-01',
  modele: { titre: 'Vidange', description: 'Vidanger le circuit hydraulique' },
});
/** A literal address, since a test may have no name server. */
const webhook = () => ({ url: `https://93.184.216.34/${unique()}`, evenements: ['piece.*'] });
const agendaExterne = (intervenant_id: number) => ({
  intervenant_id,
  nom: `Agenda ${unique()}`,
  genre: 'ics',
  url: `https://93.184.216.34/${unique()}.ics`,
});
const piece = () => ({ reference: `M-${unique()}`, designation: 'Joint' });
const niveau = () => ({ nom: `Niveau ${unique()}`, ...REGLES });
/** Where something of a kind stands; `personne` gives somebody whom nobody knows yet. */
const placeOfKind = ({ sites }: World, kind: string) => sites[kind as keyof typeof sites] ?? null;
const intervenant = async (world: World, kind: string) => ({
  user_id: (await makeUser(world.api.db)).id,
  nom_public: 'Nadia B.',
  site_id: placeOfKind(world, kind),
});
const salle = (world: World, kind: string) => ({
  nom: `Salle ${unique()}`,
  site_id: placeOfKind(world, kind),
  capacite: 4,
});
const prestation = (world: World, kind: string) => ({
  slug: `m-${unique()}`,
  nom: 'Conseil',
  site_id: placeOfKind(world, kind),
  durees: [30],
});
let hours = 0;
/** A time of its own, which somebody could have. */
const demande = (kind: string) => ({
  prestation: `rdv-${kind}`,
  debut: new Date((Math.ceil(Date.now() / 86_400_000) + 1) * 86_400_000 + ++hours * 1_800_000).toISOString(),
});
/** The same again, under another name. */
async function sameOf({ api }: World, table: string, columns: string, id: number): Promise<object> {
  return (await api.db.query(`SELECT ${columns} FROM ${table} WHERE id = $1`, [id]))[0];
}
const REGLES = {
  calendrier: 'ouvre',
  delais: Object.fromEntries(
    PRIORITES.map((priorite) => [priorite, { affectation: 'PT1H', demarrage: 'PT1H', resolution: 'P1D' }]),
  ),
  niveaux: [{ a: '+0', destinataires: ['responsable'] }],
};
const inWeeks = (weeks: number) =>
  semaineOf(new Date(Date.now() + weeks * 7 * 86_400_000).toISOString().slice(0, 10));
const ferie = () => ({ pays: 'BE', date: '2031-07-21', libelle: `Fête ${unique()}` });
const codePanne = () => ({ nature: 'cause', code: `M-${unique()}`, libelle: 'Usure' });
const modeleEtapes = () => ({
  nom: `Modèle ${unique()}`,
  etapes: [{ libelle: 'Consignation faite', type: 'case' }],
});
const intervention = (equipementId: number) => ({
  titre: 'Fuite hydraulique',
  description: 'Fuite au niveau du circuit principal',
  type_intervention: 'corrective',
  priorite: 'haute',
  equipement_id: equipementId,
});

const contrat = ({ people, sites }: World, kind: string) => ({
  reference: `M-${unique()}`,
  client_id: people.client.user.id,
  site_id: kind === 'client' ? null : sites[kind as keyof typeof sites],
  date_debut: '2030-01-01',
});
/** The same again, under another reference. */
async function sameContrat({ api }: World, id: number): Promise<object> {
  const [row] = await api.db.query(
    `SELECT client_id, site_id, date_debut::text FROM contrats WHERE id = $1`,
    [id],
  );
  return { ...row, reference: `M-${unique()}` };
}

const placeOf = (world: World, kind: string, persona: Persona) => world.row('Equipement', kind, persona);

async function upload(target: Record<string, number>, shown: boolean): Promise<Sent> {
  const form = new FormData();
  for (const [champ, id] of Object.entries(target)) form.set(champ, String(id));
  form.set('type_document', 'note');
  form.set('visible_client', String(shown));
  form.set('file', new Blob([`Note ${unique()}`], { type: 'text/plain' }), `note-${unique()}.txt`);
  return { form };
}

/** A line of a proposal; the same when it is asked for again, and none of a proposal that is not there. */
async function lineOf({ api, techniciens, row: rowOf }: World, propositionId: number): Promise<number> {
  const [line] = await api.db.query(
    `INSERT INTO propositions_lignes (proposition_id, intervention_id, technicien_id, date_planifiee, duree_estimee,
       segments, vue)
     SELECT r.id, $2, $3, '2031-01-13T09:00:00Z', 60,
       '[{"debut": "2031-01-13T09:00:00.000Z", "fin": "2031-01-13T10:00:00.000Z"}]',
       '{"actuel": null, "equipiers": []}' FROM propositions r WHERE r.id = $1
     ON CONFLICT (proposition_id, intervention_id) DO UPDATE SET retiree = false RETURNING id`,
    [propositionId, rowOf('Intervention', 'nord', 'admin'), techniciens.collegue],
  );
  return line?.id ?? 1;
}

/** Roles that belong to no site. */
const SANS_SITE: readonly string[] = ['admin', 'membre'];

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
  ...[
    { specialite: 'Soudure' },
    { competences: ['soudure'] },
    { habilitations: [{ competence: 'soudure' }] },
    { niveau_experience: 'expert' },
  ].map((body) => row('Technicien', MAY.techniciens.updateRest, () => ({ body }))),
];

const status =
  (statut: string, extra: object = {}) =>
  () => ({ body: { statut, ...extra } });
const move = row('Intervention', MAY.interventions.move, status('terminee', { rapport: 'Fait.' }));
const cancel = row('Intervention', MAY.interventions.cancel, status('annulee', { motif: 'Doublon' }));

export const REQUESTS: Readonly<Record<string, Check | readonly Check[]>> = {
  'POST /auth/login': open({}),
  'POST /auth/token': open(),
  'POST /emails/retours': open({}),
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
      const nord = OF_NORD.includes(persona) && !SANS_SITE.includes(kind);
      return { body: person(kind, nord ? [sites.nord] : []) };
    }),
    create('User', ROLES, MAY.users.create, ({ sites }, kind, persona) => {
      const nord = OF_NORD.includes(persona) && !SANS_SITE.includes(kind);
      return { body: { ...person(kind, nord ? [sites.nord] : []), password: undefined } };
    }),
  ],
  'GET /users/:id': row('User'),
  'PUT /users/:id': row('User', MAY.users.updateAccess, () => ({
    body: { ...person('client', []), password: undefined, is_active: true },
  })),
  'PATCH /users/:id': userChanges,
  'DELETE /users/:id': row('User', MAY.users.delete, undefined, true),
  'DELETE /users/:id/email-invalide': row('User', MAY.users.updateAccess),
  'DELETE /users/:id/second-facteur': row('User', MAY.users.updateAccess, undefined, true),

  'POST /users/:id/invitation': row('User', MAY.users.inviteAgain),
  'POST /users/import': {
    ...create('User', ROLES, MAY.users.create, ({ sites }, kind, persona) => {
      const siteId = OF_NORD.includes(persona) && !SANS_SITE.includes(kind) ? sites.nord : '';
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
  'GET /techniciens/disponibles': {
    on: 'role',
    subject: 'Intervention',
    expected: MAY.interventions.manage,
  },
  'GET /techniciens/:id': row('Technicien'),
  'GET /techniciens/:id/disponibilites': row('Technicien', MAY.techniciens.sendToWork),
  'PUT /techniciens/:id': row('Technicien', MAY.techniciens.updateRest, () => ({
    body: { specialite: 'Soudure', competences: ['soudure'] },
  })),
  'PATCH /techniciens/:id': technicienChanges,
  'GET /techniciens/:id/absences': row('Technicien'),
  'POST /techniciens/:id/absences': row('Technicien', MAY.techniciens.updateAvailability, () => ({
    body: { debut: '2036-08-03', fin: '2036-08-21' },
  })),
  'DELETE /techniciens/:id/absences/:absence_id': row('Technicien', MAY.techniciens.updateAvailability),
  'POST /techniciens/:id/calendrier': row('Technicien', MAY.techniciens.publish),
  'DELETE /techniciens/:id/calendrier': row('Technicien', MAY.techniciens.publish),
  'DELETE /techniciens/:id': row('Technicien', MAY.techniciens.manage, undefined, true),

  'GET /equipements': list('Equipement'),
  'POST /equipements': create('Equipement', KINDS.Equipement, MAY.equipements.manage, ({ sites }, kind) => ({
    body: { ...equipement(), site_id: kind === 'client' ? null : sites[kind as 'nord' | 'sud'] },
  })),
  'GET /equipements/alertes': list('Equipement', false),
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
  'POST /equipements/:id/compteurs': row('Equipement', MAY.equipements.manage, () => ({
    body: { nom: `Compteur ${unique()}` },
  })),
  'GET /equipements/:id/releves': row('Equipement'),
  // Of a meter that there is none of: whoever may is told so.
  'POST /equipements/:id/releves': row('Equipement', MAY.equipements.measure, () => ({
    body: { compteur: 'Heures', valeur: 1 },
  })),
  'GET /equipements/:id/arrets': row('Equipement'),
  'GET /equipements/:id/etiquette': row('Equipement'),

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
  'GET /interventions/:id/candidats': row('Intervention', MAY.interventions.manage),
  'PUT /interventions/:id/statut': [move, cancel],
  'GET /interventions/:id/pieces': row('Intervention'),
  'POST /interventions/:id/pieces': row('Intervention', MAY.interventions.supply, (world, persona) => ({
    body: [{ piece_id: world.row('Piece', 'piece', persona), quantite: 1 }],
  })),
  'PUT /interventions/:id/pieces/:besoin_id': row('Intervention', MAY.interventions.supply, () => ({
    body: { quantite: 1 },
  })),
  'DELETE /interventions/:id/pieces/:besoin_id': row('Intervention', MAY.interventions.supply),
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

  'GET /interventions/:id/engagements': row('Intervention'),

  'GET /interventions/:id/etapes': row('Intervention'),
  'POST /interventions/:id/etapes': row('Intervention', MAY.interventions.manage, () => ({
    body: { etapes: modeleEtapes().etapes },
  })),
  'PUT /interventions/:id/etapes/:etape_id': row('Intervention', MAY.interventions.work, () => ({
    body: { valeur: true },
  })),
  'DELETE /interventions/:id/etapes/:etape_id': row('Intervention', MAY.interventions.manage),

  'GET /interventions/:id/temps': row('Intervention'),
  'POST /interventions/:id/temps': row('Intervention', MAY.interventions.spendTime, () => ({
    body: { nature: 'travail' },
  })),
  'PUT /interventions/:id/temps/:temps_id': row('Intervention', MAY.interventions.spendTime, () => ({
    body: { nature: 'attente' },
  })),
  'DELETE /interventions/:id/temps/:temps_id': row('Intervention', MAY.interventions.spendTime),

  'GET /codes-panne': list('CodePanne'),
  'POST /codes-panne': create('CodePanne', ['code'], MAY.codesPanne.manage, () => ({ body: codePanne() })),
  'GET /codes-panne/:id': row('CodePanne'),
  'PUT /codes-panne/:id': row('CodePanne', MAY.codesPanne.manage, () => ({
    body: { code: `M-${unique()}`, libelle: 'Usure' },
  })),
  'PATCH /codes-panne/:id': row('CodePanne', MAY.codesPanne.manage, () => ({ body: { libelle: 'Usure' } })),
  'DELETE /codes-panne/:id': row('CodePanne', MAY.codesPanne.manage, undefined, true),

  'GET /modeles-etapes': list('ModeleEtapes'),
  'POST /modeles-etapes': create('ModeleEtapes', ['modele'], MAY.modelesEtapes.manage, () => ({
    body: modeleEtapes(),
  })),
  'GET /modeles-etapes/:id': row('ModeleEtapes'),
  'PUT /modeles-etapes/:id': row('ModeleEtapes', MAY.modelesEtapes.manage, () => ({ body: modeleEtapes() })),
  'PATCH /modeles-etapes/:id': row('ModeleEtapes', MAY.modelesEtapes.manage, () => ({
    body: { automatique: false },
  })),
  'DELETE /modeles-etapes/:id': row('ModeleEtapes', MAY.modelesEtapes.manage, undefined, true),

  'GET /niveaux-service': list('NiveauService'),
  'POST /niveaux-service': create('NiveauService', ['niveau'], MAY.niveaux.manage, () => ({
    body: niveau(),
  })),
  'GET /niveaux-service/:id': row('NiveauService'),
  'PUT /niveaux-service/:id': row('NiveauService', MAY.niveaux.manage, () => ({ body: niveau() })),
  'PATCH /niveaux-service/:id': row('NiveauService', MAY.niveaux.manage, () => ({
    body: { attente_motifs: [] },
  })),
  'DELETE /niveaux-service/:id': row('NiveauService', MAY.niveaux.manage, undefined, true),

  'GET /contrats': list('Contrat'),
  'POST /contrats': create('Contrat', KINDS.Contrat, MAY.contrats.manage, (world, kind) => ({
    body: contrat(world, kind),
  })),
  'GET /contrats/:id': row('Contrat'),
  'PUT /contrats/:id': row('Contrat', MAY.contrats.manage, async (world, _, id) => ({
    body: await sameContrat(world, id),
  })),
  'PATCH /contrats/:id': row('Contrat', MAY.contrats.manage, () => ({ body: { date_fin: '2040-12-31' } })),
  'DELETE /contrats/:id': row('Contrat', MAY.contrats.manage, undefined, true),

  'GET /intervenants': list('Intervenant'),
  'POST /intervenants': create(
    'Intervenant',
    KINDS.Intervenant,
    MAY.rendezVous.manage,
    async (world, kind) => ({ body: await intervenant(world, kind) }),
  ),
  'GET /intervenants/:id': row('Intervenant'),
  'PUT /intervenants/:id': row('Intervenant', MAY.rendezVous.manage, async (world, _, id) => ({
    body: { ...(await sameOf(world, 'intervenants', 'user_id, site_id', id)), nom_public: 'Nadia' },
  })),
  'PATCH /intervenants/:id': row('Intervenant', MAY.rendezVous.manage, () => ({ body: { actif: true } })),
  'DELETE /intervenants/:id': row('Intervenant', MAY.rendezVous.manage, undefined, true),

  'POST /intervenants/:id/agenda': row('Intervenant', MAY.agendas.publishOwn),
  'DELETE /intervenants/:id/agenda': row('Intervenant', MAY.agendas.publishOwn),
  'POST /salles/:id/agenda': row('Salle', MAY.agendas.publish),
  'DELETE /salles/:id/agenda': row('Salle', MAY.agendas.publish),
  'GET /agendas/:jeton.ics': open(),
  'GET /agendas-externes': list('AgendaExterne'),
  'POST /agendas-externes': create(
    'AgendaExterne',
    KINDS.AgendaExterne,
    MAY.agendas.publishOwn,
    ({ row }, kind, persona) => ({ body: agendaExterne(row('Intervenant', kind, persona)) }),
  ),
  'GET /agendas-externes/:id': row('AgendaExterne'),
  'PATCH /agendas-externes/:id': row('AgendaExterne', MAY.agendas.publishOwn, () => ({
    body: { nom: 'Autre' },
  })),
  'DELETE /agendas-externes/:id': row('AgendaExterne', MAY.agendas.publishOwn, undefined, true),

  'GET /salles': list('Salle'),
  'POST /salles': create('Salle', KINDS.Salle, MAY.rendezVous.manage, (world, kind) => ({
    body: salle(world, kind),
  })),
  'GET /salles/:id': row('Salle'),
  'PUT /salles/:id': row('Salle', MAY.rendezVous.manage, async (world, _, id) => ({
    body: { ...(await sameOf(world, 'salles', 'nom, site_id', id)), capacite: 5 },
  })),
  'PATCH /salles/:id': row('Salle', MAY.rendezVous.manage, () => ({ body: { capacite: 6 } })),
  'DELETE /salles/:id': row('Salle', MAY.rendezVous.manage, undefined, true),

  'GET /prestations': list('Prestation'),
  'POST /prestations': create(
    'Prestation',
    ['nord', 'sud', 'interne'],
    MAY.rendezVous.manage,
    (world, kind) => ({
      body: prestation(world, kind),
    }),
  ),
  'GET /prestations/:id': row('Prestation'),
  'PUT /prestations/:id': row('Prestation', MAY.rendezVous.offer, async (world, _, id) => ({
    body: {
      ...(await sameOf(world, 'prestations', 'slug, site_id, visibilite', id)),
      nom: 'Conseil',
      durees: [45],
    },
  })),
  'PATCH /prestations/:id': row('Prestation', MAY.rendezVous.offer, () => ({ body: { places: 1 } })),
  'DELETE /prestations/:id': row('Prestation', MAY.rendezVous.offer, undefined, true),
  'GET /creneaux': {
    on: 'role',
    subject: 'Prestation',
    expected: READ.Prestation,
    path: '/creneaux?prestation=matrice&debut=2031-01-06&fin=2031-01-07',
  },
  'GET /creneaux/pourquoi': {
    on: 'role',
    subject: 'Prestation',
    expected: READ.Salle,
    path: '/creneaux/pourquoi?prestation=matrice&debut=2031-01-06T09:00:00Z',
  },
  'GET /agenda': { on: 'role', subject: 'Intervenant', expected: READ.Intervenant },
  'GET /rapports-rendez-vous/occupation': {
    on: 'role',
    subject: 'Intervenant',
    expected: READ.Intervenant,
    path: '/rapports-rendez-vous/occupation?debut=2031-01-06&fin=2031-01-07',
  },
  'GET /rapports-rendez-vous/absences': {
    on: 'role',
    subject: 'Intervenant',
    expected: READ.Intervenant,
    path: '/rapports-rendez-vous/absences?debut=2031-01-06&fin=2031-01-07',
  },
  'GET /rapports-rendez-vous/delais': {
    on: 'role',
    subject: 'Intervenant',
    expected: READ.Intervenant,
    path: '/rapports-rendez-vous/delais?debut=2031-01-06&fin=2031-01-07',
  },
  'GET /rapports-rendez-vous/annulations': {
    on: 'role',
    subject: 'Intervenant',
    expected: READ.Intervenant,
    path: '/rapports-rendez-vous/annulations?debut=2031-01-06&fin=2031-01-07',
  },
  'GET /rapports-rendez-vous/par-intervenant': {
    on: 'role',
    subject: 'Intervenant',
    expected: READ.Intervenant,
    path: '/rapports-rendez-vous/par-intervenant?debut=2031-01-06&fin=2031-01-07',
  },
  'GET /rendez-vous/:uid/historique': row('RendezVous'),

  'POST /retenues': create('RendezVous', ['nord', 'sud'], MAY.rendezVous.hold, (_, kind) => ({
    body: demande(kind),
  })),
  // Nothing is held there, which whoever may hold something is told.
  'DELETE /retenues/:uid': {
    ...create('RendezVous', ['nord'], MAY.rendezVous.hold, () => ({})),
    made: ({ status }) => status === 404,
  },
  'GET /rendez-vous': list('RendezVous'),
  'POST /rendez-vous': create('RendezVous', ['nord', 'sud'], MAY.rendezVous.book, (_, kind) => ({
    body: { ...demande(kind), participants: [{ nom: 'Samira', email: 'samira@exemple.ma' }] },
  })),
  'GET /rendez-vous/:uid': row('RendezVous'),
  'PUT /rendez-vous/:uid/confirmer': row('RendezVous', MAY.rendezVous.move),
  'PUT /rendez-vous/:uid/refuser': row('RendezVous', MAY.rendezVous.move),
  'PUT /rendez-vous/:uid/reporter': row('RendezVous', READ.RendezVous, () => ({
    body: { debut: '2031-02-03T09:00:00Z' },
  })),
  'PUT /rendez-vous/:uid/annuler': row('RendezVous'),
  'PUT /rendez-vous/:uid/arriver': row('RendezVous', MAY.rendezVous.move),
  'PUT /rendez-vous/:uid/honorer': row('RendezVous', MAY.rendezVous.move),
  'PUT /rendez-vous/:uid/absent': row('RendezVous', MAY.rendezVous.move),
  'PUT /rendez-vous/:uid/reaffecter': row('RendezVous', MAY.rendezVous.assign, () => ({
    body: { intervenant_id: 1 },
  })),
  'PUT /rendez-vous/:uid/participants/:participant_id/annuler': row('RendezVous'),

  'GET /listes-attente': list('ListeAttente'),
  'POST /listes-attente': create('ListeAttente', ['nord', 'sud'], MAY.rendezVous.book, (_, kind) => ({
    body: {
      prestation: `rdv-${kind}`,
      date_debut: '2031-01-06',
      date_fin: '2031-01-31',
      participants: [{ nom: 'Amal', email: `amal-${unique()}@exemple.ma` }],
    },
  })),
  'GET /listes-attente/:id': row('ListeAttente'),
  'PATCH /listes-attente/:id': row('ListeAttente', READ.ListeAttente, () => ({
    body: { date_fin: '2031-02-28' },
  })),
  'DELETE /listes-attente/:id': row('ListeAttente', READ.ListeAttente, undefined, true),
  // Nothing is offered, which whoever may answer is told.
  'PUT /listes-attente/:id/accepter': row('ListeAttente'),
  'PUT /listes-attente/:id/decliner': row('ListeAttente'),

  'GET /jours-feries': list('JourFerie'),
  'POST /jours-feries': create('JourFerie', ['ferie'], MAY.joursFeries.manage, () => ({ body: ferie() })),
  'GET /jours-feries/:id': row('JourFerie'),
  'PUT /jours-feries/:id': row('JourFerie', MAY.joursFeries.manage, () => ({ body: ferie() })),
  'PATCH /jours-feries/:id': row('JourFerie', MAY.joursFeries.manage, () => ({
    body: { statut: 'confirme' },
  })),
  'DELETE /jours-feries/:id': row('JourFerie', MAY.joursFeries.manage, undefined, true),

  'GET /preventif': list('PlanPreventif'),
  'POST /preventif': create(
    'PlanPreventif',
    ['nord', 'sud'],
    MAY.preventif.manage,
    (world, kind, persona) => ({
      body: plan([placeOf(world, kind, persona)]),
    }),
  ),
  'POST /preventif/previsions': {
    ...create('PlanPreventif', ['nord', 'sud'], MAY.preventif.manage, (world, kind, persona) => ({
      body: plan([placeOf(world, kind, persona)]),
    })),
    made: ({ status }) => status === 200,
  },
  'GET /preventif/:id': row('PlanPreventif'),
  'PUT /preventif/:id': row('PlanPreventif', MAY.preventif.manage, (world, persona) => ({
    body: plan([placeOf(world, 'nord', persona)]),
  })),
  'PATCH /preventif/:id': row('PlanPreventif', MAY.preventif.manage, () => ({ body: { nom: 'Autre' } })),
  'DELETE /preventif/:id': row('PlanPreventif', MAY.preventif.manage, undefined, true),
  'GET /preventif/:id/previsions': row('PlanPreventif'),
  'GET /preventif/:id/echeances': row('PlanPreventif'),
  'POST /preventif/:id/pause': row('PlanPreventif', MAY.preventif.manage, undefined, true),
  'POST /preventif/:id/reprise': row(
    'PlanPreventif',
    MAY.preventif.manage,
    () => ({ body: { depuis: 'origine' } }),
    true,
  ),
  'POST /preventif/:id/declencher': row('PlanPreventif', MAY.preventif.manage, undefined, true),

  'GET /sites': list('Site'),
  'POST /sites': create('Site', ['nord'], MAY.sites.create, () => ({ body: { nom: `Site ${unique()}` } })),
  'GET /sites/:id': row('Site'),
  'PUT /sites/:id': row('Site', MAY.sites.update, () => ({ body: { nom: 'Nord' } })),
  'PATCH /sites/:id': row('Site', MAY.sites.update, () => ({ body: { pays: 'MA' } })),
  'DELETE /sites/:id': row('Site', MAY.sites.delete, undefined, true),

  'GET /pieces': list('Piece'),
  'POST /pieces': create('Piece', ['piece'], MAY.pieces.manage, () => ({ body: piece() })),
  'GET /pieces/:id': row('Piece'),
  'PUT /pieces/:id': row('Piece', MAY.pieces.manage, () => ({ body: piece() })),
  'PATCH /pieces/:id': row('Piece', MAY.pieces.manage, () => ({ body: { designation: 'Autre' } })),
  'GET /pieces/:id/mouvements': row('Piece'),
  'POST /pieces/:id/mouvements': row('Piece', MAY.pieces.manage, () => ({
    body: { type: 'entree', quantite: 1 },
  })),
  'DELETE /pieces/:id': row('Piece', MAY.pieces.manage, undefined, true),

  'GET /planning': list('Planning'),
  'GET /planning/conflits': list('Planning'),
  'GET /planning/semaine.svg': { on: 'role', subject: 'Planning', expected: READ.Planning },
  'GET /planning/technicien/:id': {
    ...list('Planning', false),
    query: 'date_debut=2031-01-01&date_fin=2031-01-31',
  },
  'GET /planning/technicien/:id/calendrier.ics': open(),

  'POST /planning/generer': {
    ...create('Proposition', ['nord', 'sud'], MAY.propositions.manage, ({ sites }, kind) => ({
      body: { semaine: inWeeks(3), site_id: sites[kind as 'nord' | 'sud'] },
    })),
    // Nobody computes them here, and nobody has more than a few computed at once.
    made: ({ status, body }) => status === 202 || body.code === 'LIMITE_ATTEINTE',
  },
  'GET /planning/propositions': list('Proposition'),
  'GET /planning/propositions/:id': row('Proposition'),
  'PATCH /planning/propositions/:id': row('Proposition', MAY.propositions.manage, async (world, _, id) => ({
    body: { visites: [{ id: await lineOf(world, id), verrouillee: true }] },
  })),
  'DELETE /planning/propositions/:id': row('Proposition', MAY.propositions.manage, undefined, true),
  'POST /planning/propositions/:id/application': row('Proposition', MAY.propositions.manage),
  'GET /planning/technicien/:id/tournee': part('Technicien', MAY.tournees.read, 'date=2031-02-10'),
  'POST /planning/technicien/:id/tournee': part('Technicien', MAY.tournees.apply, 'date=2031-02-10'),

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
  'PUT /documents/:id': [
    row('Document', MAY.documents.change, () => ({ body: { nom: `n-${unique()}.pdf` } })),
    row('Document', MAY.documents.change, () => ({ body: { type_document: 'note' } })),
    row('Document', MAY.documents.show, async ({ api }, _, id) => {
      const [shown] = await api.db.query('SELECT visible_client FROM documents WHERE id = $1', [id]);
      return { body: { visible_client: shown?.visible_client ?? true } };
    }),
  ],
  'DELETE /documents/:id': row('Document', MAY.documents.change, undefined, true),
  'POST /documents/:id/restauration': row('Document', MAY.documents.restore),
  'GET /documents/cles/rotation': { on: 'role', subject: 'Document', expected: MAY.documents.restore },
  'POST /documents/cles/rotation': {
    ...create('Document', ['equipement_nord'], MAY.documents.restore, () => ({})),
    made: ({ status }) => status === 202,
  },
  'GET /documents/:id/integrite': row('Document', MAY.documents.change),
  'GET /documents/:id/versions': row('Document'),
  'GET /documents/:id/telecharger': row('Document'),
  // Whoever may see it has it already: making as many would take minutes.
  'GET /documents/:id/apercu': row('Document', READ.Document, () => ({ headers: { 'If-None-Match': '*' } })),

  'POST /rapports': {
    ...create('Rapport', ['nord', 'sud', 'soi'], MAY.rapports.create, ({ sites, techniciens }, kind) => ({
      body:
        kind === 'soi'
          ? { type: 'semaine', technicien_id: techniciens.soi, semaine: '2030-W03' }
          : { type: 'mois', mois: '2030-01', site_id: sites[kind as 'nord' | 'sud'] },
    })),
    // Nobody makes them here, and nobody has more than a few made at once.
    made: ({ status, body }) => status === 202 || body.code === 'LIMITE_ATTEINTE',
  },
  'GET /rapports/:id': row('Rapport'),

  'GET /notifications': list('Notification'),
  'GET /notifications/ws': open(),
  'GET /flux': own(),
  'POST /notifications': create('Notification', ['avis'], MAY.notifications.send, ({ people }) => ({
    body: { destinataire_id: people.client.user.id, titre: 'Avis', message: 'Message' },
  })),
  'PUT /notifications/:id/lue': row('Notification', MAY.notifications.mark),
  'PUT /notifications/lues': own(),
  'GET /notifications/push/cle': own(),
  'POST /notifications/push/abonnements': own({}),
  'DELETE /notifications/push/abonnements': own({}),

  'GET /public/prestations/:slug': open(),
  'GET /public/creneaux': open(),
  'POST /public/retenues': open({}),
  'POST /public/rendez-vous': open({}),
  'POST /public/listes-attente': open({}),
  'GET /public/attente/:jeton': open(),
  'POST /public/attente/:jeton': open({}),
  'GET /public/gestion/:jeton': open(),
  'POST /public/gestion/:jeton': open({}),

  'POST /sms/statuts': open({}),
  'POST /sms/entrants': open({}),
  'DELETE /notifications/:id': row('Notification', MAY.notifications.mark, undefined, true),
  'GET /notifications/regles': {
    on: 'role',
    subject: 'RegleNotification',
    expected: READ.RegleNotification,
  },
  'PUT /notifications/regles/:evenement': {
    on: 'role',
    subject: 'RegleNotification',
    expected: MAY.notifications.rules,
    path: '/notifications/regles/intervention.demarree',
    body: { urgence: 'normale' },
  },
  'GET /notifications/preferences': own(),
  'PUT /notifications/preferences': own({ resume_quotidien: 8 }),
  'GET /notifications/desabonnement/:jeton': open(),
  'POST /notifications/desabonnement/:jeton': open(),

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

  'GET /parametres': row('Parametres'),
  'PUT /parametres': row('Parametres', MAY.parametres.update, () => ({
    body: { nom: 'Maison', couleur: '#123456', langue: 'fr' },
  })),
  'PATCH /parametres': row('Parametres', MAY.parametres.update, () => ({ body: { nom: 'Maison' } })),

  'GET /parametres/logo': row('Parametres'),
  'PUT /parametres/logo': row('Parametres', MAY.parametres.update),
  'DELETE /parametres/logo': row('Parametres', MAY.parametres.update),
  'GET /webhooks': list('Webhook'),
  'POST /webhooks': create('Webhook', ['webhook'], MAY.webhooks.manage, () => ({ body: webhook() })),
  'GET /webhooks/:id': row('Webhook'),
  'PATCH /webhooks/:id': row('Webhook', MAY.webhooks.manage, () => ({ body: { actif: false } })),
  'DELETE /webhooks/:id': row('Webhook', MAY.webhooks.manage, undefined, true),
  'POST /webhooks/:id/secret': row('Webhook', MAY.webhooks.manage),
  'POST /webhooks/:id/essai': row('Webhook', MAY.webhooks.manage),
  'GET /webhooks/:id/livraisons': row('Webhook'),
  'POST /webhooks/livraisons/:id/rejouer': row('Livraison', MAY.webhooks.manage),

  'GET /audit': list('Audit', true, 'entite=piece&limit=200'),
  'GET /audit/:id': row('Audit'),
  'GET /audit/export': { on: 'role', subject: 'Audit', expected: READ.Audit },

  'GET /cabinets': medical('Cabinet', { admin: 200 }),
  'POST /cabinets': medical('Cabinet', { admin: 201 }, () => ({ body: { nom: `Cabinet ${unique()}` } })),
  'GET /cabinets/:id': medical('Cabinet', { admin: 200 }, ofPractice('', false)),
  'PATCH /cabinets/:id': medical('Cabinet', { admin: 200 }, ofPractice('', false, { adresse: 'Rabat' })),
  'GET /cabinets/:id/membres': medical('MembreCabinet', { admin: 200 }, ofPractice('/membres', true)),
  'POST /cabinets/:id/membres': [
    medical('MembreCabinet', { admin: 201 }, newMembre('gerant', false)),
    medical('MembreCabinet', {}, newMembre('gerant', true)),
    medical('MembreCabinet', {}, newMembre('medecin', false)),
  ],
  'PATCH /cabinets/:id/membres/:membre_id': medical(
    'MembreCabinet',
    {},
    ofPractice('/membres/1', true, { date_fin: '2090-01-01' }),
  ),
  'GET /cabinets/:id/praticiens': medical('Praticien', {}, ofPractice('/praticiens', true)),
  'POST /cabinets/:id/praticiens': medical('Praticien', {}, ofPractice('/praticiens', true, { user_id: 1 })),
  'PATCH /cabinets/:id/praticiens/:praticien_id': medical(
    'Praticien',
    {},
    ofPractice('/praticiens/1', true, { actif: false }),
  ),
  'PUT /cabinets/:id/praticiens/:praticien_id/horaires': medical('Praticien', {}, () => ({ body: {} })),
  'GET /cabinets/:id/prestations': medical('TypeRendezVous'),
  'POST /cabinets/:id/prestations': medical('TypeRendezVous', {}, () => ({ body: {} })),
  'PATCH /cabinets/:id/prestations/:type_id': medical('TypeRendezVous', {}, () => ({ body: {} })),
  'GET /cabinets/:id/creneaux': medical('TypeRendezVous'),
  'GET /cabinets/:id/agenda': medical('RendezVousCabinet'),
  'GET /cabinets/:id/salle-attente': medical('RendezVousCabinet'),
  'GET /cabinets/:id/a-qualifier': medical('RendezVousCabinet'),
  'POST /cabinets/:id/rendez-vous': medical('RendezVousCabinet', {}, () => ({ body: {} })),
  'GET /cabinets/:id/rendez-vous/:uid': medical('RendezVousCabinet'),
  ...Object.fromEntries(
    ['arriver', 'appeler', 'terminer', 'absent', 'annuler', 'reporter', 'partir'].map((acte) => [
      `PUT /cabinets/:id/rendez-vous/:uid/${acte}`,
      medical('RendezVousCabinet', {}, () => ({ body: {} })),
    ]),
  ),
  'GET /cabinets/:id/listes-attente': medical('RendezVousCabinet'),
  'POST /cabinets/:id/listes-attente': medical('RendezVousCabinet', {}, () => ({ body: {} })),
  'GET /cabinets/:id/listes-attente/:attente_id': medical('RendezVousCabinet'),
  ...Object.fromEntries(
    ['accepter', 'decliner', 'quitter'].flatMap((acte) => [
      [
        `PUT /cabinets/:id/listes-attente/:attente_id/${acte}`,
        medical('RendezVousCabinet', {}, () => ({ body: {} })),
      ],
      [
        `PUT /mon/listes-attente/:id/${acte}`,
        medical('MonDossier', { client: 404, client_nord: 404 }, () => ({ body: {} })),
      ],
    ]),
  ),
  'GET /patients': medical('Patient'),
  'POST /patients/recherche': medical('Patient', {}, () => ({ body: { q: 'benali' } })),
  'POST /patients': medical('Patient', {}, () => ({ body: {} })),
  'GET /patients/:id': medical('Patient'),
  'PATCH /patients/:id': medical('Patient', {}, () => ({ body: { nom_usage: 'Autre' } })),
  'GET /patients/:id/doublons': medical('Patient'),
  'GET /patients/:id/acces': medical('AccesDossier'),
  'POST /codes/cim10/recherche': medical('Dossier', {}, () => ({ body: { q: 'diabete' } })),
  'POST /patients/:id/export': medical('ExportDossier'),
  'GET /exports/:id': medical('ExportDossier'),
  'GET /exports/:id/contenu': medical('ExportDossier'),
  'GET /patients/:id/identifiants': medical('Patient'),
  'POST /patients/:id/identifiants': medical('Patient', {}, () => ({ body: { type: 'cin', valeur: 'A 1' } })),
  'PATCH /patients/:id/identifiants/:identifiant_id': medical('Patient', {}, () => ({
    body: { valeur: 'A 1' },
  })),
  'GET /patients/:id/consentements': medical('Patient'),
  'POST /patients/:id/consentements': medical('Patient', {}, () => ({ body: consentement('Samira') })),
  ...Object.fromEntries(
    Object.entries(entreesDe('Samira')).flatMap(([segment, { body, change, administratif }]) => {
      const subject = administratif ? 'Patient' : 'Dossier';
      return [
        [`GET /patients/:id/${segment}`, medical(subject)],
        [`POST /patients/:id/${segment}`, medical(subject, {}, () => ({ body }))],
        [`PATCH /patients/:id/${segment}/:element_id`, medical(subject, {}, () => ({ body: change }))],
      ];
    }),
  ),
  'POST /patients/:id/bris-de-glace': medical('BrisDeGlace', {}, () => ({
    body: { motif: 'Malaise au cabinet' },
  })),
  'GET /bris-de-glace': medical('BrisDeGlace'),
  'POST /bris-de-glace/:id/fermeture': medical('BrisDeGlace'),
  'POST /bris-de-glace/:id/revue': medical('BrisDeGlace', {}, () => ({ body: { conclusion: 'justifie' } })),
  'PUT /patients/:id/compte': medical('Patient', {}, () => ({ body: { code: '1-00000-00000' } })),
  'DELETE /patients/:id/compte': medical('Patient'),
  'GET /mon/dossier': medical('MonDossier', { client: 200, client_nord: 200 }),
  'GET /mon/acces': medical('MonDossier', { client: 200, client_nord: 200 }),
  'GET /mon/rendez-vous': medical('MonDossier', { client: 200, client_nord: 200 }),
  'PUT /mon/rendez-vous/:uid/annuler': medical('MonDossier', { client: 404, client_nord: 404 }, () => ({
    body: {},
  })),
  'GET /mon/listes-attente': medical('MonDossier', { client: 200, client_nord: 200 }),
  'GET /mon/consultations': medical('MonDossier', { client: 200, client_nord: 200 }),
  'GET /mon/copie': medical('MonDossier', { client: 200, client_nord: 200 }),
  // Nobody's patients: there is nothing to copy.
  'POST /mon/copie': medical('MonDossier', { client: 404, client_nord: 404 }, () => ({ body: {} })),
  'GET /mon/code': medical('MonDossier', { client: 200, client_nord: 200 }),
  'GET /patients/:id/dossier': medical('Dossier'),
  'GET /patients/:id/consultations': medical('Consultation'),
  'POST /consultations': medical('Consultation', {}, () => ({ body: { patient_id: 1, motif: 'Toux' } })),
  'GET /consultations/:id': medical('Dossier'),
  'PATCH /consultations/:id': medical('Consultation', {}, () => ({ body: { motif: 'Toux' } })),
  'POST /consultations/:id/signature': medical('Consultation', {}, () => ({
    body: { mot_de_passe: PASSWORD },
  })),
  'POST /consultations/:id/addenda': medical('Consultation', {}, () => ({ body: { texte: 'Plus' } })),
  'POST /consultations/:id/invalidation': medical('Consultation', {}, () => ({ body: { motif: 'Non' } })),
  'PUT /consultations/:id/publication': medical('Consultation'),
  'DELETE /consultations/:id/publication': medical('Consultation'),

  ...Object.fromEntries(
    (['ordonnances', 'certificats'] as const).flatMap((segment) => [
      [`GET /${segment}`, medical('Ecrit')],
      [`POST /${segment}`, medical('Dossier', {}, () => ({ body: ECRITS[segment](1) }))],
      [`GET /${segment}/:id`, medical('Dossier')],
      [`PATCH /${segment}/:id`, medical('Dossier', {}, () => ({ body: { a_remettre: true } }))],
      [`POST /${segment}/:id/signature`, medical('Dossier', {}, () => ({ body: { code: '123456' } }))],
      [`POST /${segment}/:id/invalidation`, medical('Dossier', {}, () => ({ body: { motif: 'Erreur' } }))],
      [`GET /${segment}/:id/pdf`, medical('Ecrit')],
    ]),
  ),
  'GET /examens': medical('Dossier'),
  'GET /examens/non-rattaches': medical('ExamenNonRattache'),
  'POST /examens': medical('ExamenNonRattache', {}, () => ({ body: RECU })),
  'GET /examens/:id': medical('Dossier'),
  'PATCH /examens/:id': medical('Dossier', {}, () => ({ body: { attendu_le: null } })),
  'PUT /examens/:id/resultat': medical('Dossier', {}, () => ({ body: { texte: 'Encore' } })),
  'POST /examens/:id/vu': medical('Dossier', {}, () => ({ body: { numero: 1, decision: 'normal' } })),
  'PUT /examens/:id/rattachement': medical('ExamenNonRattache', {}, () => ({ body: { patient_id: 1 } })),
  'GET /patients/:id/fusions': medical('Patient'),
  'POST /patients/:id/fusion': medical('Patient', {}, () => ({ body: { avec: 1 } })),
  'POST /fusions/:id/annuler': medical('Patient'),
  'GET /conservation/echeances': medical('Conservation'),
  'PUT /conservation/politiques': medical('Conservation', {}, () => ({
    body: { ancre: 'dernier_acte', duree_mois: 240, source: 'Essai' },
  })),
  'POST /conservation/retenues': medical('Conservation', {}, () => ({
    body: { patient_id: 1, motif: 'Essai' },
  })),
  'POST /conservation/retenues/:id/lever': medical('Conservation'),
  'GET /conservation/purges': medical('Purge'),
  'POST /conservation/purges': medical('Purge', {}, () => ({ body: { patient_id: 1 } })),
  'POST /conservation/purges/:id/signature': medical('Purge'),
  'POST /conservation/purges/:id/annuler': medical('Purge'),
  'GET /demandes-droits': medical('DemandeDroits'),
  'POST /demandes-droits': medical('DemandeDroits', {}, () => ({
    body: { patient_id: 1, nature: 'acces', demande: 'Essai' },
  })),
  'GET /demandes-droits/:id': medical('DemandeDroits'),
  'POST /demandes-droits/:id/reponse': medical('DemandeDroits', {}, () => ({
    body: { statut: 'honoree', reponse: 'Essai' },
  })),

  'GET /health': open(),
  'GET /health/ready': open(),
  'GET /health/db': open(),
  'GET /health/metrics': open(),
};
