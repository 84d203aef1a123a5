import {
  type DefinitionEtape,
  faultsOfDefinition,
  isAnswered,
  isBeyondLimits,
  refuseValeur,
  TYPES_ETAPE,
  type TypeEtape,
  type ValeurEtape,
  writeLimits,
  writeMeasure,
} from '../../../src/domain/interventions/etapes';

const etape = (type: TypeEtape, given: Partial<DefinitionEtape> = {}): DefinitionEtape => ({
  libelle: 'Pression',
  type,
  compteur: null,
  obligatoire: false,
  suite: false,
  min: null,
  max: null,
  unite: null,
  choix: type === 'choix' ? ['bon', 'usé'] : null,
  ...given,
});
const faults = (definition: DefinitionEtape) =>
  faultsOfDefinition(definition, 'etapes.0').map(({ champ }) => champ);

describe('the definition of a step', () => {
  it('is sound with what its type has use for, and nothing else', () => {
    for (const type of TYPES_ETAPE) {
      expect(faults(etape(type))).toEqual([]);
      const measured = type === 'nombre' || type === 'releve';
      expect([type, faults(etape(type, { min: 1, max: 2, unite: 'bar' }))]).toEqual([
        type,
        measured ? [] : ['etapes.0.min', 'etapes.0.max', 'etapes.0.unite'],
      ]);
      if (type !== 'choix') expect(faults(etape(type, { choix: ['a'] }))).toEqual(['etapes.0.choix']);
    }
  });

  it('names limits that cross, choices that are none or the same, and a follow-up of what has no limits', () => {
    expect(faults(etape('nombre', { min: 2, max: 1 }))).toEqual(['etapes.0.max']);
    expect(faults(etape('nombre', { min: 2, max: 2, suite: true }))).toEqual([]);
    expect(faults(etape('nombre', { suite: true }))).toEqual(['etapes.0.suite']);
    expect(faults(etape('case', { suite: true }))).toEqual(['etapes.0.suite']);
    expect(faults(etape('choix', { choix: [] }))).toEqual(['etapes.0.choix']);
    expect(faults(etape('choix', { choix: null }))).toEqual(['etapes.0.choix']);
    expect(faults(etape('choix', { choix: ['a', 'a'] }))).toEqual(['etapes.0.choix']);
  });
});

describe('an answer', () => {
  it('is what the type asks for', () => {
    const values: ValeurEtape[] = [true, false, 12.5, 7, 0, -1, 'bon', 'autre'];
    const taken = (type: TypeEtape) => values.filter((value) => refuseValeur(etape(type), value) === null);
    expect(taken('case')).toEqual([true, false]);
    expect(taken('nombre')).toEqual([12.5, 7, 0, -1]);
    expect(taken('releve')).toEqual([12.5, 7, 0, -1]);
    expect(taken('texte')).toEqual(['bon', 'autre']);
    expect(taken('choix')).toEqual(['bon']);
    expect(taken('photo')).toEqual([7]);
  });

  it('is out of limits beyond them, and not on them', () => {
    const limits = etape('nombre', { min: 10, max: 12 });
    expect([9.99, 10, 12, 12.01].map((value) => isBeyondLimits(limits, value))).toEqual([
      true,
      false,
      false,
      true,
    ]);
    expect(isBeyondLimits(etape('releve', { max: 1 }), 2)).toBe(true);
    expect(isBeyondLimits(etape('releve', { min: 1 }), 2)).toBe(false);
    expect(isBeyondLimits(limits, null)).toBe(false);
    expect(isBeyondLimits(etape('case'), false)).toBe(false);
  });

  it('is given but for a box that has to be ticked and is not', () => {
    expect(isAnswered(etape('case', { obligatoire: true }), false)).toBe(false);
    expect(isAnswered(etape('case', { obligatoire: true }), true)).toBe(true);
    expect(isAnswered(etape('case'), false)).toBe(true);
    expect(isAnswered(etape('nombre', { obligatoire: true }), 0)).toBe(true);
    expect(isAnswered(etape('texte', { obligatoire: true }), null)).toBe(false);
  });

  it('is written as people read it', () => {
    expect(writeMeasure(12.5, 'bar')).toBe('12,5 bar');
    expect(writeMeasure(12_000, null)).toBe('12000');
    expect(writeLimits(etape('nombre', { min: 10, max: 12, unite: 'bar' }))).toBe('de 10 à 12 bar');
    expect(writeLimits(etape('nombre', { min: 10, unite: 'bar' }))).toBe('au moins 10 bar');
    expect(writeLimits(etape('nombre', { max: 12.5 }))).toBe('au plus 12,5');
    expect(writeLimits(etape('nombre'))).toBeNull();
  });
});
