/** Answers that depend on a text alone are kept from one version of a file to the next: with each key most texts stay. */

const MAX_KEPT = 1000;

/** For pure questions only: the same text must always have the same answer. */
export function remembered<T>(answer: (text: string) => T): (text: string) => T {
  let known = new Map<string, T>();
  let before = new Map<string, T>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined || known.has(text)) return found as T;
    const own = before.has(text) ? text : ownCopy(text);
    const answered = before.has(text) ? (before.get(text) as T) : answer(own);
    // Rarely reached; what nobody has asked for since the last time is forgotten.
    if (known.size >= MAX_KEPT) {
      before = known;
      known = new Map();
    }
    known.set(own, answered);
    return answered;
  };
}

/**
 * What is told of long texts with a name of their own, such as functions: of each name one answer is kept, and to compare two
 * texts costs less than to look one up.
 */
export class ByName<T> {
  private readonly known = new Map<string, { readonly text: string; readonly answer: T }>();

  /** The answer must depend on the text alone. */
  get(name: string, text: string, answer: (text: string) => T): T {
    const before = this.known.get(name);
    if (before?.text === text) return before.answer;
    const own = ownCopy(text);
    const found = answer(own);
    if (this.known.size >= MAX_KEPT) this.known.clear();
    this.known.set(name, { text: own, answer: found });
    return found;
  }
}

/** A piece of a text keeps the whole of it in memory, in V8: this one is a text of its own. */
function ownCopy(text: string): string {
  return ` ${text}`.slice(1);
}

/** The same for questions about a text and something that outlives it, such as the knowledge base. */
export function rememberedFor<K extends object, T>(
  answer: (text: string, about: K) => T,
): (text: string, about: K) => T {
  const tables = rememberedOf((about: K) => remembered((text) => answer(text, about)));
  return (text, about) => tables(about)(text);
}

/** A question about something that outlives many versions of a file; its answer is kept as long as that is there. */
export function rememberedOf<K extends object, T extends object>(answer: (about: K) => T): (about: K) => T {
  const known = new WeakMap<K, T>();
  return (about) => {
    let found = known.get(about);
    if (found === undefined) {
      found = answer(about);
      known.set(about, found);
    }
    return found;
  };
}

export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
