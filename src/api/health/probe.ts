/** Milliseconds that an answer is waited for. */
const TIMEOUT = 1_500;
/** Milliseconds for which an answer stands, however many ask. */
const FRESH = 1_000;

/**
 * A question to something that may be away, for anybody to ask at any rate: it is put once at a time, each asker has
 * an answer within {@link TIMEOUT}, and the answer to all of them is null where there is an error or nothing by then.
 */
export class Probe<T> {
  private underWay: Promise<T | null> | null = null;
  private last: { answer: T | null; until: number } | null = null;

  constructor(private readonly ask: () => Promise<T>) {}

  answer(): Promise<T | null> {
    if (this.last !== null && this.last.until > Date.now()) return Promise.resolve(this.last.answer);
    this.underWay ??= this.ask()
      .catch(() => null)
      .then((answer) => {
        this.last = { answer, until: Date.now() + FRESH };
        this.underWay = null;
        return answer;
      });
    return nullAfter(TIMEOUT, this.underWay);
  }
}

function nullAfter<T>(milliseconds: number, promise: Promise<T>): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), milliseconds);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
