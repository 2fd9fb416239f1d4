/** Types of an object that somebody may have made to harm: each text and each record is made once, however often it is named. */

import type { Btf, BtfType } from "../btf/btf.ts";
import { BadObject } from "../elf/bytes.ts";

/** Texts that share their ends are no harm; a million that are all the end of one long text would be. */
const MOST_TIMES = 4;

/** The same, remembered. What reads it may throw a BadObject. */
export function thrifty(btf: Btf): Btf {
  let made = 0;
  const stringAt = remembered((offset: number) => {
    const text = btf.stringAt(offset);
    made += text.length;
    if (made > MOST_TIMES * btf.stringsEnd)
      throw new BadObject("The object is damaged: its texts lie over one another.");
    return text;
  });
  const texts: Btf = Object.create(btf, { stringAt: { value: stringAt } });
  return Object.create(texts, { typeAt: { value: remembered((id: number): BtfType => texts.typeAt(id)) } });
}

function remembered<T>(answer: (n: number) => T): (n: number) => T {
  const known = new Map<number, T>();
  return (n) => {
    const before = known.get(n);
    if (before !== undefined) return before;
    const found = answer(n);
    known.set(n, found);
    return found;
  };
}
