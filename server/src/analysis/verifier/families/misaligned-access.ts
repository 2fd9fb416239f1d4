/** Several bytes at an address that is not a multiple of their number. */

import type { Family } from "../family.ts";

export const misalignedAccess: Family = {
  id: "misaligned-access",
  title: "Access is not aligned",
  class: "source",
  by: "verifier",
  said: [
    /^misaligned (?!packet )((?:[a-z_]+ )*)access off (\(0x[0-9a-f]+; 0x[0-9a-f]+\)|(?:0x)?[0-9a-f]+)((?:\+-?\d+)+) size (\d+)/,
  ],
  meaning: ({ match }) => {
    const [, where = "", variable = "", fixed = "", size = ""] = match;
    const rest = remainder(variable, fixed, Number(size));
    const what = `${size} bytes ${WHERE[where.trim()] ?? "of it"} are used at once`;
    return `${what}, at ${rest === undefined ? "an offset that may not be" : "an offset that is not"} a multiple of ${size}. Atomic operations must be aligned everywhere, and so must all accesses to the stack.`;
  },
  advice:
    "Align the field: drop __attribute__((packed)), put the widest members first, or give the member __attribute__((aligned(8))). What must stay packed is copied with __builtin_memcpy() to a variable of its own and used there.",
  rules: ["narrow-atomic", "misaligned-atomic"],
  examples: [
    { text: "misaligned value access off 0+0+1 size 8", from: "6.18" },
    { text: "misaligned value access off (0x0; 0x0)+0+1 size 8", from: "4.18 to 6.1" },
    { text: "misaligned stack access off 0+-17+0 size 8", from: "6.18" },
    { text: "misaligned stack access off 0+-17 size 8", from: "7.2" },
    { text: "misaligned stack access off (0x0; 0x0)+-17+0 size 8", from: "4.18 to 6.1" },
    { text: "misaligned access off (0x0; 0xff)+0+0 size 4", from: "4.18 to 7.0" },
  ],
};

const WHERE: Readonly<Record<string, string>> = {
  value: "of the value of a map",
  key: "of the key of a map",
  stack: "of the stack",
  context: "of the context",
  sock: "of a socket",
  sock_common: "of a socket",
  tcp_sock: "of a socket",
  xdp_sock: "of a socket",
  "flow keys": "of the flow keys",
};

/** Undefined where a part of the offset is known only when the program runs. */
function remainder(variable: string, fixed: string, size: number): number | undefined {
  const constant = /^(?:\((0x[0-9a-f]+); 0x0\)|((?:0x)?[0-9a-f]+))$/.exec(variable);
  if (constant === null) return undefined;
  const parts = [Number(constant[1] ?? constant[2]), ...fixed.split("+").map(Number)];
  return parts.reduce((sum, part) => sum + part, 0) % size;
}
