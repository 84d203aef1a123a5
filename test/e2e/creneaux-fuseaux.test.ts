import { dayAfter, dayAt, instantOfWallClock, startOfDay } from '../../src/domain/local-time';
import { randomFreePort } from '../../tools/lib/ports';
import type { Client } from '../support/client';
import {
  makeIntervenant,
  makePrestation,
  makeSalle,
  makeSite,
  makeTechnicien,
  makeUser,
} from '../support/factories';
import { type ProcessSystem, prepareSystem } from '../support/processes';

/** Processes of the API by other clocks than those of the house, over the next night in which these change. */

const ZONE = 'Europe/Paris';
const PROCESSES = ['UTC', 'America/New_York', 'Asia/Kolkata'] as const;
const CALLERS = ['Europe/Paris', 'UTC', 'Pacific/Apia', 'America/New_York', 'Asia/Kolkata'] as const;

/** The first day that has not 24 hours, of those before which there are some to book. */
const CHANGE = (() => {
  let day = dayAfter(dayAt(Date.now(), ZONE), 5);
  while (startOfDay(dayAfter(day, 1), ZONE) - startOfDay(day, ZONE) === 86_400_000) day = dayAfter(day, 1);
  return day;
})();
const day = (offset: number) => dayAfter(CHANGE, offset);
const wall = (offset: number, hour: number) =>
  new Date(instantOfWallClock(Date.parse(day(offset)) + hour * 3_600_000, ZONE)).toISOString();

let system: ProcessSystem;
let clients: Client[];
let slug: string;

beforeAll(async () => {
  system = await prepareSystem();
  const { db } = system;
  const site = await makeSite(db, {
    fuseau_horaire: ZONE,
    pays: 'BE',
    fermetures: [{ date_debut: day(2), date_fin: day(2), motif: 'Travaux' }] as never,
  });
  const week = Object.fromEntries(
    [1, 2, 3, 4, 5, 6, 7].map((weekday) => [
      weekday,
      [
        [0, 240],
        [780, 960],
        [1_320, 1_440],
      ],
    ]),
  );
  const technicien = await makeTechnicien(db, {
    absences: [{ id: 1, debut: wall(1, 13), fin: wall(1, 14), motif: 'formation' }],
  } as never);
  const one = await makeIntervenant(db, {
    user_id: technicien.user_id,
    site_id: site.id,
    pays: 'BE',
    horaires: week as never,
    absences: [{ date_debut: day(-1), date_fin: day(-1), motif: null, remplacant_id: null }],
    exceptions: [{ date: day(3), plages: [[780, 900]] }],
  });
  await makeSalle(db, { site_id: site.id, horaires: week as never });
  const prestation = await makePrestation(db, {
    ...{
      intervenants: [one.id],
      site_id: site.id,
      salles: [{ etiquettes: [], nombre: 1 }],
      pas: 60,
      durees: [60],
    },
    ...{ fenetre: { date_debut: day(-3), date_fin: day(4) }, plafonds: { par_jour: 9 } },
  });
  slug = prestation.slug;
  const admin = await makeUser(db);
  clients = await Promise.all(
    PROCESSES.map(async (TZ) => {
      const port = String(await randomFreePort());
      await system.startApi({ TZ, PORT: port });
      return system.as(admin, port);
    }),
  );
});
afterAll(() => system.close());

type Jours = Record<string, { debut: string; fin: string }[]>;

/** Instants of slots, asked of a process by somebody of a zone; two days more on each side, for days begin elsewhere. */
async function starts(client: Client, zone: string): Promise<string[]> {
  const query = `prestation=${slug}&debut=${day(-5)}&fin=${day(6)}&fuseau_horaire=${zone}`;
  const { status, body } = await client.get(`/creneaux?${query}`);
  expect(status).toBe(200);
  return Object.entries(body as Jours).flatMap(([of, slots]) =>
    slots.map(({ debut, fin }) => {
      expect([debut.slice(0, 10), Date.parse(fin) - Date.parse(debut)]).toEqual([of, 3_600_000]);
      expect(dayAt(Date.parse(debut), zone)).toBe(of);
      return new Date(debut).toISOString();
    }),
  );
}

/** By the clocks of the house: hours of each day on which something begins. */
const expected = () => {
  const hours = [0, 1, 2, 3, 13, 14, 15, 22, 23];
  const on = (offset: number, of: readonly number[]) => of.map((hour) => wall(offset, hour));
  // As long as the night is: an hour is missing, or comes once more.
  const night = (startOfDay(day(1), ZONE) - startOfDay(CHANGE, ZONE)) / 3_600_000 - 24 + 4;
  const first = startOfDay(CHANGE, ZONE);
  return [
    ...[...on(-3, hours), ...on(-2, hours)],
    ...Array.from({ length: night }, (_, hour) => new Date(first + hour * 3_600_000).toISOString()),
    ...on(0, hours.slice(4)),
    ...on(
      1,
      hours.filter((hour) => hour !== 13),
    ),
    ...on(3, [13, 14]),
    ...on(4, hours),
  ];
};

it('list the same instants, whatever their clocks show and whoever asks', async () => {
  for (const client of clients) {
    for (const zone of CALLERS) expect(await starts(client, zone)).toEqual(expected());
  }
});

it('book the same instant and refuse it to each other, also on a day with another hour', async () => {
  const debut = expected().find((start) => start >= wall(0, 13))!;
  const book = (client: Client, at: string) =>
    client.post('/rendez-vous', {
      prestation: slug,
      debut: at,
      participants: [{ nom: 'Samira', email: 'samira@exemple.ma' }],
    });
  const [first, ...others] = clients;
  // As somebody in India says it.
  const said = `${new Date(Date.parse(debut) + 5.5 * 3_600_000).toISOString().slice(0, 19)}+05:30`;
  const booked = await book(first!, said);
  expect([booked.status, booked.body.debut]).toEqual([201, debut]);
  for (const client of others) {
    expect((await book(client, debut)).body.code).toBe('CRENEAU_PRIS');
    expect(await starts(client, 'UTC')).toEqual(expected().filter((start) => start !== debut));
  }
});
