import { delay } from '../../../src/domain/interventions/comptage';
import {
  computeEcheances,
  DELAYS,
  type EcheancesInput,
  keysTold,
} from '../../../src/domain/interventions/escalade';
import { computeDateLimite } from '../../../src/domain/interventions/horloge';
import { POLITIQUE_INTEGREE as politique } from '../../../src/domain/parc/niveaux';
import { PRIORITES } from '../../../src/domain/priorites';
import { DEFAULT_HOURS } from '../../../src/domain/working-time';

const calendar = { hours: DEFAULT_HOURS, zone: 'Europe/Paris' };
/** A Tuesday, 10:00 in Paris. */
const START = Date.parse('2026-12-01T09:00:00Z');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const input = (given: Partial<EcheancesInput>): EcheancesInput => ({
  priorite: 'critique',
  urgence: false,
  calendar,
  politique,
  statut: 'ouverte',
  armeLe: START,
  demarrageArmeLe: null,
  resolutionArmeeLe: START,
  datePlanifiee: null,
  dateLimite: START + 4 * HOUR,
  dateLimiteImposee: false,
  dateFin: null,
  horlogeArreteeLe: null,
  attenteMotif: null,
  resolutionDepuis: START,
  pauses: [],
  reglesDepuis: START,
  escalades: [],
  ...given,
});
const shown = (given: Partial<EcheancesInput>) =>
  computeEcheances(input(given)).map(({ etape, niveau, date }) => [etape, niveau, (date - START) / MINUTE]);

describe('deadlines', () => {
  it('of an open intervention tell the responsable, then the admin: there is no technicien yet', () => {
    expect(shown({})).toEqual([
      ['affectation', 2, 15],
      ['affectation', 3, 30],
      ['resolution', 2, 240],
      ['resolution', 3, 480],
    ]);
  });

  it('of a planned one wait for the start, from the planned time, at all three levels', () => {
    expect(shown({ statut: 'planifiee', datePlanifiee: START + HOUR })).toEqual([
      ['demarrage', 1, 75],
      ['demarrage', 2, 90],
      ['demarrage', 3, 105],
      ['resolution', 1, 240],
      ['resolution', 2, 480],
      ['resolution', 3, 720],
    ]);
  });

  it('of one under way are those of its end', () => {
    expect(shown({ statut: 'en_cours' }).map(([etape]) => etape)).toEqual([
      'resolution',
      'resolution',
      'resolution',
    ]);
  });

  it('stop for the end while parts are awaited, which are chased every day', () => {
    const waiting = { statut: 'attente_pieces' as const, horlogeArreteeLe: START };
    expect(shown(waiting)).toEqual([['pieces', 0, DAY / MINUTE]]);
    const [first] = computeEcheances(input(waiting));
    expect(shown({ ...waiting, escalades: [first!.cle] })).toEqual([['pieces', 0, (2 * DAY) / MINUTE]]);
  });

  it('chase missing parts once after an outage, for all the days that were missed', () => {
    const waiting = { statut: 'attente_pieces' as const, horlogeArreteeLe: START };
    const [first] = computeEcheances(input(waiting));
    expect(keysTold(first!, START + DAY)).toEqual([first!.cle]);
    const escalades = keysTold(first!, START + 3 * DAY + HOUR);
    expect(escalades).toHaveLength(3);
    expect(shown({ ...waiting, escalades })).toEqual([['pieces', 0, (4 * DAY) / MINUTE]]);
  });

  it('of a finished one are the end of the time to reopen it, and of a cancelled one none', () => {
    expect(shown({ statut: 'terminee', dateFin: START })).toEqual([['cloture', 0, (7 * DAY) / MINUTE]]);
    expect(shown({ statut: 'annulee', dateFin: START })).toEqual([]);
  });

  it('do not come back once told, and come back for another deadline that somebody sets', () => {
    const told = computeEcheances(input({})).map(({ cle }) => cle);
    expect(shown({ escalades: told })).toEqual([]);
    const changed = { dateLimite: START + 5 * HOUR, resolutionArmeeLe: START + HOUR };
    expect(shown({ escalades: told, ...changed })).toEqual([
      ['resolution', 2, 300],
      ['resolution', 3, 540],
    ]);
  });

  describe('when the rules change', () => {
    const normale = { priorite: 'normale' as const, dateLimite: START + 40 * HOUR };
    const other = { hours: DEFAULT_HOURS, zone: 'Pacific/Auckland' };
    const planned = {
      ...normale,
      statut: 'planifiee' as const,
      datePlanifiee: START,
      demarrageArmeLe: START,
    };

    it.each([
      ['the zone or its data', { calendar: other }],
      ['the hours', { calendar: { ...calendar, hours: { 6: [[600, 660]] } as const } }],
      ['the delays', { urgence: true }],
      ['what follows from them', { dateLimite: START + 41 * HOUR }],
    ])('%s: what has been told is not told again', (_, changed) => {
      for (const before of [normale, planned]) {
        const told = computeEcheances(input(before)).map(({ cle }) => cle);
        expect(told.length).toBeGreaterThan(3);
        expect(shown({ ...before, ...changed, escalades: told })).toEqual([]);
      }
    });

    it('the zone: what is still to come moves, under the same name', () => {
      const [before, after] = [
        computeEcheances(input(planned)),
        computeEcheances(input({ ...planned, calendar: other })),
      ];
      const byKey = (echeances: typeof before) => new Map(echeances.map(({ cle, date }) => [cle, date]));
      expect([...byKey(after).keys()].sort()).toEqual([...byKey(before).keys()].sort());
      const [start] = before.filter(({ etape }) => etape === 'demarrage');
      expect(byKey(after).get(start!.cle)).not.toBe(start!.date);
    });
  });

  it('are halved by urgence', () => {
    expect(shown({ urgence: true }).slice(0, 2)).toEqual([
      ['affectation', 2, 7.5],
      ['affectation', 3, 15],
    ]);
  });

  it.each([
    ['critique', 15, 15, 4 * 60],
    ['haute', 120, 60, 8 * 60],
    ['normale', 8 * 60, 4 * 60, 40 * 60],
    ['basse', 24 * 60, 8 * 60, 120 * 60],
  ] as const)('of %s have the delays of the contract', (priorite, affectation, demarrage, resolution) => {
    const counting = { priorite, urgence: false, calendar, politique };
    expect(delay(counting, 'affectation') / MINUTE).toBe(affectation);
    expect(delay(counting, 'demarrage') / MINUTE).toBe(demarrage);
    expect(delay(counting, 'resolution') / MINUTE).toBe(resolution);
  });

  it('count around the clock only for critique', () => {
    expect(PRIORITES.filter((priorite) => DELAYS[priorite].aroundTheClock)).toEqual(['critique']);
    const evening = Date.parse('2026-12-01T22:00:00Z');
    const limit = (priorite: 'critique' | 'haute') =>
      new Date(
        computeDateLimite({ priorite, urgence: false, calendar, politique }, { depuis: evening, pauses: [] }),
      ).toISOString();
    expect(limit('critique')).toBe('2026-12-02T02:00:00.000Z');
    expect(limit('haute')).toBe('2026-12-02T17:00:00.000Z');
  });
});
