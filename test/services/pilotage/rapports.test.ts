import { readEquipementData } from '../../../src/services/pilotage/rapport-equipement';
import { readMoisData } from '../../../src/services/pilotage/rapport-mois';
import { readSemaineData } from '../../../src/services/pilotage/rapport-semaine';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import {
  makeEquipement,
  makeIntervention,
  makePlanning,
  makeRapportDemande,
  makeSite,
  makeTechnicien,
} from '../../support/factories';
import { queriesDuring } from '../../support/queries';

/** The figures of reports, read in one statement each, or two, by the clock of their zone. */

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const ZONE = 'Africa/Casablanca';

/** One that ended, or not, with what is given of it. */
async function intervention(equipementId: number, given: Record<string, unknown>) {
  const { db } = database;
  const { id } = await makeIntervention(db, { equipement_id: equipementId });
  const entries = Object.entries(given);
  const set = entries.map(([field], index) => `${field} = $${index + 2}`).join(', ');
  await db.query(`UPDATE interventions SET ${set} WHERE id = $1`, [id, ...entries.map(([, value]) => value)]);
  return id;
}

async function spend(
  interventionId: number,
  technicienId: number,
  nature: string,
  debut: string,
  fin: string | null,
) {
  await database.db.query(
    'INSERT INTO temps (intervention_id, technicien_id, nature, debut, fin) VALUES ($1, $2, $3, $4, $5)',
    [interventionId, technicienId, nature, debut, fin],
  );
}

describe('a month', () => {
  it('counts what was created and finished in it, on its sites alone', async () => {
    const { db } = database;
    const [nord, sud] = [await makeSite(db, { nom: 'Nord' }), await makeSite(db, { nom: 'Sud' })];
    const [one, other, none] = [
      await makeEquipement(db, { site_id: nord.id }),
      await makeEquipement(db, { site_id: sud.id }),
      await makeEquipement(db, { site_id: null }),
    ];
    const technicien = await makeTechnicien(db);
    const done = { statut: 'terminee', technicien_id: technicien.id, rapport: 'Fait.' };
    // Created in November, finished in December, in time.
    const first = await intervention(one.id, {
      ...done,
      date_creation: '2026-11-30T10:00:00Z',
      date_fin: '2026-12-02T10:00:00Z',
      date_limite: '2026-12-03T10:00:00Z',
      cout_pieces: '10.5',
      satisfaction_note: 4,
    });
    // Late, and of the last minute of the month.
    await intervention(one.id, {
      ...done,
      date_creation: '2026-12-30T23:59:00Z',
      date_fin: '2026-12-31T23:59:00Z',
      date_limite: '2026-12-31T10:00:00Z',
      depasse_le: '2026-12-31T10:00:00Z',
      cout_pieces: '4.25',
      priorite: 'critique',
    });
    // Finished in January: open at the end of the month.
    await intervention(one.id, {
      ...done,
      date_creation: '2026-12-10T10:00:00Z',
      date_fin: '2027-01-02T10:00:00Z',
    });
    await intervention(other.id, { date_creation: '2026-12-11T10:00:00Z', type_intervention: 'preventive' });
    await intervention(none.id, { date_creation: '2026-12-12T10:00:00Z' });
    // Half of it in the month.
    await spend(first, technicien.id, 'travail', '2026-11-30T23:00:00Z', '2026-12-01T01:00:00Z');

    const read = async (site_ids: number[], site_id: number | null = null) =>
      readMoisData(db, await makeRapportDemande(db, { periode: '2026-12', site_ids, site_id }), ZONE);
    const month = await read([nord.id], nord.id);
    expect(month).toMatchObject({
      mois: '2026-12',
      perimetre: ['Nord'],
      sites: [],
      types: { corrective: 2, preventive: 0, predictive: 0 },
      priorites: { critique: 1 },
      chiffres: {
        creees: 2,
        terminees: 2,
        tenus: 1,
        echeances: 2,
        cout: '14.7500',
        ouvertes: 1,
        annulees: 0,
        resolution: 36 * 60,
        satisfaction: 4,
        minutes: { travail: 60, trajet: 0, attente: 0 },
      },
    });
    expect(month.jours).toHaveLength(31);
    expect(month.jours.find(({ jour }) => jour === '2026-12-02')).toMatchObject({ creees: 0, terminees: 1 });
    expect(month.jours.reduce((sum, { creees }) => sum + creees, 0)).toBe(2);
    const all = await read([]);
    expect([all.perimetre, all.chiffres.creees]).toEqual([null, 4]);
    expect(all.sites.map(({ nom, creees }) => [nom, creees])).toEqual([
      ['Nord', 2],
      ['Sud', 1],
      [null, 1],
    ]);
    // What stands on no site is a place of its own.
    expect((await read([0])).chiffres.creees).toBe(1);
    const demande = await makeRapportDemande(db, { periode: '2026-12', site_ids: [] });
    expect(await queriesDuring(() => readMoisData(db, demande, ZONE))).toHaveLength(1);
  });

  it('of nothing is a month of zeros', async () => {
    const { db } = database;
    const month = await readMoisData(db, await makeRapportDemande(db, { periode: '2020-02' }), ZONE);
    expect(month.jours).toHaveLength(29);
    expect(month.chiffres).toMatchObject({
      creees: 0,
      terminees: 0,
      cout: '0',
      resolution: null,
      satisfaction: null,
    });
    expect(month.sites).toEqual([]);
  });
});

describe('the history of an equipment', () => {
  it('sums costs, work and the time that it stood still, however its stops overlap', async () => {
    const { db } = database;
    const { id } = await makeEquipement(db, { nom: 'Presse' });
    const technicien = await makeTechnicien(db);
    const done = { statut: 'terminee', technicien_id: technicien.id, rapport: 'Fait.' };
    const first = await intervention(id, {
      ...done,
      date_creation: '2025-05-01T10:00:00Z',
      date_fin: '2025-05-02T10:00:00Z',
      cout_pieces: '10.5',
    });
    await intervention(id, {
      ...done,
      type_intervention: 'preventive',
      date_creation: '2026-05-01T10:00:00Z',
      date_fin: '2026-05-02T10:00:00Z',
      cout_pieces: '2',
    });
    await spend(first, technicien.id, 'travail', '2025-05-02T08:00:00Z', '2025-05-02T10:00:00Z');
    await spend(first, technicien.id, 'trajet', '2025-05-02T07:00:00Z', '2025-05-02T08:00:00Z');
    for (const [cause, debut, fin] of [
      ['panne', '2025-05-01T10:00:00Z', '2025-05-01T12:00:00Z'],
      ['panne', '2025-05-01T11:00:00Z', '2025-05-01T13:00:00Z'],
      ['maintenance', '2026-05-01T10:00:00Z', '2026-05-01T10:30:00Z'],
    ]) {
      await db.query('INSERT INTO arrets (equipement_id, cause, debut, fin) VALUES ($1, $2, $3, $4)', [
        id,
        cause,
        debut,
        fin,
      ]);
    }
    const demande = await makeRapportDemande(db, { type: 'equipement', equipement_id: id, periode: null });
    const history = (await readEquipementData(db, demande, ZONE))!;
    expect(history).toMatchObject({
      fuseau_horaire: ZONE,
      equipement: { id, nom: 'Presse' },
      totaux: {
        interventions: 2,
        correctives: 1,
        preventives: 1,
        cout: '12.5000',
        minutes_travail: 120,
        minutes_panne: 180,
        minutes_maintenance: 30,
      },
      annees: [
        { annee: 2025, interventions: 1, cout: '10.5000' },
        { annee: 2026, interventions: 1, cout: '2.0000' },
      ],
      reste: { interventions: 0, arrets: 0 },
    });
    expect(history.interventions.map(({ type_intervention }) => type_intervention)).toEqual([
      'preventive',
      'corrective',
    ]);
    expect(history.arrets).toHaveLength(3);
    expect(await queriesDuring(() => readEquipementData(db, demande, ZONE))).toHaveLength(2);
  });
});

describe('a week', () => {
  it('cuts what was spent at its midnights, and holds the visits of the crew', async () => {
    const { db } = database;
    const [technicien, other] = [await makeTechnicien(db), await makeTechnicien(db)];
    const equipement = await makeEquipement(db);
    const own = await intervention(equipement.id, { statut: 'planifiee', technicien_id: technicien.id });
    const along = await intervention(equipement.id, { statut: 'planifiee', technicien_id: other.id });
    await makePlanning(db, {
      intervention_id: own,
      technicien_id: technicien.id,
      date_planifiee: new Date('2026-12-14T00:00:00Z'),
    });
    await makePlanning(db, {
      intervention_id: along,
      technicien_id: other.id,
      equipiers: [technicien.id],
      date_planifiee: new Date('2026-12-20T22:00:00Z'),
    });
    // From Tuesday into Wednesday, and from Sunday into the week after.
    await spend(own, technicien.id, 'travail', '2026-12-15T23:00:00Z', '2026-12-16T02:00:00Z');
    await spend(own, technicien.id, 'trajet', '2026-12-20T23:30:00Z', '2026-12-21T00:30:00Z');
    await spend(along, other.id, 'travail', '2026-12-16T08:00:00Z', '2026-12-16T09:00:00Z');
    const demande = await makeRapportDemande(db, {
      type: 'semaine',
      technicien_id: technicien.id,
      periode: '2026-W51',
    });
    const week = (await readSemaineData(db, demande, ZONE))!;
    expect(week.jours.map(({ jour, minutes }) => [jour, minutes.travail, minutes.trajet])).toEqual([
      ['2026-12-14', 0, 0],
      ['2026-12-15', 60, 0],
      ['2026-12-16', 120, 0],
      ['2026-12-17', 0, 0],
      ['2026-12-18', 0, 0],
      ['2026-12-19', 0, 0],
      ['2026-12-20', 0, 30],
    ]);
    expect(week).toMatchObject({
      minutes: { travail: 180, trajet: 30, attente: 0 },
      interventions: [{ id: own, minutes: { travail: 180, trajet: 30, attente: 0 } }],
      reste: { visites: 0, interventions: 0 },
    });
    expect(week.visites.map(({ intervention_id }) => intervention_id)).toEqual([own, along]);
    expect(await queriesDuring(() => readSemaineData(db, demande, ZONE))).toHaveLength(1);
  });
});
