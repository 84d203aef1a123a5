import { ListeAttente } from '../../src/db/rendez-vous/listes-attente';
import { Prestation } from '../../src/db/rendez-vous/prestations';
import { Participant, RendezVous } from '../../src/db/rendez-vous/rendez-vous';
import { resoudre } from '../../src/domain/rendez-vous/preuve';
import { jetonDAttente, jetonDe, ouvrirLien } from '../../src/services/rendez-vous/jetons';
import type { Client } from '../support/client';
import { makeAttente, makeBooking, makeIntervenant, makePrestation } from '../support/factories';
import type { TestSystem } from '../support/system';
import type { Built } from './deep-request';

/** Requests of the routes of appointments that nothing refuses, each about an appointment of its own. */

const PERSON = { nom: 'Samira Alaoui', email: 'samira@exemple.ma' };
const DAY = 86_400_000;
const ALWAYS = Object.fromEntries([1, 2, 3, 4, 5, 6, 7].map((day) => [day, [[0, 1_440]]])) as never;

/** Noon by the clocks of UTC in so many days. */
function noonIn(days: number): string {
  return `${new Date(Date.now() + days * DAY).toISOString().slice(0, 10)}T12:00:00.000Z`;
}

/** @param setter An administrator. */
export function rendezVousRequests(system: TestSystem, setter: Client): Record<string, () => Promise<Built>> {
  const { db } = system;
  const anonymous = { client: system.anonymous, userId: null };

  /** What two people do at any hour, for the house alone unless said otherwise. */
  const offered = async (visibilite: 'interne' | 'publique' = 'interne') => {
    const always = { fuseau_horaire: 'UTC', pays: 'BE', horaires: ALWAYS };
    const [intervenant, other] = [await makeIntervenant(db, always), await makeIntervenant(db, always)];
    const prestation = await makePrestation(db, { visibilite, intervenants: [intervenant.id, other.id] });
    return { intervenant, other, prestation };
  };
  const wanted = async (...given: Parameters<typeof offered>) => ({
    prestation: (await offered(...given)).prestation.slug,
    debut: noonIn(8),
  });
  const booked = async (given: Parameters<typeof makeBooking>[1] = {}) => {
    const { other, ...house } = await offered();
    return { other, ...(await makeBooking(db, { ...house, debut: new Date(noonIn(8)), ...given })) };
  };
  const act = async (
    path: string,
    given: Parameters<typeof makeBooking>[1],
    bodyOf: (other: { id: number }) => unknown = () => undefined,
  ): Promise<Built> => {
    const { id, uid, other } = await booked(given);
    return { path: `/rendez-vous/${uid}${path}`, body: bodyOf(other), row: { subject: 'RendezVous', id } };
  };
  const toAnswer = { statut: 'a_valider' } as const;
  /** It has begun. */
  const begun = () => ({ debut: new Date(Date.now() - 60_000) });
  /** The link of the only one who comes. */
  const managed = async (body?: unknown): Promise<Built> => {
    const { uid, fin, participants } = await booked();
    const jeton = jetonDe(system.app.secrets, { id: participants[0]!.id, uid });
    await ouvrirLien(db.manager, participants[0]!.id, jeton, fin);
    return { path: `/public/gestion/${jeton.jeton}`, body, ...anonymous };
  };

  /** Somebody who waits, with a time that is held for them. */
  const offer = async () => {
    const { intervenant, prestation } = await offered('publique');
    const { id } = await makeAttente(db, { prestation_id: prestation.id });
    const offre_expire_le = new Date(Date.now() + 1_800_000);
    const hold = await makeBooking(db, {
      ...{ prestation, intervenant, participants: [], statut: 'retenu', debut: new Date(noonIn(8)) },
      ...{ liste_attente_id: id, appelant: `attente ${id}`, expire_le: offre_expire_le },
    });
    await db.manager.update(ListeAttente, id, {
      ...{ statut: 'proposee', rendez_vous_id: hold.id, offre_expire_le },
    });
    return id;
  };
  const onOffer = async (acte: string): Promise<Built> => {
    const id = await offer();
    return { path: `/listes-attente/${id}/${acte}`, row: { subject: 'ListeAttente', id } };
  };
  /** Their link. */
  const awaited = async (body?: unknown): Promise<Built> => {
    const liste_attente_id = await offer();
    const { id } = await db.manager.findOneByOrFail(Participant, { liste_attente_id });
    const jeton = jetonDAttente(system.app.secrets, liste_attente_id, id);
    await ouvrirLien(db.manager, id, jeton, new Date(noonIn(8)));
    return { path: `/public/attente/${jeton.jeton}`, body, ...anonymous };
  };
  /** The work that a service asks for of whoever has no account. */
  const preuveFor = async (slug: string) => {
    const { body } = await system.anonymous.get(`/public/prestations/${slug}`);
    const { defi, bits } = body.preuve;
    return { defi, reponse: resoudre(defi, bits) };
  };

  return {
    'GET /agendas/:jeton.ics': async () => {
      const { id } = await makeIntervenant(db);
      const { body } = await setter.post(`/intervenants/${id}/agenda`);
      return { path: body.url.replace(/^.*\/api\/v1/, ''), ...anonymous };
    },
    'POST /retenues': async () => ({ path: '/retenues', body: await wanted() }),
    'DELETE /retenues/:uid': async () => {
      const { client, user } = await system.newPerson('admin');
      const { body } = await client.post('/retenues', await wanted());
      const { id } = await db.manager.findOneByOrFail(RendezVous, { uid: body.uid });
      return { path: `/retenues/${body.uid}`, client, userId: user.id, row: { subject: 'RendezVous', id } };
    },
    'POST /rendez-vous': async () => ({
      path: '/rendez-vous',
      body: { ...(await wanted()), participants: [PERSON] },
    }),
    'GET /rendez-vous/:uid': () => act('', {}),
    'GET /rendez-vous/:uid/historique': () => act('/historique', {}),
    'PUT /rendez-vous/:uid/confirmer': () => act('/confirmer', toAnswer),
    'PUT /rendez-vous/:uid/refuser': () => act('/refuser', toAnswer),
    'PUT /rendez-vous/:uid/reporter': () => act('/reporter', {}, () => ({ debut: noonIn(9) })),
    'PUT /rendez-vous/:uid/annuler': () => act('/annuler', {}),
    'PUT /rendez-vous/:uid/arriver': () => act('/arriver', begun()),
    'PUT /rendez-vous/:uid/honorer': () => act('/honorer', begun()),
    'PUT /rendez-vous/:uid/absent': () => act('/absent', begun()),
    'PUT /rendez-vous/:uid/reaffecter': () => act('/reaffecter', {}, ({ id }) => ({ intervenant_id: id })),
    'PUT /rendez-vous/:uid/participants/:participant_id/annuler': async () => {
      const { id, uid, participants } = await booked();
      const path = `/rendez-vous/${uid}/participants/${participants[0]!.id}/annuler`;
      return { path, row: { subject: 'RendezVous', id } };
    },
    'GET /public/prestations/:slug': async () => ({
      path: `/public/prestations/${(await wanted('publique')).prestation}`,
      ...anonymous,
    }),
    'GET /public/creneaux': async () => {
      const day = noonIn(8).slice(0, 10);
      const { prestation } = await wanted('publique');
      return { path: `/public/creneaux?prestation=${prestation}&debut=${day}&fin=${day}`, ...anonymous };
    },
    'POST /public/retenues': async () => ({
      path: '/public/retenues',
      body: await wanted('publique'),
      ...anonymous,
    }),
    'POST /public/rendez-vous': async () => {
      const demande = await wanted('publique');
      const preuve = await preuveFor(demande.prestation);
      return {
        path: '/public/rendez-vous',
        body: { ...demande, participants: [PERSON], reponses: {}, preuve },
        ...anonymous,
      };
    },
    'POST /public/listes-attente': async () => {
      const { prestation } = await offered('publique');
      await db.manager.update(Prestation, prestation.id, { liste_attente: true });
      const preuve = await preuveFor(prestation.slug);
      const days = { date_debut: noonIn(8).slice(0, 10), date_fin: noonIn(9).slice(0, 10) };
      return {
        path: '/public/listes-attente',
        body: { prestation: prestation.slug, ...days, participants: [PERSON], preuve },
        ...anonymous,
      };
    },
    'PUT /listes-attente/:id/accepter': () => onOffer('accepter'),
    'PUT /listes-attente/:id/decliner': () => onOffer('decliner'),
    'GET /public/attente/:jeton': () => awaited(),
    'POST /public/attente/:jeton': () => awaited({ acte: 'accepter' }),
    'GET /public/gestion/:jeton': () => managed(),
    'POST /public/gestion/:jeton': () => managed({ acte: 'annuler' }),
  };
}
