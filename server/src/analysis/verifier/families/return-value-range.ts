/** A return value that this type of program may not return. */

import type { Family, Found } from "../family.ts";

export const returnValueRange: Family = {
  id: "return-value-range",
  title: "Return value is not allowed",
  class: "source",
  by: "verifier",
  said: [
    /^At program exit the register (R\d+) has(?: smin=(-?\d+))?(?: smax=(-?\d+))?(?: unknown scalar value)? should have been in \[(-?\d+), (-?\d+)\]/,
    /^At program exit the register (R\d+) has (?:value \((0x[0-9a-f]+); (0x[0-9a-f]+)\)|unknown scalar value) should have been (?:in \((0x[0-9a-f]+); (0x[0-9a-f]+)\)|0 or 1)/,
  ],
  meaning: (found) => {
    const { least, most, is } = numbersOf(found.match);
    const allowed =
      least === most
        ? `${least} and nothing else`
        : most === least + 1
          ? `${least} or ${most}`
          : `a number from ${least} to ${most}`;
    return `A program of this type must return ${allowed}${is === undefined ? ", and on this path it may return anything" : `, and on this path it may return ${is}`}.`;
  },
  advice: (found) => {
    const { least, most } = numbersOf(found.match);
    if (least < 0) return "Return 0 to let it happen, or a negative error number to refuse it: -EPERM is -1.";
    return least === most
      ? `Return ${least}. What the program has found out goes into a map or a global variable.`
      : `Return a constant between ${least} and ${most} on every path: what a helper or a field gives must be turned into one first, as with return found ? ${most} : ${least}.`;
  },
  rules: ["bad-return-value"],
  examples: [
    { text: "At program exit the register R0 has smin=5 smax=5 should have been in [0, 1]", from: "6.8 to 7.2" },
    {
      text: "At program exit the register R0 has smin=0 smax=4294967295 should have been in [0, 1]",
      from: "6.8 to 7.2",
    },
    { text: "At program exit the register R0 has smin=1 smax=1 should have been in [-4095, 0]", from: "6.12 to 7.2" },
    { text: "At program exit the register R0 has unknown scalar value should have been in [0, 1]", from: "6.8 to 7.2" },
    {
      text: "At program exit the register R0 has value (0x5; 0x0) should have been in (0x0; 0x1)",
      from: "4.19 to 6.7",
    },
    {
      text: "At program exit the register R0 has unknown scalar value should have been in (0x0; 0x3)",
      from: "4.19 to 6.7",
    },
    { text: "At program exit the register R0 has value (0x2; 0x0) should have been 0 or 1", from: "4.18" },
  ],
};

interface Numbers {
  readonly least: number;
  readonly most: number;
  readonly is: string | undefined;
}

function numbersOf(match: Found["match"]): Numbers {
  const [text, , first, second, third, fourth] = match;
  if (text.endsWith("]")) {
    const is =
      first === undefined
        ? undefined
        : first === second
          ? first
          : `anything from ${first} to ${second ?? "the largest number"}`;
    return { least: Number(third), most: Number(fourth), is };
  }
  // A value and the bits that may be set besides: (0x0; 0x3) is 0 to 3.
  const least = Number(third ?? 0);
  const is = first === undefined ? undefined : second === "0x0" ? `${Number(first)}` : `other numbers as well`;
  return { least, most: fourth === undefined ? 1 : least + Number(fourth), is };
}
