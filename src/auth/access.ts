import {
  buildMongoQueryMatcher,
  createMongoAbility,
  type MongoAbility,
  subject as typed,
} from '@casl/ability';
import { rulesToAST } from '@casl/ability/extra';
import type { Sql } from 'sql-template-tag';
import { forbidden } from '../domain/errors';
import { type Action, type RulesFor, rulesFor, type Subject } from './permissions';
import type { Principal } from './principal';
import { type Columns, conditionToSql, NOTHING } from './sql';

/**
 * What conditions can say of a list of ids beside what CASL knows (`ListCondition` in `permissions.ts`); `sql.ts` says
 * the same in SQL.
 */
const conditionsMatcher = buildMongoQueryMatcher(
  { $within: { type: 'field' }, $meets: { type: 'field' } },
  {
    within: (condition, row, { get }) => {
      const ids: number[] = get(row, condition.field);
      return ids.length > 0 && ids.every((id) => condition.value.includes(id));
    },
    meets: (condition, row, { get }) =>
      get(row, condition.field).some((id: number) => condition.value.includes(id)),
  },
);

/**
 * What one person may do. Services take an `Access` and find rows only through {@link where}, so that
 * forgetting the permission is impossible rather than unlikely.
 */
export class Access {
  private readonly ability: MongoAbility<[Action, Subject | object]>;

  constructor(
    readonly principal: Principal,
    rules: RulesFor = rulesFor,
  ) {
    this.ability = createMongoAbility(
      rules(principal).flatMap(({ action, subject, where, fields }) =>
        (where ?? [undefined]).map((conditions) => ({
          action: [...[action].flat()] as Action[],
          subject,
          ...(conditions === undefined ? {} : { conditions }),
          ...(fields === undefined ? {} : { fields: [...fields] }),
        })),
      ),
      { conditionsMatcher },
    );
  }

  /** Whether there is any row on which the person may do this; says nothing about a given row. */
  mayEver(action: Action, subject: Subject): boolean {
    return this.ability.can(action, subject);
  }

  /** Whether the person may do this to this row (and, when fields are named, to each of them). */
  may(action: Action, subject: Subject, row: object, fields: readonly string[] = []): boolean {
    // CASL tags the object it is shown; a copy keeps the row itself clean.
    const instance = typed(subject, { ...row });
    if (fields.length === 0) return this.ability.can(action, instance);
    return fields.every((field) => this.ability.can(action, instance, field));
  }

  /** @throws {RegieError} `INTERDIT` */
  require(action: Action, subject: Subject, row: object, fields: readonly string[] = []): void {
    if (!this.may(action, subject, row, fields)) throw forbidden();
  }

  /** The condition, in SQL, that a row meets when the person may do this to it. */
  where(action: Action, subject: Subject, columns: Columns): Sql {
    const condition = rulesToAST(this.ability, action, subject);
    return condition === null ? NOTHING : conditionToSql(condition, columns);
  }
}
