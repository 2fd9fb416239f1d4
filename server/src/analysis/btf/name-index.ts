/** Finds types by name: a table of hashes, since a map of a hundred thousand strings costs more than all else. */

import { hashOf } from "./strings.ts";

export interface NameIndex {
  /** Those whose name has the same hash, in order. */
  candidates(name: string): readonly number[];
}

/** @param hashAt the hash of the name of the n-th; 0 and up to `count` */
export function nameIndex(count: number, hashAt: (n: number) => number): NameIndex {
  let size = 16;
  while (size < count) size *= 2;
  const first = new Int32Array(size).fill(-1);
  const next = new Int32Array(count);
  // From the last to the first, so that every chain is in order.
  for (let n = count - 1; n >= 0; n--) {
    const slot = hashAt(n) & (size - 1);
    next[n] = first[slot] ?? -1;
    first[slot] = n;
  }
  return {
    candidates: (name) => {
      const found: number[] = [];
      for (let n = first[hashOf(name) & (size - 1)] ?? -1; n >= 0; n = next[n] ?? -1) found.push(n);
      return found;
    },
  };
}
