import {
  decoupage,
  enSeptBits,
  LIVRAISONS,
  type Livraison,
  livraisonAfter,
  texteSms,
  volonteOf,
} from '../../../src/domain/messages/sms';

const sizes = (text: string) => decoupage(text).segments.map((part) => [...part].length);

describe('how a text travels', () => {
  it.each([
    ['a'.repeat(160), 'GSM-7', [160]],
    ['a'.repeat(161), 'GSM-7', [153, 8]],
    ['a'.repeat(306), 'GSM-7', [153, 153]],
    ['a'.repeat(307), 'GSM-7', [153, 153, 1]],
    ['€'.repeat(80), 'GSM-7', [80]],
    ['€'.repeat(81), 'GSM-7', [76, 5]],
    ['é'.repeat(160), 'GSM-7', [160]],
    ['ê', 'UCS-2', [1]],
    ['ش'.repeat(70), 'UCS-2', [70]],
    ['ش'.repeat(71), 'UCS-2', [67, 4]],
    ['ش'.repeat(134), 'UCS-2', [67, 67]],
    ['🔧'.repeat(35), 'UCS-2', [35]],
    ['🔧'.repeat(36), 'UCS-2', [33, 3]],
    ['', 'GSM-7', [0]],
  ])('%#: %.10s… in %s', (text, encodage, lengths) => {
    expect(decoupage(text).encodage).toBe(encodage);
    expect(sizes(text)).toEqual(lengths);
  });

  it('cuts neither an escape from its letter nor a surrogate pair', () => {
    // The 153rd unit would be the escape of the euro sign, the 67th the first half of the tool.
    expect(sizes(`${'a'.repeat(152)}€${'b'.repeat(20)}`)).toEqual([152, 21]);
    expect(sizes(`${'ش'.repeat(66)}🔧${'ش'.repeat(10)}`)).toEqual([66, 11]);
  });

  it('loses nothing where it is cut', () => {
    for (const text of ['a€b🔧'.repeat(100), 'ab[]'.repeat(200), 'نص'.repeat(300)]) {
      expect(decoupage(text).segments.join('')).toBe(text);
    }
  });
});

describe('seven bits', () => {
  it('are enough for French, nearly as it is written', () => {
    expect(enSeptBits('Fenêtre cassée, façade « sud » : œuvre n° 3… à l’étage')).toBe(
      'Fenetre cassée, facade " sud " : oeuvre no 3... à l\'étage',
    );
    expect(decoupage(enSeptBits('Fenêtre ✓')).encodage).toBe('UCS-2');
    expect(enSeptBits('صيانة fenêtre')).toBe('صيانة fenêtre');
  });
});

describe('a text that is too long', () => {
  const court = (nom: string) => ({ debut: 'Intervention assignée : n° 12 ', nom, fin: ', 30/11 09:00' });

  it('stays whole where it fits', () => {
    expect(texteSms(court('Pompe'), 1)).toBe('Intervention assignée : no 12 Pompe, 30/11 09:00');
  });

  it.each([1, 2, 3])('loses of the name what does not fit into %i segments, and nothing else', (segments) => {
    for (const letter of ['a', '€', 'ش', '🔧']) {
      const text = texteSms(court(letter.repeat(600)), segments);
      expect(decoupage(text).segments.length).toBe(segments);
      expect(text).toMatch(/^Intervention assignée : n[o°] 12 .+\.\.\., 30\/11 09:00$/u);
      expect(decoupage(text.replace('...,', `${letter.repeat(2)}...,`)).segments.length).toBe(segments + 1);
    }
  });

  it('is cut itself where it is too long without a name', () => {
    const text = texteSms({ debut: 'a'.repeat(400), nom: 'Pompe', fin: 'fin' }, 1);
    expect(text).toBe(`${'a'.repeat(157)}...`);
  });

  it('is one line', () => {
    expect(texteSms(court('Pompe\r\nTél: 1'), 2)).toContain('Pompe Tél: 1');
  });
});

test('what is believed of a message does not depend on the order in which it is told, nor how often', () => {
  const orders = LIVRAISONS.flatMap((a) =>
    LIVRAISONS.flatMap((b) => LIVRAISONS.map((c): Livraison[] => [a, b, c])),
  );
  for (const told of orders) {
    const after = told.reduce<Livraison | null>(livraisonAfter, null);
    const again = [...told, ...told.toReversed()].reduce<Livraison | null>(livraisonAfter, null);
    expect([told, after]).toEqual([told, LIVRAISONS.findLast((one) => told.includes(one))]);
    expect(again).toBe(after);
  }
});

test.each([
  ['STOP', 'arret'],
  [' stop. ', 'arret'],
  ['Stop SMS', 'arret'],
  ['Arrêt', 'arret'],
  ['إيقاف', 'arret'],
  ['START', 'reprise'],
  ['reprise!', 'reprise'],
  ['ابدأ', 'reprise'],
  ['Start demain ?', null],
  ['Je stoppe la pompe', null],
  ['', null],
])('%s means %s', (texte, volonte) => {
  expect(volonteOf(texte)).toBe(volonte);
});
