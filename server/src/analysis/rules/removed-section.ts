/** Rule: a section name that an older loader took. */

import { isHalfTyped, renamings, strangePrograms } from "../for-rules/section-meaning.ts";
import { familyOf } from "../knowledge/loaders.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const removedSection: Rule = {
  meta: {
    id: "removed-section",
    group: "sections",
    summary: "A section name that newer releases of the loader no longer take",
    rationale: `Since 1.0 libbpf takes only the names in its table; one that merely begins like one of them has no program type.
Before, \`SEC("xdp_firewall")\` was XDP, \`SEC("socket1")\` a socket filter, and tutorials told their readers to give every
program a section of its own. Now a target may follow behind the slash where the name takes one, and everything else is
refused at load.

Several programs may stand in one section. What tells them apart is the name of the function, so nothing is lost with the
exact name; only user space that looks for a program by its section, as \`ip link set … sec xdp_firewall\` does, must be changed
with it.`,
    severity: "warning",
    fix: "unsafe",
    examples: [
      {
        bad: `SEC("xdp_firewall")
int firewall(struct xdp_md *ctx)
{
	return XDP_PASS;
}`,
        good: `SEC("xdp")
int firewall(struct xdp_md *ctx)
{
	return XDP_PASS;
}`,
        refused: { by: "libbpf", says: "missing BPF prog type, check ELF section name 'xdp_firewall'" },
      },
      {
        bad: `SEC("xdp_devmap/egress")
int egress(struct xdp_md *ctx)
{
	return XDP_PASS;
}`,
        good: `SEC("xdp/devmap")
int egress(struct xdp_md *ctx)
{
	return XDP_PASS;
}`,
        refused: { by: "libbpf", says: "missing BPF prog type" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    for (const { section, meaning } of strangePrograms(ctx)) {
      if (meaning.kind !== "removed" || isHalfTyped(section, ctx.model)) continue;
      const { fact, meant } = meaning;
      const instead = meant.length === 0 ? "" : `; write ${meant.map((one) => `"${one}"`).join(" or ")}`;
      yield {
        range: section.nameRange,
        message: `${familyOf(ctx.loader)} ${fact.removedIn} has no section "${section.name}": the load fails unless user space sets the type${instead}`,
        fixes: renamings(section, meant, ctx.model),
      };
    }
  },
};
