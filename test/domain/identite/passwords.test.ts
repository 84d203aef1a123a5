import {
  MAX_PASSWORD_LENGTH,
  namesOwner,
  normalizedPassword,
  type PasswordPolicy,
  passwordFaults,
} from '../../../src/domain/identite/passwords';

const faultsOf = (password: string, policy: PasswordPolicy = 'owasp') =>
  passwordFaults(password, policy).map(({ fr }) => fr);

/** So many characters that are all of an upper and a lower case letter, a digit, a symbol and something else. */
const withClasses = (length: number, filling: string) => {
  const characters = [...filling];
  return `Aa1!${Array.from({ length: length - 4 }, (_, n) => characters[n % characters.length]).join('')}`;
};

describe('the policy that was asked for', () => {
  it.each([
    ['ten characters of four classes', 'Atelier-47'],
    ['spaces', 'Zürich 2026 !'],
    ['accents', 'ÉTÉ à Fès, 1 fois'],
    ['128 Arabic letters', withClasses(MAX_PASSWORD_LENGTH, 'مرحبابالعالم')],
    ['128 ideograms', withClasses(MAX_PASSWORD_LENGTH, '正确的马电池订书钉')],
    ['128 emoji, of two UTF-16 units each', withClasses(MAX_PASSWORD_LENGTH, '😀🔧🏭')],
    ['128 letters with combining accents', withClasses(MAX_PASSWORD_LENGTH, 'é').normalize('NFD')],
    ['digits of another script', 'Régie-باب-٤٧'],
  ])('takes %s', (_, password) => {
    expect(faultsOf(password)).toEqual([]);
  });

  it.each([
    ['password123', ['Au moins une majuscule', 'Au moins un symbole']],
    ['Court-1!', ['Au moins 10 caractères']],
    ['SANS-MINUSCULE-1', ['Au moins une minuscule']],
    ['Sans-chiffre', ['Au moins un chiffre']],
    ['Espace tient lieu 1', ['Au moins un symbole']],
    ['Accent1combinant\u0323', ['Au moins un symbole']],
    ['كلمة-السر-٤٧', ['Au moins une majuscule', 'Au moins une minuscule']],
    [withClasses(MAX_PASSWORD_LENGTH + 1, 'x'), ['Au plus 128 caractères']],
    [withClasses(MAX_PASSWORD_LENGTH + 1, '😀'), ['Au plus 128 caractères']],
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
    expect(faultsOf(password)).toEqual(faults);
  });

  it('counts characters, not the units they are written in', () => {
    expect(faultsOf('Aa1!😀😀😀😀😀')).toEqual(['Au moins 10 caractères']);
  });

  it('says each fault in English too', () => {
    const said = passwordFaults('', 'owasp').map(({ en }) => en);
    expect(said).toContain('At least 10 characters');
    expect(new Set(said).size).toBe(5);
  });
});

describe('the policy of NIST', () => {
  it.each([
    'une phrase entière',
    'كلمة السر الطويلة جدا',
    '123456789012345',
    '正确的马电池订书钉一二三四五六七',
  ])('takes fifteen characters of any kind: %s', (password) => {
    expect(faultsOf(password, 'nist')).toEqual([]);
  });

  it.each([
    ['Atelier-Sud-4!', ['Au moins 15 caractères']],
    ['x'.repeat(MAX_PASSWORD_LENGTH + 1), ['Au plus 128 caractères']],
  ])('has nothing but the length against %s', (password, faults) => {
    expect(faultsOf(password, 'nist')).toEqual(faults);
  });
});

describe('the form in which a password is judged and hashed', () => {
  it.each([
    ['an accent typed on its own', 'E\u0301te\u0301', 'Été'],
    ['letters of full width', 'Ｒｅｇｉｅ', 'Regie'],
    ['a no-break space', 'un\u00a0deux', 'un deux'],
    ['ligatures', 'ﬁn', 'fin'],
  ])('is the same for %s', (_, typed, other) => {
    expect(normalizedPassword(typed)).toBe(normalizedPassword(other));
  });

  it('keeps every space', () => {
    expect(normalizedPassword('  deux  fois  ')).toBe('  deux  fois  ');
  });
});

describe('the name and address of the person', () => {
  const person = { nom: 'El Hassani', prenom: 'Émilie', email: 'e.hassani-benali99@atelier-sud.co.ma' };

  it.each([
    'Hassani-2026!',
    'xxHASSANIxx',
    'h4$$an1',
    'Emilie',
    'ÉMILIE',
    'e\u0301milie',
    '3m1l13',
    'elhassani',
    'benali',
    'ATELIER',
    'ehassanibenali99',
  ])('are found in %s', (password) => {
    expect(namesOwner(password, person)).toBe(true);
  });

  it.each([
    ['a particle of two letters', 'Elephant-Rose-12!'],
    ['the last part of the address', 'Comadrone-12!'],
    ['part of a part', 'Hassan-Milie-12!'],
    ['what belongs to nobody', 'Tracteur-Bleu-47!'],
  ])('are not found in %s', (_, password) => {
    expect(namesOwner(password, person)).toBe(false);
  });

  it('of three letters are found where they stand alone', () => {
    const ali = { nom: 'Ali', prenom: 'Zoé', email: 'dg@x.ma' };
    expect(namesOwner('Ali-Tracteur-47', ali)).toBe(true);
    expect(namesOwner('47.zoe.Tracteur', ali)).toBe(true);
    expect(namesOwner('Qualité-Tracteur-47', ali)).toBe(false);
  });

  it('of another script are found too', () => {
    const person = { nom: 'الحسني', prenom: 'محمد', email: 'x@x.ma' };
    expect(namesOwner('Aa1! مُحَمَّد', person)).toBe(true);
    expect(namesOwner('Aa1! جرار', person)).toBe(false);
  });

  it('may hold characters that mean something in a pattern', () => {
    const person = { nom: "O'Brien [(*+?", prenom: '---', email: '"a]b"@[127.0.0.1]' };
    expect(namesOwner('Brien', person)).toBe(true);
    expect(namesOwner('Tracteur-Bleu-47!', person)).toBe(false);
  });
});
