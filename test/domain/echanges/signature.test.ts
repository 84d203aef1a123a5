import { Webhook } from 'standardwebhooks';
import { isStillValid, newSecret, signatureOf, signaturesOf } from '../../../src/domain/echanges/signature';

/** The example that the reference libraries of the Standard Webhooks specification share. */
const EXAMPLE = {
  secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  timestamp: 1_614_265_330,
  body: '{"test": 2432232314}',
  signature: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
};

describe('the signature of a delivery', () => {
  it('is that of the example of the specification', () => {
    const { secret, signature, ...message } = EXAMPLE;
    expect(signatureOf(secret, message)).toBe(signature);
  });

  it('is taken by the reference library, and by it alone with the right secret and body', () => {
    const secret = newSecret();
    const message = {
      id: 'evt_1',
      timestamp: Math.floor(Date.now() / 1_000),
      body: '{"id":"evt_1","é":"ü"}',
    };
    const headers = {
      'Webhook-Id': message.id,
      'Webhook-Timestamp': String(message.timestamp),
      'Webhook-Signature': signatureOf(secret, message),
    };
    expect(new Webhook(secret).verify(message.body, headers)).toEqual({ id: 'evt_1', é: 'ü' });
    expect(() => new Webhook(newSecret()).verify(message.body, headers)).toThrow();
    expect(() => new Webhook(secret).verify(`${message.body} `, headers)).toThrow();
  });

  it('is one a secret, with spaces between, of which the reference library takes either', () => {
    const [present, former] = [newSecret(), newSecret()];
    const message = { id: 'evt_2', timestamp: Math.floor(Date.now() / 1_000), body: '{}' };
    const signatures = signaturesOf([present, former], message);
    expect(signatures.split(' ')).toEqual([signatureOf(present, message), signatureOf(former, message)]);
    const headers = {
      'webhook-id': message.id,
      'webhook-timestamp': String(message.timestamp),
      'webhook-signature': signatures,
    };
    for (const secret of [present, former]) new Webhook(secret).verify('{}', headers);
  });
});

it('draws secrets of 32 bytes, none like another', () => {
  const secrets = Array.from({ length: 50 }, newSecret);
  expect(new Set(secrets).size).toBe(50);
  for (const secret of secrets) {
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(Buffer.from(secret.slice(6), 'base64')).toHaveLength(32);
  }
});

describe('the secrets that sign', () => {
  const day = 86_400_000;
  const now = new Date('2026-11-29T12:00:00Z');

  it.each([
    ['no former one', null, false],
    ['one that ends later', new Date(now.getTime() + day), true],
    ['one that ends now', now, false],
    ['one that has ended', new Date(now.getTime() - 1), false],
  ])('with %s', (_, fin, expected) => {
    expect(isStillValid(fin, now)).toBe(expected);
  });
});
