/**
 * What is looked at inside of functions while something is worked out. With most keys little of that changes: what nobody has
 * looked at cannot change what came of it. What stands outside of functions is not recorded: see `Marks`. Whatever in the model
 * tells something of functions says so here first, each time it is asked, be the answer known or not.
 */

/** Objects that stay the same from one version of a file to the next for as long as what they stand for does. */
export interface Marks {
  /** All that stands outside of function bodies, in the file and its headers. Positions may have moved. */
  readonly outside: object;
  /** The calls, with their arguments as written, in their order. */
  readonly calls: object;
}

export class Sight {
  /** Anything within functions. */
  bodies = false;
  calls = false;
  /** Where these words stand, and whether a parenthesis stands behind them. */
  names: Set<string> | undefined;
  /** Which names in capitals there are. */
  capitals = false;

  name(name: string): void {
    this.names ??= new Set();
    this.names.add(name);
  }

  /** What came of that is looked at now. */
  add({ bodies, calls, names, capitals }: Sight): void {
    if (capitals) this.capitals = true;
    if (bodies) this.bodies = true;
    if (calls) this.calls = true;
    if (names !== undefined) for (const name of names) this.name(name);
  }
}

/** While nothing is recorded nothing is remembered either: that would grow for as long as a server runs. */
class NoSight extends Sight {
  override name(): void {}

  override add(): void {}
}

/** Nothing is worked out side by side, so one place is enough. */
let current: Sight = new NoSight();

export function sight(): Sight {
  return current;
}

export interface Watched<T> {
  readonly result: T;
  readonly seen: Sight;
}

/** Does something, and tells what was looked at for it. */
export function watched<T>(work: () => T): Watched<T> {
  const around = current;
  const seen = new Sight();
  current = seen;
  try {
    return { result: work(), seen };
  } finally {
    current = around;
    around.add(seen);
  }
}
