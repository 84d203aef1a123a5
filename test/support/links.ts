import { linkToken } from '../../src/auth/password-links';
import type { TestApi } from './api';
import { makeUser } from './factories';

/** A link by which somebody new may choose their password. @returns its token. */
export async function prepareLink({ db, app }: Pick<TestApi, 'db' | 'app'>): Promise<string> {
  const { id } = await makeUser(db, { mot_de_passe: null as never });
  const [lien] = await db.query(
    `INSERT INTO liens_mot_de_passe (id, motif, user_id, date_expiration, workflow_demarre, correlation_id, date_creation)
     VALUES (gen_random_uuid(), 'invitation', $1, now() + interval '1 hour', true, 'test', now()) RETURNING id`,
    [id],
  );
  return linkToken(app.secrets, lien.id);
}
