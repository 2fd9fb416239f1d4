import { expect, test } from "vitest";
import { misplacedDynptr } from "../../server/src/analysis/rules/misplaced-dynptr.ts";
import { checkNoFindings, checkRule, findingsIn } from "../support/check.ts";

const program = (body: string): string => `
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); } events SEC(".maps");
char room[16];
extern int bpf_dynptr_from_skb(struct __sk_buff *s, u64 flags, struct bpf_dynptr *ptr__uninit) __ksym;
extern int bpf_verify_pkcs7_signature(struct bpf_dynptr *data_p, struct bpf_dynptr *sig_p, struct bpf_key *keyring) __ksym;

SEC("tc")
int f(struct __sk_buff *skb)
{
${body}
    return 0;
}
`;

test("flags places within a dynptr, and what is none", () => {
  checkRule(
    misplacedDynptr,
    program(`    struct bpf_dynptr p, q;
    unsigned long val;
    char byte;
    bpf_dynptr_from_skb(skb, 0, &p);
    bpf_dynptr_read(&byte, 1, (void *)&p + 8, 0, 0);
//                            ^^^^^^^^^^^^^^ bpf_dynptr_read() is given a place within p, which is no dynptr: the verifier refuses the program
    bpf_ringbuf_reserve_dynptr(&events, 8, 0, &q + 1);
//                                            ^^^^^^ bpf_ringbuf_reserve_dynptr() is given a place within q, which is no dynptr: the verifier refuses the program
    bpf_verify_pkcs7_signature((struct bpf_dynptr *)&val, NULL, NULL);
//                             ^^^^^^^^^^^^^^^^^^^^^^^^^ val has no room for a dynptr, which bpf_verify_pkcs7_signature() takes: the verifier refuses the program
//                                                        ^^^^ bpf_verify_pkcs7_signature() is given a number where it takes a dynptr: the verifier refuses the program`),
  );
});

test("flags a dynptr that is made of the stack", () => {
  checkRule(
    misplacedDynptr,
    program(`    struct bpf_dynptr p;
    char own[16] = {};
    bpf_dynptr_from_mem(own, sizeof(own), 0, &p);
//                      ^^^ bpf_dynptr_from_mem() takes memory of a map's value, and own is on the stack: the verifier refuses the program`),
  );
});

test("silent where it is whole: in a structure, in an array, by a function, of memory that stays", () => {
  checkNoFindings(
    misplacedDynptr,
    program(`    struct { int a; struct bpf_dynptr ptr; } both;
    struct bpf_dynptr two[2], *it = &two[1];
    bpf_dynptr_from_mem(room, sizeof(room), 0, &both.ptr);
    bpf_dynptr_from_mem(room, sizeof(room), 0, &two[1]);
    bpf_dynptr_from_mem(room, sizeof(room), 0, it);
    bpf_dynptr_from_mem(room + 4, 4, 0, &two[0]);`),
  );
});

test("flags iterators and dynptrs of kfuncs that are not on the stack", () => {
  const given = (arg: string) =>
    findingsIn(
      `extern int bpf_iter_num_new(struct bpf_iter_num *it, int start, int end) __ksym;
extern void bpf_iter_num_destroy(struct bpf_iter_num *it) __ksym;
struct bpf_iter_num shared;
SEC("raw_tp") int f(void *ctx) {
    struct bpf_iter_num own;
    bpf_iter_num_new(${arg}, 0, 1);
    bpf_iter_num_destroy(${arg});
    return 0;
}`,
      [misplacedDynptr],
    ).map(({ message }) => message.replace(/:.*/, ""));
  expect(given("&shared")[0]).toBe("bpf_iter_num_new() takes an iterator on the stack, and this one is not");
  expect(given("&own")).toEqual([]);
});
