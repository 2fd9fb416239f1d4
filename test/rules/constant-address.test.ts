import { test } from "vitest";
import { constantAddress } from "../../server/src/analysis/rules/constant-address.ts";
import { checkNoFindings, checkRule } from "../support/check.ts";

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
