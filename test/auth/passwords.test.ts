import { generatePassword, hashPassword, verifyPassword } from '../../src/auth/passwords';
import { MAX_PASSWORD_LENGTH, passwordFaults } from '../../src/domain/passwords';

describe('the password policy', () => {
  it.each([
    'Atelier-47',
    'Zürich 2026 !',
    'ÉTÉ à Fès, 1 fois',
    '密码密码密码Aa1!!',
    `Aa1!${'é'.repeat(MAX_PASSWORD_LENGTH - 4)}`,
  ])('accepts %s', (password) => {
    expect(passwordFaults(password)).toEqual([]);
  });

  it.each([
    ['password123', ['Au moins une majuscule', 'Au moins un symbole']],
    ['Court-1!', ['Au moins 10 caractères']],
    ['SANS-MINUSCULE-1', ['Au moins une minuscule']],
    ['Sans-chiffre', ['Au moins un chiffre']],
    ['Espace tient lieu 1', ['Au moins un symbole']],
    [`Aa1!${'x'.repeat(MAX_PASSWORD_LENGTH - 3)}`, ['Au plus 128 caractères']],
    [
      '',
      [
        'Au moins 10 caractères',
        'Au moins une majuscule',
        'Au moins une minuscule',
        'Au moins un chiffre',
        'Au moins un symbole',
      ],
    ],
  ])('names all that it has against %s', (password, faults) => {
    expect(passwordFaults(password).map(({ fr }) => fr)).toEqual(faults);
  });

  it('counts characters, not the units they are written in', () => {
    expect(passwordFaults('Aa1!😀😀😀😀😀').map(({ fr }) => fr)).toEqual(['Au moins 10 caractères']);
  });
});

describe('a password', () => {
  const password = 'Atelier-Sud-47!';

  it('is kept as argon2id with the parameters of OWASP, differently each time', async () => {
    const [one, two] = [await hashPassword(password), await hashPassword(password)];
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(one).not.toBe(two);
  });

  it('is recognised, and nothing else is', async () => {
    const stored = await hashPassword(password);
    expect(await verifyPassword(stored, password)).toBe(true);
    for (const other of ['', 'atelier-sud-47!', `${password} `, `${password}\0`]) {
      expect(await verifyPassword(stored, other)).toBe(false);
    }
  });

  it('is never cut: what differs in the last character differs', async () => {
    const long = `Aa1!${'x'.repeat(MAX_PASSWORD_LENGTH - 5)}`;
    const stored = await hashPassword(`${long}a`);
    expect(await verifyPassword(stored, `${long}b`)).toBe(false);
  });

  it('belongs to nobody when there is no account', async () => {
    expect(await verifyPassword(null, password)).toBe(false);
    expect(await verifyPassword(null, 'nobody has this password')).toBe(false);
  });

  it('that does not meet the policy is refused by the name of its field', async () => {
    await expect(hashPassword('court', 'new_password')).rejects.toMatchObject({
      code: 'VALIDATION',
      details: { erreurs: expect.arrayContaining([expect.objectContaining({ champ: 'new_password' })]) },
    });
  });

  it('that is generated meets the policy and is never the same', () => {
    const generated = Array.from({ length: 200 }, generatePassword);
    expect(generated.flatMap(passwordFaults)).toEqual([]);
    expect(new Set(generated).size).toBe(200);
  });
});
