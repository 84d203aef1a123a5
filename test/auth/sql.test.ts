import { CompoundCondition, FieldCondition } from '@ucast/core';
import { conditionToSql } from '../../src/auth/sql';

const columns = { statut: 'i.statut', 'equipement.site_id': 'e.site_id', sites: 'u.site_ids' };
const field = (operator: string, name: string, value: unknown) => new FieldCondition(operator, name, value);

describe('a permission in SQL', () => {
  it.each([
    [field('eq', 'statut', 'ouverte'), 'i.statut = ?', ['ouverte']],
    [field('eq', 'statut', null), 'i.statut IS NULL', []],
    [field('ne', 'statut', null), 'i.statut IS NOT NULL', []],
    [field('in', 'equipement.site_id', [1, 2]), 'e.site_id = ANY(?)', [[1, 2]]],
    [field('within', 'sites', [1, 2]), `(u.site_ids <> '{}' AND u.site_ids <@ ?::integer[])`, [[1, 2]]],
    [field('meets', 'sites', []), 'u.site_ids && ?::integer[]', [[]]],
    [new CompoundCondition('and', []), 'TRUE', []],
    [new CompoundCondition('or', []), 'FALSE', []],
    [
      new CompoundCondition('or', [
        field('eq', 'statut', 'a'),
        new CompoundCondition('and', [field('eq', 'statut', 'b'), field('eq', 'equipement.site_id', 3)]),
      ]),
      '(i.statut = ? OR (i.statut = ? AND e.site_id = ?))',
      ['a', 'b', 3],
    ],
  ])('has its values as parameters: %j', (condition, text, values) => {
    const statement = conditionToSql(condition, columns);
    expect([statement.sql, statement.values]).toEqual([text, values]);
  });

  it('never carries a value in its text', () => {
    const attack = "x' OR '1' = '1";
    expect(conditionToSql(field('eq', 'statut', attack), columns).sql).not.toContain(attack);
  });

  it.each([
    ['a field without a column', field('eq', 'createur_id', 1)],
    ['an unknown operator', field('gt', 'statut', 1)],
    ['a comparison that has no translation', field('ne', 'statut', 'ouverte')],
    ['an unknown combination', new CompoundCondition('not', [field('eq', 'statut', 'a')])],
  ])('is refused rather than guessed: %s', (_, condition) => {
    expect(() => conditionToSql(condition, columns)).toThrow(/permission/);
  });
});
