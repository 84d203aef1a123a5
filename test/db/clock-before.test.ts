import { LocalTime1764600000000 } from '../../src/db/migrations/1764600000000-local-time';
import { Maintenance1765000000000 } from '../../src/db/migrations/1765000000000-maintenance';
import type { Statut } from '../../src/domain/interventions/interventions';
import type { Ordre } from '../../src/domain/interventions/ordres';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { makeEquipement, makeIntervention, makeTechnicien } from '../support/factories';
import { type InventedTime, inventTime } from '../support/invented-time';

/** What the clocks of version 0.1.0 had seen, as the migrations read it from the history. */

let database: TestDatabase;
let time: InventedTime;
beforeAll(async () => {
  database = await createTestDatabase();
  time = await inventTime(database);
});
afterAll(() => database.drop());

async function migrated(
  migration: new () => LocalTime1764600000000 | Maintenance1765000000000,
  asBefore: () => Promise<unknown>,
): Promise<void> {
  const runner = database.owner.createQueryRunner();
  try {
    await new migration().down(runner);
    await asBefore();
    await new migration().up(runner);
  } finally {
    await runner.release();
  }
}

const day = (text: string) => new Date(`2026-12-${text}Z`);
type Told = [date: string, action: string];

async function tell(entite: string, id: number, told: readonly Told[], apres: object[] = []): Promise<void> {
  for (const [index, [date, action]] of told.entries()) {
    await database.db.query(
      `INSERT INTO historique (entite, entite_id, action, date, numero_evenement, apres) VALUES ($1, $2, $3, $4, $5, $6)`,
      [entite, id, action, day(date), entite === 'intervention' ? index + 1 : null, apres[index] ?? {}],
    );
  }
}

interface Before {
  statut: Statut;
  told: Told[];
  limite: string;
  fin?: string;
  arret?: string;
}

/** Monday 7 December 2026, eight o'clock, `normale`: due on Friday at six. */
const CREATION: Told = ['07T08:00', 'creation'];
const ROWS = {
  waited: {
    statut: 'en_cours',
    limite: '16T10:00',
    told: [
      CREATION,
      ['07T08:30', 'assignation'],
      ['07T09:00', 'attente_pieces'],
      ['08T09:00', 'pieces_recues'],
      ['09T09:00', 'reprise'],
      ['09T10:00', 'attente_pieces'],
      ['09T11:00', 'relance_pieces'],
      ['09T15:00', 'reprise'],
    ],
  },
  waiting: {
    statut: 'attente_pieces',
    limite: '11T18:00',
    arret: '09T10:00',
    told: [CREATION, ['07T09:00', 'attente_pieces'], ['07T10:00', 'reprise'], ['09T10:00', 'attente_pieces']],
  },
  reopened: {
    statut: 'en_cours',
    limite: '16T18:00',
    told: [
      CREATION,
      ['07T09:00', 'attente_pieces'],
      ['07T10:00', 'reprise'],
      ['08T10:00', 'fin'],
      ['09T08:00', 'reouverture'],
      ['09T09:00', 'attente_pieces'],
      ['09T10:00', 'reprise'],
    ],
  },
  cancelled: {
    statut: 'annulee',
    limite: '11T18:00',
    fin: '08T09:00',
    told: [CREATION, ['07T09:00', 'attente_pieces'], ['08T09:00', 'annulation']],
  },
  onTime: { statut: 'terminee', limite: '11T18:00', fin: '11T17:00', told: [CREATION, ['11T17:00', 'fin']] },
  late: { statut: 'terminee', limite: '11T18:00', fin: '11T18:01', told: [CREATION, ['11T18:01', 'fin']] },
  /** Late already when the wait began. */
  lateAndWaiting: {
    statut: 'attente_pieces',
    limite: '08T09:00',
    arret: '08T10:00',
    told: [CREATION, ['08T10:00', 'attente_pieces']],
  },
} satisfies Record<string, Before>;

it('finds from where the clock runs, its waits, and what had passed', async () => {
  const ids = new Map<string, number>();
  const technicien = await makeTechnicien(database.db);
  for (const [name, { statut, limite, told, fin, arret }] of Object.entries<Before>(ROWS)) {
    const { id } = await makeIntervention(database.db, {
      statut,
      technicien_id: technicien.id,
      rapport: statut === 'terminee' ? 'Fait.' : null,
      motif_annulation: statut === 'annulee' ? 'Double.' : null,
      date_creation: day('07T08:00'),
      arme_le: day('07T08:00'),
      date_limite: day(limite),
      date_limite_imposee: false,
      date_fin: fin === undefined ? null : day(fin),
      horloge_arretee_le: arret === undefined ? null : day(arret),
      numero_evenement: told.length,
    });
    await tell('intervention', id, told);
    ids.set(name, id);
  }
  await migrated(LocalTime1764600000000, async () => {});

  const found: Record<string, unknown> = {};
  for (const [name, id] of ids) {
    const { resolution_depuis, pauses, depasse_le } = await time.rowOf(id);
    const short = (instant: Date | number) => new Date(instant).toISOString().slice(8, 16);
    found[name] = {
      depuis: short(resolution_depuis),
      pauses: pauses.map(({ debut, fin }) => [short(debut), short(fin)]),
      depasse: depasse_le && short(depasse_le),
    };
  }
  const depuis = '07T08:00';
  // What is still under way at the present of this machine is late where its deadline has passed by then.
  const passed = (limite: string) => (day(limite).getTime() < Date.now() ? limite : null);
  expect(found).toEqual({
    waited: {
      depuis,
      pauses: [
        ['07T09:00', '09T09:00'],
        ['09T10:00', '09T15:00'],
      ],
      depasse: passed('16T10:00'),
    },
    waiting: { depuis, pauses: [['07T09:00', '07T10:00']], depasse: null },
    reopened: { depuis: '09T08:00', pauses: [['09T09:00', '09T10:00']], depasse: passed('16T18:00') },
    cancelled: { depuis, pauses: [['07T09:00', '08T09:00']], depasse: null },
    onTime: { depuis, pauses: [], depasse: null },
    late: { depuis, pauses: [], depasse: '11T18:00' },
    lateAndWaiting: { depuis, pauses: [], depasse: '08T09:00' },
  });

  // And goes on from there: two hours of a critique's four had passed outside of the waits by 15:00.
  const change: Ordre = { type: 'modification', changements: { priorite: 'critique' } };
  const waited = ids.get('waited')!;
  await time.order(waited, change, day('09T15:30').getTime());
  expect((await time.rowOf(waited)).date_limite).toEqual(day('09T17:00'));
});

it('keeps what a person had last said of a maintenance, and what no work had recorded', async () => {
  const make = (derniere: string | null) =>
    makeEquipement(database.db, { derniere_maintenance: derniere === null ? null : day(derniere) });
  const said = { derniere_maintenance: day('01T08:00') };
  const [typed, worked, corrected, imported, never] = await Promise.all([
    make('05T10:00'),
    make('05T10:00'),
    make('02T08:00'),
    make('01T08:00'),
    make(null),
  ]);
  await tell(
    'equipement',
    typed.id,
    [
      ['02T08:00', 'creation'],
      ['05T10:00', 'maintenance'],
    ],
    [said],
  );
  await tell('equipement', worked.id, [
    ['02T08:00', 'creation'],
    ['05T10:00', 'maintenance'],
  ]);
  await tell(
    'equipement',
    corrected.id,
    [
      ['02T08:00', 'creation'],
      ['05T10:00', 'maintenance'],
      ['06T10:00', 'modification'],
      ['07T10:00', 'modification'],
    ],
    [said, {}, { derniere_maintenance: day('02T08:00') }, { nom: 'Autre' }],
  );
  await migrated(Maintenance1765000000000, async () => {});

  const rows: { maintenance_saisie: Date | null }[] = await database.db.query(
    'SELECT maintenance_saisie FROM equipements WHERE id = ANY($1) ORDER BY array_position($1, id)',
    [[typed.id, worked.id, corrected.id, imported.id, never.id]],
  );
  expect(rows.map(({ maintenance_saisie }) => maintenance_saisie)).toEqual([
    day('01T08:00'),
    null,
    day('02T08:00'),
    day('01T08:00'),
    null,
  ]);
});
