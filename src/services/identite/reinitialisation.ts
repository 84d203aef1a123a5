import sql from 'sql-template-tag';
import type { DataSource, EntityManager } from 'typeorm';
import { readLinkToken } from '../../auth/password-links';
import type { PasswordOwner, Passwords } from '../../auth/passwords';
import type { Secrets } from '../../auth/secrets';
import { User } from '../../db/identite/users';
import { type Executor, query, queryOne } from '../../db/sql';
import { RegieError } from '../../domain/errors';
import type { Actor } from '../actor';
import { record } from '../historique';
import { warn } from './avis';
import { closeLinksOf } from './liens-mot-de-passe';
import { endSessionsOf } from './sessions';
import { countPasswordWork, forgetFailures } from './tentatives';

/** Choosing a password by a link: the way in for whoever forgot theirs, or was invited. */

interface Holder extends PasswordOwner {
  id: number;
  motif: 'oubli' | 'invitation';
}

/**
 * Gives the holder of a link the password they chose, and ends all their sessions. It signs nobody in, and a second
 * factor is asked for as before. A password that is refused leaves the link as it was.
 * @returns the id of the link, whose workflow may end.
 * @throws {RegieError} `LIEN_INVALIDE` for one that is forged, used, replaced or over, or where a machine invited
 * whose key was revoked since, all alike; `VALIDATION`, `TROP_DE_REQUETES`
 */
export async function resetPassword(
  { db, secrets, passwords }: { db: DataSource; secrets: Secrets; passwords: Passwords },
  actor: Actor,
  given: { token: string; new_password: string },
): Promise<string> {
  // What was not signed by us costs no look into the database, and no hash.
  const lienId = readLinkToken(secrets, given.token);
  if (lienId === null) throw new RegieError('LIEN_INVALIDE');
  const person = await holderOf(db, lienId, actor.now);
  await countPasswordWork(db, secrets, person.id, actor.now);
  const mot_de_passe = await passwords.hash(given.new_password, { champ: 'new_password', person });
  await db.transaction(async (tx) => {
    await lockHolder(tx, lienId, actor.now);
    await tx.update(User, { id: person.id }, { mot_de_passe });
    await closeLinksOf(tx, person.id, actor.now);
    await endSessionsOf(tx, person.id, actor.now);
    await forgetFailures(tx, secrets, { compte: person.id, adresse: actor.adresse ?? '' });
    const author = { ...actor, userId: person.id };
    const invited = person.motif === 'invitation';
    await record(tx, author, {
      entite: 'user',
      entiteId: person.id,
      action: invited ? 'invitation_acceptee' : 'reinitialisation_mot_de_passe',
    });
    if (!invited) await warn(tx, author, person.id, { modele: 'mot_de_passe_change', sessionId: null });
  });
  return lienId;
}

/**
 * Whoever has no password yet and was invited by a machine gets none once its key is revoked, by whatever link.
 * @throws {RegieError} `LIEN_INVALIDE`
 */
async function holderOf(executor: Executor, lienId: string, now: Date): Promise<Holder> {
  const holder = await queryOne<Holder>(
    executor,
    sql`SELECT u.id, u.nom, u.prenom, u.email, l.motif FROM liens_mot_de_passe l JOIN users u ON u.id = l.user_id
        WHERE l.id = ${lienId} AND l.date_fermeture IS NULL AND l.date_expiration > ${now} AND u.is_active
          AND (u.mot_de_passe IS NOT NULL OR NOT EXISTS (
            SELECT 1 FROM cles_api k WHERE k.id = u.invitation_cle_api_id AND k.date_revocation IS NOT NULL))`,
  );
  if (holder === null) throw new RegieError('LIEN_INVALIDE');
  return holder;
}

/** Of several who come with one link at once, the first closes it before the others look. */
async function lockHolder(tx: EntityManager, lienId: string, now: Date): Promise<void> {
  await query(
    tx,
    sql`SELECT id FROM users WHERE id = (SELECT user_id FROM liens_mot_de_passe WHERE id = ${lienId}) FOR NO KEY UPDATE`,
  );
  await holderOf(tx, lienId, now);
}
