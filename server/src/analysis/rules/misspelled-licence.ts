/** Rule: a licence in a spelling that the kernel does not know. */

import { replace } from "../edits.ts";
import { gplUses, licenceMeantBy, licenceOf } from "../for-rules/gpl.ts";
import { COMPATIBLE_LICENCES, isGplCompatible } from "../licences.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const misspelledLicence: Rule = {
  meta: {
    id: "misspelled-licence",
    group: "licence",
    summary: "A licence in a spelling that the kernel does not know",
    rationale: `The kernel compares the licence letter by letter with six strings and takes anything else for proprietary.
They are ${COMPATIBLE_LICENCES.map((one) => `\`${one}\``).join(", ")}.
With \`gpl\`, \`GPLv2\` or an SPDX identifier such as \`GPL-2.0\` nobody says a word until a program calls a helper that is GPL only.

It is an error where the file does that, else a warning. A licence of another name is nobody's mistake and not reported.`,
    severity: "warning",
    fix: "safe",
    examples: [
      {
        bad: `char LICENSE[] SEC("license") = "GPLv2";

SEC("tracepoint/syscalls/sys_enter_execve")
int hello(void *ctx)
{
	bpf_printk("hello");
	return 0;
}
`,
        good: `char LICENSE[] SEC("license") = "GPL v2";

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
        bad: `char LICENSE[] SEC("license") = "Dual MIT or GPL";

SEC("xdp")
int pass(struct xdp_md *ctx)
{
	return XDP_PASS;
}
`,
        good: `char LICENSE[] SEC("license") = "Dual MIT/GPL";

SEC("xdp")
int pass(struct xdp_md *ctx)
{
	return XDP_PASS;
}
`,
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    const { licence } = ctx.model;
    if (licence === undefined || isGplCompatible(licence.text)) return;
    const written = licenceOf(ctx.model);
    const meant = written && licenceMeantBy(written.text);
    if (written === undefined || meant === undefined) return;
    const [use] = gplUses(ctx);
    const { range } = written;
    yield {
      range: licence.range,
      message: `the kernel takes licence "${written.text}" for proprietary${
        use === undefined ? "" : ` and refuses ${use.what}${use.where === undefined ? "" : ` ${use.where}`}`
      }; write "${meant}"`,
      ...(use !== undefined && {
        severity: "error",
        related: [{ range: use.range, message: "GPL only" }],
      }),
      ...(range !== undefined && { fixes: [{ title: `Change to "${meant}"`, edits: [replace(range, meant)] }] }),
    };
  },
};
