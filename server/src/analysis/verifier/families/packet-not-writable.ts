/** Family: a writable piece of a packet, for a program that may only read it. */

import type { Family } from "../family.ts";

export const packetNotWritable: Family = {
  id: "packet-not-writable",
  title: "Program may not write to the packet",
  class: "source",
  by: "verifier",
  said: [/^the prog does not allow writes to packet data/],
  meaning:
    "bpf_dynptr_slice_rdwr() gives a piece of the packet that may be written, and programs of this type may only read packets.",
  advice: "Use bpf_dynptr_slice(), which gives a const pointer; or do it in a tc or XDP program.",
  rules: ["read-only-packet"],
  examples: [{ text: "the prog does not allow writes to packet data", from: "6.4 to 7.2" }],
};
