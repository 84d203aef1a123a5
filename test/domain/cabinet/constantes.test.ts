import {
  type Constante,
  constanteFaults,
  imc,
  instantFaults,
  LOINC,
  loincOf,
  TYPES_CONSTANTE,
  type TypeConstante,
  UNITES,
  uniteUsuelle,
} from '../../../src/domain/cabinet/constantes';
import { parseNaissance } from '../../../src/domain/cabinet/naissances';

/** What a vital sign may be. */

const constante = (type: TypeConstante, valeur: number, given: Partial<Constante> = {}): Constante => ({
  type,
  valeur,
  diastolique: type === 'tension_arterielle' ? 10 : null,
  unite: uniteUsuelle(type),
  ...given,
});
const fields = (given: Constante) => constanteFaults(given).map(({ champ }) => champ);

/** By type, what somebody may show and what nobody does. */
const BOUNDS: Record<TypeConstante, [number, number]> = {
  taille: [20, 272],
  poids: [0.2, 650],
  tension_arterielle: [30, 300],
  frequence_cardiaque: [10, 350],
  frequence_respiratoire: [2, 120],
  temperature: [20, 45],
  saturation: [30, 100],
  glycemie: [0.05, 20],
  perimetre_cranien: [15, 75],
  tour_de_taille: [20, 300],
};

describe('a vital sign', () => {
  it.each(TYPES_CONSTANTE)('%s is taken within its bounds, and by no hair outside of them', (type) => {
    const [min, max] = BOUNDS[type];
    for (const valeur of [min, max]) expect([valeur, fields(constante(type, valeur))]).toEqual([valeur, []]);
    // Whatever lies between, to two decimals; nothing outside.
    for (let n = 0; n < 500; n++) {
      const inside = Number((min + Math.random() * (max - min)).toFixed(2));
      expect([inside, fields(constante(type, inside))]).toEqual([inside, []]);
      const outside = n % 2 === 0 ? min - 0.01 - Math.random() * 1e3 : max + 0.01 + Math.random() * 1e6;
      expect([outside, fields(constante(type, outside))[0]]).toEqual([outside, 'valeur']);
    }
    for (const none of [Number.NaN, Number.POSITIVE_INFINITY, -Number.MAX_VALUE, -0]) {
      expect([none, fields(constante(type, none))[0]]).toEqual([none, 'valeur']);
    }
  });

  it.each(TYPES_CONSTANTE)('%s has a code and a usual unit, and is refused in another', (type) => {
    const known = UNITES.filter((unite) => loincOf({ type, unite }) !== undefined);
    expect(known[0]).toBe(uniteUsuelle(type));
    for (const unite of known) expect(loincOf({ type, unite })).toMatch(/^\d{4,5}-\d$/);
    for (const unite of UNITES.filter((one) => !known.includes(one))) {
      expect(fields(constante(type, BOUNDS[type][0], { unite }))).toEqual(['unite']);
    }
  });

  it('is refused with what people mistype: metres for centimetres, a weight for a temperature, grams', () => {
    expect(fields(constante('taille', 1.74))).toEqual(['valeur']);
    expect(fields(constante('temperature', 73))).toEqual(['valeur']);
    expect(fields(constante('poids', 3250))).toEqual(['valeur']);
    expect(fields(constante('saturation', 0.97))).toEqual(['valeur']);
    expect(fields(constante('glycemie', 97))).toEqual(['valeur']);
    expect(fields(constante('glycemie', 97, { unite: 'mmol/L' }))).toEqual([]);
    expect(fields(constante('temperature', 37.456))).toEqual(['valeur']);
    expect(fields(constante('temperature', 37.45))).toEqual([]);
  });

  it('of a blood pressure has two values, the second below the first; no other has a second', () => {
    const tension = (valeur: number, diastolique: number | null) =>
      fields(constante('tension_arterielle', valeur, { diastolique }));
    expect(tension(128, 79)).toEqual([]);
    expect(tension(128, null)).toEqual(['diastolique']);
    expect(tension(79, 128)).toEqual(['diastolique']);
    expect(tension(80, 80)).toEqual(['diastolique']);
    expect(tension(128, 7.9)).toEqual(['diastolique']);
    expect(tension(12.8, 7.9)).toEqual(['valeur', 'diastolique']);
    expect(fields(constante('poids', 70, { diastolique: 80 }))).toEqual(['diastolique']);
  });

  it('has a code that nothing else has', () => {
    const codes = Object.values(LOINC);
    expect(new Set(codes).size).toBe(codes.length);
    expect(codes).toContain(loincOf({ type: 'tension_arterielle', unite: 'mm[Hg]' }));
  });

  it('of height and weight gives the body mass index', () => {
    expect([imc(174, 72), imc(50, 3.4)]).toEqual([23.8, 13.6]);
  });
});

describe('the instant of a measure', () => {
  const now = Date.parse('2026-11-29T12:00:00Z');
  const faults = (instant: string, naissance = '2026-11-29') =>
    instantFaults('date_effet', new Date(instant), parseNaissance(naissance)!, now).length;

  it('is never to come, but for a clock that is a little ahead', () => {
    expect(faults('2026-11-29T12:04:59Z')).toBe(0);
    expect(faults('2026-11-29T12:05:01Z')).toBe(1);
    expect(faults('2026-11-29T23:59:00+14:00')).toBe(0);
  });

  it('may be on the day of birth wherever that was, and not before it had begun anywhere', () => {
    expect(faults('2026-11-29T00:00:00+14:00')).toBe(0);
    expect(faults('2026-11-28T23:59:59+14:00')).toBe(1);
    expect(faults('2026-11-29T00:00:00-11:00')).toBe(0);
    expect(faults('2026-01-02T00:00:00Z', '2026')).toBe(0);
    expect(faults('2025-12-31T09:59:59Z', '2026')).toBe(1);
  });

  it.each(['Pacific/Pago_Pago', 'UTC', 'Africa/Casablanca', 'Pacific/Kiritimati'])(
    'is the same in %s',
    (zone) => {
      const before = process.env.TZ;
      process.env.TZ = zone;
      try {
        expect([faults('2026-11-29T00:00:00+14:00'), faults('2026-11-28T23:59:59+14:00')]).toEqual([0, 1]);
      } finally {
        if (before === undefined) delete process.env.TZ;
        else process.env.TZ = before;
      }
    },
  );
});
