import {
  buildMongoQueryMatcher,
  createMongoAbility,
  type MongoAbility,
  subject as typed,
} from '@casl/ability';
import { rulesToAST } from '@casl/ability/extra';
import { LRUCache } from 'lru-cache';
import type { Sql } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { queryOne } from '../db/sql';
import { currentTransaction, type Transaction } from '../db/transaction';
import { forbidden, RegieError } from '../domain/errors';
import { type AuthorRow, authorJson, authorSql, toPrincipal } from './author';
import { type Action, type RulesFor, rulesFor, type Subject } from './permissions';
import type { Principal } from './principal';
import { type Columns, conditionToSql, NOTHING } from './sql';

/** Whether somebody may come as far as the rows; throws what they are told otherwise. */
export type Admission = (access: Access) => void;

/**
 * What conditions can say of a list of ids beside what CASL knows (`ListCondition` in `permissions/rules.ts`); `sql.ts` says
 * the same in SQL.
 */
const conditionsMatcher = buildMongoQueryMatcher(
  { $within: { type: 'field' }, $meets: { type: 'field' } },
  {
    within: (condition, row, { get }) => {
      const ids: number[] = get(row, condition.field) ?? [];
      return ids.length > 0 && ids.every((id) => condition.value.includes(id));
    },
    meets: (condition, row, { get }) =>
      get(row, condition.field).some((id: number) => condition.value.includes(id)),
  },
);

/**
 * What one person may do. Services take an `Access` and find rows only through {@link where}, so that
 * forgetting the permission is impossible rather than unlikely.
 *
 * What counts is what they may do when it is done, not when it was asked for: a transaction may have waited for others,
 * and a file comes in for minutes. So inside a transaction an `Access` says nothing before {@link confirm} has asked who
 * the person is by now; a use case does that once, when it holds its locks.
 */
export class Access {
  private ability: Ability;
  /** The transaction in which this is known to hold. */
  private confirmedIn: Transaction | null;

  /**
   * @param given somebody as they are at this moment: made inside a transaction, an access is confirmed for it.
   * @param admission asked once more whenever they may have changed.
   */
  constructor(
    private given: Principal,
    private readonly rules: RulesFor = rulesFor,
    private readonly admission: Admission = () => {},
  ) {
    this.confirmedIn = currentTransaction();
    this.ability = abilityOf(given, rules);
  }

  /** Whom it is about. */
  get principal(): Principal {
    this.requireConfirmed();
    return this.given;
  }

  /**
   * Asks once more who this is, and whether they may come so far, in one statement. To be called in every transaction,
   * once it holds the locks of what it is about: whatever was changed before it got them counts.
   * @throws {RegieError} `NON_AUTHENTIFIE` when their session, key or account has ended, `INTERDIT`
   */
  async confirm(tx: EntityManager): Promise<void> {
    if (this.isNobody) return this.requireConfirmed();
    this.confirmWith(await queryOne<AuthorRow>(tx, authorSql(this.given)));
  }

  /**
   * Who this is at the moment of a statement, as one JSON value of it, for {@link confirmWith}. To stand in the statement
   * that takes the locks, if it tells a lock that had to be waited for, or in a later one.
   */
  get authorJson(): Sql {
    return authorJson(this.given);
  }

  /**
   * What {@link confirm} does, with what the transaction has read along.
   * @throws {RegieError} `NON_AUTHENTIFIE`, `INTERDIT`
   */
  confirmWith(author: AuthorRow | null): void {
    if (this.isNobody) {
      this.requireConfirmed();
      return;
    }
    const principal = toPrincipal(author, this.given);
    if (principal === null) throw new RegieError('NON_AUTHENTIFIE');
    this.given = principal;
    this.ability = abilityOf(principal, this.rules);
    this.confirmedIn = currentTransaction();
    this.admission(this);
  }

  /** Whether there is any row on which the person may do this; says nothing about a given row. */
  mayEver(action: Action, subject: Subject): boolean {
    this.requireConfirmed();
    return this.ability.can(action, subject);
  }

  /** Whether the person may do this to this row (and, when fields are named, to each of them). */
  may(action: Action, subject: Subject, row: object, fields: readonly string[] = []): boolean {
    this.requireConfirmed();
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
    this.requireConfirmed();
    const condition = rulesToAST(this.ability, action, subject);
    return condition === null ? NOTHING : conditionToSql(condition, columns);
  }

  /** Nobody who signed in: a use case that the system, or a test, carries out on somebody's behalf. */
  private get isNobody(): boolean {
    return this.given.sessionId === null && this.given.cleApiId === null;
  }

  private requireConfirmed(): void {
    const transaction = currentTransaction();
    if (transaction === null || transaction === this.confirmedIn) return;
    throw new Error('Rights are asked in a transaction in which they have not been confirmed');
  }
}

type Ability = MongoAbility<[Action, Subject | object]>;

/** Of so many people at a time, for each way of making rules. One takes some 50 kB. */
const REMEMBERED = 256;
const abilities = new WeakMap<RulesFor, LRUCache<string, Ability>>();

/**
 * What somebody may do, remembered by all that it follows from: rules are the same as long as the person is, by whatever
 * session they come.
 */
function abilityOf(principal: Principal, rules: RulesFor): Ability {
  let remembered = abilities.get(rules);
  if (remembered === undefined) {
    remembered = new LRUCache({ max: REMEMBERED });
    abilities.set(rules, remembered);
  }
  const key = JSON.stringify({ ...principal, sessionId: principal.sessionId === null, langue: null });
  let ability = remembered.get(key);
  if (ability === undefined) {
    ability = newAbility(principal, rules);
    remembered.set(key, ability);
  }
  return ability;
}

function newAbility(principal: Principal, rules: RulesFor): Ability {
  return createMongoAbility(
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
