import { joursFrom } from '../../../src/domain/planification/propositions';
import { type Demande, readSituation } from '../../../src/services/planification/situation';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import {
  makeEquipement,
  makeFerie,
  makeIntervention,
  makePlanning,
  makeSite,
  makeTechnicien,
} from '../../support/factories';
import { statementsDuring } from '../../support/queries';

/** What planning is given of what lies in the rows. */

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const MONDAY = '2031-01-13';
const ZONE = 'Africa/Casablanca';
/** 08:00 of a day of that week; Morocco is at UTC. */
const at = (day: number, hour = 8) => new Date(Date.parse(MONDAY) + day * 86_400_000 + hour * 3_600_000);
const minutes = (date: Date) => date.getTime() / 60_000;

const demande = (given: Partial<Demande> = {}): Demande => ({
  jours: joursFrom(MONDAY, 7, ZONE),
  siteIds: [],
  techniciens: null,
  interventions: null,
  now: new Date('2031-01-10T10:02:00Z'),
  timeZone: ZONE,
  ...given,
});

describe('What planning is given', () => {
  it('is read in the same number of statements, however much there is', async () => {
    const { db } = database;
    const read = async () => (await statementsDuring(() => readSituation(db, demande()))).length;
    const site = await makeSite(db);
    await makeTechnicien(db, {}, { sites: [site.id] });
    const few = await read();
    for (let count = 0; count < 12; count++) {
      const elsewhere = await makeSite(db, { latitude: 33, longitude: -7 + count });
      const equipement = await makeEquipement(db, { site_id: elsewhere.id });
      const { id: technicien_id } = await makeTechnicien(db, {}, { sites: [elsewhere.id] });
      const { id } = await makeIntervention(db, {
        equipement_id: equipement.id,
        statut: 'planifiee',
        technicien_id,
      });
      await makePlanning(db, { intervention_id: id, technicien_id, date_planifiee: at(2, 9 + count) });
    }
    expect(await read()).toBe(few);
  });

  it('is the open work of the sites, and what is planned on these days or was missed', async () => {
    const { db } = database;
    const site = await makeSite(db);
    const other = await makeSite(db);
    const { id: technicien_id } = await makeTechnicien(db, {}, { sites: [site.id, other.id] });
    const work = async (
      date: Date | null,
      siteId = site.id,
      statut: 'ouverte' | 'planifiee' | 'en_cours' = 'planifiee',
    ) => {
      const equipement = await makeEquipement(db, { site_id: siteId });
      const planned = date === null ? {} : { technicien_id };
      const { id } = await makeIntervention(db, { equipement_id: equipement.id, statut, ...planned });
      if (date !== null) {
        const statutVisite = statut === 'en_cours' ? 'en_cours' : 'planifiee';
        await makePlanning(db, {
          intervention_id: id,
          technicien_id,
          date_planifiee: date,
          statut: statutVisite,
        });
      }
      return id;
    };
    const open = await work(null, site.id, 'ouverte');
    const planned = await work(at(1));
    const missed = await work(new Date('2031-01-09T08:00:00Z'));
    const later = await work(at(20));
    const underWay = await work(new Date('2031-01-10T09:30:00Z'));
    const begun = await work(at(3, 10), site.id, 'en_cours');
    const foreign = await work(at(2), other.id);
    const { travaux, techniciens, vues, actuel } = await readSituation(db, demande({ siteIds: [site.id] }));
    expect(travaux.map(({ intervention }) => intervention).sort((a, b) => a - b)).toEqual([
      open,
      planned,
      missed,
    ]);
    expect(techniciens.map(({ id }) => id)).toEqual([technicien_id]);
    // What is not to be planned takes time, and is not told.
    expect(techniciens[0]!.occupations).toEqual([
      [minutes(at(3, 10)), minutes(at(3, 11))],
      [minutes(at(2)), minutes(at(2, 9))],
    ]);
    expect(techniciens[0]!.charge).toBe(120);
    expect(actuel.map(({ intervention }) => intervention).sort((a, b) => a - b)).toEqual([planned, missed]);
    expect(vues.get(planned)).toMatchObject({ statut: 'planifiee', site_id: site.id });
    // Nothing begins before the next time that people can remember.
    expect(travaux[0]!.au_plus_tot).toBe(minutes(new Date('2031-01-10T10:05:00Z')));
    const named = await readSituation(
      db,
      demande({ siteIds: [site.id], interventions: [later, foreign, underWay, begun] }),
    );
    expect(named.travaux.map(({ intervention }) => intervention)).toEqual([later]);
  });

  it('has the hours of people by the clocks of each site, and what is closed there', async () => {
    const { db } = database;
    const paris = await makeSite(db, {
      fuseau_horaire: 'Europe/Paris',
      pays: 'FR',
      horaires: { 1: [[480, 720]] },
    });
    const rabat = await makeSite(db, { pays: 'BE' });
    await makeFerie(db, { pays: 'BE', date: '2031-01-15', demi_journee: 'matin' });
    await makeTechnicien(
      db,
      { horaires: null, latitude: 33, longitude: -7 },
      { sites: [paris.id, rabat.id] },
    );
    for (const site of [paris, rabat]) {
      const equipement = await makeEquipement(db, { site_id: site.id });
      await makeIntervention(db, { equipement_id: equipement.id });
    }
    const { calendriers, travaux, techniciens, points } = await readSituation(
      db,
      demande({ siteIds: [paris.id, rabat.id] }),
    );
    const [technicien] = techniciens;
    const ofSite = (id: number) => travaux.find(({ site }) => site === id)!.calendrier;
    expect(technicien!.heures[ofSite(paris.id)]).toEqual([[minutes(at(0, 7)), minutes(at(0, 11))]]);
    expect(technicien!.heures[ofSite(rabat.id)]).toHaveLength(10);
    expect(calendriers[ofSite(rabat.id)]!.fermetures).toEqual([[minutes(at(2, 0)), minutes(at(2, 12))]]);
    expect(calendriers[ofSite(paris.id)]!.fermetures).toEqual([]);
    // Where nobody knows the place there is no travel: number 0.
    expect([points, technicien!.base, travaux[0]!.lieu]).toEqual([[{ latitude: 33, longitude: -7 }], 1, 0]);
    expect(technicien!.plus_long_travail).toBe(240);
  });
});
