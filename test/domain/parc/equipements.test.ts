import {
  type Lecture,
  lectureFault,
  MAX_PROFONDEUR,
  parentFault,
  statutOf,
} from '../../../src/domain/parc/equipements';

const lecture = (valeur: number, flags: Partial<Lecture> = {}): Lecture => ({
  valeur,
  remplacement: false,
  rotation: false,
  ...flags,
});
const remplacement = { remplacement: true };
const rotation = { rotation: true };

describe('a machine that becomes a part', () => {
  it('is never a part of itself, however far up', () => {
    expect(parentFault(1, [1], 1)).toBe('cycle');
    expect(parentFault(1, [3, 2, 1], 1)).toBe('cycle');
    expect(parentFault(1, [3, 2], 1)).toBeNull();
    expect(parentFault(null, [3, 2], 1)).toBeNull();
  });

  it('brings its own parts, and all of them fit', () => {
    const above = (levels: number) => Array.from({ length: levels }, (_, index) => index + 10);
    expect(parentFault(1, above(MAX_PROFONDEUR - 1), 1)).toBeNull();
    expect(parentFault(1, above(MAX_PROFONDEUR), 1)).toBe('profondeur');
    expect(parentFault(1, above(5), 3)).toBeNull();
    expect(parentFault(1, above(5), 4)).toBe('profondeur');
  });
});

it('a state says the worst of what goes on, and what somebody took out of service stays so', () => {
  expect(statutOf(false, [])).toBe('operationnel');
  expect(statutOf(false, ['maintenance'])).toBe('en_maintenance');
  expect(statutOf(false, ['maintenance', 'panne'])).toBe('en_panne');
  expect(statutOf(true, ['panne'])).toBe('hors_service');
});

describe('a reading', () => {
  it('is not below the one before it, unless the meter was replaced or began again', () => {
    expect(lectureFault(lecture(1), null, null)).toBeNull();
    expect(lectureFault(lecture(10), lecture(10), null)).toBeNull();
    expect(lectureFault(lecture(9.9), lecture(10), null)).toBe('recule');
    expect(lectureFault(lecture(0, remplacement), lecture(10), null)).toBeNull();
    expect(lectureFault(lecture(20, remplacement), lecture(10), null)).toBeNull();
    expect(lectureFault(lecture(2, rotation), lecture(10), null)).toBeNull();
  });

  it('shows less when the meter began again', () => {
    expect(lectureFault(lecture(10, rotation), lecture(10), null)).toBe('avance');
    expect(lectureFault(lecture(10, rotation), null, null)).toBe('avance');
  });

  it('agrees with the one after it', () => {
    expect(lectureFault(lecture(12), lecture(10), lecture(15))).toBeNull();
    expect(lectureFault(lecture(16), lecture(10), lecture(15))).toBe('depasse');
    expect(lectureFault(lecture(99), lecture(10), lecture(5, remplacement))).toBeNull();
    expect(lectureFault(lecture(99), lecture(10), lecture(5, rotation))).toBeNull();
    expect(lectureFault(lecture(2, remplacement), lecture(10), lecture(5, rotation))).toBe('depasse');
  });
});
