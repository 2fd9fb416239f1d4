/** A pointer into the packet for a helper that takes none. */

import type { Family, Found } from "../family.ts";
import { calledBy } from "../registers.ts";

export const packetNotForHelper: Family = {
  id: "packet-not-for-helper",
  title: "Helper takes no pointer into the packet",
  class: "source",
  by: "verifier",
  said: [/^helper access to the packet is not allowed$/],
  meaning: (found: Found) =>
    `${callee(found)} was given a pointer into the packet. Some helpers never take one, and in some types of program none does.`,
  advice:
    "Copy the bytes to the stack, with __builtin_memcpy() of a fixed size or bpf_skb_load_bytes(), and pass the copy.",
  rules: ["packet-given-to-helper"],
  examples: [{ text: "helper access to the packet is not allowed", from: "4.18 to 7.2" }],
};

function callee(found: Found): string {
  const name = calledBy(found);
  return name === undefined ? "A helper" : `${name}()`;
}
