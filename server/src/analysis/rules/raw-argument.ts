/** Rule: a helper that must know what it is given gets an address that is a number to the verifier. */

import { flowOf } from "../flow/flow.ts";
import type { Found } from "../flow/walk.ts";
import type { Rule } from "../rule.ts";

export const rawArgument: Rule = {
  meta: {
    id: "raw-argument",
    group: "paths",
    summary: "Address that is a number to the verifier, given where a pointer must be",
    rationale: `Helpers take memory and objects that the verifier knows: what is on the stack, in maps or in the packet,
and tasks, sockets and inodes. An address that a probe was given, that was read from somewhere or that comes out of a map is a
number to it, whatever the program casts it to. Memory is read into a variable first, by \`bpf_probe_read_kernel()\` or
\`bpf_probe_read_user()\`; for the current task there is \`bpf_get_current_task_btf()\`, and programs at \`tp_btf\`, \`fentry\` and
\`lsm\` hooks get typed arguments. What \`bpf_core_cast()\` gives may be looked into, but no helper takes it.`,
    severity: "error",
    fix: "none",
    examples: [
      {
        bad: `struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, u64);
	__type(value, u64);
} seen SEC(".maps");

SEC("kprobe/do_unlinkat")
int BPF_KPROBE(on_unlink, int dfd, u64 *name)
{
	return bpf_map_lookup_elem(&seen, name) != 0;
}`,
        good: `struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, u64);
	__type(value, u64);
} seen SEC(".maps");

SEC("kprobe/do_unlinkat")
int BPF_KPROBE(on_unlink, int dfd, u64 *name)
{
	u64 key = 0;

	bpf_probe_read_kernel(&key, sizeof(key), name);
	return bpf_map_lookup_elem(&seen, &key) != 0;
}`,
        refused: { by: "kernel", says: "type=scalar expected=" },
      },
    ],
  },

  *check(ctx) {
    const { lines } = ctx.model.code;
    for (const found of flowOf(ctx).of("raw given"))
      yield {
        range: lines.rangeOf(found.span),
        message: messageOf(found),
        ...(found.story !== undefined &&
          found.story.length > 0 && {
            related: found.story.map(({ span, message }) => ({ range: lines.rangeOf(span), message })),
          }),
      };
  },
};

function messageOf({ facts = {}, about }: Found): string {
  const { origin, callee, isUntrusted } = facts;
  if (isUntrusted === true) return `${callee}() does not take what ${about}() gives: the verifier does not trust it`;
  const what =
    origin === "parameter" ? about : origin === "call" ? `what ${about}() gives` : "an address that was read before";
  return `${what} is a number to the verifier, and ${callee}() wants a pointer that it knows`;
}
