/** Family: a helper that programs of this type may not call. */

import type { Family } from "../family.ts";

export const helperNotAllowed: Family = {
  id: "helper-not-allowed",
  title: "Helper not for this kind of program",
  class: "source",
  by: "verifier",
  said: [/^(?:unknown func|program of this type cannot use helper) (\w+)#(\d+)/],
  meaning: ({ match }) =>
    `The kernel has ${helper(match[1])}, and does not let programs of this type call it.${whyNot(match[1])}`,
  advice: ({ match }) =>
    isTracing(match[1])
      ? "Use what this type of program has instead, or move the call to a tracing program."
      : "Hover the helper to see which types of programs may call it; use another one here, or move the call to such a program.",
  classify: ({ match }) => (closedByLockdown(match[1]) ? "environment" : "source"),
  rules: ["helper-not-allowed", "call-not-at-hook"],
  examples: [
    { text: "unknown func bpf_probe_read#4", from: "4.18 to 6.9" },
    { text: "program of this type cannot use helper bpf_l4_csum_replace#11", from: "6.10 to 7.2" },
  ],
};

function helper(name = ""): string {
  return `${name}()`;
}

function isTracing(name = ""): boolean {
  return /probe|perf_event|trace|stack/.test(name);
}

/** Both are there only where the kernel was made for it and is not locked down. */
function closedByLockdown(name = ""): boolean {
  return name === "bpf_probe_write_user" || name === "bpf_override_return";
}

function whyNot(name = ""): string {
  if (closedByLockdown(name))
    return " This one is also refused to all programs by a kernel that is locked down or was configured without it.";
  if (/probe_read|trace_printk|trace_vprintk/.test(name))
    return " It is also refused where the kernel was made without tracing (CONFIG_BPF_EVENTS), is locked down, or the one who loads lacks CAP_PERFMON.";
  return "";
}
