import sql from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import type { Access } from '../../auth/access';
import type { Secrets } from '../../auth/secrets';
import { query } from '../../db/sql';
import type { FieldFault } from '../../domain/errors';
import type { Actor } from '../actor';
import { recordAll } from '../historique';
import { inviteAll } from './liens-mot-de-passe';
import { normalisedTelephones } from './telephones';
import {
  existingSites,
  type GivenUserFields,
  newUserFault,
  sitesFault,
  type UserFields,
  withReach,
} from './users-rules';

/** Opening many accounts at once, in a number of statements that does not depend on how many. */

export interface UserLine {
  /** In the file, from 1. */
  ligne: number;
  fields: GivenUserFields;
}

/** One with what its silence means. */
interface CompleteLine extends UserLine {
  fields: UserFields;
}

export interface LineFault extends FieldFault {
  ligne: number;
}

export interface UsersImport {
  /** Ids of the people created, in the order of their lines. */
  utilisateurs: number[];
  /** Of the links by which they were invited, whose workflows are to be started. */
  invitations: string[];
  faults: LineFault[];
}

/**
 * Creates the accounts that may be, each as if it were created alone, and invites their people to choose a password; says
 * of each other line what stands against it.
 * @param trial only says so.
 * @param pays of telephone numbers without the code of their country.
 * @throws {RegieError} `TROP_DE_REQUETES` when the caller has sent too many invitations
 */
export async function importUsers(
  tx: EntityManager,
  secrets: Secrets,
  access: Access,
  actor: Actor,
  given: readonly UserLine[],
  { trial, pays }: { trial: boolean; pays: string | null },
): Promise<UsersImport> {
  await access.confirm(tx);
  const faults: LineFault[] = [];
  const lines = given.map(
    ({ ligne, fields }): CompleteLine => ({ ligne, fields: withReach(access, fields) }),
  );
  const refuse = (fault: (fields: UserFields) => FieldFault | null, among: readonly CompleteLine[]) =>
    among.filter(({ ligne, fields }) => {
      const found = fault(fields);
      if (found !== null) faults.push({ ligne, ...found });
      return found === null;
    });

  let good = refuse((fields) => newUserFault(access, fields) ?? sitesFault(fields), lines);
  const sites = await existingSites(tx, [...new Set(good.flatMap(({ fields }) => fields.site_ids))]);
  good = refuse(({ site_ids }) => (site_ids.every((id) => sites.has(id)) ? null : UNKNOWN_SITE), good);
  const telephoneOf = await normalisedTelephones(
    tx,
    good.map(({ fields }) => fields),
    pays,
  );
  good = refuse((fields) => telephoneOf(fields).fault, good).map(
    ({ ligne, fields }): CompleteLine => ({
      ligne,
      fields: { ...fields, telephone: telephoneOf(fields).telephone },
    }),
  );
  const firstLines = new Map(good.toReversed().map(({ ligne, fields }) => [fields.email, ligne]));
  good = good.filter(({ ligne, fields: { email } }) => {
    const first = firstLines.get(email)!;
    if (first !== ligne) faults.push({ ligne, champ: 'email', message: sameAsLine(first) });
    return first === ligne;
  });
  const taken = await takenAddresses(tx, good);
  good = refuse(({ email }) => (taken.has(email) ? TAKEN : null), good);
  if (trial || good.length === 0) return { utilisateurs: [], invitations: [], faults };

  const ids = await insertUsers(tx, good);
  // Somebody else may have taken an address since we looked.
  good = refuse(({ email }) => (ids.has(email) ? null : TAKEN), good);
  const created = good.map(({ fields }) => ({ id: ids.get(fields.email)!, fields }));
  const utilisateurs = created.map(({ id }) => id);
  await insertSites(tx, created);
  const creations = created.map(({ id, fields }) => ({
    entite: 'user',
    entiteId: id,
    action: 'creation',
    apres: { ...fields },
  }));
  await recordAll(tx, actor, creations);
  const invited = created.map(({ id, fields: { email } }) => ({ id, email }));
  return { utilisateurs, invitations: await inviteAll(tx, secrets, actor, invited), faults };
}

const UNKNOWN_SITE: FieldFault = {
  champ: 'site_ids',
  message: { fr: 'Ne désigne rien qui existe', en: 'Does not refer to anything that exists' },
};
const TAKEN: FieldFault = {
  champ: 'email',
  message: { fr: 'Un compte a déjà cette adresse', en: 'An account has this address already' },
};

function sameAsLine(ligne: number) {
  return { fr: `La même adresse qu'à la ligne ${ligne}`, en: `The same address as on line ${ligne}` };
}

async function takenAddresses(tx: EntityManager, lines: readonly CompleteLine[]): Promise<Set<string>> {
  const emails = lines.map(({ fields }) => fields.email);
  const rows = await query<{ email: string }>(
    tx,
    sql`SELECT lower(email::text) AS email FROM users WHERE email = ANY(${emails}::citext[])`,
  );
  return new Set(rows.map(({ email }) => email));
}

/**
 * In one order, so that two files with the same people never wait for each other in a circle.
 * @returns the ids by address; those taken meanwhile are missing.
 */
async function insertUsers(tx: EntityManager, lines: readonly CompleteLine[]): Promise<Map<string, number>> {
  const rows = await query<{ id: number; email: string }>(
    tx,
    sql`INSERT INTO users (email, nom, prenom, role, is_active, langue, telephone, tous_sites)
        SELECT email, nom, prenom, role, is_active, langue, telephone, tous_sites
        FROM jsonb_to_recordset(${JSON.stringify(lines.map(({ fields }) => fields))}::jsonb)
          AS l (email citext, nom text, prenom text, role text, is_active boolean, langue text, telephone text,
                tous_sites boolean)
        ORDER BY email
        ON CONFLICT ON CONSTRAINT users_email_unique DO NOTHING
        RETURNING id, email::text AS email`,
  );
  return new Map(rows.map(({ id, email }) => [email, id]));
}

interface Created {
  id: number;
  fields: UserFields;
}

async function insertSites(tx: EntityManager, created: readonly Created[]): Promise<void> {
  const pairs = created.flatMap(({ id, fields }) => fields.site_ids.map((site) => [id, site] as const));
  await query(
    tx,
    sql`INSERT INTO user_sites (user_id, site_id)
        SELECT unnest(${pairs.map(([id]) => id)}::integer[]), unnest(${pairs.map(([, site]) => site)}::integer[])`,
  );
}
