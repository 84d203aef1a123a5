import {
  allowedTransitions,
  isClosed,
  missingForTransition,
  REOPENING_PERIOD,
  refuseAssignment,
  refuseTransition,
  refuseWriting,
  STATUTS,
  type Statut,
} from '../../../src/domain/interventions/interventions';
import { refuseOrdre } from '../../../src/domain/interventions/ordres';

const NOW = Date.parse('2026-12-01T10:00:00Z');
const at = (statut: Statut, dateFin: number | null = null) => ({ statut, dateFin });

/** The picture of contract §4, written out: what may be asked for from each state. */
const PICTURE: Record<Statut, Statut[]> = {
  ouverte: ['annulee'],
  planifiee: ['ouverte', 'en_cours', 'annulee'],
  en_cours: ['attente_pieces', 'terminee', 'annulee'],
  attente_pieces: ['en_cours', 'annulee'],
  terminee: ['en_cours'],
  annulee: [],
};

describe('the lifecycle', () => {
  const pairs = STATUTS.flatMap((from) => STATUTS.map((to) => [from, to] as const));

  it.each(pairs)('from %s to %s is as the contract draws it', (from, to) => {
    const refusal = refuseTransition(at(from, NOW - 1_000), to, NOW);
    if (PICTURE[from].includes(to)) expect(refusal).toBeNull();
    else
      expect(refusal).toEqual({ code: 'TRANSITION_INVALIDE', statut: from, autorisees: expect.anything() });
  });

  it('names exactly what is allowed now', () => {
    for (const statut of STATUTS) {
      expect([...allowedTransitions(at(statut, NOW), NOW)].sort()).toEqual([...PICTURE[statut]].sort());
    }
  });

  it('reopens finished work for seven days, to the millisecond', () => {
    const end = NOW - REOPENING_PERIOD;
    expect(refuseTransition(at('terminee', end + 1), 'en_cours', NOW)).toBeNull();
    expect(refuseTransition(at('terminee', end), 'en_cours', NOW)).toMatchObject({ autorisees: [] });
    expect([isClosed(at('terminee', end + 1), NOW), isClosed(at('terminee', end), NOW)]).toEqual([
      false,
      true,
    ]);
  });

  it('assigns, or hands over, whatever is not over', () => {
    const assignable = STATUTS.filter((statut) => refuseAssignment(at(statut), NOW) === null);
    expect(assignable).toEqual(['ouverte', 'planifiee', 'en_cours', 'attente_pieces']);
  });

  it('receives parts as long as it is open', () => {
    const order = { type: 'reception' } as const;
    expect(STATUTS.filter((statut) => refuseOrdre(at(statut), order, NOW) === null)).toEqual([
      'ouverte',
      'planifiee',
      'en_cours',
      'attente_pieces',
    ]);
  });

  it('is closed once it is over, for everything but the move that reopens it', () => {
    const orders = [{ type: 'assignation' }, { type: 'modification' }, { type: 'reception' }] as const;
    for (const statut of STATUTS) {
      const over = statut === 'terminee' || statut === 'annulee';
      const autorisees = statut === 'terminee' ? ['en_cours'] : [];
      const closed = { code: 'CLOTUREE', statut, autorisees };
      expect(refuseWriting(at(statut, NOW), NOW)).toEqual(over ? closed : null);
      if (!over) continue;
      for (const order of orders) expect(refuseOrdre(at(statut, NOW), order, NOW)).toEqual(closed);
    }
    expect(refuseOrdre(at('terminee', NOW), { type: 'statut', statut: 'en_cours' }, NOW)).toBeNull();
  });

  it('asks for a report at the end, a reason to cancel, a part to wait for', () => {
    expect(missingForTransition('terminee', { rapport: '  ', pieces: 0 })).toBe('rapport');
    expect(missingForTransition('terminee', { rapport: 'fait', pieces: 0 })).toBeNull();
    expect(missingForTransition('annulee', { pieces: 0 })).toBe('motif');
    expect(missingForTransition('annulee', { motif: 'doublon', pieces: 0 })).toBeNull();
    expect(missingForTransition('attente_pieces', { pieces: 0 })).toBe('pieces');
    expect(missingForTransition('attente_pieces', { pieces: 1 })).toBeNull();
    expect(missingForTransition('en_cours', { pieces: 0 })).toBeNull();
  });
});
