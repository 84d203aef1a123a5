import type { Site } from '../../src/db/parc/sites';
import { dayAfter, dayAt } from '../../src/domain/local-time';
import { startTestApi, type TestApi } from '../support/api';
import type { Client } from '../support/client';
import {
  makeEquipement,
  makeIntervention,
  makePlanning,
  makeSite,
  makeTechnicien,
  makeUser,
} from '../support/factories';
import { statementsDuring } from '../support/queries';

/** Who can go, and why not, as it is asked; no worker runs here, so nothing is ever assigned. */

let api: TestApi;
let admin: Client;
beforeAll(async () => {
  api = await startTestApi();
  admin = (await api.newPerson('admin')).client;
});
afterAll(() => api.close());

const HOUR = 3_600_000;
const today = dayAt(Date.now(), 'UTC');
const inDays = (days: number, time = '09:00') => `${dayAfter(today, days)}T${time}:00.000Z`;
/** The next day of a weekday, at least two days from now, in days. */
function daysTo(weekday: number): number {
  let days = 2;
  while ((new Date(dayAfter(today, days)).getUTCDay() || 7) !== weekday) days++;
  return days;
}

type Given = Parameters<typeof makeTechnicien>[1];
const KHOURIBGA = { latitude: 32.88, longitude: -6.91 };
const OUED_ZEM = { latitude: 32.86, longitude: -6.57 };

/** A site by the clocks of UTC, and those who work there alone. */
async function siteWith(techniciens: Given[], given: Partial<Site> = {}) {
  const site = await makeSite(api.db, { fuseau_horaire: 'UTC', pays: 'ZZ', ...given });
  const people = [];
  for (const one of techniciens) people.push(await makeTechnicien(api.db, one, { sites: [site.id] }));
  const equipement = await makeEquipement(api.db, { site_id: site.id });
  const ids = people.map(({ id }) => id);
  return { site, people, ids, equipement };
}

const open = (equipement_id: number, given: Parameters<typeof makeIntervention>[1] = {}) =>
  makeIntervention(api.db, { equipement_id, ...given });

/** A visit somewhere, to something else. */
async function booked(technicien_id: number, date: string, minutes: number, site?: Site) {
  const equipement = await makeEquipement(api.db, { site_id: site?.id ?? null, nom: 'Presse secrète' });
  const { id: intervention_id } = await makeIntervention(api.db, {
    technicien_id,
    statut: 'planifiee',
    equipement_id: equipement.id,
    titre: 'Affaire secrète',
  });
  return makePlanning(api.db, {
    technicien_id,
    intervention_id,
    date_planifiee: new Date(date),
    duree_estimee: minutes,
  });
}

const licence = (valide_du: string | null, valide_jusqu_au: string | null) => ({
  habilitations: [{ competence: 'Haute tension', valide_du, valide_jusqu_au }],
});

describe('the candidates for an intervention', () => {
  const candidats = (id: number, query = '') => admin.get(`/interventions/${id}/candidats${query}`);

  it('are those who can, the best first, and the others with the reason why not', async () => {
    const skills = { competences: ['haute tension'] };
    const { site, ids, equipement } = await siteWith(
      [
        { ...skills, ...OUED_ZEM },
        { ...skills, ...KHOURIBGA, niveau_experience: 'senior' },
        {},
        { ...skills, disponibilite: false },
        licence(null, dayAfter(today, 2)),
        { ...skills, absences: [{ debut: inDays(3, '08:00'), fin: inDays(3, '10:00') }] },
        { ...skills },
        { ...skills, horaires: {} },
      ],
      KHOURIBGA,
    );
    const [far, near, unskilled, gone, expired, away, taken, never] = ids as [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    await booked(taken, inDays(3, '09:30'), 60);
    await booked(near, inDays(2), 90, site);
    const { id } = await open(equipement.id, { competences_requises: ['Haute tension'], priorite: 'haute' });
    const { status, body } = await candidats(id, `?date_planifiee=${inDays(3)}&duree_estimee=60`);
    expect(status).toBe(200);
    expect(body).toEqual({
      technicien_id: near,
      date_planifiee: inDays(3),
      raison: expect.stringContaining('2 technicien(s) possible(s)'),
      candidats: [
        {
          technicien_id: near,
          date_planifiee: inDays(3),
          couts: { trajet_minutes: 0, charge: 90, niveau: 0 },
        },
        {
          technicien_id: far,
          date_planifiee: inDays(3),
          couts: { trajet_minutes: 62, charge: 0, niveau: 1 },
        },
        { technicien_id: gone, exclu: 'inactif', couts: expect.anything() },
        { technicien_id: unskilled, exclu: 'competence', couts: expect.anything() },
        { technicien_id: expired, exclu: 'habilitation_expiree', couts: expect.anything() },
        { technicien_id: never, exclu: 'hors_horaires', couts: expect.anything() },
        { technicien_id: away, exclu: 'absent', couts: expect.anything() },
        { technicien_id: taken, exclu: 'creneau_pris', couts: expect.anything() },
      ],
      exclusions: {
        inactif: 1,
        competence: 1,
        habilitation_expiree: 1,
        hors_horaires: 1,
        absent: 1,
        creneau_pris: 1,
      },
    });
    // Nothing was done.
    expect((await admin.get(`/interventions/${id}`)).body).toMatchObject({ statut: 'ouverte', version: 1 });
  });

  it('are others on the day after a licence has expired', async () => {
    const { ids, equipement } = await siteWith([
      licence(null, dayAfter(today, 5)),
      licence(dayAfter(today, 6), null),
    ]);
    const { id } = await open(equipement.id, { competences_requises: ['HAUTE TENSION'] });
    const chosen = async (date: string) =>
      (await candidats(id, `?date_planifiee=${date}`)).body.technicien_id;
    expect(await chosen(inDays(5, '22:30'))).toBe(ids[0]);
    expect(await chosen(inDays(6))).toBe(ids[1]);
    // It would end on the sixth day: neither may.
    expect(await chosen(inDays(5, '23:30'))).toBeNull();
    expect(
      (await candidats(id)).body.candidats.map((one: { technicien_id: number }) => one.technicien_id),
    ).toEqual(ids);
  });

  it('travel from the job before on that day, and leave time for the way where no time is named', async () => {
    const { ids, equipement } = await siteWith([KHOURIBGA], KHOURIBGA);
    const elsewhere = await makeSite(api.db, OUED_ZEM);
    const soon = new Date(Math.ceil(Date.now() / HOUR) * HOUR);
    await booked(ids[0]!, new Date(soon.getTime() - HOUR).toISOString(), 120, elsewhere);
    const { id } = await open(equipement.id);
    const { body } = await candidats(id);
    // An hour and two minutes on the road.
    expect(body.date_planifiee).toBe(new Date(soon.getTime() + HOUR + 75 * 60_000).toISOString());
    expect(body.candidats[0].couts.charge).toBe(120);
    const after = await candidats(id, `?date_planifiee=${inDays(4, '12:00')}`);
    expect(after.body.candidats[0].couts.trajet_minutes).toBe(0);
    await booked(ids[0]!, inDays(4, '10:00'), 60, elsewhere);
    const later = await candidats(id, `?date_planifiee=${inDays(4, '12:00')}`);
    expect(later.body.candidats[0].couts.trajet_minutes).toBe(62);
  });

  it('for critical work have some experience', async () => {
    const { ids, equipement } = await siteWith([{ niveau_experience: 'junior' }]);
    const asked = async (priorite: 'haute' | 'critique') =>
      (await candidats((await open(equipement.id, { priorite })).id)).body;
    expect((await asked('haute')).technicien_id).toBe(ids[0]);
    expect(await asked('critique')).toMatchObject({
      technicien_id: null,
      date_planifiee: null,
      raison: "Personne : pas assez d'expérience (1)",
      exclusions: { niveau: 1 },
    });
  });

  it('are not looked for when it is over, nor at a time that has passed', async () => {
    const { equipement } = await siteWith([]);
    const over = await open(equipement.id, {
      statut: 'annulee',
      date_fin: new Date(),
      motif_annulation: 'Doublon',
    });
    expect((await candidats(over.id)).body.code).toBe('CLOTUREE');
    const { id } = await open(equipement.id);
    for (const query of [
      '?date_planifiee=2020-01-01T09:00:00Z',
      '?date_planifiee=2040-01-01',
      '?duree_estimee=4',
    ]) {
      expect([query, (await candidats(id, query)).status]).toEqual([query, 422]);
    }
    expect((await candidats(id)).body).toMatchObject({ technicien_id: null, candidats: [], exclusions: {} });
  });

  it('tell of another site that the time is taken, and not by what', async () => {
    const { site, ids, equipement } = await siteWith([{}]);
    const other = await makeSite(api.db);
    await booked(ids[0]!, inDays(3), 60, other);
    const { client } = await api.newPerson('responsable', { sites: [site.id] });
    const { id } = await open(equipement.id);
    const { body } = await client.get(`/interventions/${id}/candidats?date_planifiee=${inDays(3, '09:30')}`);
    expect(body.candidats).toEqual([
      { technicien_id: ids[0], exclu: 'creneau_pris', couts: { trajet_minutes: 0, charge: 60, niveau: 0 } },
    ]);
    expect(JSON.stringify(body)).not.toMatch(/secrète/);
    const elsewhere = await open((await makeEquipement(api.db, { site_id: other.id })).id);
    expect((await client.get(`/interventions/${elsewhere.id}/candidats`)).status).toBe(404);
  });

  it('cost as many statements for one as for many', async () => {
    const few = await siteWith([{}]);
    const many = await siteWith(Array.from({ length: 12 }, () => ({})));
    for (const id of many.ids) await booked(id, inDays(3), 60);
    const count = async (equipementId: number) => {
      const { id } = await open(equipementId);
      return (await statementsDuring(() => candidats(id))).length;
    };
    const one = await count(few.equipement.id);
    expect([one, await count(many.equipement.id)]).toEqual([one, one]);
    expect(one).toBeLessThanOrEqual(5);
  });
});

describe('work that nobody can take', () => {
  const assign = (id: number, body: object = {}) => admin.put(`/interventions/${id}/assign`, body);
  const told = async (id: number) =>
    api.db.query(
      `SELECT modele, destinataire_id, donnees->'exclusions' AS exclusions FROM messages
       WHERE evenement LIKE 'intervention:' || $1 || ':%' ORDER BY destinataire_id`,
      [id],
    );
  const history = async (id: number) =>
    api.db.query(
      `SELECT action, apres FROM historique WHERE entite = 'intervention' AND entite_id = $1 ORDER BY id`,
      [id],
    );

  it('is refused with the reasons, counted', async () => {
    const { ids, equipement } = await siteWith([
      { competences: [] },
      { competences: [] },
      { disponibilite: false },
    ]);
    const { id } = await open(equipement.id, { competences_requises: ['soudure'] });
    const refused = await assign(id);
    expect([refused.status, refused.body.code]).toEqual([409, 'HORS_DISPONIBILITE']);
    expect(refused.body).toMatchObject({
      raisons: ['inactif', 'competence'],
      exclusions: { inactif: 1, competence: 2 },
    });
    const free = await open(equipement.id);
    for (const technicien of ids.slice(0, 2)) await booked(technicien, inDays(3), 60);
    const taken = await assign(free.id, { date_planifiee: inDays(3) });
    expect([taken.status, taken.body.code]).toEqual([409, 'CONFLIT_PLANNING']);
    expect(taken.body).toMatchObject({ conflits: [], exclusions: { inactif: 1, creneau_pris: 2 } });
    // It is not critical: the time there is to assign it runs as ever.
    expect([await told(id), await told(free.id)]).toEqual([[], []]);
  });

  it('is told to the responsables of the site and the administrators at once, and once, when it is critical', async () => {
    const { site, equipement } = await siteWith([{ competences: [] }]);
    const responsable = await makeUser(api.db, { role: 'responsable', sites: [site.id] });
    const other = await makeUser(api.db, { role: 'responsable', sites: [(await makeSite(api.db)).id] });
    const made = await admin.post('/interventions', {
      titre: 'Fuite',
      description: 'La presse fuit depuis ce matin',
      type_intervention: 'corrective',
      priorite: 'critique',
      equipement_id: equipement.id,
      competences_requises: ['soudure'],
    });
    const { id } = made.body;
    expect((await assign(id)).body.exclusions).toEqual({ competence: 1 });
    const heard = await told(id);
    const recipients = heard.map(({ destinataire_id }: { destinataire_id: number }) => destinataire_id);
    expect(recipients).toContain(responsable.id);
    expect(recipients).not.toContain(other.id);
    expect(new Set(recipients).size).toBe(recipients.length);
    const roles = await api.db.query('SELECT DISTINCT role FROM users WHERE id = ANY($1) ORDER BY role', [
      recipients,
    ]);
    expect(roles).toEqual([{ role: 'admin' }, { role: 'responsable' }]);
    expect(heard[0]).toMatchObject({ modele: 'sans_candidat', exclusions: { competence: 1 } });

    const row = (await admin.get(`/interventions/${id}`)).body;
    expect(row).toMatchObject({ statut: 'ouverte', niveau_escalade: 3 });
    const events = await history(id);
    expect(events.at(-1)).toMatchObject({
      action: 'sans_candidat',
      apres: { etape: 'affectation', niveau: 3, exclusions: { competence: 1 } },
    });
    // The assignment is told; the deadline of the work is not.
    const { echeances } = (await admin.get(`/interventions/${id}/workflow`)).body;
    expect(new Set(echeances.map(({ etape }: { etape: string }) => etape))).toEqual(new Set(['resolution']));

    const again = await Promise.all([assign(id), assign(id, { date_planifiee: inDays(3) })]);
    expect(again.map(({ status }) => status)).toEqual([409, 409]);
    expect([await told(id), await history(id)]).toEqual([heard, events]);
  });

  it('is told when it has begun and is to be handed over, and not while somebody has it', async () => {
    const { ids, equipement } = await siteWith([{ disponibilite: false }, {}]);
    const begun = {
      priorite: 'critique',
      statut: 'en_cours',
      technicien_id: ids[0],
      date_debut: new Date(),
    } as const;
    const left = await open(equipement.id, { ...begun, competences_requises: ['soudure'] });
    expect((await assign(left.id)).status).toBe(409);
    expect((await history(left.id)).map(({ action }: { action: string }) => action)).toEqual([
      'a_transmettre',
      'sans_candidat',
    ]);
    const kept = await open(equipement.id, {
      ...begun,
      technicien_id: ids[1],
      competences_requises: ['soudure'],
    });
    expect((await assign(kept.id)).status).toBe(409);
    expect(await history(kept.id)).toEqual([]);
  });
});

describe('when a technicien is free', () => {
  const libre = (client: Client, id: number, query = '') =>
    client.get(`/techniciens/${id}/disponibilites${query}`);

  it('is when they are at work, not away, not taken, and their site is open', async () => {
    const monday = daysTo(1);
    const { people } = await siteWith(
      [
        {
          horaires: null,
          absences: [{ debut: inDays(monday + 1, '09:00'), fin: inDays(monday + 1, '15:00') }],
        },
      ],
      {
        fermetures: [{ date_debut: dayAfter(today, monday + 2), date_fin: dayAfter(today, monday + 2) }],
      },
    );
    const [technicien] = people;
    await booked(technicien!.id, inDays(monday, '10:00'), 60);
    const cancelled = await booked(technicien!.id, inDays(monday, '15:00'), 60);
    await api.db.query(`UPDATE plannings SET statut = 'annulee' WHERE id = $1`, [cancelled.id]);
    const period = `?date_debut=${dayAfter(today, monday)}&date_fin=${dayAfter(today, monday + 3)}`;
    const { status, body } = await libre(admin, technicien!.id, period);
    expect(status).toBe(200);
    const from = (days: number, debut: string, fin: string) => ({
      debut: inDays(monday + days, debut),
      fin: inDays(monday + days, fin),
    });
    expect(body).toEqual([
      from(0, '08:00', '10:00'),
      from(0, '11:00', '12:00'),
      from(0, '14:00', '18:00'),
      from(1, '08:00', '09:00'),
      from(1, '15:00', '18:00'),
      from(3, '08:00', '12:00'),
      from(3, '14:00', '18:00'),
    ]);
    await api.db.query('UPDATE techniciens SET disponibilite = false WHERE id = $1', [technicien!.id]);
    expect((await libre(admin, technicien!.id, period)).body).toEqual([]);
  });

  it('follows the clock on the wall where it changes', async () => {
    // In Paris 02:00 is followed by 03:00 on Sunday 2027-03-28.
    const { ids } = await siteWith([{ horaires: { 7: [[60, 240]] } }], { fuseau_horaire: 'Europe/Paris' });
    const { body } = await libre(admin, ids[0]!, '?date_debut=2027-03-28&date_fin=2027-03-28');
    expect(body).toEqual([{ debut: '2027-03-28T00:00:00.000Z', fin: '2027-03-28T02:00:00.000Z' }]);
  });

  it('is for themselves and for whoever may send them, who do not learn what takes their time', async () => {
    const { site, people } = await siteWith([{}]);
    const [technicien] = people;
    await booked(technicien!.id, inDays(3), 60, await makeSite(api.db));
    const elsewhere = [(await makeSite(api.db)).id];
    const asked = async (client: Client) => (await libre(client, technicien!.id)).status;
    const responsable = (await api.newPerson('responsable', { sites: [site.id] })).client;
    expect(await asked(await api.as(technicien!.user))).toBe(200);
    expect(await asked(responsable)).toBe(200);
    expect(await asked((await api.newPerson('responsable', { sites: elsewhere })).client)).toBe(403);
    expect(await asked((await api.newPerson('technicien')).client)).toBe(403);
    expect(await asked((await api.newPerson('client')).client)).toBe(403);
    expect(await asked(api.anonymous)).toBe(401);
    expect((await libre(admin, 999_999)).status).toBe(404);
    const { body } = await libre(responsable, technicien!.id);
    expect(JSON.stringify(body)).not.toMatch(/secrète/);
    expect(Object.keys(body[0])).toEqual(['debut', 'fin']);
  });

  it('is told of sixty days at most, in one statement', async () => {
    const { ids } = await siteWith([{}]);
    for (const query of [
      '?date_debut=2027-01-01&date_fin=2027-03-02',
      '?date_debut=2027-01-02&date_fin=2027-01-01',
    ]) {
      expect([query, (await libre(admin, ids[0]!, query)).body.erreurs?.[0].champ]).toEqual([
        query,
        'date_fin',
      ]);
    }
    expect((await libre(admin, ids[0]!, '?date_debut=2027-01-01&date_fin=2027-03-01')).body).toEqual([
      { debut: '2027-01-01T00:00:00.000Z', fin: '2027-03-02T00:00:00.000Z' },
    ]);
    // Who asks, and what.
    expect(await statementsDuring(() => libre(admin, ids[0]!))).toHaveLength(2);
  });
});

describe('who is free', () => {
  it('are those with the skills, valid then, whom one may send, the soonest first', async () => {
    const skilled = { competences: ['cuvelage'] };
    const { site, ids } = await siteWith([
      { ...skilled },
      { ...skilled },
      { habilitations: [{ competence: 'Cuvelage', valide_du: null, valide_jusqu_au: dayAfter(today, 5) }] },
      {},
      { ...skilled, disponibilite: false },
    ]);
    const { client } = await api.newPerson('responsable', { sites: [site.id] });
    await booked(ids[0]!, inDays(3), 60);
    const found = async (query: string, asker = client) =>
      (await asker.get(`/techniciens/disponibles?competences=cuvelage${query}`)).body.map(
        ({ technicien_id }: { technicien_id: number }) => technicien_id,
      );
    expect(await found(`&date_planifiee=${inDays(3)}`)).toEqual([ids[1], ids[2]]);
    expect(await found(`&date_planifiee=${inDays(6)}`)).toEqual([ids[1], ids[0]]);
    expect(await found(`&date_planifiee=${inDays(3, '10:00')}&duree_estimee=30`)).toEqual([
      ids[1],
      ids[2],
      ids[0],
    ]);
    expect(await found('')).toEqual([ids[1], ids[2], ids[0]]);
    expect(await found('', admin)).toEqual([ids[1], ids[2], ids[0]]);
    const elsewhere = await api.newPerson('responsable', { sites: [(await makeSite(api.db)).id] });
    expect(await found('', elsewhere.client)).toEqual([]);
    const { body } = await client.get(
      `/techniciens/disponibles?competences=cuvelage&date_planifiee=${inDays(3)}`,
    );
    expect(body[0]).toEqual({
      technicien_id: ids[1],
      nom: expect.any(String),
      prenom: 'Prénom',
      specialite: 'Hydraulique',
      niveau_experience: 'confirme',
      date_planifiee: inDays(3),
      charge: 0,
    });
  });

  it('is for those who plan', async () => {
    const asked = async (client: Client) => (await client.get('/techniciens/disponibles')).status;
    expect(await asked((await api.newPerson('technicien')).client)).toBe(403);
    expect(await asked((await api.newPerson('client')).client)).toBe(403);
    expect((await admin.get('/techniciens/disponibles?date_planifiee=hier')).status).toBe(422);
  });

  it('costs one statement, whatever their number', async () => {
    for (let n = 0; n < 5; n++) await makeTechnicien(api.db);
    // Who asks, and what.
    expect(await statementsDuring(() => admin.get('/techniciens/disponibles'))).toHaveLength(2);
  });
});
