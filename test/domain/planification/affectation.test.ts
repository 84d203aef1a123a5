import {
  type Candidate,
  type Need,
  nextFreeSlot,
  rankCandidates,
} from '../../../src/domain/planification/affectation';
import { DEFAULT_HOURS } from '../../../src/domain/working-time';

const HOUR = 3_600_000;
/** A Tuesday, 10:00 in Paris. */
const NOW = Date.parse('2026-12-01T09:00:00Z');

const candidate = (technicienId: number, given: Partial<Candidate> = {}): Candidate => ({
  technicienId,
  competences: [],
  niveauExperience: 'confirme',
  occupied: [],
  absences: [],
  hours: DEFAULT_HOURS,
  ...given,
});
const need = (given: Partial<Need> = {}): Need => ({
  competences: [],
  priorite: 'normale',
  date: null,
  duration: HOUR,
  now: NOW,
  zone: 'Europe/Paris',
  ...given,
});
const ids = (candidates: Candidate[], given: Partial<Need> = {}) =>
  rankCandidates(candidates, need(given)).map(({ technicienId }) => technicienId);

describe('choosing a technicien', () => {
  it('prefers whoever has the skills, whatever their accents and case', () => {
    const skilled = candidate(2, { competences: ['Électricité', 'Hydraulique'] });
    expect(ids([candidate(1), skilled], { competences: ['hydraulique', 'electricite'] })).toEqual([2, 1]);
  });

  it('then whoever is free first, then whoever has least to do', () => {
    const busyNow = candidate(1, { occupied: [[NOW, NOW + HOUR]] });
    const loaded = candidate(2, { occupied: [[NOW + 48 * HOUR, NOW + 56 * HOUR]] });
    expect(ids([busyNow, loaded, candidate(3)])).toEqual([3, 2, 1]);
  });

  it('sends the experienced first when it is urgent, and not otherwise', () => {
    const pair = [candidate(1, { niveauExperience: 'junior' }), candidate(2, { niveauExperience: 'expert' })];
    expect(ids(pair, { priorite: 'critique' })).toEqual([2, 1]);
    expect(ids(pair, { priorite: 'basse' })).toEqual([1, 2]);
  });

  it('leaves out whoever is not free at the time wanted, or away', () => {
    const date = NOW + HOUR;
    const booked = candidate(1, { occupied: [[date + HOUR - 60_000, date + 2 * HOUR]] });
    const touching = candidate(2, { occupied: [[date + HOUR, date + 2 * HOUR]] });
    const away = candidate(3, {
      absences: [{ debut: '2026-12-01T00:00:00Z', fin: '2026-12-02T00:00:00Z' }],
    });
    expect(ids([booked, touching, away], { date })).toEqual([2]);
  });

  it('finds the next free quarter of an hour inside working hours', () => {
    const slot = (given: Partial<Candidate>, of: Partial<Need> = {}) =>
      new Date(nextFreeSlot(candidate(1, given), need(of))!).toISOString();
    expect(slot({}, { now: NOW + 60_000 })).toBe('2026-12-01T09:15:00.000Z');
    expect(slot({ occupied: [[NOW, NOW + 90 * 60_000]] })).toBe('2026-12-01T13:00:00.000Z');
    expect(slot({}, { duration: 3 * HOUR })).toBe('2026-12-01T13:00:00.000Z');
    expect(slot({}, { duration: 20 * HOUR })).toBe('2026-12-01T09:00:00.000Z');
    expect(nextFreeSlot(candidate(1, { hours: {} }), need())).toBeNull();
  });
});
