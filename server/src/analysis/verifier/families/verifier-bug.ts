/** Family: the verifier found itself in a state that should not be. */

import type { Family } from "../family.ts";

export const verifierBug: Family = {
  id: "verifier-bug",
  title: "The kernel's verifier is at fault",
  class: "environment",
  by: "verifier",
  said: [
    /^(?:kernel subsystem misconfigured func|bpf verifier (?:is|narrow ctx \w+) misconfigured)/,
    /^(?:verifier internal error|verifier bug|verifier BUG|bug:|BUG |REG INVARIANTS VIOLATION|insn state internal bug|pop stack internal bug|visit_insn internal bug|Verifier bug)/,
    /^(?:load program: .*)?\(?hit verifier bug\b/,
    /^(?:map type \d+ is misconfigured|ARG_PTR_TO_BTF is misconfigured|BTF resolution bug)/,
    /^(?:kfunc \S+ conversion of owning ref to non-owning failed|acquire kernel function does not return PTR_TO_BTF_ID|2 or more rdonly\/rdwr_buf_size parameters for kfunc)/,
    /^(?:func \S+ has non-overwritten BPF_PTR_POISON|R\d+ has non-overwritten BPF_PTR_POISON)/,
    /^(?:unsupported arg_type \d+|(?:unknown|invalid) return type \d+ of func (\S+)#\d+)/,
  ],
  meaning: "This is not about your program: the verifier came to a point that its authors thought impossible.",
  advice:
    "Try a later kernel of the same series, which may have the repair; otherwise report it to bpf@vger.kernel.org with the whole log. Writing the line differently often gets around it.",
  inGeneral: true,
  examples: [
    { text: "kernel subsystem misconfigured func bpf_map_lookup_elem#1", from: "4.18 to 6.14" },
    { text: "verifier internal error: ref state missing for ref_obj_id", from: "6.2 to 6.14" },
    { text: "verifier bug. Frame 1 already allocated", from: "4.18 to 6.14" },
    { text: "REG INVARIANTS VIOLATION (false_reg1): range bounds violation u64=[0x0, 0x0]", from: "6.8 to 7.1" },
    { text: "map type 3 is misconfigured", from: "5.9 to 5.17" },
    { text: "acquire kernel function does not return PTR_TO_BTF_ID", from: "6.1 to 7.3" },
    { text: "R1 has non-overwritten BPF_PTR_POISON type", from: "6.1 to 7.2" },
    { text: "load program: bad address (hit verifier bug)", from: "cilium/ebpf, of EFAULT" },
    { text: "unknown return type 7 of func bpf_x#12", from: "4.18 to 7.2" },
  ],
};
