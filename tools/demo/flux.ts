/** What the API tells of as it happens, of which a screen moves by itself. */
export interface Evenement {
  evenement?: string;
  id_ressource?: number;
}

/** Somebody's screen, which is told of what happens. */
export interface Ecran {
  /** Waits for something that it is told, now or before. @throws when it is not told so within the patience it was given. */
  attendre(evenement: string): Promise<Evenement>;
  fermer(): void;
}

/**
 * Follows what happens as server-sent events, as browsers do.
 * @param url address of the API's host, without `/api/v1`. @param patience milliseconds.
 * @throws when it is refused.
 */
export async function ouvrirEcran(url: string, token: string, patience: number): Promise<Ecran> {
  const control = new AbortController();
  const response = await fetch(`${url}/api/v1/flux`, {
    headers: { Authorization: `Bearer ${token}`, Accept: 'text/event-stream' },
    signal: control.signal,
  });
  if (!response.ok) throw new Error(`Following was answered ${response.status}`);
  const events = read(response.body!);
  return {
    attendre: async (evenement) => {
      const late = setTimeout(() => control.abort(), patience);
      try {
        for (;;) {
          const { value, done } = await events.next();
          if (done) throw new Error(`Nobody was told of ${evenement}`);
          if (value.evenement === evenement) return value;
        }
      } finally {
        clearTimeout(late);
      }
    },
    fermer: () => control.abort(),
  };
}

async function* read(body: AsyncIterable<Uint8Array>): AsyncGenerator<Evenement, undefined> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true });
    const blocks = text.split('\n\n');
    text = blocks.pop()!;
    for (const block of blocks) {
      const data = block.split('\n').find((line) => line.startsWith('data: '));
      if (data !== undefined) yield JSON.parse(data.slice('data: '.length)) as Evenement;
    }
  }
  return undefined;
}
