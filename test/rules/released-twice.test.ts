import { test } from "vitest";
import { releasedTwice } from "../../server/src/analysis/rules/released-twice.ts";
import { unownedRelease } from "../../server/src/analysis/rules/unowned-release.ts";
import { useAfterRelease } from "../../server/src/analysis/rules/use-after-release.ts";
import { checkNoFindings, checkRule } from "../support/check.ts";

const program = (
  body: string,
): string => `struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); } events SEC(".maps");
extern void bpf_task_release(struct task_struct *p) __ksym;
extern int bpf_dynptr_clone(struct bpf_dynptr *p, struct bpf_dynptr *clone__uninit) __ksym;
SEC("tp_btf/sched_process_exec")
int BPF_PROG(f, struct task_struct *task, u64 n)
{
${body}
}
`;

const RESERVED = `    u32 *e = bpf_ringbuf_reserve(&events, 4, 0);
    if (!e)
        return 0;`;

test("the way through the end of the function gives back again", () => {
  checkRule(
    releasedTwice,
    program(`${RESERVED}
    if (n == 3) {
        bpf_ringbuf_discard(e, 0);
        goto out;
    }
out:
    bpf_ringbuf_submit(e, 0);
//  ^^^^^^^^^^^^^^^^^^^^^^^^ what bpf_ringbuf_reserve() gave is given back a second time: the verifier refuses the program
    return 0;`),
  );
});

test("a dynptr and its clone are given back once", () => {
  checkRule(
    releasedTwice,
    program(`    struct bpf_dynptr a, b;
    bpf_ringbuf_reserve_dynptr(&events, 8, 0, &a);
    bpf_dynptr_clone(&a, &b);
    bpf_ringbuf_submit_dynptr(&a, 0);
    bpf_ringbuf_discard_dynptr(&b, 0);
//                             ^^ b is given back a second time: the verifier refuses the program
    return 0;`),
  );
});

test("each turn of a loop gives back what it took", () => {
  checkNoFindings(
    releasedTwice,
    program(`    for (int i = 0; i < 50; i++) {
        u32 *e = bpf_ringbuf_reserve(&events, 4, 0);
        if (!e)
            break;
        bpf_ringbuf_submit(e, 0);
    }
    return 0;`),
  );
});

test("what is read after it was given back, by a helper as well", () => {
  checkRule(
    useAfterRelease,
    program(`${RESERVED}
    bpf_ringbuf_submit(e, 0);
    return *e;
//         ^^ what bpf_ringbuf_reserve() gave is used after bpf_ringbuf_submit() took it back: the verifier refuses the program`),
  );
  checkRule(
    useAfterRelease,
    program(`${RESERVED}
    bpf_ringbuf_submit(e, 0);
    bpf_get_current_comm(e, 4);
//                       ^ what bpf_ringbuf_reserve() gave is used after bpf_ringbuf_submit() took it back: the verifier refuses the program
    return 0;`),
  );
});

test("it may be compared, and the variable used for something else", () => {
  checkNoFindings(
    useAfterRelease,
    program(`${RESERVED}
    bpf_ringbuf_submit(e, 0);
    if (!e)
        return 1;
    e = bpf_ringbuf_reserve(&events, 4, 0);
    if (!e)
        return 0;
    *e = 1;
    bpf_ringbuf_submit(e, 0);
    return 0;`),
  );
});

test("an argument is lent, and what nobody knows may be anything", () => {
  checkRule(
    unownedRelease,
    program(`    bpf_task_release(task);
//  ^^^^^^^^^^^^^^^^^^^^^^ task is not the program's to give back: the verifier refuses bpf_task_release()
    return 0;`),
  );
  checkNoFindings(unownedRelease, program("    bpf_task_release(found(n));\n    return 0;"));
});
