import type { Prestation } from '../../src/db/rendez-vous/prestations';
import { codeDe, jetonDe, ouvrirLien } from '../../src/services/rendez-vous/jetons';
import { suivreRendezVous } from '../../src/services/rendez-vous/suivi';
import { startTestApi, type TestApi } from '../support/api';
import type { Client } from '../support/client';
import { makeAgendaExterne, makeBooking, makeIntervenant, makePrestation } from '../support/factories';

/** What people say by the links of their mails: that it was them who booked, and what they thought of it. */

let api: TestApi;
let nobody: Client;
let admin: Client;

beforeAll(async () => {
  api = await startTestApi({ RDV_PREUVE_BITS: '0' });
  nobody = api.anonymous;
  ({ client: admin } = await api.newPerson('admin'));
});
afterAll(() => api.close());

const DAY = new Date(Date.now() + 14 * 86_400_000).toISOString().slice(0, 10);
const WHOLE = [[480, 1_080]] as const;
const ALWAYS = { 1: WHOLE, 2: WHOLE, 3: WHOLE, 4: WHOLE, 5: WHOLE, 6: WHOLE, 7: WHOLE };
const at = (time: string) => `${DAY}T${time}:00.000Z`;

async function offered(given: Partial<Prestation> = {}) {
  const one = await makeIntervenant(api.db, { fuseau_horaire: 'UTC', pays: 'ZZ', horaires: ALWAYS });
  return { ...(await makePrestation(api.db, { intervenants: [one.id], ...given })), one };
}

const COME = { nom: 'Amal Idrissi', email: 'amal@example.com' };

async function book({ slug }: Prestation, time: string, participants: object[] = [COME]) {
  const { status, body } = await nobody.post('/public/rendez-vous', {
    prestation: slug,
    debut: at(time),
    participants,
  });
  expect([status, body.code]).toEqual([201, undefined]);
  const [row] = await api.db.query(
    `SELECT b.id, p.id AS participant_id FROM rendez_vous b JOIN participants p ON p.rendez_vous_id = b.id AND p.rang = 1
     WHERE b.uid = $1`,
    [body.uid],
  );
  const code = codeDe(api.app.secrets, { id: row.participant_id, uid: body.uid });
  return { ...body, ...row, code, link: `/public/gestion/${body.jeton}` };
}

const told = async (id: number): Promise<string[]> =>
  (await api.db.query(`SELECT modele FROM messages WHERE sujet = $1 ORDER BY id`, [`rendez_vous:${id}`])).map(
    ({ modele }: { modele: string }) => modele,
  );

const follow = (id: number, later = 0) =>
  api.db.transaction((tx) => suivreRendezVous(tx, id, new Date(Date.now() + later)));

const page = async (jeton: string, query = '') => {
  const { status, body } = await nobody.get(`${api.baseUrl}/rdv/gestion/${jeton}?langue=fr${query}`);
  return [status, body] as const;
};

describe('a booking that is confirmed by mail', () => {
  it('holds its time, tells whoever booked alone, and stands once their link says that it was them', async () => {
    const prestation = await offered({ confirmation_email: true });
    const { body: shown } = await nobody.get(`/public/prestations/${prestation.slug}`);
    expect(shown.confirmation_email).toBe(true);
    const guest = { nom: 'Karim', email: 'karim@example.com' };
    const booked = await book(prestation, '09:00', [COME, guest]);
    expect([booked.statut, booked.attente]).toEqual(['a_valider', 'email']);
    const asked = `prestation=${prestation.slug}&debut=${DAY}&fin=${DAY}&fuseau_horaire=UTC`;
    const free = (await nobody.get(`/public/creneaux?${asked}`)).body[DAY].map(
      ({ debut }: { debut: string }) => debut,
    );
    expect([free.includes(`${DAY}T09:00:00+00:00`), free.includes(`${DAY}T09:30:00+00:00`)]).toEqual([
      false,
      true,
    ]);
    const letters = await api.db.query(`SELECT modele, participant_id FROM messages WHERE sujet = $1`, [
      `rendez_vous:${booked.id}`,
    ]);
    expect(letters).toEqual([{ modele: 'rdv_a_confirmer', participant_id: booked.participant_id }]);

    // Who booked has the page at once, and by it nothing but to cancel: the mail alone confirms.
    expect((await nobody.get(booked.link)).body.actes).toEqual(['annuler', 'confirmer']);
    expect(await page(booked.jeton)).toEqual([
      200,
      expect.stringContaining('lien envoyé à amal@example.com'),
    ]);
    for (const code of [booked.jeton, 'A'.repeat(43)])
      expect((await nobody.post(booked.link, { acte: 'confirmer', code })).body.code).toBe('LIEN_INVALIDE');
    expect((await nobody.post(booked.link, { acte: 'confirmer' })).body.erreurs[0].champ).toBe('code');
    const other = await book(prestation, '10:00');
    expect((await nobody.post(booked.link, { acte: 'confirmer', code: other.code })).body.code).toBe(
      'LIEN_INVALIDE',
    );

    // A scanner that follows the link of the mail changes nothing.
    const [status, text] = await page(booked.jeton, `&code=${booked.code}`);
    expect([status, text.includes('Confirmer ce rendez-vous'), text.includes('value="confirmer"')]).toEqual([
      200,
      true,
      true,
    ]);
    expect((await nobody.get(booked.link)).body.attente).toBe('email');
    const confirm = () => nobody.post(booked.link, { acte: 'confirmer', code: booked.code });
    expect((await confirm()).status).toBe(204);
    expect((await confirm()).status).toBe(204);
    expect((await nobody.get(booked.link)).body).toMatchObject({
      ...{ statut: 'confirme', attente: null, sequence: 0 },
      actes: ['annuler', 'reporter'],
    });
    expect((await told(booked.id)).slice(1).sort()).toEqual([
      'agenda_nouveau',
      'rdv_confirme',
      'rdv_confirme',
    ]);
  });

  it('is confirmed from the page by a form', async () => {
    const booked = await book(await offered({ confirmation_email: true }), '09:00');
    const reply = await fetch(`${api.baseUrl}/rdv/gestion/${booked.jeton}`, {
      method: 'POST',
      redirect: 'manual',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ acte: 'confirmer', code: booked.code, langue: 'fr' }),
    });
    expect([reply.status, reply.headers.get('location')]).toEqual([303, expect.stringContaining('fait=oui')]);
    expect((await nobody.get(booked.link)).body.statut).toBe('confirme');
  });

  it('is nobody’s once its half hour is over, and nobody hears of it again', async () => {
    const prestation = await offered({ confirmation_email: true });
    const booked = await book(prestation, '09:00');
    expect((await follow(booked.id, 29 * 60_000))!.statut).toBe('a_valider');
    expect((await follow(booked.id, 31 * 60_000))!.statut).toBe('expire');
    expect(await told(booked.id)).toEqual(['rdv_a_confirmer']);
    expect((await nobody.post(booked.link, { acte: 'confirmer', code: booked.code })).body.code).toBe(
      'LIEN_INVALIDE',
    );
    await book(prestation, '09:00');
    const [entry] = (await admin.get(`/rendez-vous/${booked.uid}/historique?sort=-id`)).body;
    expect([entry.action, entry.source]).toEqual(['non_confirme', 'systeme']);
  });

  it('goes on as others begin: asked of the house, or after calendars have been read again', async () => {
    const asked = await book(await offered({ confirmation_email: true, confirmation: 'a_valider' }), '09:00');
    await nobody.post(asked.link, { acte: 'confirmer', code: asked.code });
    expect((await nobody.get(asked.link)).body).toMatchObject({ statut: 'a_valider', attente: null });
    expect((await told(asked.id)).slice(1)).toContain('rdv_demande');

    const prestation = await offered({ confirmation_email: true });
    await makeAgendaExterne(api.db, { intervenant_id: prestation.one.id });
    const read = await book(prestation, '09:00');
    expect(read.attente).toBe('email');
    await nobody.post(read.link, { acte: 'confirmer', code: read.code });
    expect((await nobody.get(read.link)).body).toMatchObject({ statut: 'a_valider', attente: 'agendas' });
  });

  it('is asked of those without an account alone, who need an address for it; the house may say yes for them', async () => {
    const prestation = await offered({ confirmation_email: true });
    const body = { prestation: prestation.slug, debut: at('09:00') };
    const telephone = [{ nom: 'Amal', telephone: '+212612345678' }];
    const refused = await nobody.post('/public/rendez-vous', { ...body, participants: telephone });
    expect([refused.status, refused.body.erreurs[0].champ]).toEqual([422, 'participants.0.email']);
    expect((await admin.post('/rendez-vous', { ...body, participants: telephone })).body.statut).toBe(
      'confirme',
    );
    const booked = await book(prestation, '10:00');
    expect((await admin.put(`/rendez-vous/${booked.uid}/confirmer`, {})).body).toMatchObject({
      ...{ statut: 'confirme', attente: null },
    });
  });
});

describe('what people thought of it', () => {
  /** An appointment of an hour ago, and the link of each of those who came. */
  async function over(
    given: Partial<Prestation>,
    participants: object[] = [{}],
    debut = new Date(Date.now() - 3_600_000),
  ) {
    const { one, ...prestation } = await offered(given);
    const booked = await makeBooking(api.db, { prestation, intervenant: one, debut, participants } as never);
    const links = [];
    for (const { id } of booked.participants) {
      const jeton = jetonDe(api.app.secrets, { id, uid: booked.uid });
      await api.db.transaction((tx) => ouvrirLien(tx, id, jeton, booked.fin));
      links.push(`/public/gestion/${jeton.jeton}`);
    }
    const settle = (acte: string) => admin.put(`/rendez-vous/${booked.uid}/${acte}`, {});
    return { ...booked, one, prestation, links, settle };
  }

  it('is asked once of those who came, where the service does, and of nobody else', async () => {
    const asked = await over({ avis: true }, [{}, { email: null, telephone: '+212612345678' }]);
    await follow(asked.id);
    await asked.settle('honorer');
    await follow(asked.id);
    await follow(asked.id);
    const letters = (id: number) =>
      api.db.query(`SELECT participant_id, canal FROM messages WHERE sujet = $1 AND modele = 'rdv_avis'`, [
        `rendez_vous:${id}`,
      ]);
    expect(await letters(asked.id)).toEqual([{ participant_id: asked.participants[0]!.id, canal: 'email' }]);
    const [quiet, absent] = [await over({}), await over({ avis: true })];
    await quiet.settle('honorer');
    await absent.settle('absent');
    const long = await over({ avis: true }, [{}], new Date(Date.now() - 9 * 86_400_000));
    await long.settle('honorer');
    for (const { id } of [quiet, absent, long]) {
      await follow(id);
      expect(await letters(id)).toEqual([]);
    }
    const running = await over({ avis: true }, [{}], new Date(Date.now() - 60_000));
    await running.settle('honorer');
    expect((await follow(running.id))!.prochain).toEqual({ date: running.fin.getTime(), attente: 'avis' });
    expect(await letters(running.id)).toEqual([]);
  });

  it('is said once by the link, and read by those who look after the appointment alone', async () => {
    const { client: booker, user } = await api.newPerson('client');
    const one = await over({ avis: true }, [{}, {}]);
    await api.db.query('UPDATE rendez_vous SET demandeur_id = $2 WHERE id = $1', [one.id, user.id]);
    const [first, second] = one.links as [string, string];
    const say = (link: string, more: object) => nobody.post(link, { acte: 'avis', ...more });
    expect((await say(first, { note: 5 })).body.code).toBe('TRANSITION_INVALIDE');
    await one.settle('honorer');
    expect((await nobody.get(first)).body.actes).toEqual(['avis']);
    for (const note of [0, 6, 2.5]) expect((await say(first, { note })).status).toBe(422);
    expect((await say(first, {})).body.erreurs[0].champ).toBe('note');
    expect((await say(first, { note: 4, commentaire: 'Très clair' })).status).toBe(204);
    expect((await say(first, { note: 1 })).body.code).toBe('TRANSITION_INVALIDE');
    expect((await nobody.get(first)).body).toMatchObject({
      ...{ actes: [], participant: { note: 4, commentaire: 'Très clair' } },
    });
    expect((await nobody.get(second)).body.participant).toMatchObject({ note: null, commentaire: null });
    const jeton = second.split('/').at(-1)!;
    expect(await page(jeton)).toEqual([200, expect.stringContaining('name="note" value="5"')]);

    const { body } = await admin.get(`/rendez-vous/${one.uid}`);
    expect(body.participants.map(({ avis }: { avis: object }) => avis)).toEqual([
      { note: 4, commentaire: 'Très clair', date: expect.any(String) },
      null,
    ]);
    const theirs = (await booker.get(`/rendez-vous/${one.uid}`)).body;
    expect(theirs.participants.map(({ avis }: { avis: object }) => avis)).toEqual([null, null]);
    const [entry] = (await admin.get(`/rendez-vous/${one.uid}/historique?sort=-id`)).body;
    expect([entry.action, entry.source]).toEqual(['avis', 'public']);
    expect(JSON.stringify(entry)).not.toContain('clair');
  });

  it('counts in the figures of each person, and once in all', async () => {
    const one = await over({ avis: true }, [{}, {}, {}]);
    const colleague = await makeIntervenant(api.db);
    await api.db.query('UPDATE rendez_vous SET intervenants = intervenants || $2::integer WHERE id = $1', [
      one.id,
      colleague.id,
    ]);
    await one.settle('honorer');
    for (const [rank, note] of [5, 2].entries()) await nobody.post(one.links[rank]!, { acte: 'avis', note });
    const day = one.debut.toISOString().slice(0, 10);
    const query = `debut=${day}&fin=${day}&fuseau_horaire=UTC&prestation_id=${one.prestation.id}`;
    const { lignes, total } = (await admin.get(`/rapports-rendez-vous/par-intervenant?${query}`)).body;
    expect(lignes).toHaveLength(2);
    for (const ligne of [...lignes, total])
      expect(ligne).toMatchObject({ demandes: 1, venus: 1, avis: 2, note_moyenne: 3.5 });
  });

  it('cannot be kept half: the database holds a note with its time, and words with a note', async () => {
    const { participants } = await over({ avis: true });
    const { id } = participants[0]!;
    for (const set of ['note = 6, avis_le = now()', 'note = 3', `commentaire = 'x'`, 'avis_le = now()'])
      await expect(api.db.query(`UPDATE participants SET ${set} WHERE id = $1`, [id])).rejects.toThrow();
  });
});
