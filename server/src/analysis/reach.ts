/** Which functions run when others do: over calls, functions that are handed over, and headers. */

import type { Header } from "./header.ts";
import type { BpfFunction, BpfModel, Call } from "./model.ts";
import { once } from "./remember.ts";
import { sight } from "./sight.ts";
import type { Lookup } from "./syntax/types.ts";

export type Reach = Pick<BpfModel, "reaches" | "runs">;

/** By names alone. */
export function reachOf(
  calls: () => readonly Call[],
  functions: readonly BpfFunction[],
  headers: readonly Header[],
): Reach {
  const own = once(() => {
    const found = new Map<string, Set<string>>(functions.map(({ name }) => [name, new Set()]));
    for (const call of calls()) {
      const called = call.in && found.get(call.in.name);
      called?.add(call.name);
      // A function handed over, as to bpf_loop(), runs as well.
      for (const { text } of call.args) called?.add(nameIn(text));
    }
    return found;
  });
  const all = once(() => {
    const found = new Map(own());
    for (const { calls: inHeader } of headers)
      for (const [name, called] of inHeader) found.set(name, new Set([...(own().get(name) ?? []), ...called]));
    return found;
  });
  /** A header leads back into the file only where it calls one of its functions. A comment may stand before the parenthesis. */
  const mayCallBack = once(() => {
    const names = [...own().keys()];
    if (!names.every((name) => /^\w+$/.test(name))) return true;
    const called = new RegExp(`\\b(?:${names.join("|")})\\s*[(/\\\\]`);
    return headers.some(({ lowered: { source } }) => called.test(source));
  });
  const ownReached = reached(own);
  const allReached = reached(all);
  return {
    reaches: (name) => {
      sight().calls = true;
      return allReached(name);
    },
    runs: (from, name) => {
      sight().calls = true;
      if (ownReached(from).has(name)) return true;
      const isOwn = own().has(name);
      return (!isOwn || mayCallBack()) && allReached(from).has(name);
    },
  };
}

function reached(calls: () => Lookup<ReadonlySet<string>>): (name: string) => ReadonlySet<string> {
  const known = new Map<string, ReadonlySet<string>>();
  return (name) => {
    const before = known.get(name);
    if (before !== undefined) return before;
    const graph = calls();
    const found = new Set([name]);
    known.set(name, found);
    for (const next of found) {
      for (const called of graph.get(next) ?? []) if (graph.get(called) !== undefined) found.add(called);
    }
    return found;
  };
}

/** `f` of `&f`. */
export function nameIn(text: string): string {
  return text.startsWith("&") ? text.slice(1).trimStart() : text;
}
