/** Rule: a lock, timer or the like in the values of a map that cannot hold one. */

import { mapsIn, memberOf, shortName } from "../for-rules/map-rules.ts";
import type { KnowledgeBase } from "../knowledge/knowledge-base.ts";
import { rememberedOf } from "../remember.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const unsupportedMapField: Rule = {
  meta: {
    id: "unsupported-map-field",
    group: "maps",
    summary: "A lock or timer in the values of a map that cannot hold one",
    rationale: `The kernel takes care of locks, timers, work queues, lists and trees in the values of a few types of maps
alone. A spin lock makes no sense in a per-CPU value and is not supported where entries come and go by themselves; a timer
needs a hash table or an array. The kernel refuses the BTF of any other such map. libbpf then makes the map without BTF, so
that the mistake shows only in the program that uses it: \`map has to have BTF in order to use bpf_spin_lock\`.`,
    severity: "warning",
    fix: "none",
    examples: [
      {
        bad: `struct account {
	struct bpf_spin_lock lock;
	__u64 sum;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__type(key, __u32);
	__type(value, struct account);
	__uint(max_entries, 64);
} accounts SEC(".maps");

SEC("tc")
int add(struct __sk_buff *skb)
{
	__u32 key = skb->mark;
	struct account *account = bpf_map_lookup_elem(&accounts, &key);

	if (!account)
		return 0;
	bpf_spin_lock(&account->lock);
	account->sum += skb->len;
	bpf_spin_unlock(&account->lock);
	return 0;
}`,
        good: `struct account {
	struct bpf_spin_lock lock;
	__u64 sum;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, __u32);
	__type(value, struct account);
	__uint(max_entries, 64);
} accounts SEC(".maps");

SEC("tc")
int add(struct __sk_buff *skb)
{
	__u32 key = skb->mark;
	struct account *account = bpf_map_lookup_elem(&accounts, &key);

	if (!account)
		return 0;
	bpf_spin_lock(&account->lock);
	account->sum += skb->len;
	bpf_spin_unlock(&account->lock);
	return 0;
}`,
        refused: { by: "kernel", says: "has to have BTF in order to use bpf_spin_lock" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    const { model, kb } = ctx;
    for (const { definition, fact, rules } of mapsIn(ctx)) {
      const value = memberOf(definition, "value");
      if (fact === undefined || rules?.fields === undefined || value === undefined || !/\w{3}/.test(value.value))
        continue;
      const fields = model.recordOf(value.value)?.fields ?? [];
      if (fields.length === 0) continue;
      const wrong = fields.flatMap(({ type }) => {
        const name = /^struct (\w+)$/.exec(type ?? "")?.[1] ?? "";
        return specialFields(kb).has(name) && rules.fields?.includes(name) === false ? [name] : [];
      });
      const [first] = wrong;
      if (first === undefined) continue;
      const isRefused = rules.btf === true;
      yield {
        range: value.valueRange,
        message: `values of ${shortName(fact)} maps cannot hold a struct ${first}: the kernel refuses ${isRefused ? "the map" : "programs that use it"}`,
        // What needs BTF cannot be made without.
        ...(isRefused && { severity: "error" }),
      };
    }
  },
};

/** What only some types of maps can hold. */
const specialFields = rememberedOf(
  ({ facts }: KnowledgeBase): ReadonlySet<string> =>
    new Set(facts.mapTypes.flatMap((type) => type.rules?.fields ?? [])),
);
