/** Rule: `.s` behind the name of a section that has no sleepable form. */

import { renamings, strangePrograms } from "../for-rules/section-meaning.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const unsleepableSection: Rule = {
  meta: {
    id: "unsleepable-section",
    group: "sections",
    summary: "A section that asks for a program that may sleep where there is none",
    rationale: `Only some kinds of program may sleep; for the others the loader has no section that ends in \`.s\`.
The \`.s\` asks for a program that may call helpers such as \`bpf_copy_from_user()\`: \`fentry.s\`, \`fexit.s\`, \`fmod_ret.s\`,
\`lsm.s\`, \`iter.s\`, \`uprobe.s\` and \`usdt.s\` with their relatives, \`struct_ops.s\`. A kprobe or an XDP program runs where
nothing may sleep, and is refused at load.`,
    severity: "error",
    fix: "unsafe",
    examples: [
      {
        bad: `SEC("kprobe.s/do_unlinkat")
int BPF_KPROBE(f, int dfd)
{
	bpf_printk("unlinkat in %d", dfd);
	return 0;
}`,
        good: `SEC("kprobe/do_unlinkat")
int BPF_KPROBE(f, int dfd)
{
	bpf_printk("unlinkat in %d", dfd);
	return 0;
}`,
        refused: { by: "libbpf", says: "missing BPF prog type, check ELF section name 'kprobe.s/do_unlinkat'" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    for (const { section, meaning } of strangePrograms(ctx)) {
      if (meaning.kind !== "unsleepable") continue;
      yield {
        range: section.nameRange,
        message: `${ctx.loader} has no section "${section.name}" and refuses the file: such programs may not sleep`,
        fixes: renamings(section, [meaning.meant], ctx.model),
      };
    }
  },
};
