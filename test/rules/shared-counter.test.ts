import { test } from "vitest";
import { sharedCounter } from "../../server/src/analysis/rules/shared-counter.ts";
import { checkFix, checkNoFindings, checkRule } from "../support/check.ts";

const program = (body: string, { type = "HASH", value = "__u64", more = "" } = {}) => `struct {
	__uint(type, BPF_MAP_TYPE_${type});
	__uint(max_entries, 64);${more}
	__type(key, __u32);
	__type(value, ${value});
} counts SEC(".maps");

SEC("xdp")
int f(void *ctx)
{
	__u32 k = 1;
	__u64 *n, one = 1;

${body.replace(/^/gm, "\t")}
	return 0;
}
`;
const lookup = "n = bpf_map_lookup_elem(&counts, &k);\n";
const add = "if (n)\n\t__sync_fetch_and_add(n, 1);\n";
const insert = "else\n\tbpf_map_update_elem(&counts, &k, &one, BPF_NOEXIST);\n";

test("flags the type, and counts without an atomic operation", () => {
  checkRule(
    sharedCounter,
    `
struct {
    __uint(type, BPF_MAP_TYPE_LRU_HASH);
//               ^^^^^^^^^^^^^^^^^^^^^ map m only counts: with BPF_MAP_TYPE_LRU_PERCPU_HASH each CPU has a value of its own and needs no atomic addition
    __type(key, int);
    __type(value, long);
} m SEC(".maps");
SEC("tc")
int f(struct __sk_buff *skb)
{
    int k = skb->mark;
    long *n = bpf_map_lookup_elem(&m, &k);
    if (!n)
        return 0;
    __sync_fetch_and_add(n, k);
    return 0;
}
`,
  );
  checkFix(
    sharedCounter,
    program(lookup + add + insert),
    program(`${lookup}if (n)\n\t*n += 1;\n${insert}`, { type: "PERCPU_HASH" }),
  );
});

test.each([
  ["the value is looked at", program(`${lookup}${add}if (n && *n > 9)\n\treturn 1;`)],
  ["the old value is used", program(`${lookup}if (n)\n\treturn __sync_fetch_and_add(n, 1);`)],
  ["the pointer goes elsewhere", program(`${lookup}${add}if (n)\n\tg(n);`)],
  ["it is set as well", program(`${lookup}${add}if (n)\n\t*n = 0;`)],
  ["a structure", program(lookup + add, { value: "struct stats" })],
  ["small numbers", program(lookup + add, { value: "__u16" })],
  ["pinned", program(lookup + add, { more: "\n\t__uint(pinning, LIBBPF_PIN_BY_NAME);" })],
  ["with flags", program(lookup + add, { more: "\n\t__uint(map_flags, BPF_F_RDONLY_PROG);" })],
  ["per CPU already", program(lookup + add, { type: "PERCPU_HASH" })],
  ["another type", program(lookup + add, { type: "LPM_TRIE" })],
  ["walked over", program(`${lookup}${add}bpf_for_each_map_elem(&counts, each, 0, 0);`)],
  ["handed to another function", program(`${lookup}${add}g(&counts);`)],
  ["two variables of one name", program(`${lookup}${add}{ __u64 *n = 0; }`)],
  ["an addition of its own", `#define __sync_fetch_and_add(p, n) (*(p) += (n))\n${program(lookup + add)}`],
  ["where packets do not go", program(lookup + add).replace('"xdp"', '"tracepoint/sched/sched_switch"')],
  ["not added to", program(`${lookup}if (n)\n\treturn 1;`)],
])("silent: %s", (_, text) => checkNoFindings(sharedCounter, text));
