import { readdirSync, readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { hash } from '@node-rs/argon2';
import { createPasswords, generatePassword, needsRehash } from '../../src/auth/passwords';
import { MAX_PASSWORD_LENGTH, passwordFaults } from '../../src/domain/identite/passwords';

const installation = {
  politiqueMotDePasse: 'owasp',
  publicUrl: 'http://localhost:8000',
  mail: { smtpUrl: 'smtp://localhost', from: 'Régie <regie@localhost>' },
} as const;
const passwords = createPasswords(installation);
const { hashUnjudged, verify } = passwords;
const person = { nom: 'Hassani', prenom: 'Émilie', email: 'emilie.hassani@exemple.ma' };
const of = { champ: 'new_password', person } as const;
const password = 'Atelier-Sud-47!';

describe('a password', () => {
  it('is kept as argon2id with the parameters of OWASP, differently each time', async () => {
    const [one, two] = [await passwords.hash(password, of), await passwords.hash(password, of)];
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(one).not.toBe(two);
  });

  it('is recognised, and nothing else is', async () => {
    const stored = await passwords.hash(password, of);
    expect(await verify(stored, password)).toBe(true);
    for (const other of ['', 'atelier-sud-47!', `${password} `, ` ${password}`, `${password}\0`]) {
      expect(await verify(stored, other)).toBe(false);
    }
  });

  it('is never cut: what differs in the last character differs', async () => {
    const long = `Aa1!${'é'.repeat(MAX_PASSWORD_LENGTH - 5)}`;
    const stored = await hashUnjudged(`${long}a`);
    expect(await verify(stored, `${long}a`)).toBe(true);
    expect(await verify(stored, `${long}b`)).toBe(false);
  });

  it('keeps its spaces', async () => {
    const stored = await hashUnjudged('  Atelier  Sud-47! ');
    expect(await verify(stored, '  Atelier  Sud-47! ')).toBe(true);
    expect(await verify(stored, 'Atelier Sud-47!')).toBe(false);
  });

  it('is the same from a keyboard that writes accents as characters of their own', async () => {
    const [composed, decomposed] = ['Été-à-Fès-47!'.normalize('NFC'), 'Été-à-Fès-47!'.normalize('NFD')];
    expect(composed).not.toBe(decomposed);
    expect(await verify(await hashUnjudged(composed), decomposed)).toBe(true);
    expect(await verify(await hashUnjudged(decomposed), composed)).toBe(true);
  });

  it('that was hashed as it had been typed is recognised as it was typed', async () => {
    const typed = 'Été-à-Fès-47!'.normalize('NFD');
    const stored = await hash(typed);
    expect(await verify(stored, typed)).toBe(true);
    expect(await verify(stored, `${typed}?`)).toBe(false);
  });

  it('belongs to nobody when there is no account', async () => {
    expect(await verify(null, password)).toBe(false);
    expect(await verify(null, '')).toBe(false);
  });
});

describe('a hash', () => {
  it.each([
    ['as made now', {}, false],
    ['with less memory', { memoryCost: 12_288, timeCost: 3 }, true],
    ['with fewer passes', { timeCost: 1 }, true],
    ['with more memory', { memoryCost: 65_536 }, false],
    ['of another variant', { algorithm: 1 }, true],
    ['of an older version', { version: 0 }, true],
  ])('%s is made anew, or not, when its owner signs in', async (_, options, expected) => {
    const stored = await hash(password, options);
    expect(needsRehash(stored)).toBe(expected);
    expect(await verify(stored, password)).toBe(true);
  });

  it('made anew needs nothing more, whatever the password', async () => {
    const stored = await hashUnjudged('court');
    expect(needsRehash(stored)).toBe(false);
    expect(await verify(stored, 'court')).toBe(true);
  });
});

describe('signing in', () => {
  it('asks whether another attempt is allowed before anything is hashed', async () => {
    const refusal = new Error('not now');
    const attempt = verify('not a hash at all', password, () => Promise.reject(refusal));
    await expect(attempt).rejects.toBe(refusal);
  });

  it('leaves the event loop free while passwords are hashed', async () => {
    const stored = await hashUnjudged(password);
    let turns = 0;
    const turn = () => {
      turns++;
      next = setImmediate(turn);
    };
    let next = setImmediate(turn);
    await Promise.all(Array.from({ length: 10 }, () => verify(stored, password)));
    clearImmediate(next);
    expect(turns).toBeGreaterThan(100);
  });

  it('gives way to everything else: of this process one thread has a low priority, and not the one of requests', async () => {
    const before = getPriority();
    await hashUnjudged(password);
    expect(getPriority()).toBe(before);
    if (process.platform !== 'linux') return;
    const niceness = readdirSync('/proc/self/task').map((thread) => {
      const stat = readFileSync(`/proc/self/task/${thread}/stat`, 'utf8');
      return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]);
    });
    expect(niceness).toContain(Math.max(before, 10));
  });

  it('is refused at once when too many wait already, and they are all served', async () => {
    const stored = await hashUnjudged(password);
    let open = () => {};
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    const attempts = Array.from({ length: 110 }, () => verify(stored, password, () => opened));
    const refused = attempts.splice(102);
    for (const attempt of refused) {
      await expect(attempt).rejects.toMatchObject({
        code: 'SERVICE_INDISPONIBLE',
        details: { retryAfter: expect.any(Number) },
      });
    }
    open();
    expect(new Set(await Promise.all(attempts))).toEqual(new Set([true]));
    expect(await verify(stored, password, async () => {})).toBe(true);
  });

  it('goes on after a hash that nobody can read', async () => {
    await expect(verify('none', password)).rejects.toThrow();
    expect(await verify(await hashUnjudged(password), password)).toBe(true);
  });
});

describe('a new password', () => {
  const refused = (text: string, owner = person) =>
    passwords.hash(text, { champ: 'new_password', person: owner }).then(
      () => null,
      ({ details }) => details.erreurs,
    );

  it('that is refused is told of by the name of its field, in both languages', async () => {
    expect(await refused('Casablanca2024!')).toEqual([
      { champ: 'new_password', message: { fr: expect.any(String), en: expect.any(String) } },
    ]);
  });

  it('is told all that the policy and the name have against it at once', async () => {
    const faults = await refused('émilie');
    expect(faults.map(({ message }: { message: { fr: string } }) => message.fr)).toEqual([
      'Au moins 10 caractères',
      'Au moins une majuscule',
      'Au moins un chiffre',
      'Au moins un symbole',
      'Ne doit rien contenir du nom ni de l’adresse de la personne',
    ]);
  });

  it('may hold somebody else’s name', async () => {
    expect(await refused('Hassani-Tracteur-47')).toHaveLength(1);
    expect(await refused('Hassani-Tracteur-47', { nom: 'Alami', prenom: 'Zoé', email: 'z@x.ma' })).toBeNull();
  });

  it('follows the policy of the installation', async () => {
    const nist = createPasswords({ ...installation, politiqueMotDePasse: 'nist' });
    const phrase = 'tracteur bleu sous la pluie';
    expect(await verify(await nist.hash(phrase, of), phrase)).toBe(true);
    await expect(nist.hash(password.slice(1), of)).rejects.toMatchObject({ code: 'VALIDATION' });
    expect(await refused(phrase)).toHaveLength(3);
  });
});

describe('a generated password', () => {
  const generated = Array.from({ length: 200 }, generatePassword);

  it('meets each policy and is never the same', () => {
    expect(generated.flatMap((text) => passwordFaults(text, 'owasp'))).toEqual([]);
    expect(generated.flatMap((text) => passwordFaults(text, 'nist'))).toEqual([]);
    expect(new Set(generated).size).toBe(200);
  });

  it('can hold no word and no name, since it has no vowel nor anything that looks like one', () => {
    expect(generated.filter((text) => /[aeiouy0134@!|]/i.test(text))).toEqual([]);
  });

  it('is accepted as any other', async () => {
    for (const text of generated.slice(0, 20)) {
      expect(await verify(await passwords.hash(text, of), text)).toBe(true);
    }
  });
});
