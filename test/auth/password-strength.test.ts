import { createStrengthCheck } from '../../src/auth/password-strength';
import { MAX_PASSWORD_LENGTH } from '../../src/domain/identite/passwords';

const check = createStrengthCheck({
  publicUrl: 'https://regie.presse-atlas.ma:8443/app',
  mail: { smtpUrl: 'smtp://localhost', from: 'Régie <regie@usinagemodele.ma>' },
});
const person = { nom: 'Hassani', prenom: 'Émilie', email: 'emilie.hassani@exemple.ma' };
const weaknessOf = async (password: string) => (await check(password, person))?.fr ?? null;

const ONE_WORD = 'Un seul mot courant ne suffit pas, même avec des chiffres et des symboles';
const TOO_EASY = 'Trop facile à deviner : mots, noms, suites ou dates courants';

/** So many characters, none of which comes again soon. */
const varied = (length: number, from: number) =>
  String.fromCodePoint(...Array.from({ length }, (_, n) => from + ((n * 7 + n * n * 3) % 40)));

describe('the dictionaries', () => {
  it.each([
    // The examples of the requirements.
    'SecurePass123!',
    'NouveauMotDePasse2!',
    'AncienMotDePasse1!',
    // Two words, or what is no word.
    'Atelier-Sud-47!',
    'Encore-Autre-12!',
    'Autre-Mdp-12!',
    'Zürich 2026 !',
    'ÉTÉ à Fès, 1 fois',
    'Xk7#mQ9$vL2p',
    'correct horse battery staple',
    'كلمة السر القوية ٤٧',
    '正确的马电池订书钉 47',
    '🔧🏭🚜 Aa1 🌧️📦🪛',
    `Aa1!${varied(MAX_PASSWORD_LENGTH - 4, 0x628)}`,
    `Aa1!${varied(MAX_PASSWORD_LENGTH - 4, 0x1f600)}`,
    `Aa1!${varied(MAX_PASSWORD_LENGTH - 4, 0x4e00)}`,
    'Été à Fès, une fois !'.normalize('NFD'),
    '839201748392017',
  ])('have nothing against %s', async (password) => {
    expect(await weaknessOf(password)).toBeNull();
  });

  it.each([
    ['French', 'MotDePasse123!'],
    ['French', 'Bonjour2024!'],
    ['French with an accent', 'Été2024!!!!'],
    ['English', 'Welcome-2026!'],
    ['leaked', 'Admin2024!!'],
    ['of lookalikes', 'S0l31l-2024'],
    ['of lookalikes', 'P@ssw0rd2024!'],
    ['of a keyboard', 'Azerty123456!'],
    ['of a keyboard', 'Qwertyuiop1!'],
    ['of the trade', 'Maintenance2026!'],
    ['of the trade, of lookalikes', '1Nt3rv3nt10n!'],
    ['of the place', 'Casablanca2024!'],
    ['of the installation’s address', 'Presse-2026!!'],
    ['of the installation’s mail', 'Usinagemodele-47!'],
    ['said twice', 'Password-2026-Password!'],
    ['typed with accents on their own', 'Été2024!!!!'.normalize('NFD')],
  ])('refuse one word with digits and symbols: %s', async (_, password) => {
    expect(await weaknessOf(password)).toBe(ONE_WORD);
  });

  it.each([
    ['a character again and again', `Aa1!${'é'.repeat(MAX_PASSWORD_LENGTH - 4)}`],
    ['a sequence', 'Abcdefghij1!'],
    ['a row of the French keyboard', 'Qsdfghjklm-1!'],
    ['a word again and again', 'Test-Test-123!'],
    ['a date', '21/11/2026 Aa!'],
    ['two words that everybody here would think of', 'R3g1e-m4int3nance'],
    ['an ideogram and a repetition', '密码密码密码Aa1!!'],
  ])('refuse what is put together from %s', async (_, password) => {
    expect(await weaknessOf(password)).toBe(TOO_EASY);
  });

  it('say so in English too', async () => {
    expect(await check('Casablanca2024!', person)).toMatchObject({
      en: expect.stringMatching(/^One common/),
    });
  });
});

describe('judging what takes long to judge', () => {
  const adversarial = '4@8({[<369&#!1/|0$5+7%2a4@e3i1!o0'.repeat(4).slice(0, MAX_PASSWORD_LENGTH);

  it('leaves the event loop free', async () => {
    await check(adversarial, person);
    let turns = 0;
    const turn = () => {
      turns++;
      next = setImmediate(turn);
    };
    let next = setImmediate(turn);
    await check(adversarial, person);
    clearImmediate(next);
    expect(turns).toBeGreaterThan(100);
  });

  it('is refused at once when too many wait already', async () => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 23 }, () => check('Bonjour2024!', person)),
    );
    const refused = outcomes.filter(({ status }) => status === 'rejected');
    expect(refused).toHaveLength(2);
    expect(refused).toMatchObject([
      { reason: { code: 'SERVICE_INDISPONIBLE' } },
      { reason: { code: 'SERVICE_INDISPONIBLE' } },
    ]);
  });
});
