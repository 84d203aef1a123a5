import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiClient } from '../api-client';
import { EQUIPEMENTS, FIRST_ID, PIECES } from '../rows';
import { type BenchSystem, signInAs } from '../system';
import { bookSlot } from './slots';
import { HOSTILE_NAMES, HOSTILE_TEXTS } from './texts';

/** People who mean harm, with the rights of a client and patience, and what lies in the database from before any limits. */

const REFUSALS = 10_000;
/** Between two of one kind, in milliseconds. */
const PAUSE = { rapport: 2_000, commentaire: 100, nom: 500, texte: 500 };

export interface Crowd {
  /** How often each kind was tried, and what came of it. */
  counts: Record<string, Record<string, number>>;
  /** Interventions whose report was meant to do harm. */
  poisoned: number[];
}

/** @returns when the time is up and everybody has stopped. */
export async function unleash(system: BenchSystem, seconds: number): Promise<Crowd> {
  const crowd: Crowd = { counts: {}, poisoned: [] };
  const end = Date.now() + seconds * 1_000;
  const { admin, client, clientId, equipementId } = await enemies(system);
  const attempt = async (kind: string, run: () => Promise<unknown>) => {
    let outcome = 'done';
    try {
      await run();
    } catch (error) {
      outcome = (error as Error).message.split(': ').at(-1)!;
    }
    crowd.counts[kind] ??= {};
    const counts = crowd.counts[kind];
    counts[outcome] = (counts[outcome] ?? 0) + 1;
  };
  const repeatedly = async (pause: number, act: (index: number) => Promise<unknown>) => {
    for (let index = 0; Date.now() < end; index++) {
      const begun = Date.now();
      await act(index);
      await sleep(Math.max(0, pause - (Date.now() - begun)));
    }
  };

  await Promise.all([
    repeatedly(PAUSE.rapport, (index) =>
      attempt('poisoned reports', async () => {
        const api = await admin();
        const id = await begin(api, index);
        crowd.poisoned.push(id);
        await poison(system, id, clientId, index);
        await api.send('PUT', `/interventions/${id}/statut`, {
          statut: 'terminee',
          rapport: `${'Fait.\n'.repeat(400)}${'W'.repeat(10_000)}`,
        });
      }),
    ),
    ...[0, 1].map(async () => {
      let target: number | null = null;
      await repeatedly(PAUSE.commentaire, async (index) => {
        const api = await client();
        target ??= (await api.send<{ id: number }>('POST', '/interventions', fault(equipementId, index))).id;
        const texte = HOSTILE_TEXTS[index % HOSTILE_TEXTS.length];
        await attempt('comments', () => api.send('POST', `/interventions/${target}/commentaires`, { texte }));
        if (index % 600 === 599) target = null;
      });
    }),
    repeatedly((seconds * 1_000) / REFUSALS, (index) =>
      attempt('refused orders', async () => {
        const api = await client();
        const id = 1 + (index % 1_000);
        await api.send('PUT', `/interventions/${id}/assign`, { technicien_id: FIRST_ID });
      }),
    ),
    repeatedly(PAUSE.nom, (index) =>
      attempt('names', async () => {
        const nom = HOSTILE_NAMES[index % HOSTILE_NAMES.length];
        await (await client()).send('PATCH', '/auth/me', { nom, prenom: nom });
      }),
    ),
    repeatedly(PAUSE.texte, (index) =>
      attempt('texts', async () => {
        const api = await client();
        const description = HOSTILE_TEXTS[index % HOSTILE_TEXTS.length]!;
        await api.send('POST', '/interventions', {
          ...fault(equipementId, index),
          titre: description.slice(0, 200),
          description,
        });
      }),
    ),
  ]);
  return crowd;
}

/** A client with an equipment of their own, and an administrator in whose name the work is finished. */
async function enemies(system: BenchSystem) {
  const admin = renewed(() => system.signIn());
  const person = {
    email: `ennemi-${Date.now()}@exemple.ma`,
    password: 'Tramontane-Bleue-83!',
    nom: 'Ennemi',
    prenom: 'Public',
    role: 'client',
  };
  const { id: clientId } = await (await admin()).send<{ id: number }>('POST', '/users', person);
  const { id: equipementId } = await (await admin()).send<{ id: number }>('POST', '/equipements', {
    nom: 'Presse',
    type: 'Presse',
    numero_serie: `E-${clientId}`,
    client_id: clientId,
  });
  const client = renewed(() => signInAs(system.apiUrl, person.email, person.password));
  return { admin, client, clientId, equipementId };
}

const LIFETIME = 10 * 60_000;

/** Tokens live a quarter of an hour: who stays longer signs in again. */
export function renewed(signIn: () => Promise<ApiClient>): () => Promise<ApiClient> {
  let current: { client: Promise<ApiClient>; until: number } | null = null;
  return () => {
    if (current === null || current.until < Date.now()) {
      current = { client: signIn(), until: Date.now() + LIFETIME };
    }
    return current.client;
  };
}

function fault(equipement_id: number, index: number) {
  return {
    titre: `Panne ${index}`,
    description: 'La presse ne démarre plus depuis ce matin',
    type_intervention: 'corrective',
    equipement_id,
  };
}

/** @returns an intervention under way. */
export async function begin(api: ApiClient, index: number): Promise<number> {
  const { id } = await api.send<{ id: number }>(
    'POST',
    '/interventions',
    fault(FIRST_ID + (index % EQUIPEMENTS), index),
  );
  await api.send('PUT', `/interventions/${id}/assign`, bookSlot());
  await api.send('PUT', `/interventions/${id}/statut`, { statut: 'en_cours' });
  return id;
}

/** Puts beside an intervention, past every limit, what people could add before there were any. */
async function poison({ db }: BenchSystem, id: number, authorId: number, index: number): Promise<void> {
  const comments = Array.from({ length: 50 }, (_, n) => HOSTILE_TEXTS[(index + n) % HOSTILE_TEXTS.length]);
  await db.query(
    `INSERT INTO commentaires (intervention_id, auteur_id, texte) SELECT $1, $2, unnest($3::text[])`,
    [id, authorId, comments],
  );
  await db.query(
    `INSERT INTO besoins_pieces (intervention_id, piece_id, quantite, statut)
     SELECT $1, ${FIRST_ID} + n % ${PIECES}, 1, 'recue' FROM generate_series(1, 2000) n`,
    [id],
  );
  await db.query(
    `INSERT INTO historique (entite, entite_id, action, auteur_id, date)
     SELECT 'intervention', $1, 'modification', $2, now() FROM generate_series(1, 500)`,
    [id, authorId],
  );
}
