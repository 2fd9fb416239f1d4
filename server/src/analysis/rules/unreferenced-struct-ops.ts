/** Rule: a struct_ops program that no structure of operations names. */

import { namedPrograms } from "../for-rules/section-meaning.ts";
import { familyOf } from "../knowledge/loaders.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const unreferencedStructOps: Rule = {
  meta: {
    id: "unreferenced-struct-ops",
    group: "sections",
    summary: "A struct_ops program that is the value of no member of a structure",
    rationale: `A \`struct_ops\` program that no structure names implements nothing, and the kernel refuses it. Its section
does not say what it implements: \`SEC("struct_ops/x")\` is as good as \`SEC("struct_ops")\`. The variable in \`.struct_ops\`
or \`.struct_ops.link\` decides, by the member that is set to the program. Newer releases of libbpf refuse the file themselves
and say why, \`SEC("struct_ops") program isn't referenced anywhere, did you forget to use it?\` User space may still set a
member through the skeleton before the load; a program that waits for that is marked with a \`?\`, \`SEC("?struct_ops")\`, and
nothing is said of it.`,
    severity: "warning",
    fix: "none",
    examples: [
      {
        bad: `SEC("struct_ops/cong_avoid")
void BPF_PROG(my_cong_avoid, struct sock *sk, __u32 ack, __u32 acked)
{
}

SEC("struct_ops/undo_cwnd")
__u32 BPF_PROG(my_undo_cwnd, struct sock *sk)
{
	return 10;
}

SEC("struct_ops/ssthresh")
__u32 BPF_PROG(my_ssthresh, struct sock *sk)
{
	return 5;
}

SEC(".struct_ops")
struct tcp_congestion_ops my_ops = {
	.ssthresh = (void *)my_ssthresh,
	.cong_avoid = (void *)my_cong_avoid,
	.name = "bpf_mine",
};`,
        good: `SEC("struct_ops/cong_avoid")
void BPF_PROG(my_cong_avoid, struct sock *sk, __u32 ack, __u32 acked)
{
}

SEC("struct_ops/undo_cwnd")
__u32 BPF_PROG(my_undo_cwnd, struct sock *sk)
{
	return 10;
}

SEC("struct_ops/ssthresh")
__u32 BPF_PROG(my_ssthresh, struct sock *sk)
{
	return 5;
}

SEC(".struct_ops")
struct tcp_congestion_ops my_ops = {
	.ssthresh = (void *)my_ssthresh,
	.undo_cwnd = (void *)my_undo_cwnd,
	.cong_avoid = (void *)my_cong_avoid,
	.name = "bpf_mine",
};`,
        refused: { by: "kernel", says: "prog 'my_undo_cwnd': BPF program load failed" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    if (familyOf(ctx.loader) !== "libbpf") return;
    const { model } = ctx;
    for (const { name, nameRange, section } of namedPrograms(model)) {
      if (!/^struct_ops(?:\.s)?(?:\/|$)/.test(section.name)) continue;
      // The structure may stand in another file: then nothing can be told.
      if (!model.globals.some((global) => /^\??\.struct_ops(?:\.link)?$/.test(global.section?.name ?? ""))) return;
      const { code } = model;
      const asWord = new RegExp(`\\b${name}\\b`);
      const elsewhere = code.uses(name).filter(({ range }) => range.start.line !== nameRange.start.line);
      if (elsewhere.length > 0 || code.directives().some(({ body }) => asWord.test(body))) continue;
      if (code.textOf(nameRange) !== name || code.compiledWhen(nameRange).length > 0) continue;
      yield {
        range: nameRange,
        message: `no member of a structure in .struct_ops is set to ${name}(): the load fails unless user space sets one`,
      };
    }
  },
};
