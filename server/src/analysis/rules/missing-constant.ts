/** Rule: a macro of the kernel's headers where only its types are included. */

import { isHeader } from "../for-rules/file-kinds.ts";
import { defineThem, undefinedConstants } from "../for-rules/kernel-constants.ts";
import { isGenerated } from "../kernel-headers.ts";
import type { BpfModel } from "../model.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const missingConstant: Rule = {
  meta: {
    id: "missing-constant",
    group: "toolchain",
    summary: "A macro of the kernel's headers, which vmlinux.h does not have",
    rationale: `\`vmlinux.h\` holds the kernel's types and none of its macros, which leave no trace in the BTF it is made from.
So \`ETH_P_IP\`, \`TC_ACT_OK\`, \`AF_INET\` or \`EPERM\` are not there, while \`XDP_PASS\` is, which
is an enumerator. Including the header that has them does not help, because it defines the types once more, which clang
refuses. The way out is a \`#define\` of one's own: these numbers are part of the kernel's interface and never change.

Nothing is said about constants whose value depends on the architecture, and nothing where a header was included that could
not be followed.`,
    severity: "error",
    fix: "safe",
    saidByC: true,
    examples: [
      {
        bad: `#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

SEC("tc")
int f(struct __sk_buff *skb)
{
	return skb->protocol == bpf_htons(ETH_P_IPV6) ? 2 : 0;
}`,
        good: `#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

#define ETH_P_IPV6 0x86dd

SEC("tc")
int f(struct __sk_buff *skb)
{
	return skb->protocol == bpf_htons(ETH_P_IPV6) ? 2 : 0;
}`,
        refused: { by: "clang", says: "use of undeclared identifier 'ETH_P_IPV6'" },
      },
      {
        bad: `#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

SEC("tc")
int f(struct __sk_buff *skb)
{
	return skb->len > 1500 ? TC_ACT_SHOT : TC_ACT_UNSPEC;
}`,
        good: `#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#define TC_ACT_SHOT 2

#define TC_ACT_UNSPEC (-1)

SEC("tc")
int f(struct __sk_buff *skb)
{
	return skb->len > 1500 ? TC_ACT_SHOT : TC_ACT_UNSPEC;
}`,
        refused: { by: "clang", says: "use of undeclared identifier 'TC_ACT_SHOT'" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    const { model } = ctx;
    if (!hasTypesOnly(model) || isHeader(model)) return;
    for (const { fact, place } of undefinedConstants(ctx, ({ header }) => !header.startsWith("bpf/"))) {
      const of = fact.internal === true ? `the kernel's own ${fact.header}` : `<${fact.header}>`;
      yield {
        range: place.range,
        message: `${fact.name} is a macro of ${of}, and vmlinux.h has types only`,
        fixes: [{ title: `Define ${fact.name} as ${fact.value}`, edits: defineThem([fact], model) }],
      };
    }
  },
};

/** vmlinux.h, libbpf's headers, and a few that go with them and bring no constants but their own. */
const TYPES_ONLY =
  /^(?:(?:\.{1,2}\/)*vmlinux\.h|(?:bpf\/)?(?:bpf_(?:helpers|helper_defs|tracing|core_read|endian)|usdt\.bpf)\.h|linux\/version\.h|asm\/unistd\.h|std(?:bool|arg)\.h)$/;

function hasTypesOnly({ included, includesOnly }: BpfModel): boolean {
  return included().some(isGenerated) && includesOnly(TYPES_ONLY);
}
