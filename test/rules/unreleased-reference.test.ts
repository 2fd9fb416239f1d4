import { expect, test } from "vitest";
import { unreleasedReference } from "../../server/src/analysis/rules/unreleased-reference.ts";
import { checkFix, checkNoFindings, checkRule } from "../support/check.ts";

const MAPS = `struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); } events SEC(".maps");
extern struct task_struct *bpf_task_acquire(struct task_struct *p) __ksym;
extern void bpf_task_release(struct task_struct *p) __ksym;
extern int bpf_iter_num_new(struct bpf_iter_num *it, int start, int end) __ksym;
extern int *bpf_iter_num_next(struct bpf_iter_num *it) __ksym;
extern void bpf_iter_num_destroy(struct bpf_iter_num *it) __ksym;
`;
const program = (body: string, before = ""): string => `${MAPS}${before}
SEC("tp_btf/sched_process_exec")
int f(u64 *ctx)
{
${body}
}
`;

test("a return between taking and giving back", () => {
  checkRule(
    unreleasedReference,
    program(`    u32 *e = bpf_ringbuf_reserve(&events, 4, 0);
//           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ what bpf_ringbuf_reserve() gives is not given back before the return in line 15: the verifier refuses the program
    if (!e)
        return 0;
    if (ctx[0] == 3)
        return 1;
    bpf_ringbuf_submit(e, 0);
    return 0;`),
  );
});

test("several returns are one finding", () => {
  checkRule(
    unreleasedReference,
    program(`    u32 *e = bpf_ringbuf_reserve(&events, 4, 0);
//           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ what bpf_ringbuf_reserve() gives is not given back on every path: the verifier refuses the program
    if (!e)
        return 0;
    if (ctx[0] == 3)
        return 1;
    if (ctx[0] == 4)
        return 2;
    bpf_ringbuf_submit(e, 0);
    return 0;`),
  );
});

test("what nobody asked about may be there as well", () => {
  checkRule(
    unreleasedReference,
    program(`    bpf_ringbuf_reserve(&events, 4, 0);
//  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ what bpf_ringbuf_reserve() gives is not given back before the return in line 12: the verifier refuses the program
    return 0;`),
  );
});

test("an iterator that is begun by hand, and a tail call that does not come back", () => {
  checkRule(
    unreleasedReference,
    program(`    struct bpf_iter_num it;
    int sum = 0, *i;

    bpf_iter_num_new(&it, 0, 10);
//  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^ what bpf_iter_num_new() gives is not given back before the return in line 17: the verifier refuses the program
    while ((i = bpf_iter_num_next(&it)))
        sum += *i;
    return sum;`),
  );
  checkRule(
    unreleasedReference,
    program(`    u32 *e = bpf_ringbuf_reserve(&events, 4, 0);
//           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ what bpf_ringbuf_reserve() gives is not given back before bpf_tail_call(): the verifier refuses the program
    if (!e)
        return 0;
    bpf_tail_call(ctx, &steps, 1);
    bpf_ringbuf_discard(e, 0);
    return 0;`),
  );
});

test("silent where every way gives it back, by a function of the file as well", () => {
  checkNoFindings(
    unreleasedReference,
    program(
      `    u32 *e = take();

    if (e == NULL)
        return 0;
    if (ctx[0] == 3)
        goto out;
    *e = 1;
    bpf_ringbuf_submit(e, 0);
    return 0;
out:
    drop(e);
    return 0;`,
      `static __always_inline u32 *take(void) { return bpf_ringbuf_reserve(&events, 4, 0); }
static __always_inline void drop(u32 *e) { if (e) bpf_ringbuf_discard(e, 0); }`,
    ),
  );
});

test("silent where it goes to a function that nobody has seen", () => {
  checkNoFindings(
    unreleasedReference,
    program(`    u32 *e = bpf_ringbuf_reserve(&events, 4, 0);

    if (!e)
        return 0;
    somewhere(e);
    return 0;`),
  );
  checkNoFindings(
    unreleasedReference,
    program(`    struct { u32 *e; } kept = {};

    kept.e = bpf_ringbuf_reserve(&events, 4, 0);
    if (!kept.e)
        return 0;
    somewhere(&kept);
    return 0;`),
  );
});

test("silent where the variable gives it back by itself", () => {
  for (const declared of ["u32 *e __attribute__((cleanup(done)))", "u32 *__attribute__((cleanup(done))) e"])
    checkNoFindings(
      unreleasedReference,
      program(`    ${declared} = bpf_ringbuf_reserve(&events, 4, 0);

    return e ? 1 : 0;`),
    );
});

test("silent where the kernel that runs it decides, the same way each time", () => {
  const asked = (take: string, give = take): string =>
    program(
      `    u32 *e = take();

    if (!e)
        return 0;
    *e = 1;
    give(ctx, e);
    return 0;`,
      `struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, u32); __type(value, u32); } heap SEC(".maps");
static __always_inline u32 *take(void)
{
    u32 zero = 0;
    if (${take})
        return bpf_ringbuf_reserve(&events, 4, 0);
    return bpf_map_lookup_elem(&heap, &zero);
}
static __always_inline void give(void *ctx, u32 *e)
{
    if (${give})
        bpf_ringbuf_submit(e, 0);
}`,
    );
  const helper = (name: string): string => `bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_${name})`;
  checkNoFindings(unreleasedReference, asked("bpf_core_type_exists(struct bpf_ringbuf)"));
  // They came in one release, together with the type of maps.
  checkNoFindings(unreleasedReference, asked(helper("ringbuf_reserve"), helper("ringbuf_submit")));
  const type = "bpf_core_enum_value_exists(enum bpf_map_type, BPF_MAP_TYPE_RINGBUF)";
  checkNoFindings(unreleasedReference, asked(type, helper("ringbuf_submit")));
  expect(() => checkNoFindings(unreleasedReference, asked(type, helper("ringbuf_reserve_dynptr")))).toThrow();
});

test("silent in a loop that takes and gives back each time, also after many turns", () => {
  checkNoFindings(
    unreleasedReference,
    program(`    u32 *e[4];

    for (int i = 0; i < 64; i++) {
        e[i % 4] = bpf_ringbuf_reserve(&events, 4, 0);
        if (!e[i % 4])
            return 0;
        bpf_ringbuf_submit(e[i % 4], 0);
    }
    return 0;`),
  );
});

test("the fix keeps the ways of the file: braces where there were none, else beside them", () => {
  const before = program(`    u32 *e = bpf_ringbuf_reserve(&events, 4, 0);

    if (!e)
        return 0;
    if (ctx[0] == 3)
        return 1;
    else if (ctx[0] == 4) return 2;
    switch (ctx[1]) {
    case 1:
        return 3;
    default:
        break;
    }
    return 4;`);
  checkFix(
    unreleasedReference,
    before,
    program(`    u32 *e = bpf_ringbuf_reserve(&events, 4, 0);

    if (!e)
        return 0;
    if (ctx[0] == 3) {
        bpf_ringbuf_discard(e, 0);
        return 1;
    } else if (ctx[0] == 4) {
        bpf_ringbuf_discard(e, 0);
        return 2;
    }
    switch (ctx[1]) {
    case 1:
        bpf_ringbuf_discard(e, 0);
        return 3;
    default:
        break;
    }
    bpf_ringbuf_discard(e, 0);
    return 4;`),
  );
});

test("the fix asks first where nobody did, and gives back what fits the type", () => {
  checkFix(
    unreleasedReference,
    program(`    struct task_struct *mine = bpf_task_acquire((void *)ctx[0]);

    return 1;`),
    program(`    struct task_struct *mine = bpf_task_acquire((void *)ctx[0]);

    if (mine)
        bpf_task_release(mine);
    return 1;`),
  );
});

test("no fix where the return reads it, or the variable is not there", () => {
  const read = program(`    u32 *e = bpf_ringbuf_reserve(&events, 4, 0);

    if (!e)
        return 0;
    return *e;`);
  checkFix(unreleasedReference, read, read);
  const gone = program(`    if (ctx[0]) {
        u32 *e = bpf_ringbuf_reserve(&events, 4, 0);

        if (e)
            *e = 1;
    }
    return 0;`);
  checkFix(unreleasedReference, gone, gone);
});

test("iterators of the headers of libbpf's, which no file declares", () => {
  checkRule(
    unreleasedReference,
    `#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
SEC("raw_tp")
int f(void *ctx)
{
    struct bpf_iter_num it;
    bpf_iter_num_new(&it, 0, 3);
//  ^^^^^^^^^^^^^^^^^^^^^^^^^^^ what bpf_iter_num_new() gives is not given back before the return in line 8: the verifier refuses the program
    return 0;
}
`,
  );
});

test("an operation may return what it took", () => {
  checkNoFindings(
    unreleasedReference,
    `struct packet { struct sk_buff __kptr *skb; };
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, u32); __type(value, struct packet); } packets SEC(".maps");

SEC("struct_ops/dequeue")
struct sk_buff *BPF_PROG(dequeue, struct Qdisc *sch)
{
    u32 key = 0;
    struct packet *packet = bpf_map_lookup_elem(&packets, &key);

    return packet ? bpf_kptr_xchg(&packet->skb, NULL) : NULL;
}

SEC(".struct_ops")
struct Qdisc_ops ops = { .dequeue = (void *)dequeue, .id = "one" };
`,
  );
});

test("one variable, whichever of its two declarations is compiled", () => {
  checkNoFindings(
    unreleasedReference,
    program(
      `    u32 *e = take();

    if (!e)
        return 0;
    bpf_ringbuf_submit(e, 0);
    return 0;`,
      `static __always_inline u32 *take(void)
{
#ifdef RINGS
    u32 *e = bpf_ringbuf_reserve(&events, 4, 0);
#else
    u32 *e = bpf_ringbuf_reserve(&events, 4, BPF_RB_NO_WAKEUP);
#endif
    if (!e)
        return 0;
    *e = 1;
    return e;
}`,
    ),
  );
});
