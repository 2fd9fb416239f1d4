/** Rule: headers of the kernel's interface beside vmlinux.h, which has their types already. */

import { removeLines } from "../edits.ts";
import { defineThem, undefinedConstants } from "../for-rules/kernel-constants.ts";
import { CONFLICTING, isGenerated, isUnconditional } from "../kernel-headers.ts";
import type { BpfModel, Inclusion } from "../model.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const vmlinuxMixed: Rule = {
  meta: {
    id: "vmlinux-mixed",
    group: "toolchain",
    summary: "A kernel header beside vmlinux.h, which defines the same types",
    rationale: `\`vmlinux.h\` holds every type of the kernel, so with another of its headers clang sees types twice and stops.
That is so with \`<linux/bpf.h>\`, \`<linux/if_ether.h>\` and most other headers of \`linux/\` and \`asm/\`: \`redefinition of
'iphdr'\`, or, because nearly all of these headers include \`<linux/types.h>\`, \`typedef redefinition with different types
('struct __kernel_fd_set' …)\`. Choose one: \`vmlinux.h\` alone, with a \`#define\` for each macro that it lacks, or the
kernel's headers alone, where CO-RE is not needed.

Headers of macros only do no harm and are not reported: \`<linux/errno.h>\`, \`<linux/limits.h>\`, \`<linux/version.h>\`,
\`<asm/unistd.h>\`. Nothing is said either where the preprocessor chooses between the two.`,
    severity: "error",
    fix: "safe",
    examples: [
      {
        bad: `#include "vmlinux.h"
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int f(struct xdp_md *ctx)
{
	return XDP_PASS;
}`,
        good: `#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

SEC("xdp")
int f(struct xdp_md *ctx)
{
	return XDP_PASS;
}`,
        refused: { by: "clang", says: "redefinition" },
      },
      {
        bad: `#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>
#include <linux/if_ether.h>

SEC("tc")
int f(struct __sk_buff *skb)
{
	return skb->protocol == bpf_htons(ETH_P_IP) ? 2 : 0;
}`,
        good: `#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

#define ETH_P_IP 0x0800

SEC("tc")
int f(struct __sk_buff *skb)
{
	return skb->protocol == bpf_htons(ETH_P_IP) ? 2 : 0;
}`,
        refused: { by: "clang", says: "redefinition" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    const { model } = ctx;
    const others = model.includes.filter(({ path }) => CONFLICTING.has(path));
    const generated = model.includes.find(({ path }) => isGenerated(path));
    if (others.length === 0 || generated === undefined) return;
    if (!isUnconditional(generated, model) || takesCare(model)) return;
    for (const include of others) {
      if (!isUnconditional(include, model)) continue;
      yield {
        range: include.range,
        message: `<${include.path}> defines types that vmlinux.h has too, which clang refuses; vmlinux.h alone is enough`,
        fixes: [fixOf(include, ctx)],
        related: [{ range: generated.range, message: "has every type of the kernel" }],
      };
    }
  },
};

function fixOf(include: Inclusion, ctx: RuleContext) {
  const { model } = ctx;
  const facts = [...undefinedConstants(ctx, ({ header }) => header === include.path)].map(({ fact }) => fact);
  const named = facts.length > 0 && facts.length < 3 ? facts.map(({ name }) => name).join(" and ") : "its macros";
  return {
    title: facts.length === 0 ? `Remove <${include.path}>` : `Remove <${include.path}>, and define ${named}`,
    edits: [removeLines(include.range, model), ...defineThem(facts, model)],
  };
}

/** A text that defines the include guards of kernel headers keeps them out on purpose. */
function takesCare({ code }: BpfModel): boolean {
  return code
    .directives()
    .some(
      ({ name, body }) => name === "define" && /^(?:_+(?:UAPI|LINUX|ASM|VMLINUX)_\w*|_+\w*kernel_fd_set)\b/i.test(body),
    );
}
