/** Family: something to attach to that is not of the kind this program is for. */

import type { Family } from "../family.ts";

export const attachTargetInvalid: Family = {
  id: "attach-target-invalid",
  title: "Cannot be attached to this",
  class: "source",
  by: "verifier",
  said: [
    /^attach_btf_id (\d+) is (?:not a function|invalid|not a typedef|not a supported struct)/,
    /^attach_btf_id (\d+) (?:points to wrong type name (\S+)|doesn't have a name)/,
    /^Tracing programs must provide btf_id/,
    /^Subprog (\S+) doesn't exist/,
    /^The address of function (\S+) cannot be found/,
  ],
  meaning: ({ match: { 0: all, 1: name } }) => {
    if (all.startsWith("Tracing")) return "The program traces a function, and the one who loads it did not say which.";
    if (all.startsWith("The address"))
      return `The kernel has the type of ${name}() and not the function itself: it was inlined everywhere, or is in a module that is not loaded.`;
    if (all.startsWith("Subprog")) return `The program that is to be traced or replaced has no function ${name}.`;
    if (all.includes("wrong type name"))
      return "The name does not belong to a hook of this kind: tp_btf is for tracepoints, lsm for security hooks, fentry for functions.";
    return "What the section names is in the kernel, and is not of the kind this program attaches to.";
  },
  advice:
    'Check the section: SEC("fentry/FUNCTION"), SEC("tp_btf/TRACEPOINT"), SEC("lsm/HOOK"); bpftool btf dump file /sys/kernel/btf/vmlinux shows what this kernel has.',
  rules: ["malformed-section-target", "missing-section-target"],
  examples: [
    { text: "attach_btf_id 1234 is not a function", from: "5.5 to 7.2" },
    { text: "attach_btf_id 1234 points to wrong type name bpf_map", from: "5.5 to 7.2" },
    { text: "Tracing programs must provide btf_id", from: "5.5 to 7.2" },
    { text: "Subprog parse doesn't exist", from: "5.5 to 7.2" },
    { text: "The address of function do_it cannot be found", from: "5.5 to 7.2" },
  ],
};
