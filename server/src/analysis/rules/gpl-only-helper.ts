/** Rule: something that is GPL only, under a licence that is not compatible with the GPL. */

import { replace } from "../edits.ts";
import { gplUses, licenceMeantBy, licenceOf, type WrittenLicence } from "../for-rules/gpl.ts";
import { isGplCompatible } from "../licences.ts";
import type { Fix, Report, Rule, RuleContext } from "../rule.ts";

export const gplOnlyHelper: Rule = {
  meta: {
    id: "gpl-only-helper",
    group: "licence",
    summary: "A helper, kfunc or program that is GPL only, under another licence",
    rationale: `Much is reserved for programs under a licence that is compatible with the GPL, and the kernel refuses it to
all others. Reserved are helpers that print, that read the memory of the kernel or of processes, that walk stacks; all kfuncs;
programs for \`lsm\` and \`struct_ops\` as a whole. The load ends with \`cannot call GPL-restricted function from non-GPL
compatible program\`.

Which helpers those are depends on the program type and changed over time: \`bpf_ktime_get_ns()\` was GPL only in 5.4 and is
free today. A program under another licence may say that it is under the GPL as well, such as \`Dual BSD/GPL\`: that is for
its authors to decide.`,
    severity: "error",
    fix: "unsafe",
    examples: [
      {
        bad: `char LICENSE[] SEC("license") = "MIT";

SEC("tracepoint/syscalls/sys_enter_execve")
int hello(void *ctx)
{
	bpf_printk("hello");
	return 0;
}
`,
        good: `char LICENSE[] SEC("license") = "Dual MIT/GPL";

SEC("tracepoint/syscalls/sys_enter_execve")
int hello(void *ctx)
{
	bpf_printk("hello");
	return 0;
}
`,
        refused: { by: "kernel", says: "from non-GPL compatible program" },
      },
      {
        bad: `char LICENSE[] SEC("license") = "Proprietary";

SEC("xdp")
int stamp(struct xdp_md *ctx)
{
	return bpf_ktime_get_ns() % 2 ? XDP_PASS : XDP_DROP;
}
`,
        good: `char LICENSE[] SEC("license") = "GPL";

SEC("xdp")
int stamp(struct xdp_md *ctx)
{
	return bpf_ktime_get_ns() % 2 ? XDP_PASS : XDP_DROP;
}
`,
        target: "5.4",
        unshown: "the helper is GPL only on kernels before 5.9",
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    const { model } = ctx;
    if (model.programs.length === 0 || (model.licence !== undefined && isGplCompatible(model.licence.text))) return;
    const licence = licenceOf(model);
    if (licence === undefined || isGplCompatible(licence.text) || licenceMeantBy(licence.text) !== undefined) return;
    if (model.licence !== undefined && model.code.compiledWhen(model.licence.range).length > 0) return;
    const fixes = fixesFor(licence);
    for (const { what, where, range } of gplUses(ctx)) {
      yield {
        range,
        message: `${what} ${what.endsWith("programs") ? "are" : "is"} GPL only${where === undefined ? "" : ` ${where}`}, and the licence here is "${licence.text}"`,
        fixes,
        ...(licence.range !== undefined && { related: [{ range: licence.range, message: "the licence" }] }),
      };
    }
  },
};

function fixesFor({ text, range }: WrittenLicence): readonly Fix[] {
  if (range === undefined) return [];
  const partner = /\b(MIT|BSD|MPL)\b/i.exec(text)?.[1]?.toUpperCase();
  const better = [...(partner === undefined ? [] : [`Dual ${partner}/GPL`]), "GPL"];
  return better.map((licence) => ({
    title: `Change to "${licence}"`,
    edits: [replace(range, licence)],
  }));
}
