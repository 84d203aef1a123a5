import { type Fonction, SOIGNANTS } from '../../domain/roles';
import type { Principal } from '../principal';
import type { Action, AreaRules, Conditions, Rule, Subject } from './rules';

/** Those who see patients' names and how they are reached. */
const PERSONNEL: readonly Fonction[] = ['medecin', 'remplacant', 'secretaire', 'gerant'];
const ACCUEIL: readonly Fonction[] = ['medecin', 'remplacant', 'secretaire'];
/** Those who may ask who read what of a patient: it says who was treated by whom. */
const RELECTEURS: readonly Fonction[] = ['medecin', 'remplacant', 'gerant'];
const GERANTS: readonly Fonction[] = ['gerant'];
/** Those who may have a copy made of what they learnt, to hand it on. */
const MEDECINS: readonly Fonction[] = ['medecin'];
/** Of whom two sign that a record is destroyed, one of each. */
const SIGNATAIRES: readonly Fonction[] = [...GERANTS, ...MEDECINS];

/**
 * Practices. What somebody may do there follows from what they do there today, whatever the role of their account; nothing of
 * it is ever a machine's. Whoever administers the house opens practices and names the first who runs one, and reads nothing
 * of a patient, by no rule.
 */
export const CABINET_RULES: AreaRules = {
  everybody: (principal) => [
    ...within(principal, PERSONNEL, 'read', 'Cabinet', 'id'),
    ...within(principal, GERANTS, 'update', 'Cabinet', 'id'),
    ...within(principal, PERSONNEL, 'read', 'MembreCabinet'),
    ...within(principal, GERANTS, ['create', 'update'], 'MembreCabinet'),
    ...within(principal, PERSONNEL, 'read', 'Praticien'),
    ...within(principal, GERANTS, ['create', 'update'], 'Praticien'),
    ...within(principal, PERSONNEL, 'read', 'TypeRendezVous'),
    ...within(principal, GERANTS, ['create', 'update'], 'TypeRendezVous'),
    ...within(principal, PERSONNEL, 'read', 'RendezVousCabinet'),
    ...within(principal, ACCUEIL, ['create', 'update', 'cancel'], 'RendezVousCabinet'),
    // Whom they see themselves.
    ...within(principal, SOIGNANTS, 'move', 'RendezVousCabinet', 'cabinet_id', {
      'praticien.user_id': principal.userId,
    }),
    ...within(principal, PERSONNEL, 'read', 'Patient'),
    ...within(principal, ACCUEIL, ['create', 'update'], 'Patient'),
    ...dossiers(principal),
    // That there is one, and how it stands; what it says is of the record.
    ...within(principal, ACCUEIL, 'read', 'Consultation'),
    ...within(principal, SOIGNANTS, 'create', 'Consultation'),
    ...within(principal, SOIGNANTS, 'update', 'Consultation').map(
      ({ where, ...rule }): Rule => ({
        ...rule,
        where: where!.map((there) => ({ ...there, auteur_id: principal.userId })),
      }),
    ),
    ...ecrits(principal),
    ...within(principal, ACCUEIL, ['read', 'create', 'update'], 'ExamenNonRattache'),
    ...within(principal, GERANTS, 'merge', 'Patient'),
    ...within(principal, RELECTEURS, 'read', 'AccesDossier'),
    ...copies(principal),
    ...within(principal, SOIGNANTS, 'create', 'BrisDeGlace'),
    // To review it is not for whoever opened the record (`services/cabinet/bris-de-glace.ts`).
    ...within(principal, GERANTS, ['read', 'cancel', 'update'], 'BrisDeGlace'),
    ...within(principal, SOIGNANTS, ['read', 'cancel'], 'BrisDeGlace').map(ofTheirOwn(principal)),
    ...within(principal, SIGNATAIRES, ['read', 'create', 'cancel'], 'Conservation'),
    ...within(principal, GERANTS, 'update', 'Conservation'),
    ...within(principal, SIGNATAIRES, ['read', 'cancel'], 'Purge'),
    ...within(principal, GERANTS, 'create', 'Purge'),
    ...within(principal, MEDECINS, 'update', 'Purge'),
    ...within(principal, PERSONNEL, ['read', 'create'], 'DemandeDroits'),
    ...within(principal, SIGNATAIRES, 'update', 'DemandeDroits'),
  ],

  client: (principal) => ({
    // What they add is that they ask for it, and what they change when they come.
    person: [
      {
        action: ['read', 'create', 'update'],
        subject: 'MonDossier',
        where: [{ user_id: principal.userId }],
      },
    ],
  }),

  admin: () => ({
    person: [
      { action: ['read', 'create', 'update'], subject: 'Cabinet' },
      { action: 'read', subject: 'MembreCabinet' },
      // From then on those who run it say who belongs to it.
      {
        action: 'create',
        subject: 'MembreCabinet',
        where: [{ fonction: 'gerant', 'cabinet.sans_gerant': true }],
      },
    ],
  }),
};

/** Doctors, on the records that are shared in the practice, of those they treat, and those that were opened for them. */
function dossiers(principal: Principal): Rule[] {
  return within(principal, SOIGNANTS, ['read', 'update'], 'Dossier').map(({ where, ...rule }) => {
    const [there] = where as [Conditions];
    const theirs = { $meets: [principal.userId] };
    return {
      ...rule,
      where: [
        { ...there, partage_cabinet: true },
        { ...there, soignants: theirs },
        { ...there, ouvert_a: theirs },
      ],
    };
  });
}

/** Of the records of those whom a doctor treats; what came of it is for who asked alone. */
function copies(principal: Principal): Rule[] {
  const { userId } = principal;
  return within(principal, MEDECINS, 'create', 'ExportDossier').flatMap(({ where, subject }) => {
    const [there] = where as [Conditions];
    return [
      { action: 'create' as const, subject, where: [{ ...there, soignants: { $meets: [userId] } }] },
      { action: 'read' as const, subject, where: [{ ...there, demandeur_id: userId }] },
    ];
  });
}

/** Of those rows the ones that are somebody's own. */
function ofTheirOwn({ userId }: Principal): (rule: Rule) => Rule {
  return ({ where, ...rule }) => ({ ...rule, where: where!.map((there) => ({ ...there, user_id: userId })) });
}

/**
 * Of what is signed on the records that they may open, doctors read all, and of drafts their own; the desk has what is to be
 * handed over, for as long as it is.
 */
function ecrits(principal: Principal): Rule[] {
  const read = { action: 'read', subject: 'Ecrit' } as const;
  const ofDoctors = dossiers(principal).map(({ where }) => ({
    ...read,
    where: where!.flatMap((there) => [
      { ...there, statut: { $in: ['signee', 'invalidee'] } },
      { ...there, auteur_id: principal.userId },
    ]),
  }));
  const atTheDesk = within(principal, ['secretaire'], 'read', 'Ecrit').map(({ where }) => ({
    ...read,
    where: where!.map((there) => ({ ...there, a_remettre: true })),
  }));
  return [...ofDoctors, ...atTheDesk];
}

/** On the rows of the practices where somebody does one of these. */
function within(
  { appartenances = [] }: Principal,
  fonctions: readonly Fonction[],
  action: Action | readonly Action[],
  subject: Subject,
  field = 'cabinet_id',
  besides: Conditions = {},
): Rule[] {
  const theirs = appartenances.filter(({ fonction }) => fonctions.includes(fonction));
  const ids = [...new Set(theirs.map(({ cabinetId }) => cabinetId))];
  const where: Conditions = { [field]: { $in: ids }, ...besides };
  return ids.length === 0 ? [] : [{ action, subject, where: [where] }];
}
