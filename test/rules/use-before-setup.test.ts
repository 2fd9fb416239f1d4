import { test } from "vitest";
import { repeatedSetup } from "../../server/src/analysis/rules/repeated-setup.ts";
import { useBeforeSetup } from "../../server/src/analysis/rules/use-before-setup.ts";
import { checkNoFindings, checkRule } from "../support/check.ts";

const program = (body: string, before = ""): string => `
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); } events SEC(".maps");
extern int bpf_dynptr_from_skb(struct __sk_buff *s, u64 flags, struct bpf_dynptr *ptr__uninit) __ksym;
extern int bpf_iter_num_new(struct bpf_iter_num *it, int start, int end) __ksym;
extern int *bpf_iter_num_next(struct bpf_iter_num *it) __ksym;
extern void bpf_iter_num_destroy(struct bpf_iter_num *it) __ksym;
${before}
SEC("tc")
int f(struct __sk_buff *skb)
{
${body}
}
`;

test("on one of two ways nothing has set it up", () => {
  checkRule(
    useBeforeSetup,
    program(`    struct bpf_dynptr p;
    char byte;
    if (skb->len > 10)
        bpf_dynptr_from_skb(skb, 0, &p);
    bpf_dynptr_read(&byte, 1, &p, 0, 0);
//                            ^^ p is a dynptr that nothing has set up before bpf_dynptr_read(): the verifier refuses the program
    return 0;`),
  );
});

test("silent where a function sets it up, whether seen or not", () => {
  const use = "    bpf_dynptr_read(&byte, 1, &p, 0, 0);\n    return 0;";
  checkNoFindings(
    useBeforeSetup,
    program(
      `    struct bpf_dynptr p;\n    char byte;\n    make(skb, &p);\n${use}`,
      "static void make(struct __sk_buff *skb, struct bpf_dynptr *p) { bpf_dynptr_from_skb(skb, 0, p); }",
    ),
  );
  checkNoFindings(useBeforeSetup, program(`    struct bpf_dynptr p;\n    char byte;\n    somehow(&p);\n${use}`));
});

test("a function that fails by a constant that no header shows does not go on", () => {
  checkNoFindings(
    useBeforeSetup,
    program(
      `    struct bpf_dynptr p;
    char byte;
    if (make(skb, &p))
        return 0;
    bpf_dynptr_read(&byte, 1, &p, 0, 0);
    return 0;`,
      `static int make(struct __sk_buff *skb, struct bpf_dynptr *p)
{
    if (skb->len < 10)
        return -EINVAL;
    return bpf_dynptr_from_skb(skb, 0, p);
}`,
    ),
  );
});

test("a dynptr that holds nothing may be set up again, an iterator not", () => {
  checkNoFindings(
    repeatedSetup,
    program(`    struct bpf_dynptr p;
    bpf_dynptr_from_skb(skb, 0, &p);
    bpf_dynptr_from_skb(skb, 0, &p);
    return 0;`),
  );
  checkRule(
    repeatedSetup,
    program(`    struct bpf_iter_num it;
    bpf_iter_num_new(&it, 0, 10);
    bpf_iter_num_new(&it, 0, 20);
//                   ^^^ it still has what bpf_iter_num_new() gave it: the verifier refuses to set it up again
    bpf_iter_num_destroy(&it);
    return 0;`),
  );
});
