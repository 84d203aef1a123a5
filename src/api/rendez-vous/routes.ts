import { z } from 'zod';
import type { ErrorCode } from '../../domain/errors';
import { endOf, startOf } from '../../domain/local-time';
import type { Acte } from '../../domain/rendez-vous/rendez-vous';
import {
  ACTIONS_OF,
  annulerParticipant,
  annulerSuivantes,
  type Corps,
  changer,
} from '../../services/rendez-vous/changement';
import { listRendezVous, readRendezVous } from '../../services/rendez-vous/lecture';
import { appelantOf, reserver } from '../../services/rendez-vous/reservation';
import { reserverSerie } from '../../services/rendez-vous/series';
import { langueOf } from '../http/langue';
import { uidParam } from '../http/rendez-vous';
import { type About, page, type Route, route } from '../http/route';
import { NOTHING } from '../http/schemas';
import {
  annulationBody,
  motifBody,
  participantParams,
  reaffectationBody,
  rendezVousAnswer,
  rendezVousQuery,
  reportBody,
  reservationBody,
  serieAnswer,
} from './schemas';

const tag = 'Rendez-vous';

/** Why a time cannot be had; each with what else there is. */
const TAKEN = ['CRENEAU_PRIS', 'PREAVIS', 'HORS_FENETRE', 'PLAFOND', 'HORS_DISPONIBILITE'] as const;

/** An appointment with its sequence, which `If-Match` names. */
function sequenced<Body extends { sequence: number }>(body: Body, status = 200) {
  return { status, body, headers: { ETag: `"${body.sequence}"` } };
}

interface ActSpec {
  acte: Acte;
  summary: string;
  description?: string;
  body: z.ZodType<Corps>;
  refusals?: readonly ErrorCode[];
  example: object;
}

const ACTS: readonly ActSpec[] = [
  { acte: 'confirmer', summary: 'Confirmer une demande', body: NOTHING, example: {} },
  {
    acte: 'refuser',
    summary: 'Refuser une demande',
    body: motifBody,
    example: { motif: 'Complet cette semaine-là' },
  },
  {
    acte: 'reporter',
    summary: 'Reporter un rendez-vous',
    description:
      'Garde l’uid, les réponses, les participants et l’historique ; la même personne reçoit si elle est libre, sinon l’ancienne ' +
      'est libérée. Qui a réservé respecte `preavis.modifier`.',
    body: reportBody,
    refusals: TAKEN,
    example: { debut: '2026-12-02T09:00:00+01:00' },
  },
  { acte: 'arriver', summary: 'Dire que quelqu’un est arrivé', body: NOTHING, example: {} },
  { acte: 'honorer', summary: 'Dire qu’un rendez-vous a eu lieu', body: NOTHING, example: {} },
  {
    acte: 'absent',
    summary: 'Dire que personne n’est venu',
    description: 'Se reprend le jour même, par `arriver` ou `honorer`.',
    body: NOTHING,
    example: {},
  },
  {
    acte: 'reaffecter',
    summary: 'Confier un rendez-vous à quelqu’un d’autre',
    description: 'À la même heure ; d’un atelier, tous ceux qui y viennent.',
    body: reaffectationBody,
    refusals: ['CRENEAU_PRIS'],
    example: { intervenant_id: 3 },
  },
];

const actRoutes = ACTS.map(({ acte, summary, description, body, refusals = [], example }) =>
  route({
    method: 'put',
    path: `/rendez-vous/:uid/${acte}`,
    tag,
    summary,
    ...(description === undefined ? {} : { description }),
    access: [ACTIONS_OF[acte], 'RendezVous'],
    params: uidParam,
    body,
    bodyType: 'optional-json',
    transaction: true,
    answer: { status: 200, description: 'Le rendez-vous', schema: rendezVousAnswer },
    refusals: ['INTROUVABLE', 'VERSION_PERIMEE', 'TRANSITION_INVALIDE', ...refusals],
    examples: { body: example },
    handle: async ({ app, tx, access, actor, params, body: corps, ifMatch, afterCommit }) => {
      const asked = { tx, access, actor, timeZone: app.config.timeZone };
      const changed = await changer(asked, params.uid, acte, corps, ifMatch);
      afterCommit(() => app.engine.followRendezVousInBackground(changed.id));
      return sequenced(changed);
    },
  }),
);

/** Of a series, the first that was booked stands for all of it. */
function aboutReserve(body: unknown): About {
  const { id, occurrences = [] } = body as { id?: number; occurrences?: { id: number | null }[] };
  return { subject: 'RendezVous', id: id ?? occurrences.find((one) => one.id !== null)!.id! };
}

export const rendezVousRoutes: Route[] = [
  route({
    method: 'get',
    path: '/rendez-vous',
    tag,
    summary: 'Lister les rendez-vous',
    access: ['read', 'RendezVous'],
    query: rendezVousQuery,
    answer: { status: 200, description: 'Les rendez-vous', schema: rendezVousAnswer, list: true },
    handle: async ({ app, access, query: { limit, offset, sort, curseur, debut, fin, ...filters }, ctx }) => {
      const { timeZone } = app.config;
      const period = {
        debut: debut === undefined ? undefined : startOf(debut, timeZone),
        fin: fin === undefined ? undefined : endOf(fin, timeZone),
      };
      const asked = { limit, offset, ...(sort && { sort }), ...(curseur && { curseur }) };
      return page({ ctx }, await listRendezVous(app.db, access, { ...filters, ...period }, asked));
    },
  }),
  route({
    method: 'post',
    path: '/rendez-vous',
    tag,
    summary: 'Réserver un rendez-vous',
    description:
      'Tout créneau listé peut être réservé ; sinon la raison est dite, avec les trois prochains libres (`alternatives`). Ce qui ' +
      'est retenu garde son uid. Un client réserve pour lui-même, un membre pour qui il nomme. Une récurrence est vérifiée en ' +
      'entier et réservée d’un coup ; avec `echouer`, le refus nomme dans `occurrences` chaque rendez-vous qui ne peut être pris.',
    access: ['create', 'RendezVous'],
    body: reservationBody,
    transaction: true,
    about: aboutReserve,
    answer: {
      status: 201,
      description: 'Le rendez-vous ; d’une récurrence, ce qu’il en est de chacun',
      schema: z.union([rendezVousAnswer, serieAnswer]),
    },
    refusals: ['INTROUVABLE', 'RETENUE_EXPIREE', ...TAKEN],
    examples: {
      body: {
        prestation: 'conseil-30',
        debut: '2026-12-01T09:00:00+01:00',
        participants: [{ nom: 'Samira Alaoui', email: 'samira@exemple.ma', langue: 'fr' }],
        reponses: { sujet: 'Un nouveau local' },
      },
    },
    handle: async ({ app, tx, access, actor, body: { recurrence, ...body }, ctx, afterCommit }) => {
      const asked = { tx, access, actor, timeZone: app.config.timeZone };
      const reservant = { appelant: appelantOf(actor) };
      if (recurrence !== undefined) {
        const serie = await reserverSerie(asked, body, recurrence, reservant, langueOf(ctx));
        for (const { id } of serie.occurrences) {
          if (id !== null) afterCommit(() => app.engine.followRendezVousInBackground(id));
        }
        return { status: 201, body: serie };
      }
      const booked = await reserver(asked, body, reservant);
      afterCommit(() => app.engine.followRendezVousInBackground(booked.id));
      return sequenced(booked, 201);
    },
  }),
  route({
    method: 'get',
    path: '/rendez-vous/:uid',
    tag,
    summary: 'Lire un rendez-vous',
    access: ['read', 'RendezVous'],
    params: uidParam,
    answer: { status: 200, description: 'Le rendez-vous', schema: rendezVousAnswer },
    refusals: ['INTROUVABLE'],
    handle: async ({ app, access, params }) => sequenced(await readRendezVous(app.db, access, params.uid)),
  }),
  ...actRoutes,
  route({
    method: 'put',
    path: '/rendez-vous/:uid/annuler',
    tag,
    summary: 'Annuler un rendez-vous',
    description:
      '`tardif` dit que c’était plus tard que `preavis.annuler`. Avec `portee: suivantes`, ceux de sa série qui commencent plus tard ' +
      'le sont aussi ; chacun en est prévenu une fois.',
    access: [ACTIONS_OF.annuler, 'RendezVous'],
    params: uidParam,
    body: annulationBody,
    bodyType: 'optional-json',
    transaction: true,
    answer: { status: 200, description: 'Le rendez-vous', schema: rendezVousAnswer },
    refusals: ['INTROUVABLE', 'VERSION_PERIMEE', 'TRANSITION_INVALIDE', 'PREAVIS'],
    examples: { body: { motif: 'Empêchement' } },
    handle: async ({ app, tx, access, actor, params: { uid }, body, ifMatch, afterCommit }) => {
      const asked = { tx, access, actor, timeZone: app.config.timeZone };
      const { portee, ...corps } = body;
      if (portee === 'suivantes') {
        const { rendezVous, ids } = await annulerSuivantes(asked, uid, corps, ifMatch);
        for (const id of ids) afterCommit(() => app.engine.followRendezVousInBackground(id));
        return sequenced(rendezVous);
      }
      const changed = await changer(asked, uid, 'annuler', corps, ifMatch);
      afterCommit(() => app.engine.followRendezVousInBackground(changed.id));
      return sequenced(changed);
    },
  }),
  route({
    method: 'put',
    path: '/rendez-vous/:uid/participants/:participant_id/annuler',
    tag,
    summary: 'Retirer un participant',
    description:
      'D’un atelier, sa place est libre et les autres gardent la leur ; le dernier annule le rendez-vous, comme celui qui l’a pris ' +
      'pour lui seul.',
    access: ['cancel', 'RendezVous'],
    params: participantParams,
    body: motifBody,
    bodyType: 'optional-json',
    transaction: true,
    answer: { status: 200, description: 'Le rendez-vous', schema: rendezVousAnswer },
    refusals: ['INTROUVABLE', 'VERSION_PERIMEE', 'TRANSITION_INVALIDE', 'PREAVIS'],
    examples: { body: { motif: 'Empêchement' } },
    handle: async ({ app, tx, access, actor, params, body, ifMatch, afterCommit }) => {
      const asked = { tx, access, actor, timeZone: app.config.timeZone };
      const { uid, participant_id } = params;
      const changed = await annulerParticipant(asked, uid, participant_id, body, ifMatch);
      afterCommit(() => app.engine.followRendezVousInBackground(changed.id));
      return sequenced(changed);
    },
  }),
];
