/** Family: a helper that only works where the kernel calls a program through a trampoline. */

import type { Family } from "../family.ts";

export const helperForTrampolines: Family = {
  id: "helper-for-trampolines",
  title: "Helper is for fentry, fexit and fmod_ret",
  class: "source",
  by: "verifier",
  said: [
    /^func (\w+)#\d+ supported only for fentry\/fexit\/(?:fsession\/)?fmod_ret programs/,
    /^func (\w+)#\d+ not supported for program type (\d+)/,
  ],
  meaning: ({ match }) =>
    `${match[1]}() needs the frame that the kernel makes for programs at the entry or exit of a function. This program is called in another way.`,
  advice:
    'Use it in SEC("fentry/…"), "fexit/…" or "fmod_ret/…"; in a kprobe bpf_get_func_ip() works too, and the arguments come from PT_REGS_PARM1(ctx) and its neighbours.',
  rules: ["helper-not-allowed", "call-not-at-hook"],
  examples: [
    { text: "func bpf_get_func_ip#173 supported only for fentry/fexit/fmod_ret programs", from: "5.15 to 7.0" },
    {
      text: "func bpf_get_func_ip#173 supported only for fentry/fexit/fsession/fmod_ret programs",
      from: "7.1 and 7.2",
    },
    { text: "func bpf_get_func_ip#173 not supported for program type 3", from: "5.15 to 7.2" },
  ],
};
