import { Gate } from '../../src/threads/gate';

/** A gate, and work that is done when the test says so. */
function gateOf(limits: ConstructorParameters<typeof Gate>[0]) {
  const gate = new Gate(limits);
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  /** @returns what becomes of it. */
  const ask = (caller: string, name: string): Promise<string> =>
    gate
      .run(() => {
        begun.push(name);
        return new Promise<string>((resolve) => ends.set(name, () => resolve('done')));
      }, caller)
      .catch((error) => error.code);
  const end = async (name: string) => {
    ends.get(name)!();
    await new Promise(setImmediate);
  };
  return { gate, begun, ask, end };
}

describe('a gate', () => {
  it('lets so many in, and the others in the order in which they came', async () => {
    const { gate, begun, ask, end } = gateOf({ places: 2, maxWaiting: 10 });
    for (const name of ['1', '2', '3', '4']) void ask('a', name);
    expect([begun, gate.running, gate.waiting, gate.full]).toEqual([['1', '2'], 2, 2, true]);
    await end('2');
    await end('1');
    expect(begun).toEqual(['1', '2', '3', '4']);
    await end('3');
    await end('4');
    expect([gate.running, gate.waiting, gate.full]).toEqual([0, 0, false]);
  });

  it('gives the callers turns: one who asks for much keeps nobody waiting behind all of it', async () => {
    const { begun, ask, end } = gateOf({ places: 1, maxWaiting: 1_000 });
    for (let n = 0; n < 500; n++) void ask('greedy', `greedy ${n}`);
    void ask('modest', 'modest');
    void ask('third', 'third 0');
    void ask('third', 'third 1');
    for (let n = 0; n < 5; n++) await end(begun.at(-1)!);
    expect(begun).toEqual(['greedy 0', 'greedy 1', 'modest', 'third 0', 'greedy 2', 'third 1']);
  });

  it('refuses one too many, and takes the room for others from who has most', async () => {
    const { begun, ask, end } = gateOf({ places: 1, maxWaiting: 3 });
    void ask('greedy', 'inside');
    const first = ask('greedy', 'first');
    void ask('greedy', 'second');
    const last = ask('greedy', 'last');
    expect(await ask('greedy', 'too many')).toBe('SERVICE_INDISPONIBLE');
    const modest = ask('modest', 'modest');
    expect(await last).toBe('SERVICE_INDISPONIBLE');
    for (const name of ['inside', 'first', 'modest']) await end(name);
    expect([await first, await modest]).toEqual(['done', 'done']);
    expect(begun).toEqual(['inside', 'first', 'modest', 'second']);
  });

  it('refuses who has waited for too long, and does nothing of it', async () => {
    const { gate, begun, ask, end } = gateOf({ places: 1, maxWaiting: 10, maxWait: 20 });
    void ask('a', 'inside');
    expect(await ask('b', 'late')).toBe('SERVICE_INDISPONIBLE');
    expect(gate.waiting).toBe(0);
    await end('inside');
    expect([begun, gate.running]).toEqual([['inside'], 0]);
  });

  it('answers at once, and hands the place on after a rest while others wait for it', async () => {
    const rests: number[] = [];
    const rest = (took: number) => {
      rests.push(took);
      return 30;
    };
    const { gate, begun, ask, end } = gateOf({ places: 1, maxWaiting: 10, rest });
    const first = ask('a', '1');
    void ask('a', '2');
    await end('1');
    expect(await first).toBe('done');
    expect([begun, gate.running, gate.waiting]).toEqual([['1'], 1, 1]);
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect([begun, gate.running, gate.waiting]).toEqual([['1', '2'], 1, 0]);
    // Nobody waits: there is nothing to rest for.
    await end('2');
    expect([gate.running, rests.length]).toEqual([0, 1]);
    expect(rests[0]).toBeGreaterThanOrEqual(0);
  });

  it('hands the place on when what had it fails', async () => {
    const gate = new Gate({ places: 1, maxWaiting: 1 });
    const failing = gate.run(() => Promise.reject(new Error('broken')));
    const next = gate.run(async () => 'done');
    await expect(failing).rejects.toThrow('broken');
    expect(await next).toBe('done');
    expect(gate.running).toBe(0);
  });
});
