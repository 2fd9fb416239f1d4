/** Answers that depend on a text alone are kept from one version of a file to the next: with each key most texts stay. */

const MAX_KEPT = 2000;

/** For pure questions only: the same text must always have the same answer. */
export function remembered<T>(answer: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined || known.has(text)) return before as T;
    const found = answer(text);
    // Rarely reached, so what is worth keeping need not be told apart.
    if (known.size >= MAX_KEPT) known.clear();
    known.set(text, found);
    return found;
  };
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
