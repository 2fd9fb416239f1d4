/** Family: the old instructions that read a packet, where they are not for. */

import type { Family } from "../family.ts";

export const packetLoadInstruction: Family = {
  id: "packet-load-instruction",
  title: "Old way of reading packets is not for this program",
  class: "source",
  by: "verifier",
  said: [
    /^BPF_LD_\[ABS\|IND\] instructions (?:not allowed for this program type|cannot be mixed with bpf-to-bpf calls)/,
    /^at the time of BPF_LD_ABS\|IND R6 != pointer to skb/,
  ],
  meaning:
    "load_byte(), load_half() and load_word() are instructions from the time before BPF had pointers into packets; only programs that get a struct __sk_buff may use them, and in few places.",
  advice: "Use bpf_skb_load_bytes(), or pointers between ctx->data and ctx->data_end.",
  examples: [
    { text: "BPF_LD_[ABS|IND] instructions not allowed for this program type", from: "4.18 to 7.2" },
    { text: "at the time of BPF_LD_ABS|IND R6 != pointer to skb", from: "4.18 to 7.2" },
  ],
};
