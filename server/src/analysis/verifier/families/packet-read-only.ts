/** A write through a pointer into the packet, in a program that may only read it. */

import type { Family } from "../family.ts";

export const packetReadOnly: Family = {
  id: "packet-read-only",
  title: "Packet may not be written here",
  class: "source",
  by: "verifier",
  said: [/^cannot write into packet$/],
  meaning: "Programs of this type may read the packet through pointers, and may not change it so.",
  advice: "Change packets in a program that may: xdp, tc, lwt_xmit or sk_skb.",
  rules: ["read-only-packet"],
  examples: [{ text: "cannot write into packet", from: "4.18 to 7.2" }],
};
