/**
 * Which of many things are used again and again: those alone hold a place, and there are few. Each is counted; now and
 * then all counts are halved, so that what was used long ago makes room.
 */

interface Seen {
  uses: number;
  /** While it holds a place: a name that nothing else has, or ever had. */
  name: string | null;
}

/** Uses until counts are halved. */
const PERIOD = 2_000;
/** Different things that are counted at a time; beyond these the counts are halved at once. */
const MAX_SEEN = 500;
/** What wants another's place is used so many times as often. */
const MARGIN = 2;

export class Hot {
  /** Grows whenever something loses its place. */
  losses = 0;
  private readonly seen = new Map<string, Seen>();
  private readonly holders = new Map<string, Seen>();
  private given = 0;
  private untilHalved = PERIOD;

  /**
   * @param places at a time.
   * @param enough uses that make a thing worth one.
   */
  constructor(
    private readonly places: number,
    private readonly enough: number,
  ) {}

  /**
   * Counts a use.
   * @returns the name of the thing while it holds a place, otherwise undefined.
   */
  use(thing: string): string | undefined {
    let seen = this.seen.get(thing);
    if (seen === undefined) {
      if (this.seen.size >= MAX_SEEN) this.halve();
      seen = { uses: 0, name: null };
      this.seen.set(thing, seen);
    }
    seen.uses += 1;
    this.untilHalved -= 1;
    if (this.untilHalved <= 0) this.halve();
    // Looked at now and then, not at each use: somebody else's place is looked for among all of them.
    if (seen.name === null && seen.uses % this.enough === 0) this.seat(seen);
    return seen.name ?? undefined;
  }

  /** Whether something holds a place under this name. */
  holds(name: string): boolean {
    return this.holders.has(name);
  }

  private seat(seen: Seen): void {
    if (this.holders.size >= this.places) {
      const coldest = [...this.holders.values()].reduce((cold, one) => (one.uses < cold.uses ? one : cold));
      if (seen.uses < MARGIN * coldest.uses) return;
      this.unseat(coldest);
    }
    this.given += 1;
    seen.name = `hot_${this.given}`;
    this.holders.set(seen.name, seen);
  }

  private unseat(seen: Seen): void {
    this.holders.delete(seen.name!);
    seen.name = null;
    this.losses += 1;
  }

  private halve(): void {
    this.untilHalved = PERIOD;
    for (const [thing, seen] of this.seen) {
      seen.uses = Math.floor(seen.uses / 2);
      if (seen.uses > 0) continue;
      if (seen.name !== null) this.unseat(seen);
      this.seen.delete(thing);
    }
  }
}
