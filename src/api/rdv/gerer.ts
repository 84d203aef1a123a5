import type { EntityManager } from 'typeorm';
import { publicAccess } from '../../auth/public-access';
import { RegieError } from '../../domain/errors';
import { dayAt } from '../../domain/local-time';
import { TEXTES_PAGE } from '../../domain/rendez-vous/textes-page';
import type { Langue } from '../../domain/writing';
import {
  actesPossibles,
  fichierDe,
  type Gestion,
  type PrestationPublique,
  readGestion,
} from '../../services/rendez-vous/public';
import {
  annulerParLien,
  appelantPublic,
  compterActe,
  confirmerParLien,
  donnerAvis,
  reporterParLien,
} from '../../services/rendez-vous/sans-compte';
import { estSurPlace, etapes, lieuEnMots, vueDuChoix } from './choisir';
import { heureDe, jourEnToutesLettres, momentDe } from './dates';
import { adresse, caches } from './demande';
import { creneau } from './formulaire';
import { refusEnMots } from './refus';
import { gardeOf, inTurn, jours, seeOther, type Visite, zoneDe } from './visite';

/**
 * `/rdv/gestion/{jeton}`: what somebody has booked, and what they may still do with it. `GET` shows, also what is about to be
 * done; a `POST` does it.
 */

/** Where one is led to once a link opens nothing any more. */
const ANNULE = 'annule';

export async function gerer(v: Visite, jeton: string): Promise<void> {
  const { app, actor, ctx, champs, demande } = v;
  if (jeton === ANNULE) return montrerAnnule(v);
  const gestion = await readGestion(app.reads, jeton, actor.now, app.config.timeZone);
  // Whoever opens the link of a mail reads it as they booked it, unless they say otherwise.
  demande.fuseau ??= estSurPlace(gestion.lieu) ? undefined : gestion.participant.fuseau_horaire;
  if (ctx.method === 'POST') return agir(v, jeton, gestion);
  const possible = actesPossibles(gestion, actor.now);
  if (champs.deplacer !== undefined && possible.reporter) {
    return demande.debut === undefined
      ? choisirAutre(v, gestion)
      : montrer(v, gestion, { nouveau: demande.debut });
  }
  return montrer(v, gestion, { annulation: champs.annuler !== undefined && possible.annuler });
}

async function agir(v: Visite, jeton: string, gestion: Gestion): Promise<void> {
  const { app, actor, champs, demande, path } = v;
  const { langue } = demande;
  const t = TEXTES_PAGE[langue];
  const { timeZone } = app.config;
  await compterActe(gardeOf(v));
  const sequence = /^\d{1,9}$/.test(String(champs.sequence)) ? Number(champs.sequence) : undefined;
  const motif = typeof champs.motif === 'string' ? champs.motif.trim().slice(0, 500) || undefined : undefined;
  try {
    if (champs.acte === 'annuler') {
      const id = await inTurn(v, (tx) =>
        annulerParLien({ tx, secrets: app.secrets, actor, timeZone }, jeton, { motif, sequence }),
      );
      app.engine.followRendezVousInBackground(id);
      const { slug, actif } = gestion.prestation;
      return seeOther(v, adresse(`/rdv/gestion/${ANNULE}`, { langue, de: actif ? slug : undefined }));
    }
    if (champs.acte === 'reporter' && demande.debut !== undefined) {
      const { debut, visiteur } = demande;
      const appelant = visiteur ? appelantPublic(app.secrets, actor, visiteur) : null;
      const id = await inTurn(v, (tx) =>
        reporterParLien({ tx, secrets: app.secrets, actor, timeZone }, jeton, { debut, sequence }, appelant),
      );
      app.engine.followRendezVousInBackground(id);
      return seeOther(v, adresse(path, { langue, fuseau: demande.fuseau, fait: 'deplace' }));
    }
    const asked = (tx: EntityManager) => ({ tx, secrets: app.secrets, actor, timeZone });
    if (champs.acte === 'confirmer') {
      const { code } = champs;
      const id = await inTurn(v, (tx) =>
        confirmerParLien(asked(tx), jeton, typeof code === 'string' ? code : ''),
      );
      app.engine.followRendezVousInBackground(id);
      return seeOther(v, adresse(path, { langue, fuseau: demande.fuseau, fait: 'oui' }));
    }
    if (champs.acte === 'avis') {
      const note = /^[1-5]$/.test(String(champs.note)) ? Number(champs.note) : null;
      if (note === null) return montrer(v, gestion, { refus: { titre: t.avisManque, alternatives: [] } });
      const said = typeof champs.commentaire === 'string' ? champs.commentaire.trim().slice(0, 2_000) : '';
      await inTurn(v, (tx) => donnerAvis(asked(tx), jeton, { note, commentaire: said || null }));
      return seeOther(v, adresse(path, { langue, fuseau: demande.fuseau, fait: 'avis' }));
    }
  } catch (thrown) {
    const refus = refusEnMots(thrown, langue);
    const isOld =
      thrown instanceof RegieError &&
      ['VERSION_PERIMEE', 'TRANSITION_INVALIDE', 'INTERDIT'].includes(thrown.code);
    if (refus === null && !isOld) throw thrown;
    const now = await readGestion(app.db, jeton, actor.now, timeZone);
    return montrer(v, now, {
      refus: refus ?? { titre: t.changeEntreTemps, alternatives: [] },
    });
  }
  return montrer(v, gestion, {});
}

/** The appointment as a file for the calendar of whoever comes. */
export async function agenda(v: Visite, jeton: string): Promise<void> {
  const { app, actor, ctx, demande, path } = v;
  const gestion = await readGestion(app.reads, jeton, actor.now, app.config.timeZone);
  const lieu = lieuDe(gestion, demande.langue);
  ctx.type = 'text/calendar';
  ctx.set('Content-Disposition', 'attachment; filename="rendez-vous.ics"');
  ctx.body = fichierDe(gestion, {
    titre: `${gestion.prestation.nom} · ${v.maison.nom}`,
    lieu: [lieu?.genre, lieu?.valeur].filter(Boolean).join(', '),
    url: `${app.config.publicUrl}${path}`,
    langue: demande.langue,
  });
}

/** With the rooms in which it takes place. */
function lieuDe({ lieu, salles }: Gestion, langue: Langue) {
  const parts = [...salles, ...(lieu?.valeur ? [lieu.valeur] : [])];
  return lieuEnMots(lieu && { ...lieu, valeur: parts.join(', ') || null }, langue);
}

interface Montre {
  annulation?: boolean;
  /** Where it is about to be moved to. */
  nouveau?: Date;
  refus?: { titre: string; alternatives: readonly { debut: string }[] };
}

function montrer(v: Visite, gestion: Gestion, montre: Montre): void {
  const { demande, champs, actor, path } = v;
  const { titre, vue } = vueDuRendezVous({ demande, champs, path, now: actor.now }, gestion, montre);
  // What is looked at for a moment only is seen to end, also without scripts.
  if (gestion.attente === 'agendas') v.ctx.set('Refresh', '3');
  v.show({ corps: 'gestion', titre, public: false, vue }, montre.refus === undefined ? 200 : 409);
}

/** What the page of an appointment is asked for. */
interface Affichage extends Pick<Visite, 'demande' | 'champs' | 'path'> {
  now: Date;
}

/** The page of an appointment: what it is, what may be done with it, or what is about to be. */
export function vueDuRendezVous(
  { demande, champs, path, now }: Affichage,
  gestion: Gestion,
  { annulation = false, nouveau, refus }: Montre,
): { titre: string; vue: object } {
  const { langue, fuseau } = demande;
  const t = TEXTES_PAGE[langue];
  const zone = zoneDe({ demande }, gestion);
  const { debut, fin, statut, attente, lieu, uid, prestation, participant } = gestion;
  const possible = actesPossibles(gestion, now);
  const isAhead = (statut === 'confirme' || statut === 'a_valider') && debut > now;
  const isOver = statut === 'refuse' || statut === 'annule' || statut === 'expire';
  const own = (more: object) => adresse(path, { langue, fuseau, ...more });
  const shown = estSurPlace(lieu) ? gestion.fuseau_horaire : zone;
  const isNew = champs.fait === 'oui' && isAhead;
  const { titre, aide } = enMots({ demande, champs }, gestion, shown, isAhead);
  const written = (at: Date) => momentDe(at.getTime(), langue, shown);
  return {
    titre,
    vue: {
      etapes: isNew ? etapes(langue, 2) : null,
      titre,
      aide,
      ton: isOver || !isAhead ? 'fini' : statut === 'a_valider' ? 'attente' : '',
      icone: isOver ? 'annule' : statut === 'a_valider' || !isAhead ? 'agenda' : 'fait',
      statut: attente !== null || statut === 'confirme' ? null : t.statuts[statut as keyof typeof t.statuts],
      creneau: creneau({ lieu, fuseau_horaire: gestion.fuseau_horaire }, debut, fin, zone, langue),
      prestation: {
        nom: prestation.nom,
        duree: t.minutes((fin.getTime() - debut.getTime()) / 60_000),
        lieu: lieuDe(gestion, langue),
        personne: gestion.intervenants.join(', '),
      },
      pour: participant.nom,
      reference: uid,
      action: path,
      annulation,
      confirmation: possible.confirmer && typeof champs.code === 'string',
      avis: possible.avis
        ? { notes: [1, 2, 3, 4, 5].map((note) => ({ note, nom: t.notes[note - 1] })) }
        : null,
      report:
        nouveau === undefined
          ? null
          : {
              ancien: written(debut),
              nouveau: written(nouveau),
              retour: own({ deplacer: 'oui', jour: dayAt(nouveau.getTime(), zone) }),
            },
      caches: caches({
        langue,
        fuseau,
        sequence: gestion.sequence,
        debut: nouveau?.toISOString(),
        code: typeof champs.code === 'string' && possible.confirmer ? champs.code : undefined,
      }),
      garder: own({}),
      tropTard: isAhead && !possible.annuler && !possible.reporter,
      calendrier: isAhead && statut === 'confirme' ? `${path}.ics` : null,
      deplacer: possible.reporter ? own({ deplacer: 'oui' }) : null,
      annuler: possible.annuler ? own({ annuler: 'oui' }) : null,
      nouveau: !isAhead && prestation.actif ? adresse(`/rdv/${prestation.slug}`, { langue }) : null,
      probleme: refus && {
        titre: refus.titre,
        alternatives: refus.alternatives.map(({ debut: other }) => ({
          nom: `${jourEnToutesLettres(dayAt(Date.parse(other), shown), langue)}, ${heureDe(Date.parse(other), shown)}`,
          href: own({ deplacer: 'oui', debut: other }),
        })),
      },
    },
  };
}

function enMots(
  { demande, champs }: Pick<Visite, 'demande' | 'champs'>,
  { statut, attente, expire_le, indisponible, debut, participant }: Gestion,
  zone: string,
  isAhead: boolean,
) {
  const t = TEXTES_PAGE[demande.langue];
  if (attente === 'email') {
    const until = heureDe((expire_le ?? debut).getTime(), zone);
    return champs.code === undefined
      ? { titre: t.aConfirmer, aide: t.aConfirmerAide(participant.email ?? '', until) }
      : { titre: t.confirmerTitre, aide: t.confirmerAide(until) };
  }
  if (champs.fait === 'avis' && participant.note !== null)
    return { titre: t.avisMerci, aide: t.avisMerciAide };
  if (attente === 'agendas') return { titre: t.verification, aide: t.verificationAide };
  if (indisponible) return { titre: t.pris, aide: t.indisponibleAide };
  if (isAhead && champs.fait === 'deplace') return { titre: t.reporte, aide: null };
  if (isAhead && champs.fait === 'oui') {
    return statut === 'a_valider'
      ? { titre: t.demandeEnvoyee, aide: t.demandeAide }
      : { titre: t.cestNote, aide: t.cestNoteAide };
  }
  return {
    titre: t.votreRendezVous,
    aide: !isAhead && debut.getTime() > 0 && statut !== 'refuse' ? t.plusTard : null,
  };
}

async function choisirAutre(v: Visite, gestion: Gestion): Promise<void> {
  const { demande, path, actor } = v;
  const { langue, fuseau } = demande;
  const t = TEXTES_PAGE[langue];
  const { debut, fin, lieu, prestation: booked, uid, rendez_vous_id, fuseau_horaire } = gestion;
  const zone = zoneDe(v, gestion);
  const minutes = (fin.getTime() - debut.getTime()) / 60_000;
  const found = await jours(v, booked.slug, zone, {
    access: publicAccess(rendez_vous_id),
    report_de: uid,
    duree: minutes,
  });
  const prestation: PrestationPublique = {
    slug: booked.slug,
    nom: booked.nom,
    description: t.deplacerAide(momentDe(debut.getTime(), langue, estSurPlace(lieu) ? fuseau_horaire : zone)),
    durees: [minutes],
    mode: 'tour_de_role',
    places: booked.places,
    lieu,
    questions: [],
    confirmation: 'immediate',
    confirmation_email: false,
    preavis: booked.preavis,
    liste_attente: false,
    fuseau_horaire,
    intervenants: [],
  };
  v.show({
    corps: 'choisir',
    titre: t.deplacerTitre,
    public: false,
    vue: vueDuChoix({
      prestation,
      demande: { ...demande, duree: undefined, personne: undefined, visiteur: undefined },
      zone,
      ...found,
      now: actor.now,
      path,
      deplace: { path, garder: adresse(path, { langue, fuseau }) },
    }),
  });
}

function montrerAnnule({ demande, champs, show }: Visite): void {
  const { langue } = demande;
  const t = TEXTES_PAGE[langue];
  const de = typeof champs.de === 'string' && /^[a-z0-9-]{1,64}$/.test(champs.de) ? `/${champs.de}` : '';
  const vue = { titre: t.annuleFait, aide: t.annuleAide, lien: adresse(`/rdv${de}`, { langue }) };
  show({ corps: 'message', titre: t.annuleFait, public: false, vue });
}
