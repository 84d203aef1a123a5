import { MAIL, PAR_INTERVENTION, RAPPORT, requireRoomFor } from '../../src/domain/limites';

describe('room for more', () => {
  it.each(Object.entries(PAR_INTERVENTION))('ends at so many %s', (noun, limite) => {
    const ask = (present: number, added?: number) =>
      requireRoomFor(noun as keyof typeof PAR_INTERVENTION, present, added);
    expect(() => ask(limite - 1)).not.toThrow();
    expect(() => ask(limite - 3, 3)).not.toThrow();
    for (const [present, added] of [
      [limite, 1],
      [limite - 2, 3],
    ] as const) {
      expect(() => ask(present, added)).toThrow(
        expect.objectContaining({
          code: 'LIMITE_ATTEINTE',
          details: expect.objectContaining({ extensions: { limite } }),
        }),
      );
    }
  });

  it('lets in what documents show whole', () => {
    expect(RAPPORT.commentaires).toBeLessThan(PAR_INTERVENTION.commentaires);
    expect(RAPPORT.pieces).toBeLessThanOrEqual(PAR_INTERVENTION.besoins);
    expect(MAIL.pieces).toBeLessThanOrEqual(PAR_INTERVENTION.besoins);
  });
});
