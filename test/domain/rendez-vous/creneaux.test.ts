import { dayAfter, dayAt, startOfDay, wallClockAt } from '../../../src/domain/local-time';
import {
  creerEvaluateur,
  type Ressource,
  type Salle,
  type Situation,
  type Verdict,
} from '../../../src/domain/rendez-vous/creneaux';
import type { Prestation } from '../../../src/domain/rendez-vous/prestations';
import { DEFAULT_HOURS, type Stretch, type WorkingHours } from '../../../src/domain/working-time';
import { createRandom, type Random } from '../../../tools/lib/random';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const at = (iso: string) => Date.parse(iso);

const PRESTATION: Prestation = {
  mode: 'un',
  intervenants: [{ id: 1, obligatoire: false, priorite: 0, poids: 1 }],
  salles: [],
  places: 1,
  tampon_avant: 0,
  tampon_apres: 0,
  pas: 30,
  preavis: { creer: 0 },
  fenetre: { jours: 60 },
  plafonds: {},
};

function situation(
  changes: Omit<Partial<Situation>, 'prestation'> & { prestation?: Partial<Prestation> },
): Situation {
  return {
    duree: 30 * MINUTE,
    maison: { hours: DEFAULT_HOURS, zone: 'Europe/Paris' },
    maintenant: at('2026-12-01T05:00:00Z'),
    intervenants: [person(1)],
    salles: [],
    seances: [],
    debuts: [],
    ...changes,
    prestation: { ...PRESTATION, ...changes.prestation },
  };
}

function person(
  id: number,
  occupe: Ressource['occupe'] = [],
  hours: WorkingHours = DEFAULT_HOURS,
  zone = 'Europe/Paris',
) {
  return { id, calendrier: { hours, zone }, occupe };
}

function room(id: number, changes: Partial<Salle> = {}): Salle {
  const always = Object.fromEntries([1, 2, 3, 4, 5, 6, 7].map((day) => [day, [[0, 1440]] as Stretch[]]));
  return { ...person(id, [], always), capacite: 4, etiquettes: [], ...changes };
}

const startsOf = (given: Situation, from: string, to: string) =>
  creerEvaluateur(given)
    .creneaux(at(from), at(to))
    .map(({ debut }) => new Date(debut).toISOString().slice(0, 16));
const said = (verdict: Verdict) => ('refus' in verdict ? verdict.refus : 'libre');
const verdictAt = (given: Situation, debut: string) => said(creerEvaluateur(given).verdict(at(debut)));

describe('slots of a person', () => {
  it('begin anew with each stretch of work', () => {
    const given = situation({ duree: 45 * MINUTE, prestation: { pas: 45 } });
    // 08:00 to 12:00 and 14:00 to 18:00 in Paris.
    expect(startsOf(given, '2026-12-01T00:00:00Z', '2026-12-02T00:00:00Z')).toEqual(
      ['07:00', '07:45', '08:30', '09:15', '10:00', '13:00', '13:45', '14:30', '15:15', '16:00'].map(
        (time) => `2026-12-01T${time}`,
      ),
    );
  });

  it('are as far apart as they take with the time around them, where nothing else is said', () => {
    const given = situation({ prestation: { pas: 'auto', tampon_avant: 5, tampon_apres: 10 } });
    expect(startsOf(given, '2026-12-01T07:00:00Z', '2026-12-01T09:00:00Z')).toEqual([
      '2026-12-01T07:00',
      '2026-12-01T07:45',
      '2026-12-01T08:30',
    ]);
  });

  it('keep the time around them free of what is kept free around others', () => {
    // One until 10:00, kept free until 10:15; ours wants ten minutes before: 10:20 is too early, 10:25 is not.
    const given = situation({
      intervenants: [person(1, [[at('2026-12-01T09:30:00Z'), at('2026-12-01T10:15:00Z')]])],
      prestation: { tampon_avant: 10, pas: 5 },
    });
    expect(verdictAt(given, '2026-12-01T10:20:00Z')).toBe('CRENEAU_PRIS');
    expect(verdictAt(given, '2026-12-01T10:25:00Z')).toBe('libre');
    expect(verdictAt(given, '2026-12-01T08:55:00Z')).toBe('libre');
    expect(verdictAt(given, '2026-12-01T09:05:00Z')).toBe('CRENEAU_PRIS');
  });

  it('follow the exceptions of a day', () => {
    const exceptions = new Map<string, Stretch[]>([
      ['2026-12-02', []],
      ['2026-12-05', [[600, 660]]],
    ]);
    const one = { ...person(1), calendrier: { ...person(1).calendrier, exceptions } };
    const given = situation({ intervenants: [one] });
    expect(startsOf(given, '2026-12-02T00:00:00Z', '2026-12-03T00:00:00Z')).toEqual([]);
    expect(startsOf(given, '2026-12-05T00:00:00Z', '2026-12-06T00:00:00Z')).toEqual([
      '2026-12-05T09:00',
      '2026-12-05T09:30',
    ]);
  });

  it('may go on past midnight where the work does', () => {
    const nights: WorkingHours = { 1: [[1320, 1440]], 2: [[0, 120]] };
    const given = situation({ duree: HOUR, intervenants: [person(1, [], nights)] });
    // Monday 22:00 to Tuesday 02:00 in Paris.
    expect(startsOf(given, '2026-12-07T00:00:00Z', '2026-12-09T00:00:00Z')).toEqual(
      ['07T21:00', '07T21:30', '07T22:00', '07T22:30', '07T23:00', '07T23:30', '08T00:00'].map(
        (time) => `2026-12-${time}`,
      ),
    );
  });
});

describe('golden days', () => {
  const morningAndAfternoon: WorkingHours = {
    7: [
      [60, 240],
      [780, 900],
    ],
  };
  const sundays = (zone: string, from: string, to: string) =>
    startsOf(
      situation({
        duree: HOUR,
        maintenant: at(from) - 30 * DAY,
        intervenants: [person(1, [], morningAndAfternoon, zone)],
        prestation: { pas: 60 },
      }),
      from,
      to,
    ).map((start) => start.slice(11));

  it('Paris: an hour is missing in spring, and comes twice in autumn', () => {
    // 01:00 to 04:00 is two hours, from 00:00Z; the afternoon from 13:00 is at UTC+2.
    expect(sundays('Europe/Paris', '2027-03-28T00:00:00Z', '2027-03-29T00:00:00Z')).toEqual([
      '00:00',
      '01:00',
      '11:00',
      '12:00',
    ]);
    // 01:00 at UTC+2 is 23:00Z of Saturday; four hours.
    expect(sundays('Europe/Paris', '2026-10-24T22:00:00Z', '2026-10-25T23:00:00Z')).toEqual([
      '23:00',
      '00:00',
      '01:00',
      '02:00',
      '12:00',
      '13:00',
    ]);
  });

  it('New York: on 2027-03-14 the afternoon is four hours behind UTC', () => {
    expect(sundays('America/New_York', '2027-03-14T05:00:00Z', '2027-03-15T04:00:00Z')).toEqual([
      '06:00',
      '07:00',
      '17:00',
      '18:00',
    ]);
  });

  it('Casablanca: an hour later in UTC since it left UTC+1 on 2026-09-20', () => {
    expect(sundays('Africa/Casablanca', '2026-09-13T00:00:00Z', '2026-09-14T00:00:00Z')).toEqual([
      '00:00',
      '01:00',
      '02:00',
      '12:00',
      '13:00',
    ]);
    expect(sundays('Africa/Casablanca', '2026-09-27T00:00:00Z', '2026-09-28T00:00:00Z')).toEqual([
      '01:00',
      '02:00',
      '03:00',
      '13:00',
      '14:00',
    ]);
  });
});

describe('notice, window, caps', () => {
  it('are told in this order', () => {
    const given = situation({
      maintenant: at('2026-12-01T07:30:00Z'),
      prestation: { preavis: { creer: 60 }, fenetre: { jours: 1 }, plafonds: { par_jour: 1 } },
      debuts: [at('2026-12-01T13:00:00Z')],
    });
    expect(verdictAt(given, '2026-12-01T08:00:00Z')).toBe('PREAVIS');
    expect(verdictAt(given, '2026-12-01T08:30:00Z')).toBe('PLAFOND');
    expect(verdictAt(given, '2026-12-02T16:30:00Z')).toBe('libre');
    expect(verdictAt(given, '2026-12-03T08:00:00Z')).toBe('HORS_FENETRE');
    expect(verdictAt(given, '2026-12-02T02:00:00Z')).toBe('HORS_DISPONIBILITE');
  });

  it('count days, weeks and months by the clocks of the house', () => {
    // 00:30 in Paris on Tuesday the 1st, still November, and Monday, in UTC.
    const late = at('2026-11-30T23:30:00Z');
    const full = (plafonds: Prestation['plafonds'], debut: string) =>
      verdictAt(situation({ prestation: { plafonds }, debuts: [late] }), debut);
    expect(full({ par_jour: 1 }, '2026-12-01T08:00:00Z')).toBe('PLAFOND');
    expect(full({ par_jour: 1 }, '2026-12-02T08:00:00Z')).toBe('libre');
    expect(full({ par_semaine: 1 }, '2026-12-04T08:00:00Z')).toBe('PLAFOND');
    expect(full({ par_semaine: 1 }, '2026-12-07T08:00:00Z')).toBe('libre');
    expect(full({ par_mois: 1 }, '2026-12-31T08:00:00Z')).toBe('PLAFOND');
    expect(full({ par_mois: 1 }, '2027-01-04T08:00:00Z')).toBe('libre');
  });

  it('count working days where it is said so', () => {
    // Tuesday; the third working day after it is Friday, the fourth Monday.
    const within = (jours_ouvres: number, debut: string) =>
      verdictAt(situation({ prestation: { fenetre: { jours_ouvres } } }), debut);
    expect(within(3, '2026-12-04T16:30:00Z')).toBe('libre');
    expect(within(3, '2026-12-07T08:00:00Z')).toBe('HORS_FENETRE');
    expect(within(4, '2026-12-07T08:00:00Z')).toBe('libre');
    expect(within(0, '2026-12-01T16:30:00Z')).toBe('libre');
    expect(within(0, '2026-12-02T08:00:00Z')).toBe('HORS_FENETRE');
  });

  it('of dates hold both', () => {
    const fenetre = { date_debut: '2026-12-03', date_fin: '2026-12-03' };
    const given = situation({ prestation: { fenetre } });
    expect(verdictAt(given, '2026-12-02T08:00:00Z')).toBe('HORS_FENETRE');
    expect(verdictAt(given, '2026-12-03T16:30:00Z')).toBe('libre');
    expect(verdictAt(given, '2026-12-04T08:00:00Z')).toBe('HORS_FENETRE');
  });
});

describe('several people', () => {
  const two = [
    { id: 1, obligatoire: false, priorite: 0, poids: 1 },
    { id: 2, obligatoire: false, priorite: 0, poids: 1 },
  ];
  const morning: WorkingHours = { 2: [[480, 600]] };
  const later: WorkingHours = { 2: [[510, 660]] };

  it('one of whom is enough are offered whenever one can', () => {
    const given = situation({
      intervenants: [person(1, [], morning), person(2, [], later)],
      prestation: { mode: 'tour_de_role', intervenants: two, pas: 60 },
      duree: HOUR,
    });
    const slots = creerEvaluateur(given).creneaux(at('2026-12-01T00:00:00Z'), at('2026-12-02T00:00:00Z'));
    expect(
      slots.map(({ debut, intervenants }) => [new Date(debut).toISOString().slice(11, 16), intervenants]),
    ).toEqual([
      ['07:00', [1]],
      ['07:30', [2]],
      ['08:00', [1]],
      ['08:30', [2]],
    ]);
  });

  it('who all have to come are offered when all can, on the grid of their common time', () => {
    const given = situation({
      intervenants: [person(1, [], morning), person(2, [], later)],
      prestation: { mode: 'collectif', intervenants: two, pas: 60 },
    });
    expect(startsOf(given, '2026-12-01T00:00:00Z', '2026-12-02T00:00:00Z')).toEqual([
      '2026-12-01T07:30',
      '2026-12-01T08:30',
    ]);
    expect(verdictAt(given, '2026-12-01T07:00:00Z')).toBe('HORS_DISPONIBILITE');
  });

  it('of whom some come along when they can', () => {
    const busy = person(2, [[at('2026-12-01T08:00:00Z'), at('2026-12-01T09:00:00Z')]]);
    const given = situation({
      intervenants: [person(1), busy],
      prestation: { mode: 'collectif', intervenants: [{ ...two[0]!, obligatoire: true }, two[1]!] },
    });
    const evaluateur = creerEvaluateur(given);
    expect(evaluateur.verdict(at('2026-12-01T07:30:00Z'))).toMatchObject({
      creneau: { intervenants: [1, 2] },
    });
    expect(evaluateur.verdict(at('2026-12-01T08:00:00Z'))).toMatchObject({ creneau: { intervenants: [1] } });
  });

  it('of whom somebody who has to come has left are not offered, in any mode', () => {
    const intervenants = [two[0]!, { ...two[1]!, obligatoire: true }];
    for (const mode of ['un', 'tour_de_role', 'collectif'] as const) {
      const given = situation({ intervenants: [person(1)], prestation: { mode, intervenants } });
      expect(startsOf(given, '2026-12-01T00:00:00Z', '2026-12-02T00:00:00Z')).toEqual([]);
      expect(verdictAt(given, '2026-12-01T08:00:00Z')).toBe('HORS_DISPONIBILITE');
    }
  });
});

describe('rooms', () => {
  const needs = [
    { etiquettes: [], nombre: 1 },
    { etiquettes: ['video'], nombre: 1 },
  ];

  it('go to the need that has no other', () => {
    const given = situation({
      prestation: { salles: needs },
      salles: [room(1, { etiquettes: ['video'], capacite: 2 }), room(2, { capacite: 8 })],
    });
    expect(creerEvaluateur(given).verdict(at('2026-12-01T08:00:00Z'))).toMatchObject({
      creneau: { salles: [1, 2] },
    });
  });

  it('have to be open, free, large enough, and of their own for each need', () => {
    const busy: Salle['occupe'] = [[at('2026-12-01T08:15:00Z'), at('2026-12-01T08:20:00Z')]];
    const free = (salles: Salle[], places = 1) =>
      verdictAt(
        situation({ prestation: { salles: needs.slice(1), places }, salles }),
        '2026-12-01T08:00:00Z',
      );
    const video = room(1, { etiquettes: ['video', 'calme'] });
    expect(free([video])).toBe('libre');
    expect(free([room(2)])).toBe('CRENEAU_PRIS');
    expect(free([{ ...video, occupe: busy }])).toBe('CRENEAU_PRIS');
    expect(free([{ ...video, calendrier: { hours: {}, zone: 'UTC' } }])).toBe('CRENEAU_PRIS');
    expect(free([video], 5)).toBe('CRENEAU_PRIS');
    expect(
      verdictAt(situation({ prestation: { salles: needs }, salles: [video] }), '2026-12-01T08:00:00Z'),
    ).toBe('CRENEAU_PRIS');
  });
});

describe('workshops', () => {
  const seance = {
    debut: at('2026-12-01T08:00:00Z'),
    fin: at('2026-12-01T08:30:00Z'),
    intervenants: [1],
    salles: [],
    places_restantes: 2,
  };
  const busy = person(1, [[seance.debut, seance.fin]]);

  it('are offered until they are full, also where a cap is reached', () => {
    const given = (places_restantes: number) =>
      situation({
        intervenants: [busy],
        seances: [{ ...seance, places_restantes }],
        debuts: [seance.debut],
        prestation: { places: 3, plafonds: { par_jour: 1 } },
      });
    expect(creerEvaluateur(given(2)).verdict(seance.debut)).toMatchObject({
      creneau: { places_restantes: 2 },
    });
    expect(verdictAt(given(0), '2026-12-01T08:00:00Z')).toBe('PLAFOND');
    expect(startsOf(given(2), '2026-12-01T00:00:00Z', '2026-12-02T00:00:00Z')).toEqual(['2026-12-01T08:00']);
  });
});

it('says of each person and room what is against a time', () => {
  const given = situation({
    intervenants: [
      person(1),
      person(2, [[at('2026-12-01T08:00:00Z'), at('2026-12-01T09:00:00Z')]]),
      person(3, [], {}),
    ],
    salles: [room(7, { occupe: [[at('2026-12-01T08:00:00Z'), at('2026-12-01T09:00:00Z')]] }), room(8)],
  });
  const { intervenants, salles } = creerEvaluateur(given).pourquoi(at('2026-12-01T08:30:00Z'));
  expect([...intervenants]).toEqual([
    [1, null],
    [2, 'occupe'],
    [3, 'hors_horaires'],
  ]);
  expect([...salles]).toEqual([
    [7, 'occupe'],
    [8, null],
  ]);
  expect(creerEvaluateur(given).pourquoi(at('2026-12-01T09:10:00Z')).intervenants.get(1)).toBe('hors_pas');
});

describe('against a slow and obvious model', () => {
  const zones = ['Europe/Paris', 'America/New_York', 'Africa/Casablanca', 'Australia/Lord_Howe'];

  it.each(Array.from({ length: 24 }, (_, seed) => seed))(
    'lists what it accepts, and nothing else (%i)',
    (seed) => {
      const random = createRandom(seed);
      const given = randomSituation(random, random.pick(zones));
      const from = startOfDay(dayAt(given.maintenant, given.maison.zone), given.maison.zone);
      const to = from + 4 * DAY;
      const evaluateur = creerEvaluateur(given);
      const listed = new Map(evaluateur.creneaux(from, to).map((slot) => [slot.debut, slot]));
      for (let debut = from; debut < to; debut += 5 * MINUTE) {
        const verdict = evaluateur.verdict(debut);
        expect([debut, 'creneau' in verdict]).toEqual([debut, listed.has(debut)]);
        expect([debut, 'creneau' in verdict]).toEqual([debut, isFreeByModel(given, debut)]);
        if ('creneau' in verdict) expect(verdict.creneau).toEqual(listed.get(debut));
      }
      expect([...listed.keys()].every((debut) => debut % (5 * MINUTE) === 0)).toBe(true);
    },
  );

  it('finds slots at all, and refuses for each reason', () => {
    const seen = new Set<string>();
    for (let seed = 0; seed < 60; seed++) {
      const random = createRandom(seed);
      const given = randomSituation(random, random.pick(zones));
      const evaluateur = creerEvaluateur(given);
      for (let hour = 0; hour < 96; hour++)
        seen.add(said(evaluateur.verdict(given.maintenant + hour * HOUR)));
    }
    expect([...seen].sort()).toEqual(
      ['CRENEAU_PRIS', 'HORS_DISPONIBILITE', 'HORS_FENETRE', 'PLAFOND', 'PREAVIS', 'libre'].sort(),
    );
  });
});

function randomSituation(random: Random, zone: string): Situation {
  const maintenant =
    random.pick([at('2026-10-24T00:00:00Z'), at('2027-03-13T00:00:00Z'), at('2026-12-01T00:00:00Z')]) +
    random.int(0, 48) * HOUR;
  const hours = (): WorkingHours =>
    Object.fromEntries(
      [1, 2, 3, 4, 5, 6, 7].map((day) => {
        const open = random.int(0, 12) * 60;
        const close = open + random.int(1, 6) * 60;
        const night: Stretch[] = random.int(1, 5) === 1 ? [[1320, 1440]] : [];
        return [day, [[open, close], ...night] as Stretch[]];
      }),
    );
  const occupe = () =>
    Array.from({ length: random.int(0, 12) }, () => {
      const begin = maintenant + random.int(0, 4 * 24 * 12) * 5 * MINUTE;
      return [begin, begin + random.int(1, 24) * 5 * MINUTE] as const;
    });
  const ids = [1, 2, 3].slice(0, random.int(1, 3));
  const places = random.pick([1, 1, 3]);
  return {
    duree: random.int(1, 9) * 10 * MINUTE,
    maison: { hours: DEFAULT_HOURS, zone },
    maintenant,
    // Somebody may have left.
    intervenants: ids.map((id) => person(id, occupe(), hours(), zone)).filter(() => random.int(1, 8) > 1),
    salles: [1, 2, 3].map((id) =>
      room(id, {
        occupe: occupe(),
        etiquettes: random.pick([true, false]) ? ['video'] : [],
        capacite: random.int(1, 5),
      }),
    ),
    seances: [],
    debuts: Array.from({ length: random.int(0, 6) }, () => maintenant + random.int(0, 96) * HOUR),
    prestation: {
      mode: random.pick(['un', 'tour_de_role', 'collectif'] as const),
      intervenants: ids.map((id) => ({ id, obligatoire: random.int(1, 5) <= 2, priorite: 0, poids: 1 })),
      salles: random.pick([true, false])
        ? [
            { etiquettes: random.pick([true, false]) ? ['video'] : [], nombre: 1 },
            { etiquettes: [], nombre: random.int(0, 1) },
          ]
        : [],
      places,
      tampon_avant: random.int(0, 3) * 5,
      tampon_apres: random.int(0, 3) * 5,
      pas: random.pick([15, 20, 30, 60, 'auto'] as const),
      preavis: { creer: random.int(0, 5) * 60 },
      fenetre: random.pick([{ jours: 2 }, { jours: 30 }, { jours_ouvres: 1 }]),
      plafonds: random.pick([true, false]) ? { par_jour: random.int(1, 3) } : {},
    },
  };
}

/** Minute by minute, with nothing remembered and nothing searched. */
function isFreeByModel(given: Situation, debut: number): boolean {
  const { prestation, duree, maintenant, maison } = given;
  if (debut < maintenant + prestation.preavis.creer * MINUTE) return false;
  const today = dayAt(maintenant, maison.zone);
  const last =
    'jours' in prestation.fenetre ? dayAfter(today, prestation.fenetre.jours) : nextWorkingDay(today);
  const day = dayAt(debut, maison.zone);
  if (day > last) return false;
  const most = prestation.plafonds.par_jour;
  if (most !== undefined && given.debuts.filter((one) => dayAt(one, maison.zone) === day).length >= most)
    return false;

  const minutes = Array.from({ length: duree / MINUTE }, (_, index) => debut + index * MINUTE);
  const works = (one: Ressource) => minutes.every((minute) => stretchAt(one, minute) !== null);
  const [before, after] = [
    debut - prestation.tampon_avant * MINUTE,
    debut + duree + prestation.tampon_apres * MINUTE,
  ];
  const clear = (one: Ressource) => one.occupe.every(([from, to]) => to <= before || from >= after);
  const forced = prestation.intervenants.filter(({ obligatoire }) => obligatoire).map(({ id }) => id);
  const required = given.intervenants.filter(({ id }) => forced.includes(id));
  if (required.length < forced.length) return false;
  const others = given.intervenants.filter(({ id }) => !forced.includes(id));
  const teams =
    prestation.mode === 'collectif'
      ? [required.length > 0 ? required : others]
      : others.length > 0
        ? others.map((one) => [...required, one])
        : [required];
  const isAble = teams.some(
    (team) => team.every((one) => works(one) && clear(one)) && isOnGrid(given, team, debut),
  );
  if (!isAble) return false;
  const rooms = given.salles.filter((one) => one.capacite >= prestation.places && works(one) && clear(one));
  const needs = prestation.salles.flatMap((need) =>
    Array.from({ length: need.nombre }, () => need.etiquettes),
  );
  return canGive(needs, rooms);
}

function canGive(needs: readonly (readonly string[])[], rooms: readonly Salle[]): boolean {
  const [need, ...others] = needs;
  if (need === undefined) return true;
  return rooms.some(
    (one) =>
      need.every((tag) => one.etiquettes.includes(tag)) &&
      canGive(
        others,
        rooms.filter((room) => room !== one),
      ),
  );
}

/** Goes back minute by minute to where the last of them began to work. */
function isOnGrid(given: Situation, team: readonly Ressource[], debut: number): boolean {
  const { pas, tampon_avant, tampon_apres } = given.prestation;
  const step = pas === 'auto' ? given.duree + (tampon_avant + tampon_apres) * MINUTE : pas * MINUTE;
  let begin = debut;
  const stretches = (minute: number) => team.map((one) => stretchAt(one, minute)).join();
  while (stretches(begin - MINUTE) === stretches(debut)) begin -= MINUTE;
  return (debut - begin) % step === 0;
}

/** The stretch of which day somebody works in at a minute. */
function stretchAt({ calendrier: { hours, zone } }: Ressource, minute: number): string | null {
  const day = dayAt(minute, zone);
  const clock = (wallClockAt(minute, zone) - Date.parse(day)) / MINUTE;
  const ofDay = hours[new Date(day).getUTCDay() || 7] ?? [];
  const at = ofDay.findIndex(([from, to]) => clock >= from && clock < to);
  return at === -1 ? null : `${day} ${at}`;
}

function nextWorkingDay(day: string): string {
  let next = dayAfter(day, 1);
  while ([0, 6].includes(new Date(next).getUTCDay())) next = dayAfter(next, 1);
  return next;
}
