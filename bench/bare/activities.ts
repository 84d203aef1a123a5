/** The least an activity can do: nothing is written anywhere. */
export async function write(move: number): Promise<{ move: number; deadline: number }> {
  return { move, deadline: Date.now() + 3_600_000 };
}
