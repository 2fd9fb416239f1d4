import { expect, test } from "vitest";
import { constantAddress } from "../../server/src/analysis/rules/constant-address.ts";
import { checkNoFindings, checkRule, findingsIn } from "../support/check.ts";

const xdp = (body: string, before = ""): string => `
struct pair { int a; int b; };
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 8); __type(key, int); __type(value, struct pair); } pairs SEC(".maps");
${before}
SEC("xdp")
int f(struct xdp_md *ctx)
{
${body}
}
`;

test("on one way it was never given a value, or was set back", () => {
  checkRule(
    constantAddress,
    xdp(`    int key = 0, *sum = NULL;
    struct pair *pair = bpf_map_lookup_elem(&pairs, &key);
    if (!pair)
        return 0;
    if (ctx->rx_queue_index)
        sum = &pair->b;
    *sum += 1;
//  ^^^^ NULL is followed as a pointer here: clang leaves this way out, or the verifier refuses the program
    __builtin_memset(&pair, 0, sizeof(pair));
    pair->a = 1;
//  ^^^^^^^ NULL is written to as a pointer here: clang leaves this way out, or the verifier refuses the program
    return 0;`),
  );
});

test("what is added to NULL is no pointer either", () => {
  checkRule(
    constantAddress,
    xdp(`    struct unseen *first = 0;
    struct pair *pair = (void *)(sizeof(struct pair) + sizeof(struct unseen));
    if (ctx->rx_queue_index)
        return pair->a;
//             ^^^^^^^ a constant is followed as a pointer here: the verifier refuses the program
    return ((struct pair *)4096)->b;
//         ^^^^^^^^^^^^^^^^^^^^^^^^ the constant 4096 is followed as a pointer here: the verifier refuses the program`),
  );
});

test("a callback is handed NULL", () => {
  checkRule(
    constantAddress,
    xdp(
      "    bpf_loop(4, add, NULL, 0);\n    return 0;",
      `static long add(__u32 i, int *sum)
{
    *sum += i;
//  ^^^^ NULL is followed as a pointer here: clang leaves this way out, or the verifier refuses the program
    return 0;
}`,
    ),
  );
});

test("silent where the same condition stands before both, or the pointer is asked about", () => {
  checkNoFindings(
    constantAddress,
    xdp(`    struct pair own = {}, *pair = NULL;
    int key = ctx->rx_queue_index;
    if (key == 1)
        pair = &own;
    if (key == 1)
        pair->a = 1;
    if (pair)
        pair->b = 1;
    return own.b;`),
  );
});

test("silent about addresses that are only reckoned with, and about arenas", () => {
  checkNoFindings(
    constantAddress,
    xdp("    return (int)(long)&((struct pair *)0)->b + sizeof(((struct pair *)0)->a);"),
  );
  checkNoFindings(
    constantAddress,
    xdp(
      "    return ((struct pair __arena *)4096)->b;",
      'struct { __uint(type, BPF_MAP_TYPE_ARENA); } arena SEC(".maps");',
    ),
  );
});

test("silent where the field may be an array, whose address is all that is wanted", () => {
  checkNoFindings(
    constantAddress,
    xdp(
      `    return said((struct module *)1) + said((struct module *)ctx->rx_queue_index);`,
      `static __always_inline int said(struct module *module)
{
    char *name = module->name;

    return name != 0;
}`,
    ),
  );
});

test("a kfunc is given an address that the program made up", () => {
  const given = (arg: string) =>
    findingsIn(
      `extern int bpf_cpumask_populate(struct cpumask *cpumask, void *src, size_t src__sz) __ksym;
extern struct bpf_cpumask *bpf_cpumask_create(void) __ksym;
extern void bpf_cpumask_release(struct bpf_cpumask *cpumask) __ksym;
SEC("tp_btf/task_newtask") int f(u64 *ctx) {
    u64 bits = 1;
    struct bpf_cpumask *mask = bpf_cpumask_create();
    if (!mask) return 0;
    bpf_cpumask_populate(${arg});
    bpf_cpumask_release(mask);
    return 0;
}`,
      [constantAddress],
    ).map(({ message }) => message);
  const refused =
    "bpf_cpumask_populate() takes a pointer here, and is given the constant 4660: the verifier refuses it";
  expect(given("(void *)0x1234, &bits, 8")).toEqual([refused]);
  expect(given("(void *)mask, (void *)0x1234, 8")).toEqual([refused]);
  expect(given("(void *)mask, &bits, 8")).toEqual([]);
});
