import { RegieError } from '../../domain/errors';
import { TEXTES_PAGE } from '../../domain/rendez-vous/textes-page';
import { formatDay } from '../../domain/writing';
import {
  ACTES_ATTENTE,
  type AttenteParLien,
  actesAttente,
  readAttenteParLien,
  repondreParLien,
} from '../../services/rendez-vous/attente-sans-compte';
import { compterActe } from '../../services/rendez-vous/sans-compte';
import { lieuEnMots } from './choisir';
import { heureDe } from './dates';
import { adresse, caches } from './demande';
import { creneau } from './formulaire';
import { refusEnMots } from './refus';
import { gardeOf, inTurn, seeOther, type Visite, zoneDe } from './visite';

/**
 * `/rdv/attente/{jeton}`: what is offered to somebody who waits. `GET` shows; a `POST` takes it, lets it pass, or leaves the
 * list, so that programs that follow every link of a mail answer for nobody.
 */
export async function attendre(v: Visite, jeton: string): Promise<void> {
  const { app, actor, ctx } = v;
  const attente = await readAttenteParLien(app.reads, jeton, actor.now, app.config.timeZone);
  if (ctx.method === 'POST') return repondre(v, jeton);
  montrer(v, attente, null);
}

async function repondre(v: Visite, jeton: string): Promise<void> {
  const { app, actor, champs, demande, path } = v;
  const { langue, fuseau } = demande;
  const { timeZone } = app.config;
  const acte = ACTES_ATTENTE.find((one) => one === champs.acte);
  await compterActe(gardeOf(v));
  try {
    if (acte !== undefined) {
      const taken = await inTurn(v, (tx) =>
        repondreParLien({ tx, secrets: app.secrets, actor, timeZone }, jeton, acte),
      );
      if (taken !== null) {
        app.engine.followRendezVousInBackground(taken.rendez_vous_id);
        return seeOther(v, adresse(`/rdv/gestion/${taken.jeton}`, { langue, fuseau, fait: 'oui' }));
      }
    }
    return seeOther(v, adresse(path, { langue, fuseau }));
  } catch (thrown) {
    const isOld = thrown instanceof RegieError && thrown.code === 'TRANSITION_INVALIDE';
    const refus = refusEnMots(thrown, langue);
    if (refus === null && !isOld) throw thrown;
    const now = await readAttenteParLien(app.db, jeton, actor.now, timeZone);
    return montrer(v, now, refus?.titre ?? TEXTES_PAGE[langue].changeEntreTemps);
  }
}

function montrer(v: Visite, attente: AttenteParLien, probleme: string | null): void {
  const { demande, path } = v;
  const { langue, fuseau } = demande;
  const t = TEXTES_PAGE[langue];
  const { offre, statut, lieu, fuseau_horaire, prestation, date_debut, date_fin } = attente;
  const zone = zoneDe(v, attente);
  const actes = actesAttente(attente);
  const isOver = actes.length === 0;
  const aide = {
    en_attente: t.attente.aide(attente.position ?? 1),
    proposee: offre === null ? t.attente.passe : t.attente.jusqua(heureDe(offre.expire_le.getTime(), zone)),
    acceptee: t.attente.acceptee,
    quittee: t.attente.quittee,
    expiree: t.attente.expiree,
  }[statut];
  const titre = offre === null ? t.attente.titre : t.attente.offre;
  v.show(
    {
      corps: 'attente',
      titre,
      public: false,
      vue: {
        ...{ titre, aide },
        ton: isOver ? 'fini' : 'attente',
        icone: isOver ? 'agenda' : 'horloge',
        creneau: offre && creneau({ lieu, fuseau_horaire }, offre.debut, offre.fin, zone, langue),
        prestation: prestation.nom,
        jours: `${formatDay(date_debut, langue)} – ${formatDay(date_fin, langue)}`,
        lieu: offre && lieuEnMots(lieu, langue),
        personne: offre?.intervenants.join(', '),
        pour: attente.participant.nom,
        action: path,
        caches: caches({ langue, fuseau }),
        actes: isOver ? null : { accepter: actes.includes('accepter'), quitter: actes.includes('quitter') },
        nouveau: isOver && prestation.actif ? adresse(`/rdv/${prestation.slug}`, { langue }) : null,
        probleme: probleme === null ? null : { titre: probleme, alternatives: [] },
      },
    },
    probleme === null ? 200 : 409,
  );
}
