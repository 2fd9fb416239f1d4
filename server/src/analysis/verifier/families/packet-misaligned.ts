/** Several bytes of the packet at an address that may not be aligned. */

import type { Family } from "../family.ts";
import { bytes } from "../registers.ts";

export const packetMisaligned: Family = {
  id: "packet-misaligned",
  title: "Packet access is not aligned",
  class: "source",
  by: "verifier",
  said: [
    /^misaligned packet access off -?\d+\+(?:(?:0x)?[0-9a-f]+|\(0x[0-9a-f]+; 0x[0-9a-f]+\))(?:\+-?\d+){1,2} size (\d+)/,
  ],
  meaning: ({ match }) =>
    `${bytes(Number(match[1]))} are accessed at once at an address that may not be a multiple of ${match[1]}. On this machine, or under these flags, the verifier wants packet accesses aligned; where the processor takes unaligned ones, as x86-64 does, it does not ask.`,
  advice:
    "Take the bytes one by one and put them together, or copy them to an aligned variable with __builtin_memcpy(): with a packed struct clang does this by itself.",
  examples: [
    { text: "misaligned packet access off 0+(0x0; 0xffff)+0+15 size 4", from: "4.18 to 7.0" },
    { text: "misaligned packet access off 2+0+23 size 4", from: "7.1 and 7.2" },
  ],
};
