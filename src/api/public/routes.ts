import type { z } from 'zod';
import { newDefi } from '../../auth/defis';
import { publicAccess } from '../../auth/public-access';
import { invalid } from '../../domain/errors';
import type { Actor } from '../../services/actor';
import {
  actesAttente,
  inscrireSansCompte,
  readAttenteParLien,
  repondreParLien,
} from '../../services/rendez-vous/attente-sans-compte';
import { listCreneaux } from '../../services/rendez-vous/creneaux';
import {
  ACTES_PAR_LIEN,
  actesPossibles,
  readGestion,
  readPrestationPublique,
} from '../../services/rendez-vous/public';
import {
  annulerParLien,
  appelantPublic,
  compterActe,
  compterRetenue,
  confirmerParLien,
  donnerAvis,
  type Garde,
  type Preuve,
  reporterParLien,
  requirePreuve,
  reserverSansCompte,
  retenirSansCompte,
  type SansCompte,
} from '../../services/rendez-vous/sans-compte';
import type { AppContext } from '../context';
import { creneauxAnswer, retenueAnswer } from '../http/rendez-vous';
import { type Route, route } from '../http/route';
import {
  attenteAnswer,
  attentePubliqueBody,
  creneauxPublicsQuery,
  gestionAnswer,
  gestionBody,
  inscritAnswer,
  jetonParams,
  prestationParams,
  prestationPubliqueAnswer,
  reponduAnswer,
  reponseBody,
  reservationPubliqueBody,
  reserveAnswer,
  retenuePubliqueBody,
} from './schemas';

const tag = 'Rendez-vous sans compte';

/** Why a time cannot be had; each with what else there is. */
const TAKEN = ['CRENEAU_PRIS', 'PREAVIS', 'HORS_FENETRE', 'PLAFOND', 'HORS_DISPONIBILITE'] as const;

const gardeOf = ({ config, db, secrets }: AppContext, actor: Actor): Garde => ({
  executor: db,
  secrets,
  actor,
  bits: config.rdv.preuveBits,
  limites: config.rateLimits,
});

/** What a link is used for. @param appelant whose hold ends where a time is taken. @returns the id of the appointment. */
function agir(
  asked: SansCompte,
  jeton: string,
  { acte, debut, motif, duree, intervenant_id, code, note, commentaire }: z.output<typeof gestionBody>,
  sequence: number | undefined,
  appelant: string,
): Promise<number> {
  const missing = (champ: string) =>
    invalid({ champ, message: { fr: 'Requis pour cet acte', en: 'Needed for this act' } });
  switch (acte) {
    case 'annuler':
      return annulerParLien(asked, jeton, { motif, sequence });
    case 'reporter':
      if (debut === undefined) throw missing('debut');
      return reporterParLien(asked, jeton, { debut, duree, intervenant_id, sequence }, appelant);
    case 'confirmer':
      if (code === undefined) throw missing('code');
      return confirmerParLien(asked, jeton, code);
    case 'avis':
      if (note === undefined) throw missing('note');
      return donnerAvis(asked, jeton, { note, commentaire: commentaire ?? null });
  }
}

interface Montre {
  prestation: string;
  preuve?: Preuve | undefined;
  site_web?: string | undefined;
}

/** @throws {RegieError} `VALIDATION` for a machine, `TROP_DE_REQUETES` */
async function requirePersonne(garde: Garde, { prestation, preuve, site_web }: Montre): Promise<undefined> {
  // Only a machine fills in what people are asked to leave alone.
  if (site_web) {
    const message = { fr: 'À laisser vide', en: 'To be left empty' };
    throw invalid({ champ: 'site_web', message });
  }
  await requirePreuve(garde, prestation, preuve);
}

export const publicRoutes: Route[] = [
  route({
    method: 'get',
    path: '/public/prestations/:slug',
    tag,
    summary: 'Lire ce que l’on peut réserver',
    description:
      'Une prestation publique, ou dont on connaît l’adresse. Avec elle, le défi que demande la réservation.',
    access: 'public',
    params: prestationParams,
    answer: { status: 200, description: 'La prestation', schema: prestationPubliqueAnswer },
    refusals: ['INTROUVABLE'],
    handle: async ({ app, actor, params: { slug } }) => {
      const prestation = await readPrestationPublique(app.db, slug, app.config.timeZone);
      const pour = { prestation: slug, adresse: actor.adresse! };
      return {
        body: { ...prestation, preuve: newDefi(app.secrets, pour, app.config.rdv.preuveBits, actor.now) },
      };
    },
  }),
  route({
    method: 'get',
    path: '/public/creneaux',
    tag,
    summary: 'Lister les créneaux libres',
    description: 'Comme `/creneaux`, pour tous.',
    access: 'public',
    query: creneauxPublicsQuery,
    answer: { status: 200, description: 'Les créneaux par jour', schema: creneauxAnswer },
    refusals: ['INTROUVABLE'],
    handle: async ({ app, actor, query: { prestation, duree, intervenant_id, visiteur, ...jours } }) => ({
      body: await listCreneaux(
        app.db,
        publicAccess(),
        { prestation, duree, intervenant_id, appelant: appelantPublic(app.secrets, actor, visiteur) },
        jours,
        actor.now,
        app.config.timeZone,
      ),
    }),
  }),
  route({
    method: 'post',
    path: '/public/retenues',
    tag,
    summary: 'Retenir un créneau',
    description: 'Cinq minutes. Une retenue vivante par visiteur, et un nombre limité par adresse.',
    access: 'public',
    body: retenuePubliqueBody,
    transaction: true,
    answer: { status: 201, description: 'La retenue', schema: retenueAnswer },
    refusals: ['INTROUVABLE', ...TAKEN],
    examples: { body: { prestation: 'conseil-30', debut: '2026-12-01T09:00:00+01:00' } },
    prepare: ({ app, actor }) => compterRetenue(gardeOf(app, actor)),
    handle: async ({ app, tx, actor, body: { visiteur, ...demande }, afterCommit }) => {
      const { secrets, config, engine } = app;
      const { uid, expire_le, a_suivre } = await retenirSansCompte(
        { tx, secrets, actor, timeZone: config.timeZone },
        demande,
        appelantPublic(secrets, actor, visiteur),
      );
      if (a_suivre !== null) afterCommit(() => engine.followRendezVousInBackground(a_suivre));
      return { status: 201, body: { uid, expire_le } };
    },
  }),
  route({
    method: 'post',
    path: '/public/rendez-vous',
    tag,
    summary: 'Réserver',
    description:
      'Avec la preuve de travail que demande la prestation (`RDV_PREUVE_BITS`), en nombre limité par adresse. Une retenue ne sert ' +
      'qu’au visiteur qui l’a prise.',
    access: 'public',
    body: reservationPubliqueBody,
    transaction: true,
    answer: { status: 201, description: 'Réservé, ou demandé', schema: reserveAnswer },
    refusals: ['INTROUVABLE', 'RETENUE_EXPIREE', ...TAKEN],
    examples: {
      body: {
        prestation: 'conseil-30',
        debut: '2026-12-01T09:00:00+01:00',
        participants: [{ nom: 'Amal Idrissi', email: 'amal@example.com' }],
        reponses: {},
        preuve: { defi: '16.1795000000000.aaaaaaaaaaaa.signature', reponse: '81423' },
      },
    },
    prepare: ({ app, actor, body }) => requirePersonne(gardeOf(app, actor), body),
    handle: async ({ app: { secrets, config, engine }, tx, actor, body, afterCommit }) => {
      const { visiteur, preuve: _, site_web: __, ...reservation } = body;
      const { rendezVous, jeton } = await reserverSansCompte(
        { tx, secrets, actor, timeZone: config.timeZone },
        reservation,
        appelantPublic(secrets, actor, visiteur),
      );
      afterCommit(() => engine.followRendezVousInBackground(rendezVous.id));
      const { uid, statut, attente, sequence, debut, fin } = rendezVous;
      const gestion = `${config.publicUrl}/rdv/gestion/${jeton}`;
      return { status: 201, body: { uid, statut, attente, sequence, debut, fin, jeton, gestion } };
    },
  }),
  route({
    method: 'post',
    path: '/public/listes-attente',
    tag,
    summary: 'S’inscrire sur une liste d’attente',
    description:
      'Comme `/listes-attente`, avec la preuve de travail que demande la prestation (`RDV_PREUVE_BITS`), en nombre limité par adresse.',
    access: 'public',
    body: attentePubliqueBody,
    transaction: true,
    answer: { status: 201, description: 'Inscrit', schema: inscritAnswer },
    refusals: ['INTROUVABLE', 'DEJA_EXISTANT'],
    examples: {
      body: {
        prestation: 'atelier-reglage',
        date_debut: '2026-12-01',
        date_fin: '2026-12-20',
        participants: [{ nom: 'Amal Idrissi', email: 'amal@example.com' }],
        preuve: { defi: '16.1795000000000.aaaaaaaaaaaa.signature', reponse: '81423' },
      },
    },
    prepare: ({ app, actor, body }) => requirePersonne(gardeOf(app, actor), body),
    handle: async ({ app: { secrets, config }, tx, actor, body }) => {
      const { preuve: _, site_web: __, ...inscription } = body;
      const { attente, jeton } = await inscrireSansCompte(
        { tx, secrets, actor, timeZone: config.timeZone },
        inscription,
      );
      const page = `${config.publicUrl}/rdv/attente/${jeton}`;
      return { status: 201, body: { statut: attente.statut, jeton, attente: page } };
    },
  }),
  route({
    method: 'get',
    path: '/public/attente/:jeton',
    tag,
    summary: 'Lire une attente par son lien',
    description: 'Ce qui est proposé, et jusqu’à quand. Lire n’y change rien.',
    access: 'public',
    params: jetonParams,
    answer: { status: 200, description: 'L’attente', schema: attenteAnswer },
    refusals: ['LIEN_INVALIDE'],
    handle: async ({ app, actor, params: { jeton } }) => {
      const attente = await readAttenteParLien(app.db, jeton, actor.now, app.config.timeZone);
      const { prestation, statut, date_debut, date_fin, heure_debut, heure_fin } = attente;
      const { position, offre, lieu, fuseau_horaire } = attente;
      return {
        body: {
          prestation: { slug: prestation.slug, nom: prestation.nom },
          ...{ statut, date_debut, date_fin, heure_debut, heure_fin, position, offre, lieu, fuseau_horaire },
          actes: actesAttente(attente),
        },
      };
    },
  }),
  route({
    method: 'post',
    path: '/public/attente/:jeton',
    tag,
    summary: 'Accepter ou laisser passer ce qui est proposé, ou quitter la liste',
    access: 'public',
    params: jetonParams,
    body: reponseBody,
    transaction: true,
    answer: { status: 200, description: 'Fait', schema: reponduAnswer },
    refusals: ['LIEN_INVALIDE', 'TRANSITION_INVALIDE', 'RETENUE_EXPIREE', 'PLAFOND'],
    examples: { body: { acte: 'accepter' } },
    prepare: ({ app, actor }) => compterActe(gardeOf(app, actor)),
    handle: async ({ app, tx, actor, params: { jeton }, body: { acte }, afterCommit }) => {
      const { secrets, config, engine } = app;
      const taken = await repondreParLien({ tx, secrets, actor, timeZone: config.timeZone }, jeton, acte);
      if (taken === null) return { body: { gestion: null } };
      afterCommit(() => engine.followRendezVousInBackground(taken.rendez_vous_id));
      return { body: { gestion: `${config.publicUrl}/rdv/gestion/${taken.jeton}` } };
    },
  }),
  route({
    method: 'get',
    path: '/public/gestion/:jeton',
    tag,
    summary: 'Lire un rendez-vous par son lien',
    description:
      'La part d’un participant, et d’elle seule. Lire n’y change rien, quoi qu’il y reste à faire.',
    access: 'public',
    params: jetonParams,
    answer: { status: 200, description: 'Le rendez-vous', schema: gestionAnswer },
    refusals: ['LIEN_INVALIDE'],
    handle: async ({ app, actor, params: { jeton } }) => {
      const gestion = await readGestion(app.db, jeton, actor.now, app.config.timeZone);
      const { prestation, participant, debut, fin, statut, attente, sequence } = gestion;
      const { uid, lieu, fuseau_horaire, intervenants, salles } = gestion;
      const { nom, email, langue, fuseau_horaire: fuseau, statut: sien, note, commentaire } = participant;
      const possible = actesPossibles(gestion, actor.now);
      return {
        headers: { ETag: `"${sequence}"` },
        body: {
          uid,
          prestation: { slug: prestation.slug, nom: prestation.nom },
          debut,
          fin,
          statut,
          attente,
          sequence,
          lieu,
          fuseau_horaire,
          intervenants,
          salles,
          participant: { nom, email, langue, fuseau_horaire: fuseau, statut: sien, note, commentaire },
          actes: ACTES_PAR_LIEN.filter((acte) => possible[acte]),
        },
      };
    },
  }),
  route({
    method: 'post',
    path: '/public/gestion/:jeton',
    tag,
    summary: 'Agir sur un rendez-vous par son lien',
    description:
      '`annuler` rend la part du participant ; le lien n’ouvre plus rien ensuite. `reporter` déplace le rendez-vous, s’il est à lui ' +
      'seul. `confirmer` dit, avec le code du courrier, que c’est bien lui qui a réservé. `avis` est donné une fois, par qui est ' +
      'venu, quand on le lui demande. `If-Match` nomme la séquence.',
    access: 'public',
    params: jetonParams,
    body: gestionBody,
    transaction: true,
    answer: { status: 204, description: 'Fait' },
    refusals: ['LIEN_INVALIDE', 'INTERDIT', 'TRANSITION_INVALIDE', 'VERSION_PERIMEE', ...TAKEN],
    examples: { body: { acte: 'reporter', debut: '2026-12-02T09:00:00+01:00' } },
    prepare: ({ app, actor }) => compterActe(gardeOf(app, actor)),
    handle: async ({ app, tx, actor, params: { jeton }, body, ifMatch, afterCommit }) => {
      const { secrets, config, engine } = app;
      const asked = { tx, secrets, actor, timeZone: config.timeZone };
      const appelant = appelantPublic(secrets, actor, body.visiteur);
      const id = await agir(asked, jeton, body, ifMatch ?? undefined, appelant);
      afterCommit(() => engine.followRendezVousInBackground(id));
      return { status: 204 };
    },
  }),
];
