/** Rule: a header of the C library, or of libbpf's user-space half, in a BPF program. */

import { isHeader, isUnconditional } from "../kernel-headers.ts";
import { type LibcHeader, userSpaceHeader, withoutIt } from "../libc-headers.ts";
import type { BpfModel, Inclusion } from "../model.ts";
import type { Report, Rule, RuleContext, Severity } from "../rule.ts";

export const libcHeader: Rule = {
  meta: {
    id: "libc-header",
    group: "toolchain",
    summary: "A header of user space in a BPF program",
    rationale: `A BPF program is not linked with a C library, so nothing that \`<stdio.h>\` or \`<stdlib.h>\` declare can be called.
Even including them fails on most x86 machines: clang's BPF target is none of those glibc knows, glibc takes it for the 32-bit
one, and \`'gnu/stubs-32.h' file not found\` is what the user sees. Installing the 32-bit library makes that message go away
and leaves a program that builds on one machine only; with \`vmlinux.h\` the next message is a redefinition of \`intptr_t\`.
\`<stdbool.h>\` and \`<stdarg.h>\` are the compiler's own and do no harm.

\`<bpf/libbpf.h>\` and \`<bpf/bpf.h>\` belong to the program that loads this one. They declare functions of the same names as
the helpers, such as \`bpf_map_lookup_elem()\`, so that both halves never go together.`,
    severity: "warning",
    fix: "safe",
    examples: [
      {
        bad: `#include <linux/bpf.h>
#include <stdio.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int f(struct xdp_md *ctx)
{
	bpf_printk("packet");
	return XDP_PASS;
}`,
        good: `#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int f(struct xdp_md *ctx)
{
	bpf_printk("packet");
	return XDP_PASS;
}`,
        refused: { by: "clang", says: "file not found" },
      },
      {
        bad: `#include "vmlinux.h"
#include <string.h>
#include <bpf/bpf_helpers.h>

SEC("tracepoint/sched/sched_process_exec")
int f(void *ctx)
{
	char comm[16];
	memset(comm, 0, sizeof(comm));
	bpf_get_current_comm(comm, sizeof(comm));
	return comm[0] == 'a';
}`,
        good: `#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

SEC("tracepoint/sched/sched_process_exec")
int f(void *ctx)
{
	char comm[16];
	__builtin_memset(comm, 0, sizeof(comm));
	bpf_get_current_comm(comm, sizeof(comm));
	return comm[0] == 'a';
}`,
        refused: { by: "clang", says: "file not found" },
      },
      {
        bad: `#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/libbpf.h>

SEC("xdp")
int f(struct xdp_md *ctx)
{
	return XDP_PASS;
}`,
        good: `#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int f(struct xdp_md *ctx)
{
	return XDP_PASS;
}`,
        refused: { by: "clang", says: "error" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    const { model } = ctx;
    for (const include of model.includes) {
      const known = include.quoted ? undefined : userSpaceHeader(include);
      if (known === undefined) continue;
      if (model.programs.length === 0 || isHeader(model) || !isUnconditional(include, model)) continue;
      const severity = severityOf(known, ctx);
      if (severity === undefined) continue;
      yield {
        range: include.range,
        message: messageOf(include, known),
        severity,
        fixes: withoutIt(include, known, ctx),
      };
    }
  },
};

/** Undefined where it may well compile: glibc does not mistake BPF for a 32-bit machine on arm64. */
function severityOf({ kind }: LibcHeader, { model, arch, loader }: RuleContext): Severity | undefined {
  // bcc compiles with the kernel's headers, and with a target of its own.
  if (loader === "bcc") return undefined;
  if (kind === "loader") return declaresHelpers(model) ? "error" : "warning";
  if (kind === "library") return "warning";
  if (arch !== "" && arch !== "x86_64") return undefined;
  return model.included().some((path) => /(?:^|\/)vmlinux\.h$/.test(path)) ? "info" : "hint";
}

function declaresHelpers({ includes }: BpfModel): boolean {
  return includes.some(({ path }) => /^bpf\/bpf_(?:helpers|tracing)\.h$/.test(path));
}

function messageOf({ path }: Inclusion, { kind, instead }: LibcHeader): string {
  if (kind === "loader") return `<${path}> does not belong in a BPF program: ${instead}`;
  if (kind === "library") return `<${path}> is of no use here, and clang may not find it for BPF: ${instead}`;
  return `<${path}> is the C library's, which clang may not find for BPF ('gnu/stubs-32.h'): ${instead}`;
}
