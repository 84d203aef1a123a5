import { RegieError } from '../../../src/domain/errors';
import {
  compile,
  delaiOf,
  ecartOf,
  POLITIQUE_INTEGREE,
  type Politique,
  requireSound,
} from '../../../src/domain/parc/niveaux';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Where a politique is at fault, in order. */
function faultsOf(changes: Partial<Politique>): string[] {
  try {
    requireSound({ ...POLITIQUE_INTEGREE, ...changes });
    return [];
  } catch (error) {
    if (!(error instanceof RegieError)) throw error;
    return error.details.erreurs!.map(({ champ }) => champ);
  }
}
const { delais } = POLITIQUE_INTEGREE;

describe('a delay', () => {
  it.each([
    ['PT4H', 4 * HOUR],
    ['PT1H30M', 90 * MINUTE],
    ['PT90M', 90 * MINUTE],
    // A day of work is eight hours of it, and never a day of the clock.
    ['P1D', 8 * HOUR],
    ['P15D', 120 * HOUR],
  ])('%s is told from every other', (text, expected) => {
    expect(delaiOf(text)).toBe(expected);
  });

  it.each(['4', '4h', 'PT', 'PT0M', 'P0D', 'P1DT2H', 'PT1.5H', 'pt4h', '-PT4H', 'P1W', 'PT30S', ' PT4H', ''])(
    '“%s” is none',
    (text) => {
      expect(delaiOf(text)).toBeNull();
    },
  );
});

describe('when a level is told', () => {
  it.each([
    ['-25%', { sens: -1, part: 0.25, duree: 0 }],
    ['-PT30M', { sens: -1, part: 0, duree: 30 * MINUTE }],
    ['+0', { sens: 1, part: 0, duree: 0 }],
    ['+PT1H', { sens: 1, part: 0, duree: HOUR }],
    ['+200%', { sens: 1, part: 2, duree: 0 }],
  ])('%s', (a, ecart) => {
    expect(ecartOf(a)).toEqual(ecart);
  });

  it.each(['25%', '-0%', '-100%', '+201%', '-0', '+P1D', '+PT0H', '0', ''])('“%s” is no such thing', (a) => {
    expect(ecartOf(a)).toBeNull();
  });
});

describe('a level of service', () => {
  it('may say what the house says', () => {
    expect(faultsOf({})).toEqual([]);
    expect(compile({ ...POLITIQUE_INTEGREE }).delais).toEqual(compile(POLITIQUE_INTEGREE).delais);
  });

  it('is told every fault that it has at once, each by its path', () => {
    expect(
      faultsOf({
        delais: {
          ...delais,
          critique: { affectation: 'P1D', demarrage: '15', resolution: 'PT4H', calendrier: 'continu' },
          basse: { affectation: 'P46D', demarrage: 'P1D', resolution: 'P15D' },
        },
        niveaux: [
          { a: 'bientôt', destinataires: ['technicien'] },
          { a: '+PT60M', destinataires: ['admin', 'admin'] },
          { a: '+PT1H', destinataires: ['responsable'] },
        ],
        attente_motifs: [
          { motif: 'Accès refusé', arrete_horloge: true },
          { motif: 'accès refusé', arrete_horloge: false },
        ],
      }),
    ).toEqual([
      'delais.basse.affectation',
      'delais.critique.affectation',
      'delais.critique.demarrage',
      'niveaux.0.a',
      'niveaux.1.destinataires',
      'niveaux.2.a',
      'attente_motifs.1.motif',
    ]);
  });

  it('is told of levels that come later than a site can be asked to count', () => {
    const long = { ...delais, basse: { ...delais.basse, resolution: 'P30D' } };
    const palier = (a: string) => ({ delais: long, niveaux: [{ a, destinataires: ['admin'] as const }] });
    expect(faultsOf(palier('+50%'))).toEqual([]);
    expect(faultsOf(palier('+51%'))).toEqual(['niveaux.0.a']);
    expect(faultsOf(palier('+PT121H'))).toEqual(['niveaux.0.a']);
    expect(faultsOf(palier('-99%'))).toEqual([]);
  });

  it('counts days of work in working hours alone', () => {
    expect(faultsOf({ calendrier: 'continu' })).toEqual([
      'delais.basse.affectation',
      'delais.basse.demarrage',
      'delais.basse.resolution',
      'delais.normale.affectation',
      'delais.normale.resolution',
      'delais.haute.resolution',
    ]);
  });
});
