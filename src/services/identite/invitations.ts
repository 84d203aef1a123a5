import type { EntityManager } from 'typeorm';
import type { Access } from '../../auth/access';
import type { Secrets } from '../../auth/secrets';
import { RegieError, type Texte } from '../../domain/errors';
import type { Actor } from '../actor';
import { record } from '../historique';
import { inviteAll } from './liens-mot-de-passe';
import { lockUser, readUser } from './users';
import { requireMayCreate } from './users-rules';

/**
 * Invites somebody once more who has not chosen a password yet; the links they were sent before stop working. Whoever
 * could have opened the account may do so.
 * @returns the id of the link, whose workflow is to be started.
 * @throws {RegieError} `INTROUVABLE`, `INTERDIT`, `TRANSITION_INVALIDE` when there is nothing to invite them to,
 * `TROP_DE_REQUETES` when they, or by the caller others, were invited too often
 */
export async function inviteAgain(
  tx: EntityManager,
  secrets: Secrets,
  access: Access,
  actor: Actor,
  userId: number,
): Promise<string> {
  await lockUser(tx, userId);
  await access.confirm(tx);
  const user = await readUser(tx, access, userId);
  requireMayCreate(access, user);
  if (!user.invitation_en_attente) throw new RegieError('TRANSITION_INVALIDE', { detail: HAS_PASSWORD });
  if (!user.is_active) throw new RegieError('TRANSITION_INVALIDE', { detail: INACTIVE });
  const [lienId] = await inviteAll(tx, secrets, actor, [user]);
  await record(tx, actor, { entite: 'user', entiteId: userId, action: 'invitation' });
  return lienId!;
}

const HAS_PASSWORD: Texte = {
  fr: 'La personne a déjà choisi un mot de passe',
  en: 'The person has chosen a password already',
};
const INACTIVE: Texte = { fr: 'Le compte est désactivé', en: 'The account is deactivated' };
