import type { Role } from '../../domain/roles';
import type { Principal } from '../principal';
import {
  type Action,
  type AreaRules,
  type Conditions,
  MANAGE,
  type RoleRules,
  type Rule,
  type Subject,
  whereOnSites,
} from './rules';

/** What everybody may book, as everybody may read it. */
const OFFERED: Rule = {
  action: 'read',
  subject: 'Prestation',
  where: [{ visibilite: 'publique', actif: true }],
};

/**
 * What is of a practice is booked and changed there alone; here it can be read that time is taken. Nothing that is made here
 * is of a practice.
 */
function outsidePractices(subject: Subject, action: Action): Conditions | null {
  if (action === 'read') return null;
  if (subject === 'RendezVous') return { 'prestation.de_cabinet': false };
  return subject === 'Prestation' && action !== 'create' ? { de_cabinet: false } : null;
}

/** The same rules without what is of practices. */
function horsCabinet(rules: readonly Rule[]): Rule[] {
  return rules.flatMap((rule): Rule[] => {
    const { subject, where = [{}] } = rule;
    const actions = [rule.action].flat();
    const free = actions.filter((action) => outsidePractices(subject, action) === null);
    const bound = actions.filter((action) => outsidePractices(subject, action) !== null);
    if (bound.length === 0) return [rule];
    const outside = outsidePractices(subject, bound[0]!)!;
    return [
      ...(free.length === 0 ? [] : [{ ...rule, action: free }]),
      { ...rule, action: bound, where: where.map((one) => ({ ...one, ...outside })) },
    ];
  });
}

const allHorsCabinet = ({ shared = [], person = [], machine = [] }: Partial<RoleRules>): RoleRules => ({
  shared: horsCabinet(shared),
  person: horsCabinet(person),
  machine: horsCabinet(machine),
});

/** What those do who receive, or whose house it is. */
const HOUSE: readonly Action[] = ['read', 'create', 'update', 'cancel', 'move', 'assign'];
/** What whoever booked does: another start is a change of the row. */
const BOOKED: readonly Action[] = ['read', 'create', 'update', 'cancel'];

/** One's own agenda, by whatever role one has, and what one has booked oneself. */
function ownAppointments({ userId }: Principal): Rule[] {
  return [
    {
      action: HOUSE.filter((action) => action !== 'assign'),
      subject: 'RendezVous',
      where: [{ user_ids: { $meets: [userId] } }],
    },
    { action: BOOKED, subject: 'RendezVous', where: [{ demandeur_id: userId }] },
  ];
}

/** Who waits for what one offers oneself, and what one waits for. */
function ownWaiting({ userId }: Principal): Rule[] {
  return [
    { action: MANAGE, subject: 'ListeAttente', where: [{ 'prestation.user_ids': { $meets: [userId] } }] },
    { action: MANAGE, subject: 'ListeAttente', where: [{ demandeur_id: userId }] },
  ];
}

/** Of somebody who has nothing else here than what they receive, or have booked. */
function ofWhomeverReceives(principal: Principal): Pick<RoleRules, 'shared' | 'person'> {
  return {
    shared: [
      { action: 'read', subject: 'Intervenant', where: [{ user_id: principal.userId }] },
      { action: 'read', subject: 'AgendaExterne', where: [{ 'intervenant.user_id': principal.userId }] },
      OFFERED,
      ...ownAppointments(principal),
      ...ownWaiting(principal),
    ],
    person: [
      { action: 'publish', subject: 'Intervenant', where: [{ user_id: principal.userId }] },
      {
        action: ['create', 'update', 'delete'],
        subject: 'AgendaExterne',
        where: [{ 'intervenant.user_id': principal.userId }],
      },
    ],
  };
}

/**
 * The rights of whoever has no account (`auth/public-access.ts`): to see what is offered and to book it, and, who has shown
 * that an appointment is theirs, to read, move and cancel that one.
 */
export function publicRules(rendezVousId: number | null): Rule[] {
  return horsCabinet([
    OFFERED,
    { action: 'create', subject: 'RendezVous', where: [{ origine: 'public' }] },
    { action: 'create', subject: 'ListeAttente', where: [{ origine: 'public' }] },
    ...(rendezVousId === null
      ? []
      : [
          {
            action: ['read', 'update', 'cancel'],
            subject: 'RendezVous',
            where: [{ id: rendezVousId }],
          } satisfies Rule,
        ]),
  ]);
}

/** Who receives, where, and what is offered. An intervenant, whatever their role, sees their own row. */
const OF_ROLES: Required<Pick<AreaRules, Role>> = {
  admin: () => ({
    shared: [
      { action: MANAGE, subject: 'Intervenant' },
      { action: MANAGE, subject: 'Salle' },
      { action: MANAGE, subject: 'Prestation' },
      { action: HOUSE, subject: 'RendezVous' },
      { action: MANAGE, subject: 'ListeAttente' },
      { action: 'read', subject: 'AgendaExterne' },
    ],
    // What it opens would outlive a key, here and elsewhere.
    person: [
      { action: 'publish', subject: 'Intervenant' },
      { action: 'publish', subject: 'Salle' },
      { action: ['create', 'update', 'delete'], subject: 'AgendaExterne' },
    ],
  }),

  responsable: (principal) => ({
    shared: [
      { action: MANAGE, subject: 'Intervenant', ...whereOnSites(principal, 'site_id') },
      { action: MANAGE, subject: 'Salle', ...whereOnSites(principal, 'site_id') },
      { action: MANAGE, subject: 'Prestation', ...whereOnSites(principal, 'site_id') },
      { action: 'read', subject: 'AgendaExterne', ...whereOnSites(principal, 'intervenant.site_id') },
      { action: HOUSE, subject: 'RendezVous', ...whereOnSites(principal, 'prestation.site_id') },
      { action: MANAGE, subject: 'ListeAttente', ...whereOnSites(principal, 'prestation.site_id') },
      ...ofWhomeverReceives(principal).shared,
    ],
    person: [
      { action: 'publish', subject: 'Intervenant', ...whereOnSites(principal, 'site_id') },
      { action: 'publish', subject: 'Salle', ...whereOnSites(principal, 'site_id') },
      {
        action: ['create', 'update', 'delete'],
        subject: 'AgendaExterne',
        ...whereOnSites(principal, 'intervenant.site_id'),
      },
      ...ofWhomeverReceives(principal).person,
    ],
  }),

  technicien: (principal) => ofWhomeverReceives(principal),

  membre: (principal) => {
    const { shared, person } = ofWhomeverReceives(principal);
    return { person: [...shared, ...person] };
  },

  client: (principal) => ofWhomeverReceives(principal),
};

export const RENDEZ_VOUS_RULES: AreaRules = Object.fromEntries(
  Object.entries(OF_ROLES).map(([role, rules]) => [
    role,
    (principal: Principal) => allHorsCabinet(rules(principal)),
  ]),
);
