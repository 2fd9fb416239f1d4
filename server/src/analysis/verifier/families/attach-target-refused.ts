/** Family: a function that the kernel does not let itself be traced at, or changed by. */

import type { Family } from "../family.ts";

export const attachTargetRefused: Family = {
  id: "attach-target-refused",
  title: "This function cannot be attached to",
  class: "environment",
  by: "verifier",
  said: [
    /^(\w+)\(\) is not modifiable/,
    /^ret type (.+) not allowed for fmod_ret/,
    /^can't modify return codes of BPF programs/,
    /^Attaching tracing programs to function '([^']+)' is rejected/,
    /^Attaching f\w+(?:\/f\w+)*\/fmod_ret to __noreturn functions? ?(?:'([^']+)' )?(?:is|are) rejected/,
    /^The function (\S+) (?:arg\d+ type .+ is unsupported|has \d+ arguments\. Too many|return type .+ is unsupported|with variable args is unsupported|has malformed void argument)/,
    /^Attach to function (\S+) with a >8 byte return value is not supported/,
  ],
  meaning: ({ match: { 0: all } }) => {
    if (/modif|fmod_ret$/.test(all) || all.startsWith("ret type"))
      return "fmod_ret replaces the result of a function, and works with the few that were made for it: those with error injection, and hooks of the security modules.";
    if (all.includes("noreturn")) return "The function never returns, so that nothing can run at its exit.";
    if (all.includes("rejected"))
      return "The kernel keeps a list of functions that must not be traced, because what runs there would trace itself, and this is one of them.";
    return "The kernel cannot pass the arguments or the result of this function on: too many, of variable number, or larger than a register.";
  },
  advice: "Attach to a function that it calls or that calls it, or use a kprobe, which reads the registers itself.",
  examples: [
    { text: "do_nanosleep() is not modifiable", from: "5.7 to 7.2" },
    { text: "ret type STRUCT not allowed for fmod_ret", from: "5.7 to 7.2" },
    { text: "can't modify return codes of BPF programs", from: "5.10 to 7.2" },
    { text: "Attaching tracing programs to function 'rcu_read_unlock_strict' is rejected.", from: "6.17 to 7.2" },
    { text: "Attaching fexit/fmod_ret to __noreturn function 'do_exit' is rejected.", from: "6.17 to 6.19" },
    { text: "Attaching fexit/fmod_ret to __noreturn functions is rejected.", from: "stable releases of 6.12" },
    { text: "Attaching fexit/fsession/fmod_ret to __noreturn function 'do_exit' is rejected.", from: "7.0 to 7.2" },
    { text: "The function tcp_v4_x arg3 type STRUCT is unsupported.", from: "5.5 to 7.2" },
    {
      text: "Attach to function x with a >8 byte return value is not supported for this attach type",
      from: "7.2, and stable releases of 6.12",
    },
  ],
};
