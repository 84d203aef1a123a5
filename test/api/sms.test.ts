import { randomUUID } from 'node:crypto';
import type { User } from '../../src/db/identite/users';
import { LIVRAISONS, type Livraison } from '../../src/domain/messages/sms';
import { startTestApi, type TestApi } from '../support/api';
import { makeUser } from '../support/factories';
import { call, entrantCall, type Rappel, SMS_SECRET, statutCall } from '../support/sms-gateway';

/** What a gateway tells us, as a gateway does: twice, late, in any order; and as somebody does who only pretends to be one. */

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi({ SMS_SECRET, SMS_URL: 'http://127.0.0.1:9' });
});
afterAll(() => api.close());

const tell = (rappel: Rappel) => call(api.baseUrl, rappel);

let next = 10_000_000;
const newNumber = () => `+2126${++next}`;

async function handedOver(
  given: { statut?: string; numero?: string } = {},
): Promise<{ cle: string; user: User }> {
  const numero = given.numero ?? newNumber();
  const user = await makeUser(api.db, { telephone: numero });
  const cle = `essai-${randomUUID()}@regie`;
  await api.db.query(
    `INSERT INTO messages (evenement, destinataire_id, canal, modele, donnees, correlation_id, message_id, statut, numero)
     VALUES ($1, $2, 'sms', 'demarree', '{}', 'essai', $3, $4, $5)`,
    [cle, user.id, `<${cle}>`, given.statut ?? 'envoye', numero],
  );
  return { cle, user };
}

async function read(cle: string) {
  const [row] = await api.db.query(
    `SELECT statut, livraison, to_json(date_livraison) #>> '{}' AS date FROM messages WHERE message_id = $1`,
    [`<${cle}>`],
  );
  return row;
}

const stateOf = async (user: User) => {
  const admin = (await api.newPerson('admin')).client;
  const { sms_arretes, telephone_invalide } = (await admin.get(`/users/${user.id}`)).body;
  return { sms_arretes, telephone_invalide };
};

describe('what becomes of a text message', () => {
  it('is what was told last of it, in whatever order and however often it is told', async () => {
    const orders = LIVRAISONS.flatMap((a) => LIVRAISONS.flatMap((b) => [[a, b, a]])) as Livraison[][];
    for (const order of orders) {
      const { cle } = await handedOver();
      const calls = order.map((statut) => statutCall({ cle, statut }));
      for (const one of calls) expect(await tell(one)).toBe(204);
      expect([order, (await read(cle)).livraison]).toEqual([
        order,
        LIVRAISONS.findLast((one) => order.includes(one)),
      ]);
    }
  });

  it('keeps the moment of what is believed', async () => {
    const { cle } = await handedOver();
    await tell(statutCall({ cle, statut: 'livre', date: '2026-11-01T10:00:00Z' }));
    await tell(statutCall({ cle, statut: 'en_route', date: '2026-11-01T09:00:00Z' }));
    await tell(statutCall({ cle, statut: 'livre', date: '2026-11-01T12:00:00Z' }));
    expect(await read(cle)).toEqual({
      statut: 'envoye',
      livraison: 'livre',
      date: '2026-11-01T10:00:00+00:00',
    });
  });

  it('is taken down also of one that is not known to be sent', async () => {
    const { cle } = await handedOver({ statut: 'a_envoyer' });
    expect(await tell(statutCall({ cle, statut: 'en_route' }))).toBe(204);
    expect(await read(cle)).toMatchObject({ statut: 'a_envoyer', livraison: 'en_route' });
  });

  it('is nobody’s affair when there is no such message, or it is an email', async () => {
    const { cle } = await handedOver();
    await api.db.query(`UPDATE messages SET canal = 'email' WHERE message_id = $1`, [`<${cle}>`]);
    expect(await tell(statutCall({ cle, statut: 'livre' }))).toBe(204);
    expect((await read(cle)).livraison).toBeNull();
    expect(await tell(statutCall({ cle: 'personne@regie', statut: 'livre' }))).toBe(204);
  });

  it('told by twenty at once is the same', async () => {
    const { cle } = await handedOver();
    const calls = Array.from({ length: 20 }, (_, n) => statutCall({ cle, statut: LIVRAISONS[n % 3]! }));
    expect(new Set(await Promise.all(calls.map(tell)))).toEqual(new Set([204]));
    expect((await read(cle)).livraison).toBe('livre');
  });
});

describe('a call', () => {
  it('is believed by its signature alone, before anything in it is looked at', async () => {
    const { cle } = await handedOver();
    const good = statutCall({ cle, statut: 'livre' });
    const forged: Rappel[] = [
      statutCall({ cle, statut: 'livre' }, { secret: 'another secret of thirty-two bytes.' }),
      { ...good, body: good.body.replace('livre', 'en_route') },
      { ...good, body: `${good.body} ` },
      { ...good, headers: { ...good.headers, 'webhook-id': 'msg_autre' } },
      {
        ...good,
        headers: { ...good.headers, 'webhook-timestamp': String(Math.floor(Date.now() / 1000) + 1) },
      },
      { ...good, headers: { ...good.headers, 'webhook-signature': '' } },
      { ...good, headers: { ...good.headers, 'webhook-signature': 'v1,' } },
      {
        ...good,
        headers: { ...good.headers, 'webhook-signature': good.headers['webhook-signature']!.slice(3) },
      },
      { ...good, body: '{"cle":1,"statut":"inconnu"}' },
      { ...good, path: '/sms/entrants', body: '{}' },
    ];
    for (const one of forged) expect([one.headers, await tell(one)]).toEqual([one.headers, 401]);
    expect((await read(cle)).livraison).toBeNull();
    expect(await tell(good)).toBe(204);
  });

  it.each([
    ['six minutes old', -360_000],
    ['of in six minutes', 360_000],
  ])('%s is refused', async (_, offset) => {
    const { cle } = await handedOver();
    expect(await tell(statutCall({ cle, statut: 'livre' }, { at: Date.now() + offset }))).toBe(401);
    expect((await read(cle)).livraison).toBeNull();
  });

  it('copied and sent again is refused, also at the same moment', async () => {
    const { cle } = await handedOver();
    const one = statutCall({ cle, statut: 'livre' });
    const answers = await Promise.all(Array.from({ length: 8 }, () => tell(one)));
    expect(answers.toSorted()).toEqual([204, ...Array(7).fill(401)]);
    expect(await tell(one)).toBe(401);
  });

  it('that a gateway sends again, since it heard no answer, is heard and changes nothing', async () => {
    const numero = newNumber();
    const user = await makeUser(api.db, { telephone: numero });
    const stop = { de: numero, texte: 'STOP' };
    await tell(entrantCall(stop, { id: 'msg_stop' }));
    await tell(entrantCall({ de: numero, texte: 'START' }));
    const later = entrantCall(stop, { id: 'msg_stop', at: Date.now() + 2_000 });
    expect(await tell(later)).toBe(204);
    expect(await tell(later)).toBe(401);
    expect(await stateOf(user)).toMatchObject({ sms_arretes: false });
  });

  it('that is signed and makes no sense is told so', async () => {
    const wrong = entrantCall({ de: 'moi', texte: 'STOP' });
    const answer = await fetch(`${api.baseUrl}/api/v1${wrong.path}`, { ...wrong, method: 'POST' });
    expect([
      answer.status,
      ((await answer.json()) as { erreurs: { champ: string }[] }).erreurs[0]!.champ,
    ]).toEqual([422, 'de']);
  });

  it('is not taken where there is no secret to know it by', async () => {
    const without = await startTestApi();
    try {
      expect(await call(without.baseUrl, statutCall({ cle: 'a', statut: 'livre' }))).toBe(404);
    } finally {
      await without.close();
    }
  });
});

describe('STOP', () => {
  it('ends text messages to a number, whoever has it, until START', async () => {
    const numero = newNumber();
    const user = await makeUser(api.db, { telephone: numero });
    const other = await makeUser(api.db, { telephone: numero });
    expect(await stateOf(user)).toEqual({ sms_arretes: false, telephone_invalide: false });
    await tell(entrantCall({ de: numero, texte: 'Stop svp' }));
    expect([await stateOf(user), await stateOf(other)]).toMatchObject([
      { sms_arretes: true },
      { sms_arretes: true },
    ]);
    await tell(entrantCall({ de: numero, texte: 'Merci, à demain' }));
    expect(await stateOf(user)).toMatchObject({ sms_arretes: true });
    await tell(entrantCall({ de: numero, texte: 'start' }));
    expect(await stateOf(user)).toMatchObject({ sms_arretes: false });
  });

  it('that comes late does not undo the START that was said after it', async () => {
    const numero = newNumber();
    const user = await makeUser(api.db, { telephone: numero });
    await tell(entrantCall({ de: numero, texte: 'START', date: '2026-11-01T10:05:00Z' }));
    await tell(entrantCall({ de: numero, texte: 'STOP', date: '2026-11-01T10:00:00Z' }));
    expect(await stateOf(user)).toMatchObject({ sms_arretes: false });
    await tell(entrantCall({ de: numero, texte: 'STOP', date: '2026-11-01T10:05:00Z' }));
    expect(await stateOf(user)).toMatchObject({ sms_arretes: true });
  });

  it('belongs to the number: another one takes text messages', async () => {
    const { user, client } = await api.newPerson('technicien', { telephone: newNumber() });
    await tell(entrantCall({ de: user.telephone!, texte: 'STOP' }));
    expect((await client.get('/auth/me')).body.sms_arretes).toBe(true);
    const changed = await client.patch('/auth/me', { telephone: newNumber() });
    expect(changed.body.sms_arretes).toBe(false);
  });
});

describe('a number that nobody has', () => {
  it('is so on the person, until they have another one', async () => {
    const { cle, user } = await handedOver();
    await tell(statutCall({ cle, statut: 'non_livre', raison: 'telephone_eteint' }));
    expect(await stateOf(user)).toMatchObject({ telephone_invalide: false });
    await tell(statutCall({ cle, statut: 'non_livre', raison: 'numero_invalide' }));
    expect(await stateOf(user)).toMatchObject({ telephone_invalide: true });
    const admin = (await api.newPerson('admin')).client;
    const changed = await admin.patch(`/users/${user.id}`, { telephone: newNumber() });
    expect(changed.body.telephone_invalide).toBe(false);
  });

  it('is none where a message to it was delivered', async () => {
    const { cle, user } = await handedOver();
    await tell(statutCall({ cle, statut: 'livre' }));
    await tell(statutCall({ cle, statut: 'non_livre', raison: 'numero_invalide' }));
    expect(await stateOf(user)).toMatchObject({ telephone_invalide: false });
  });
});
