/** Rule: libbpf's headers before the types that they are made of. */

import { insertAt, removeLines } from "../edits.ts";
import { isHeader } from "../for-rules/file-kinds.ts";
import { isGenerated, isLibbpfHeader, isUnconditional } from "../kernel-headers.ts";
import type { BpfModel, Inclusion } from "../model.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const vmlinuxNotFirst: Rule = {
  meta: {
    id: "vmlinux-not-first",
    group: "toolchain",
    summary: "The libbpf headers before vmlinux.h, whose types they need",
    rationale: `\`bpf_helpers.h\` declares the kernel's helpers with its types, and includes none of the headers that define
them. So the types must come first: \`vmlinux.h\`, or \`<linux/bpf.h>\` where it is not used. In the other order clang stops in
\`bpf_helper_defs.h\` with \`unknown type name '__u64'\`, a file that nobody wrote, and most editors show nothing at all in the
program itself. Some formatters sort includes by name and bring about exactly that; an empty line behind \`vmlinux.h\` keeps
them from it.`,
    severity: "error",
    fix: "safe",
    examples: [
      {
        bad: `#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "vmlinux.h"

SEC("kprobe/do_unlinkat")
int f(struct pt_regs *ctx)
{
	return 0;
}`,
        good: `#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

SEC("kprobe/do_unlinkat")
int f(struct pt_regs *ctx)
{
	return 0;
}`,
        refused: { by: "clang", says: "unknown type name '__u64'" },
      },
      {
        bad: `#include <bpf/bpf_helpers.h>
#include <linux/bpf.h>

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
        refused: { by: "clang", says: "unknown type name '__u64'" },
      },
    ],
  },

  *check({ model }: RuleContext): Iterable<Report> {
    const { includes } = model;
    const first = includes.findIndex(({ path }) => NEEDS_TYPES.test(path));
    const types = includes.findIndex(({ path }) => BRINGS_TYPES.test(path));
    const [needing, bringing] = [includes[first], includes[types]];
    if (needing === undefined || (bringing !== undefined && types < first)) return;
    const before = includes.slice(0, first + 1);
    if (!before.every((one) => isHarmless(one) && isUnconditional(one, model))) return;
    if (/\btypedef\b/.test(textBefore(needing, model))) return;
    // Newer releases of bpf_core_read.h need them as well.
    const { line } = (before.find(({ path }) => isLibbpfHeader(path)) ?? needing).range.start;
    if (bringing === undefined) {
      yield* nowhere(needing, line, model);
      return;
    }
    // A kernel header beside vmlinux.h is the matter of vmlinux-mixed.
    if (!isGenerated(bringing.path) && includes.some(({ path }) => isGenerated(path))) return;
    if (!isUnconditional(bringing, model)) return;
    const [shown, late] = [needing, bringing].map(written);
    yield {
      range: bringing.range,
      message: `${late} stands behind ${shown}, which needs its types: unknown type name '__u64'`,
      fixes: [
        {
          title: `Move it before ${shown}`,
          edits: [
            insertAt({ line, character: 0 }, `${model.code.lines.textOf(bringing.range.start.line)}\n`),
            removeLines(bringing.range, model),
          ],
        },
      ],
    };
  },
};

/** No include brings them, and of what is compiled by itself nobody can say that an includer does. */
function* nowhere(needing: Inclusion, line: number, model: BpfModel): Iterable<Report> {
  if (model.licence === undefined || model.programs.length === 0 || isHeader(model)) return;
  yield {
    range: needing.range,
    message: `${written(needing)} needs the kernel's types, and nothing before it brings them: unknown type name '__u64'`,
    // A command line may include them.
    severity: "warning",
    fixes: [
      {
        title: 'Include "vmlinux.h"',
        edits: [insertAt({ line, character: 0 }, '#include "vmlinux.h"\n')],
        safety: "unsafe",
      },
    ],
  };
}

/** Those that declare helpers. `bpf_endian.h` needs nothing, `bpf_core_read.h` only from libbpf 1.5 on. */
const NEEDS_TYPES = /^bpf\/(?:bpf_helpers|bpf_helper_defs|bpf_tracing|usdt\.bpf)\.h$/;
const BRINGS_TYPES = /(?:^|\/)vmlinux[^/]*\.h$|^linux\/(?:bpf|types|ptrace|if_ether|ip|in|pkt_cls)\.h$/;

/** What brings no types of its own, so that they are still missing behind it. */
function isHarmless({ path, quoted }: Inclusion): boolean {
  return isLibbpfHeader(path) || (!quoted && /^std(?:bool|arg|def)\.h$/.test(path));
}

function written({ path, quoted }: Inclusion): string {
  return quoted ? `"${path}"` : `<${path}>`;
}

function textBefore({ range }: Inclusion, { code }: BpfModel): string {
  return code.textOf({ start: { line: 0, character: 0 }, end: range.start });
}
