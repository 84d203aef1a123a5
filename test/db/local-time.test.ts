import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import type { Client } from '../support/client';
import { createTestDatabase } from '../support/database';
import { eventually } from '../support/eventually';
import { makeEquipement, makePiece, makeSite, makeTechnicien } from '../support/factories';
import { bringTo } from '../support/life';
import { allQueriesDuring, type Statement } from '../support/queries';
import { startTestSystem, type TestSystem } from '../support/system';

/**
 * PostgreSQL and the engine have zone data of their own, which is not that of the application. So neither is given the
 * name of a zone, nor asked for anything that depends on one: a day, a week, an hour of the day.
 */

const ZONES = new Set(Intl.supportedValuesOf('timeZone').map((zone) => zone.toLowerCase()));
const isZone = (value: unknown): boolean =>
  typeof value === 'string' && value.includes('/') && ZONES.has(value.toLowerCase());

/** What PostgreSQL answers by the calendar of some zone, be it that of the session. */
const CALENDAR =
  /\bAT\s+(TIME\s+ZONE|LOCAL)\b|\btimezone\s*\(|\bSET\s+(LOCAL\s+|SESSION\s+)?TIME\s*ZONE\b|\b(date_trunc|date_add|date_subtract|to_char|to_date|make_timestamptz|make_date|age)\s*\(|\bdate_part\s*\(\s*(?!'epoch')|\bextract\s*\(\s*(?!epoch\b)|::\s*(date|time|timestamp)\b(?! with time zone)|\bcurrent_(date|time)\b|\blocaltime(stamp)?\b/i;

/** What speaks against a statement; null when it speaks of instants only. */
function fault({ text, values }: Statement): string | null {
  const asked = CALENDAR.exec(text)?.[0];
  if (asked !== undefined) return `asks for ${asked}`;
  const literal = [...text.matchAll(/'([^']+)'/g)].find(([, value]) => isZone(value))?.[1];
  if (literal !== undefined) return `names ${literal}`;
  // That a site is in a zone is something that is known of it, and no question.
  const given = /\b(INTO|UPDATE)\s+"?sites"?\b/i.test(text) ? undefined : values.flat().find(isZone);
  return given === undefined ? null : `is given ${given}`;
}

/** All that the schema has PostgreSQL compute by itself. */
const definitionsOf = (db: DataSource): Promise<{ what: string; text: string }[]> =>
  db.query(`
    SELECT 'function ' || proname AS what, prosrc AS text FROM pg_proc WHERE pronamespace = 'public'::regnamespace
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = pg_proc.oid AND d.deptype = 'e')
    UNION ALL SELECT 'default or generated column of ' || adrelid::regclass, pg_get_expr(adbin, adrelid)
      FROM pg_attrdef d JOIN pg_class c ON c.oid = adrelid WHERE c.relnamespace = 'public'::regnamespace
    UNION ALL SELECT 'index ' || indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL SELECT 'constraint ' || conname, pg_get_constraintdef(oid)
      FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT 'view ' || viewname, definition FROM pg_views WHERE schemaname = 'public'`);

it('is what these would have been caught by', () => {
  const refused: [string, unknown[]?][] = [
    [
      `SELECT date_add(e.derniere_maintenance, make_interval(days => 30), 'Africa/Casablanca') FROM equipements e`,
    ],
    ['SELECT date_trunc($1, i.date_fin, $2) FROM interventions i', ['week', 'Europe/Paris']],
    [`SELECT i.date_fin AT TIME ZONE s.fuseau_horaire FROM interventions i`],
    ['SELECT timezone($1, now())', ['Africa/Casablanca']],
    [`SET TIME ZONE 'Europe/Paris'`],
    ['SELECT 1 FROM plannings WHERE date_planifiee::date = current_date'],
    ['SELECT extract(isodow FROM date_planifiee) FROM plannings'],
    [
      `ALTER TABLE equipements ADD COLUMN jour date GENERATED ALWAYS AS (timezone('UTC', date_installation)) STORED`,
    ],
    ['SELECT due FROM equipements WHERE zone = $1', ['africa/casablanca']],
    ['SELECT * FROM f($1)', [['Asia/Tokyo']]],
  ];
  for (const [text, values = []] of refused) expect([text, fault({ text, values })]).not.toContain(null);
  const accepted: [string, unknown[]?][] = [
    ['SELECT extract(epoch FROM now() - date_creation) FROM interventions'],
    ['INSERT INTO "sites" ("nom", "fuseau_horaire") VALUES ($1, $2)', ['Usine', 'Asia/Tokyo']],
    [
      'SELECT $1::timestamptz + make_interval(mins => 5), s.fuseau_horaire FROM sites s',
      ['2026-12-19T00:00:00Z'],
    ],
    ['SELECT update_date, coupage FROM x WHERE nom = $1', ['N/A']],
  ];
  for (const [text, values = []] of accepted) expect([text, fault({ text, values })]).toEqual([text, null]);
});

it('is not asked of PostgreSQL by the schema that the migrations make', async () => {
  const database = await createTestDatabase();
  try {
    const definitions = await definitionsOf(database.owner);
    expect(definitions.length).toBeGreaterThan(100);
    const faults = definitions.map(({ what, text }) => [what, fault({ text, values: [] })] as const);
    expect(faults.filter(([, found]) => found !== null)).toEqual([]);
  } finally {
    await database.drop();
  }
});

it('is in no statement of the sources, also of those that no test runs', () => {
  const src = join(__dirname, '..', '..', 'src');
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  const statements = files.flatMap((file) => {
    const text = readFileSync(join(src, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
    return [...text.matchAll(/(sql)?`((?:[^`\\]|\\.)*)`|'((?:[^'\\\n]|\\.)*)'/g)]
      .map(([, tag, template, quoted]) => ({ tag, text: template ?? quoted ?? '' }))
      .filter((one) => one.tag || /\b(SELECT|INSERT|UPDATE|DELETE|ALTER|CREATE|coalesce)\b/.test(one.text))
      .map((one) => ({ file, text: one.text }));
  });
  expect(statements.length).toBeGreaterThan(200);
  const faults = statements.map(({ file, text }) => [file, fault({ text, values: [] }), text] as const);
  expect(faults.filter(([, found]) => found !== null)).toEqual([]);
});

describe('in a system at work', () => {
  let system: TestSystem;
  let client: Client;
  let statements: Statement[];
  beforeAll(async () => {
    statements = await allQueriesDuring(async () => {
      system = await startTestSystem();
      client = (await system.newPerson('admin')).client;
      await live();
    });
  });
  afterAll(() => system.close());

  /** What people do in a week, on a site in a zone of its own. */
  async function live(): Promise<void> {
    const { db } = system;
    const site = await makeSite(db, { fuseau_horaire: 'Asia/Tokyo' });
    for (const statut of ['planifiee', 'attente_pieces', 'terminee', 'annulee'] as const) {
      const equipement = await makeEquipement(db, { site_id: site.id, frequence_entretien: 30 });
      await bringTo(statut, {
        client,
        equipementId: equipement.id,
        technicienId: (await makeTechnicien(db)).id,
        pieceId: (await makePiece(db)).id,
        date: new Date(Date.now() + 3_600_000),
      });
    }
    await client.post('/equipements', {
      nom: 'Presse',
      type: 'Presse',
      numero_serie: 'PH-ZONES',
      site_id: site.id,
      date_installation: '2026-01-10',
      frequence_entretien: 30,
    });
    for (const path of [
      '/equipements?sort=prochaine_maintenance&maintenance_due=true',
      '/interventions?date_min=2026-01-01&date_max=2030-01-01',
      '/planning?date_debut=2026-01-01&date_fin=2026-12-31',
      '/dashboard/stats',
      '/audit?date_min=2026-01-01&date_max=2026-12-31',
      '/techniciens',
      '/notifications',
    ]) {
      expect([path, (await client.get(path)).status]).toEqual([path, 200]);
    }
    await eventually(
      () => db.query(`SELECT id FROM documents WHERE cle_unique LIKE 'rapport:%'`),
      (rows: unknown[]) => rows.length > 0,
    );
  }

  it('is given to no statement', () => {
    expect(new Set(statements.map(({ text }) => text)).size).toBeGreaterThan(60);
    const faults = statements.map((statement) => [fault(statement), statement.text] as const);
    expect(faults.filter(([found]) => found !== null)).toEqual([]);
  });

  it('is given to no schedule', async () => {
    const { temporal } = system.config;
    const { Client: TemporalClient, Connection } = await import('@temporalio/client');
    const connection = await Connection.connect({ address: temporal.address });
    try {
      const { schedule } = new TemporalClient({ connection, namespace: temporal.namespace });
      const found = [];
      for await (const { scheduleId } of schedule.list()) {
        const { spec } = await schedule.getHandle(scheduleId).describe();
        found.push({ scheduleId, timezone: spec.timezone ?? '', calendars: spec.calendars ?? [] });
      }
      expect(found.length).toBeGreaterThanOrEqual(2);
      // An interval counts from the epoch in UTC; a calendar without a zone would be one of UTC as well, and is not ours.
      for (const { scheduleId, ...spec } of found)
        expect([scheduleId, spec]).toEqual([
          scheduleId,
          { timezone: expect.stringMatching(/^(UTC)?$/), calendars: [] },
        ]);
    } finally {
      await connection.close();
    }
  });
});
