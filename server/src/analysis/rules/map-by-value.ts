/** Rule: a map handed over itself instead of by its address. */

import { replace } from "../edits.ts";
import { mapItself } from "../for-rules/argument-kinds.ts";
import { helperCalls } from "../for-rules/calls.ts";
import type { Argument, BpfModel, Call } from "../model.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const mapByValue: Rule = {
  meta: {
    id: "map-by-value",
    group: "calls",
    summary: "A map handed over itself instead of by its address",
    rationale: `Helpers want a map's address; the structure that describes it in the source is no argument, and clang refuses
the call. The loader finds the address in the code and puts the map that it has created in its place. The message is \`passing
'struct (unnamed struct …)' to parameter of incompatible type 'void *'\`. bcc's maps are used without the \`&\`, which is
where the habit often comes from.`,
    severity: "error",
    fix: "safe",
    saidByC: true,
    examples: [
      {
        bad: `struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");

SEC("xdp")
int count(struct xdp_md *ctx)
{
	__u32 key = ctx->ingress_ifindex;
	__u64 *value = bpf_map_lookup_elem(counts, &key);

	if (value)
		__sync_fetch_and_add(value, 1);
	return XDP_PASS;
}`,
        good: `struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");

SEC("xdp")
int count(struct xdp_md *ctx)
{
	__u32 key = ctx->ingress_ifindex;
	__u64 *value = bpf_map_lookup_elem(&counts, &key);

	if (value)
		__sync_fetch_and_add(value, 1);
	return XDP_PASS;
}`,
        refused: { by: "clang", says: "to parameter of incompatible type 'void *'" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    const { model } = ctx;
    if (model.maps.length === 0 && model.outside.maps.length === 0) return;
    for (const { call, helper } of helperCalls(ctx)) {
      const argument = call.args[helper.params.findIndex(({ kind }) => kind === "map")];
      const report = argument && reportOf(argument, call, ctx);
      if (report !== undefined) yield report;
    }
  },
};

function reportOf({ text, range }: Argument, call: Call, { model }: RuleContext): Report | undefined {
  // The usual argument, `&counts`, asks nothing of the function's body.
  if (text.startsWith("&")) return undefined;
  const map = mapItself(text, call, model);
  if (map === undefined || map.dialect === "bcc" || isArray(map.name, model)) return undefined;
  return {
    range,
    message: `${call.name}() wants the address of the map: &${map.name}`,
    fixes: [{ title: `Change to &${map.name}`, edits: [replace(range, `&${map.name}`)] }],
  };
}

/** The name of an array is an address, in C as in BPF C. */
function isArray(name: string, { maps, code }: BpfModel): boolean {
  const own = maps.find((map) => map.name === name);
  return own !== undefined && new RegExp(`\\b${name}\\s*\\[`).test(code.textOf(own.range));
}
