import { instantDuRappel, rappelsDus, soirDe } from '../../../src/domain/rendez-vous/rappels';

const at = (iso: string) => Date.parse(iso);
const iso = (instant: number | null) => (instant === null ? null : new Date(instant).toISOString());

describe('when a reminder is given', () => {
  it('counts days by the calendar of whoever is reminded, also over a change of the clocks', () => {
    // Paris goes back to winter on 25 October 2026.
    const debut = at('2026-10-25T09:00:00+01:00');
    expect(iso(instantDuRappel('P1D', debut, 'Europe/Paris'))).toBe('2026-10-24T07:00:00.000Z');
    expect(iso(instantDuRappel('P1D', debut, 'UTC'))).toBe('2026-10-24T08:00:00.000Z');
  });

  it('counts hours and minutes as they pass', () => {
    const debut = at('2026-10-25T03:30:00+01:00');
    expect(iso(instantDuRappel('PT2H', debut, 'Europe/Paris'))).toBe('2026-10-25T00:30:00.000Z');
    expect(iso(instantDuRappel('PT30M', debut, 'Europe/Paris'))).toBe('2026-10-25T02:00:00.000Z');
  });
});

describe('which reminders are due', () => {
  const debut = at('2026-12-10T09:00:00Z');
  const given = {
    debut,
    rappels: [
      { avant: 'P1D', canal: 'email' },
      { avant: 'PT2H', canal: 'sms' },
    ] as const,
    horaireDepuis: at('2026-12-01T00:00:00Z'),
    rappelsDepuis: new Map<string, number>(),
  };
  const dus = (now: string, more: object = {}) => {
    const { dus: due, prochain } = rappelsDus({ ...given, ...more }, 'UTC', at(now));
    return [due.map(({ avant }) => avant), iso(prochain)];
  };

  it('are those whose time has come, and the next is known', () => {
    expect(dus('2026-12-08T09:00:00Z')).toEqual([[], '2026-12-09T09:00:00.000Z']);
    expect(dus('2026-12-09T09:00:00Z')).toEqual([['P1D'], '2026-12-10T07:00:00.000Z']);
    expect(dus('2026-12-10T08:00:00Z')).toEqual([['P1D', 'PT2H'], null]);
  });

  it('are none from the beginning on', () => {
    expect(dus('2026-12-10T09:00:00Z')).toEqual([[], null]);
  });

  it('are not those that were past when it was booked or moved', () => {
    const late = { horaireDepuis: at('2026-12-09T12:00:00Z') };
    expect(dus('2026-12-09T12:00:00Z', late)).toEqual([[], '2026-12-10T07:00:00.000Z']);
    expect(dus('2026-12-10T08:00:00Z', late)).toEqual([['PT2H'], null]);
  });

  it('are not those that were past when the service got them', () => {
    const rappelsDepuis = new Map([['P1D email', at('2026-12-09T12:00:00Z')]]);
    expect(dus('2026-12-10T08:00:00Z', { rappelsDepuis })).toEqual([['PT2H'], null]);
  });

  it('are each given once, however often the service names it', () => {
    const rappels = [given.rappels[0], given.rappels[0]];
    expect(dus('2026-12-09T09:00:00Z', { rappels })).toEqual([['P1D'], null]);
  });
});

it('asks in the evening of the day, or in the next one of what ends after it', () => {
  expect(iso(soirDe(at('2026-12-10T10:00:00Z'), 'Europe/Paris'))).toBe('2026-12-10T18:00:00.000Z');
  expect(iso(soirDe(at('2026-12-10T18:00:00Z'), 'Europe/Paris'))).toBe('2026-12-10T18:00:00.000Z');
  expect(iso(soirDe(at('2026-12-10T18:00:01Z'), 'Europe/Paris'))).toBe('2026-12-11T18:00:00.000Z');
  // The night in which the clocks go back is an hour longer.
  expect(iso(soirDe(at('2026-10-24T20:00:00Z'), 'Europe/Paris'))).toBe('2026-10-25T18:00:00.000Z');
});
