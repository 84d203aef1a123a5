import { Access } from '../../src/auth/access';
import { publicAccess } from '../../src/auth/public-access';
import { OccupationExterne } from '../../src/db/rendez-vous/agendas';
import type { Intervenant } from '../../src/db/rendez-vous/intervenants';
import { Seance } from '../../src/db/rendez-vous/rendez-vous';
import { readAgenda } from '../../src/services/rendez-vous/agenda';
import { startTestApi, type TestApi } from '../support/api';
import type { Client } from '../support/client';
import {
  makeAgendaExterne,
  makeEquipement,
  makeFerie,
  makeIntervenant,
  makeIntervention,
  makePlanning,
  makePrestation,
  makeSalle,
  makeSite,
  makeTechnicien,
} from '../support/factories';
import { statementsDuring } from '../support/queries';
import { joinSeance, makeBooking } from '../support/rendez-vous';

let api: TestApi;
let admin: Client;

beforeAll(async () => {
  api = await startTestApi();
  admin = (await api.newPerson('admin')).client;
});
afterAll(() => api.close());

/** A Tuesday, on which nothing is a holiday unless a test says so. */
const TUESDAY = '2031-07-22';
const HOURS = { 2: [[540, 720]] } as const;
const at = (time: string) => `${TUESDAY}T${time}:00Z`;

/** Somebody who works on Tuesdays from nine to noon, by the clocks of UTC. */
const somebody = (given: object = {}) =>
  makeIntervenant(api.db, { fuseau_horaire: 'UTC', pays: 'ZZ', horaires: HOURS, ...given });

interface Entree {
  genre: string;
  debut: string;
  fin: string;
  jours: string[];
  intervenants: { id: number; nom: string }[];
  salles: { id: number; nom: string }[];
  [field: string]: unknown;
}

async function agenda(by: Client, query: string) {
  const reply = await by.get(`/agenda?date=${TUESDAY}&fuseau_horaire=UTC&${query}`);
  expect([reply.status, reply.body]).toEqual([200, expect.any(Object)]);
  return reply.body as {
    jours: { jour: string; debut: string; fin: string }[];
    intervenants: { id: number; ouvert: { debut: string; fin: string }[] }[];
    salles: { id: number; ouvert: object[] }[];
    total: object;
    entrees: Entree[];
  };
}
const of = (...people: Intervenant[]) => `intervenants=${people.map(({ id }) => id).join()}`;
const ids = (named: { id: number }[]) => named.map(({ id }) => id);

describe('the agenda', () => {
  it('shows in one answer what a day holds', async () => {
    const technicien = await makeTechnicien(api.db, {
      absences: [{ id: 1, debut: at('16:00'), fin: at('17:00'), motif: 'formation' }],
    });
    const equipement = await makeEquipement(api.db);
    const intervention = await makeIntervention(api.db, {
      equipement_id: equipement.id,
      technicien_id: technicien.id,
      statut: 'planifiee',
    });
    await makePlanning(api.db, {
      intervention_id: intervention.id,
      technicien_id: technicien.id,
      date_planifiee: new Date(at('13:00')),
      duree_estimee: 60,
    });
    const other = await somebody();
    const one = await somebody({
      user_id: technicien.user_id,
      pays: 'BE',
      absences: [
        { date_debut: '2031-07-20', date_fin: '2031-07-20', motif: 'avant', remplacant_id: null },
        { date_debut: TUESDAY, date_fin: '2031-07-24', motif: 'congé', remplacant_id: other.id },
      ],
    });
    await makeFerie(api.db, { date: TUESDAY, libelle: 'Fête du mardi', demi_journee: 'apres_midi' });
    const salle = await makeSalle(api.db);
    const prestation = await makePrestation(api.db, { tampon_apres: 10 });
    const booked = await makeBooking(api.db, {
      prestation,
      intervenants: [one, other],
      salles: [salle],
      debut: at('09:30'),
      noms: ['Ada', 'Grace'],
    });
    const { entrees, ...shown } = await agenda(admin, `vue=jour&${of(one)}`);
    expect(shown.jours).toEqual([
      { jour: TUESDAY, debut: `${TUESDAY}T00:00:00+00:00`, fin: '2031-07-23T00:00:00+00:00' },
    ]);
    expect(shown.intervenants).toEqual([
      {
        id: one.id,
        nom: one.nom_public,
        site_id: null,
        fuseau_horaire: 'UTC',
        ouvert: [{ debut: `${TUESDAY}T09:00:00+00:00`, fin: `${TUESDAY}T12:00:00+00:00` }],
      },
    ]);
    expect([shown.salles, shown.total]).toEqual([[], { intervenants: 1, salles: 0 }]);
    const told = entrees.map(({ genre, debut, fin }) => `${genre} ${debut.slice(8, 16)} ${fin.slice(8, 16)}`);
    expect(told).toEqual([
      'absence 22T00:00 25T00:00',
      'rendez_vous 22T09:30 22T10:00',
      'fermeture 22T12:00 23T00:00',
      'visite 22T13:00 22T14:00',
      'absence 22T16:00 22T17:00',
    ]);
    const [absence, rendezVous, fermeture, visite, formation] = entrees;
    expect(absence).toMatchObject({ motif: 'congé', remplacant_id: other.id });
    expect(rendezVous).toMatchObject({
      jours: [TUESDAY],
      prestation: { id: prestation.id, slug: prestation.slug, nom: 'Conseil' },
      tampon_avant: 0,
      tampon_apres: 10,
      places: 1,
      places_prises: 1,
      salles: [{ id: salle.id, nom: salle.nom }],
      rendez_vous: [
        {
          uid: booked.uid,
          statut: 'confirme',
          sequence: 0,
          participants: [{ nom: 'Ada' }, { nom: 'Grace' }],
        },
      ],
    });
    expect(ids(rendezVous!.intervenants)).toEqual([other.id, one.id]);
    expect(fermeture).toMatchObject({ libelle: 'Fête du mardi', ferie: true, salles: [] });
    expect(visite).toMatchObject({
      intervention: { id: intervention.id, equipement: equipement.nom },
      intervenants: [{ id: one.id }],
    });
    expect(formation).toMatchObject({ motif: 'formation', remplacant_id: null });
  });

  it('has a week and a month, by the days of the zone that is asked for', async () => {
    const one = await somebody();
    const prestation = await makePrestation(api.db);
    const late = await makeBooking(api.db, { prestation, intervenants: [one], debut: at('20:00') });
    await makeBooking(api.db, { prestation, intervenants: [one], debut: '2031-07-31T22:30:00Z' });
    const reply = await admin.get(`/agenda?date=${TUESDAY}&fuseau_horaire=Asia/Tokyo&${of(one)}`);
    expect(reply.body.jours).toHaveLength(7);
    expect(reply.body.entrees).toMatchObject([
      {
        debut: '2031-07-23T05:00:00+09:00',
        jours: ['2031-07-23'],
        rendez_vous: [{ uid: late.uid }],
      },
    ]);
    const month = await admin.get(`/agenda?vue=mois&date=${TUESDAY}&fuseau_horaire=Europe/Paris&${of(one)}`);
    expect(month.body.jours.at(0).jour).toBe('2031-06-30');
    expect(month.body.jours.at(-1).jour).toBe('2031-08-03');
    expect(month.body.entrees.map(({ jours }: Entree) => jours)).toEqual([[TUESDAY], ['2031-08-01']]);
  });

  it('shows what stands: no hold that has expired, nothing cancelled, all seats of a workshop as one', async () => {
    const one = await somebody();
    const prestation = await makePrestation(api.db, { places: 3 });
    const given = { prestation, intervenants: [one] };
    await makeBooking(api.db, { ...given, debut: at('09:00'), statut: 'annule' });
    await makeBooking(api.db, {
      ...given,
      ...{
        debut: at('10:00'),
        statut: 'retenu',
        appelant: `e-${one.id}`,
        expire_le: new Date(Date.now() - 1_000),
      },
    });
    const held = await makeBooking(api.db, {
      ...given,
      ...{
        debut: at('11:00'),
        statut: 'retenu',
        appelant: `h-${one.id}`,
        expire_le: new Date(Date.now() + 300_000),
      },
    });
    const workshop = await makeBooking(api.db, { ...given, debut: at('12:00'), noms: ['Ada'], places: 2 });
    const seance = await api.db.manager.findOneByOrFail(Seance, { id: workshop.seance_id });
    await joinSeance(api.db, seance, { user_ids: [one.user_id], noms: ['Grace'] });
    const { entrees } = await agenda(admin, `vue=jour&${of(one)}`);
    expect(entrees.map(({ rendez_vous }) => rendez_vous)).toMatchObject([
      [{ uid: held.uid, statut: 'retenu', participants: [] }],
      [{ participants: [{ nom: 'Ada' }] }, { participants: [{ nom: 'Grace' }] }],
    ]);
    expect(entrees[1]).toMatchObject({ places: 3, places_prises: 2 });
  });

  it('shows a responsable the time of their people that others take as taken, and no more', async () => {
    const [nord, sud] = [await makeSite(api.db), await makeSite(api.db)];
    const { client: responsable } = await api.newPerson('responsable', { sites: [nord.id] });
    const technicien = await makeTechnicien(api.db);
    const elsewhere = await makeEquipement(api.db, { site_id: sud.id });
    const intervention = await makeIntervention(api.db, {
      equipement_id: elsewhere.id,
      technicien_id: technicien.id,
      statut: 'planifiee',
    });
    await makePlanning(api.db, {
      intervention_id: intervention.id,
      technicien_id: technicien.id,
      date_planifiee: new Date(at('13:00')),
      duree_estimee: 30,
    });
    const theirs = await somebody({ site_id: nord.id, user_id: technicien.user_id });
    const stranger = await somebody({ site_id: sud.id });
    const room = await makeSalle(api.db, { site_id: sud.id });
    const atNord = await makePrestation(api.db, { site_id: nord.id });
    const atSud = await makePrestation(api.db, { site_id: sud.id, tampon_avant: 15 });
    await makeBooking(api.db, {
      prestation: atNord,
      intervenants: [theirs],
      debut: at('09:00'),
      noms: ['Ada'],
    });
    await makeBooking(api.db, {
      prestation: atSud,
      intervenants: [stranger, theirs],
      salles: [room],
      debut: at('10:00'),
      noms: ['Secret'],
    });
    const shown = await agenda(responsable, 'vue=jour');
    expect([ids(shown.intervenants), ids(shown.salles)]).toEqual([[theirs.id], []]);
    const common = {
      jours: [TUESDAY],
      intervenants: [{ id: theirs.id, nom: theirs.nom_public }],
      salles: [],
    };
    expect(shown.entrees.map(({ genre }) => genre)).toEqual(['rendez_vous', 'occupe', 'occupe']);
    expect(shown.entrees.slice(1)).toEqual([
      { genre: 'occupe', debut: `${TUESDAY}T09:45:00+00:00`, fin: `${TUESDAY}T10:30:00+00:00`, ...common },
      { genre: 'occupe', debut: `${TUESDAY}T13:00:00+00:00`, fin: `${TUESDAY}T13:30:00+00:00`, ...common },
    ]);
    expect(JSON.stringify(shown)).not.toContain('Secret');
    // Naming somebody opens nothing.
    const named = await agenda(responsable, `vue=jour&${of(stranger)}&salles=${room.id}`);
    expect([named.intervenants, named.salles, named.entrees]).toEqual([[], [], []]);
  });

  it('shows an intervenant their own line, with the names of those and the rooms they are with', async () => {
    const technicien = await api.newPerson('technicien');
    const [mine, other] = [await somebody({ user_id: technicien.user.id }), await somebody()];
    const room = await makeSalle(api.db);
    const prestation = await makePrestation(api.db);
    await makeBooking(api.db, { prestation, intervenants: [other], debut: at('09:00') });
    await makeBooking(api.db, {
      prestation,
      intervenants: [mine, other],
      salles: [room],
      debut: at('10:00'),
      noms: ['Ada'],
    });
    const shown = await agenda(technicien.client, 'vue=jour');
    expect([ids(shown.intervenants), shown.salles]).toEqual([[mine.id], []]);
    expect(shown.entrees).toMatchObject([
      {
        genre: 'rendez_vous',
        salles: [{ id: room.id, nom: room.nom }],
        rendez_vous: [{ participants: [{ nom: 'Ada' }] }],
      },
    ]);
    expect(ids(shown.entrees[0]!.intervenants)).toEqual(ids([mine, other]));
  });

  it('shows whoever receives their own line, by whatever role, and nobody else to those who receive nobody', async () => {
    const nord = await makeSite(api.db);
    const prestation = await makePrestation(api.db);
    for (const role of ['client', 'responsable'] as const) {
      const person = await api.newPerson(role, role === 'client' ? {} : { sites: [nord.id] });
      const none = await agenda(person.client, 'vue=jour');
      expect([role, none.intervenants, none.salles, none.entrees]).toEqual([role, [], [], []]);
      const elsewhere = await makeSite(api.db, { fuseau_horaire: 'UTC', pays: 'ZZ' });
      const mine = await somebody({ user_id: person.user.id, site_id: elsewhere.id });
      const booked = await makeBooking(api.db, { prestation, intervenants: [mine], debut: at('09:00') });
      const shown = await agenda(person.client, 'vue=jour');
      expect([role, ids(shown.intervenants)]).toEqual([role, [mine.id]]);
      expect(shown.entrees).toMatchObject([{ genre: 'rendez_vous', rendez_vous: [{ uid: booked.uid }] }]);
    }
  });

  it('shows by which calendar elsewhere somebody is busy to who may know of it, and to others that they are', async () => {
    const owner = await api.newPerson('client');
    const nord = await makeSite(api.db, { fuseau_horaire: 'UTC', pays: 'ZZ' });
    const one = await somebody({ user_id: owner.user.id, site_id: nord.id });
    const calendars = [
      await makeAgendaExterne(api.db, { intervenant_id: one.id, nom: 'Famille' }),
      await makeAgendaExterne(api.db, {
        intervenant_id: one.id,
        nom: 'Club',
        rafraichi_le: new Date(at('06:00')),
      }),
      await makeAgendaExterne(api.db, { intervenant_id: one.id, nom: 'Ancien', actif: false }),
    ];
    const busy = (agenda_id: number, debut: string, fin: string) =>
      api.db.manager.insert(OccupationExterne, {
        ...{ agenda_id, objet: Buffer.of(1), uid: Buffer.of(2) },
        ...{ debut: new Date(at(debut)), fin: new Date(at(fin)) },
      });
    await busy(calendars[0]!.id, '09:00', '10:00');
    await busy(calendars[1]!.id, '09:30', '10:30');
    await busy(calendars[2]!.id, '11:00', '12:00');
    await api.db.manager.insert(OccupationExterne, {
      ...{ agenda_id: calendars[0]!.id, objet: Buffer.of(1), uid: Buffer.of(3) },
      ...{ debut: new Date('2031-07-23T09:00:00Z'), fin: new Date('2031-07-23T10:00:00Z') },
    });
    const { client: responsable } = await api.newPerson('responsable', { sites: [nord.id] });
    for (const by of [owner.client, responsable, admin]) {
      const { entrees } = await agenda(by, `vue=jour&${of(one)}`);
      expect(entrees).toMatchObject([
        {
          genre: 'externe',
          debut: `${TUESDAY}T09:00:00+00:00`,
          agenda: { nom: 'Famille', rafraichi_le: null },
        },
        { genre: 'externe', fin: `${TUESDAY}T10:30:00+00:00`, agenda: { nom: 'Club' } },
      ]);
      expect(entrees[1]!.agenda).toMatchObject({ rafraichi_le: `${TUESDAY}T06:00:00.000Z` });
    }
    // Somebody who sees the person, and not what they keep elsewhere.
    const access = new Access({ ...publicAccess().principal, userId: owner.user.id }, () => [
      { action: 'read', subject: 'Intervenant', where: [{ user_id: owner.user.id }] },
    ]);
    const seen = await readAgenda(
      api.db,
      access,
      { vue: 'jour', date: TUESDAY, fuseau_horaire: 'UTC' },
      new Date(),
      'UTC',
    );
    expect(seen.entrees).toEqual([
      {
        genre: 'occupe',
        debut: `${TUESDAY}T09:00:00+00:00`,
        fin: `${TUESDAY}T10:30:00+00:00`,
        jours: [TUESDAY],
        intervenants: [{ id: one.id, nom: one.nom_public }],
        salles: [],
      },
    ]);
  });

  it('shows rooms alone where rooms are named, with the closings of their site', async () => {
    const site = await makeSite(api.db, {
      fuseau_horaire: 'UTC',
      pays: 'ZZ',
      fermetures: [{ date_debut: TUESDAY, date_fin: '2031-07-23', motif: 'Travaux' }],
    });
    const room = await makeSalle(api.db, {
      site_id: site.id,
      horaires: {
        2: [
          [480, 720],
          [720, 1_080],
        ],
      },
    });
    const open = await makeSalle(api.db, {
      site_id: site.id,
      exceptions: [{ date: TUESDAY, plages: [[600, 660]] }],
    });
    const one = await somebody();
    const prestation = await makePrestation(api.db);
    await makeBooking(api.db, { prestation, intervenants: [one], salles: [room], debut: at('09:00') });
    await makeBooking(api.db, { prestation, intervenants: [one], debut: at('10:00') });
    const { intervenants, salles, entrees } = await agenda(admin, `vue=jour&salles=${room.id},${open.id}`);
    expect([intervenants, salles.map(({ id, ouvert }) => [id, ouvert.length])]).toEqual([
      [],
      [
        [room.id, 0],
        [open.id, 1],
      ],
    ]);
    expect(entrees).toMatchObject([
      // Who has other stretches that day is not closed.
      { genre: 'fermeture', libelle: 'Travaux', ferie: false, salles: [{ id: room.id }] },
      { genre: 'rendez_vous', debut: `${TUESDAY}T09:00:00+00:00`, intervenants: [{ id: one.id }] },
    ]);
    const [week] = (await agenda(admin, `vue=semaine&salles=${room.id}`)).salles;
    expect(week!.ouvert).toEqual([]);
  });

  it('takes as many statements for twenty people as for one', async () => {
    const prestation = await makePrestation(api.db);
    const people: Intervenant[] = [];
    for (let n = 0; n < 20; n++) people.push(await somebody());
    for (const one of people)
      await makeBooking(api.db, { prestation, intervenants: [one], debut: at('09:00') });
    const few = await statementsDuring(() => agenda(admin, `vue=semaine&${of(people[0]!)}`));
    const many = await statementsDuring(() => agenda(admin, `vue=mois&${of(...people)}`));
    expect(many).toHaveLength(few.length);
  });

  it('refuses what is no view, no day and no zone', async () => {
    for (const query of [
      'vue=annee',
      'date=2031-02-30',
      'date=1999-12-31',
      'fuseau_horaire=Mars/Base',
      'salles=x',
    ]) {
      expect((await admin.get(`/agenda?${query}`)).status).toBe(422);
    }
  });
});
