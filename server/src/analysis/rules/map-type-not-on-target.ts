/** Rule: a map of a type that a target does not have. */

import { usesOfMap } from "../for-rules/map-uses.ts";
import { mayBeLeftOut } from "../for-rules/runs.ts";
import { lacking, lackText } from "../for-rules/verdicts.ts";
import type { BpfMap } from "../model.ts";
import type { Report, Rule, RuleContext, Severity } from "../rule.ts";

export const mapTypeNotOnTarget: Rule = {
  meta: {
    id: "map-type-not-on-target",
    group: "kernels",
    summary: "A map of a type that a target does not have",
    rationale: `Maps are created before any program is loaded, so a type that the kernel does not know ends the load of the
whole object. The kernel answers \`Invalid argument\`, whether or not a program would have used the map.

Where every use of the map stands behind a question about the kernel the rule is silent: user space will then have turned
the map off with \`bpf_map__set_autocreate()\`, or changed its type with \`bpf_map__set_type()\`. A map that the file does not
use at all, or beside which there is one that could take its place, is only a remark.`,
    severity: "error",
    fix: "none",
    examples: [
      {
        bad: `struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

SEC("tracepoint/syscalls/sys_enter_execve")
int f(void *ctx)
{
	return bpf_ringbuf_query(&events, BPF_RB_AVAIL_DATA) > 0;
}`,
        good: `struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__type(key, __u32);
	__type(value, __u32);
} events SEC(".maps");

SEC("tracepoint/syscalls/sys_enter_execve")
int f(void *ctx)
{
	__u32 zero = 0;

	bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, &zero, sizeof(zero));
	return 0;
}`,
        target: "5.4",
        unshown: "the running kernel has the type",
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    const { model, targets } = ctx;
    if (targets.length === 0) return;
    for (const map of model.maps) {
      const { type } = map;
      const lacks = type === undefined ? [] : lacking({ kind: "map-type", name: type }, ctx);
      if (type === undefined || lacks.length === 0) continue;
      const attribute = map.attributes.find(({ name }) => name === "type");
      const range = attribute?.valueRange ?? map.nameRange;
      if (model.code.compiledWhen(range).length > 0) continue;
      const severity = severityOf(map, ctx);
      if (severity === undefined) continue;
      yield {
        range,
        message: `${type.replace("BPF_MAP_TYPE_", "")} maps are not on ${lackText(lacks)}`,
        severity,
      };
    }
  },
};

/** Undefined where every use is guarded. */
function severityOf(map: BpfMap, ctx: RuleContext): Severity | undefined {
  const { model } = ctx;
  const uses = usesOfMap(map, model);
  if (uses.length > 0 && uses.every((call) => mayBeLeftOut(call, model))) return undefined;
  return uses.length === 0 || hasStandIn(map, ctx) ? "info" : "error";
}

/** What does the same on older kernels: a file that has both chooses. */
const STAND_INS: ReadonlyMap<string, RegExp> = new Map([
  ["BPF_MAP_TYPE_RINGBUF", /PERF_EVENT_ARRAY$/],
  ["BPF_MAP_TYPE_CGRP_STORAGE", /CGROUP_STORAGE$|HASH$/],
  ["BPF_MAP_TYPE_DEVMAP_HASH", /DEVMAP$/],
]);

function hasStandIn({ type = "" }: BpfMap, ctx: RuleContext): boolean {
  const standIn = STAND_INS.get(type);
  if (standIn === undefined) return false;
  return ctx.model.maps.some(
    (other) =>
      other.type !== undefined &&
      standIn.test(other.type) &&
      lacking({ kind: "map-type", name: other.type }, ctx).length === 0,
  );
}
